"""How the folder of a predictor comes about: all its files, or none."""

import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np

from fewshot.data.images import read_image
from fewshot.files import file_sha256, partial_folder
from fewshot.predictor.check import Check
from fewshot.predictor.folder import DESCRIPTION, FILES, FORMATS
from fewshot.predictor.pictures import check_pictures
from fewshot.predictor.travelling import LIBRARY, travelling_modules

TOLERANCE = 1e-3  # of probabilities that the same network gives elsewhere
_KEPT = 8  # pictures of a check
_PACKAGES = ("keras", "tensorflow", "numpy", "pillow")  # that a predictor needs


def make_check(predict, framing):
    """Choose the generated pictures of which a model is least sure: there it gives itself away.

    Parameters
    ----------
    predict : callable
        From uint8 images (n, size, size, 3) to class probabilities (n, classes).
    framing : fewshot.data.framing.Framing

    Returns
    -------
    Check
    """
    files = check_pictures()
    pixels = np.stack([np.asarray(read_image(file, framing)) for file in files])
    probabilities = predict(pixels)
    kept = np.sort(np.argsort(probabilities.max(axis=1), kind="stable")[:_KEPT])
    return Check([files[place] for place in kept], pixels[kept], probabilities[kept])


def versions():
    """Versions of what a predictor is made with, by name."""
    return {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}


def digests(folder):
    """SHA-256 of the files that a predictor's program reads, by name."""
    return {name: file_sha256(Path(folder, FILES[name])) for name in ("model", "check")}


def write_program(folder):
    """Write what runs a predictor: its program, the modules of this library, and what they need.

    Parameters
    ----------
    folder : str or Path
    """
    for module in travelling_modules():
        target = Path(folder, module)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(LIBRARY.parent / module, target)
    shutil.copyfile(LIBRARY / "predictor" / FILES["program"], Path(folder, FILES["program"]))
    needed = "".join(f"{name}=={version(name)}\n" for name in _PACKAGES)
    Path(folder, FILES["requirements"]).write_text(needed, encoding="utf-8")


def publish(folder, write):
    """Put the files of a predictor in their place when all of them are written.

    Parameters
    ----------
    folder : str or Path
        Of the predictor. Forms and modules of an earlier one are removed, what else lies there stays.
    write : callable
        Writes all files into the folder that it is given.
    """
    folder = Path(folder)
    with partial_folder(folder) as staged:
        write(staged)
        folder.mkdir(exist_ok=True)
        for name in (*FILES.values(), *FORMATS.values(), LIBRARY.name):
            _remove(folder / name)
        # The description last: without it nothing is loaded.
        for name in sorted(os.listdir(staged), key=lambda name: name == DESCRIPTION):
            os.replace(staged / name, folder / name)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
