"""An environment with the packages of a predictor's requirements, and with what these need, alone."""

import os
import re
import sys
import venv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PACKAGES = ("keras", "tensorflow", "numpy", "pillow")
_NAME = re.compile(r"[\w.-]+")


def make_environment(folder, packages=PACKAGES):
    """Make an environment from what is installed here, by links.

    Parameters
    ----------
    folder : Path
    packages : sequence of str

    Returns
    -------
    Path
        Its Python.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    target = folder / "lib" / version / "site-packages"
    for name in _closure(packages):
        found = distribution(name)
        for top in {file.parts[0] for file in found.files if ".." not in file.parts}:
            origin, link = Path(found.locate_file(top)), target / top
            if top.endswith(".pth") or top == "__pycache__":
                continue
            if not link.exists():  # as a folder that several share, like google
                link.symlink_to(origin)
    return folder / "bin/python"


def _closure(packages):
    """Names of packages with all that they require on this machine, extras left out."""
    names, waiting = set(), [*packages]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        try:
            required = distribution(name).requires or ()
        except PackageNotFoundError:  # for another system or Python
            continue
        if name not in names:
            names.add(name)
            waiting += [_NAME.match(each)[0] for each in required if "extra ==" not in each]
    return sorted(names)


def clean(**added):
    """Environment variables of a process that knows nothing of this project."""
    kept = {key: os.environ[key] for key in ("PATH", "TMPDIR") if key in os.environ}
    return kept | {"PYTHONPATH": "", "OMP_NUM_THREADS": "1"} | added
