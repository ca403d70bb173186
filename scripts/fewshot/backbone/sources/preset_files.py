"""Files of KerasHub's presets: placed by hand, or downloaded from Hugging Face once."""

import re

from fewshot.backbone.weight_files import check_weights_file
from fewshot.downloads import find_digest
from fewshot.errors import InputError, input_error
from fewshot.foreign_json import MAX_BYTES, check_own_file, read_foreign_json
from fewshot.kept_files import take_file
from fewshot.servers import NotThereError, stated_digest
from fewshot.study.networks import licence_of
from fewshot.study.weights import PRESET
from fewshot.surroundings import models_folder

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
# How pictures are prepared: as KerasHub writes it, or as Hugging Face does.
CONVERTERS = KERAS_CONVERTER, HUGGING_FACE_CONVERTER = (
    "image_converter.json",
    "preprocessor_config.json",
)
ADDRESS = "https://huggingface.co/keras"


def take_preset(preset, sha256=None, *, with_weights=True):
    """Find the folder of a preset, and download what is missing in it.

    The configuration is read whole before the weights are asked for. Weights that the study pins
    must have that digest; those that it does not must have the one that the server says, if it
    says any.

    Parameters
    ----------
    preset : str
        Name of KerasHub's, such as "dinov2_small".
    sha256 : str, optional
        Of the weights file, as the study pins it: 64 hex digits.
    with_weights : bool, default True
        False takes configuration and preprocessing alone.

    Returns
    -------
    Path
        A folder with config.json, model.weights.h5, and one of image_converter.json and
        preprocessor_config.json.

    Raises
    ------
    InputError
        If a file is not there whole and can't be downloaded, or what comes is not the file.
    """
    if not re.fullmatch(r"[a-z0-9_]+", preset):
        raise input_error("A preset is named by small letters, digits and _", preset, "correct it")
    folder = models_folder() / preset
    _take(folder, CONFIG, read_foreign_json, most=MAX_BYTES)
    _take_converter(folder)
    if with_weights:
        _take_weights(folder, sha256)
    return folder


def _take(folder, name, check, digest=None, most=None):
    """Return the digest of a file that was downloaded, None for one that was there."""
    path, whereabouts = folder / name, _whereabouts(folder, name)
    return take_file(path, digest=digest, check=check, most=most, **whereabouts)


def _whereabouts(folder, name):
    preset = folder.name
    page = f"{ADDRESS}/{preset}"
    _, terms = licence_of(preset, PRESET)
    agreed = f"agree there to {terms}, " if terms else ""
    return {
        "url": f"{page}/resolve/main/{name}",
        "mirrored": f"{preset}/{name}",
        "by_hand": f"open {page}, {agreed}download {name} and copy it to {folder}, or set the "
        "backbone's weights to a folder that has the files",
    }


def _take_converter(folder):
    wanted = [name for name in CONVERTERS if (folder / name).exists()] or CONVERTERS
    for name in wanted:
        try:
            return _take(folder, name, read_foreign_json, most=MAX_BYTES)
        except NotThereError as error:
            print(f"{folder.name} has no {name} there", flush=True)
            missing = error
    raise missing


def _take_weights(folder, sha256):
    path, digest = folder / WEIGHTS, sha256
    if sha256 is None and not _is_whole(path):
        whereabouts = _whereabouts(folder, WEIGHTS)
        digest = stated_digest(**whereabouts)
        said = f"says the sha256 {digest}" if digest else "says no digest"
        print(f"{whereabouts['url']}: the server {said}", flush=True)
    found = _take(folder, WEIGHTS, _check_weights, digest)
    if sha256 is None:
        found = found or find_digest(path)
        print(f"to pin these weights: backbones.<name>.sha256: {found}", flush=True)
    _check_weights(path)


def _is_whole(path):
    try:
        _check_weights(path)
    except InputError:
        return False
    return True


def _check_weights(path):
    check_own_file(path)
    check_weights_file(path)
