"""What of the project goes into the folder of a predictor: its program, and what that imports."""

import shutil
from pathlib import Path

from fewshot.predictor.folder import PROGRAM
from fewshot.study.digests import LIBRARY, imported_modules

_PROGRAM = LIBRARY / "predictor" / PROGRAM


def travelling_modules():
    """List the modules that the program of a predictor imports.

    Returns
    -------
    list of Path
        Relative to the folder that holds the package, packages included.
    """
    return [path.relative_to(LIBRARY.parent) for path in imported_modules(_PROGRAM)]


def copy_program(folder):
    """Copy the program of a predictor, and the modules that it imports, as they are.

    Parameters
    ----------
    folder : str or Path
        Of the predictor; it is there.
    """
    for module in travelling_modules():
        target = Path(folder, module)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(LIBRARY.parent / module, target)
    shutil.copyfile(_PROGRAM, Path(folder, PROGRAM))
