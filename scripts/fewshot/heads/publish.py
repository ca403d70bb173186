"""How the folder of a predictor comes about: all its files, each tried, or none."""

import os
import platform
import shutil
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from fewshot.data.images import read_image
from fewshot.files import file_sha256, partial_folder
from fewshot.heads.formats import export_formats
from fewshot.heads.hub_layers import layers_of_hub
from fewshot.predictor.check import Check, read_check, write_check
from fewshot.predictor.folder import (
    DESCRIPTION,
    FILES,
    FORMATS,
    KERAS_HUB,
    VERSION,
    write_description,
)
from fewshot.predictor.loading import load_predictor
from fewshot.predictor.pictures import check_pictures
from fewshot.predictor.travelling import copy_program
from fewshot.study.digests import LIBRARY

# Of probabilities that the same network gives elsewhere, by what it computes in.
TOLERANCES = {"float32": 1e-3, "float32_full": 1e-3, "bfloat16": 2e-2, "float16": 2e-2}
_PLAIN = "float32"  # of the further forms, whose writers and runtimes know no other
_KEPT = 8  # pictures of a check
_BATCH = 32  # images
_PACKAGES = ("keras", "tensorflow", "numpy", "pillow")  # that a predictor needs


def publish_predictor(folder, model, description, framing, *, formats, build, code, card):
    """Write the folder of a predictor.

    Parameters
    ----------
    folder : str or Path
        Forms and modules of an earlier one are removed, what else lies there stays.
    model : keras.Model
        From `fewshot.heads.export.build_predictor`.
    description : dict
        See `fewshot.results.description`; what only the files tell is added.
    framing : fewshot.data.framing.Framing
    formats : sequence of str
        Further forms: see `fewshot.heads.formats.export_formats`.
    build : callable
        Builds the model in a `precision`, with activations rounded to a `storage`.
    code : str
        Digest of what makes it.
    card : callable
        Makes the text of the model card from the whole description.

    Raises
    ------
    InputError
        If the model, loaded as by whoever takes it away, or one of the forms says anything else; then
        no file of the folder is changed.
    """
    folder = Path(folder)
    with partial_folder(folder) as staged:
        description = _write_model(staged, model, description, framing, code)
        description["formats"] = _write_forms(staged, formats, build)
        write_description(staged, description)
        (staged / FILES["card"]).write_text(card(description), encoding="utf-8")
        needed = "".join(f"{name}=={version(name)}\n" for name in _packages(model))
        (staged / FILES["requirements"]).write_text(needed, encoding="utf-8")
        copy_program(staged)
        load_predictor(staged, _BATCH)
        folder.mkdir(exist_ok=True)
        for name in (*FILES.values(), *FORMATS.values(), LIBRARY.name):
            _remove(folder / name)
        # The description last: without it nothing is loaded.
        for name in sorted(os.listdir(staged), key=lambda name: name == DESCRIPTION):
            os.replace(staged / name, folder / name)


def _write_model(folder, model, description, framing, code):
    """Write the model and its check, and say in the description what they are."""
    check = make_check(partial(model.predict, verbose=0), framing)
    paths = {name: folder / FILES[name] for name in ("model", "check")}
    model.save(paths["model"])
    write_check(paths["check"], check)
    packages = {name: version(name) for name in _packages(model)}
    return description | {
        "format": VERSION,
        "framing": framing._asdict(),
        "tolerance": TOLERANCES[description["precision"]],
        "sha256": {
            **{name: file_sha256(path) for name, path in paths.items()},
            **description["sha256"],
            "code": code,
        },
        "made_with": {"python": platform.python_version(), **packages},
    }


def _packages(model):
    """Name what a predictor needs: KerasHub only where its layers are in the network."""
    return (*_PACKAGES, KERAS_HUB) if layers_of_hub(model) else _PACKAGES


def _write_forms(folder, formats, build):
    """Write the further forms, and tell by how much each differs from the model in float32 alone."""
    if not formats:
        return {}
    model, check = build(precision=_PLAIN, storage=_PLAIN), read_check(folder / FILES["check"])
    check = check._replace(probabilities=model.predict(check.pixels, verbose=0))
    return export_formats(model, folder, formats, check, TOLERANCES[_PLAIN])


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


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
