"""The folder of a predictor: what lies in it, and its description, which may come from anyone."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fewshot.errors import InputError, first_line, input_error
from fewshot.files import file_sha256, whole_file

MODEL, DESCRIPTION, CHECK = "model.keras", "predictor.json", "check.npz"
PROGRAM, REQUIREMENTS, CARD = "predict.py", "requirements.txt", "README.md"
FILES = {
    **{"model": MODEL, "description": DESCRIPTION, "check": CHECK},
    **{"program": PROGRAM, "requirements": REQUIREMENTS, "card": CARD},
}
FORMATS = {"onnx": "model.onnx", "saved_model": "saved_model", "litert": "model.tflite"}
KERAS_HUB = "keras-hub"  # the package, which requirements.txt has where the network needs it
VERSION = 1  # of the description
ANEW = (
    "copy the predictor's folder anew from where it was exported; if it is damaged there, delete it and "
    "run the study again"
)
# Those of `fewshot.data.framing` and of the study's schema.
RESIZES = ("squash", "crop", "pad")
INTERPOLATIONS = ("bilinear", "bicubic", "lanczos", "nearest")
_MAX_BYTES = 64 * 2**20  # 100,000 classes with what is measured of each
_MAX_CLASSES, _MAX_NAME, _MAX_EDGE, _MAX_MEGAPIXELS = 100_000, 10_000, 4096, 500
_MAX_TOLERANCE = 0.05  # a check that lets more pass is none
_DIGEST = re.compile("[0-9a-f]{64}")
_HALF = re.compile("[\ud800-\udfff]")  # half a character, which can't be written in UTF-8


class _Rule(NamedTuple):
    """What a field of the description must be, in words, and whether a value is."""

    words: str
    holds: Callable


def _is_number(value, low, high):
    """Whether it is a number within bounds, as NaN is not, nor true."""
    return type(value) in (int, float) and low <= value <= high


def _is_name(value):
    return isinstance(value, str) and 0 < len(value) <= _MAX_NAME and not _HALF.search(value)


def _are_classes(value):
    is_list = isinstance(value, list) and 2 <= len(value) <= _MAX_CLASSES
    return is_list and all(map(_is_name, value)) and len({*value}) == len(value)


def _is_framing(value):
    return (
        isinstance(value, dict)
        and type(value.get("image_size")) is int
        and 1 <= value["image_size"] <= _MAX_EDGE
        and value.get("resize") in RESIZES
        and value.get("interpolation") in INTERPOLATIONS
        and _is_number(value.get("crop_fraction"), 0.5, 1)
    )


def _is_trust(value):
    shares = ("accuracy", "low", "high", "share")
    return isinstance(value, list) and all(
        isinstance(row, dict)
        and _is_number(row.get("above"), 0, 1)
        and all(row.get(key) is None or _is_number(row[key], 0, 1) for key in shares)
        for row in value
    )


def _are_digests(value):
    return isinstance(value, dict) and all(
        isinstance(value.get(key), str) and _DIGEST.fullmatch(value[key])
        for key in ("model", "check")
    )


# What naming images needs. All else is for the model card, and is not read here.
_RULES = {
    "format": _Rule(f"{VERSION}, the only one known", lambda v: type(v) is int and v == VERSION),
    "name": _Rule("a name", _is_name),
    "classes": _Rule(f"a list of 2 to {_MAX_CLASSES} different names", _are_classes),
    "framing": _Rule(
        f"image_size of 1 to {_MAX_EDGE}, resize of {', '.join(RESIZES)}, interpolation of "
        f"{', '.join(INTERPOLATIONS)}, and crop_fraction of 0.5 to 1",
        _is_framing,
    ),
    "max_megapixels": _Rule(
        f"a number above 0, at most {_MAX_MEGAPIXELS}",
        lambda v: v != 0 and _is_number(v, 0, _MAX_MEGAPIXELS),
    ),
    "tolerance": _Rule(
        f"a number above 0, at most {_MAX_TOLERANCE}",
        lambda v: v != 0 and _is_number(v, 0, _MAX_TOLERANCE),
    ),
    "trust": _Rule(
        "a list of rows with above, accuracy, low, high and share of 0 to 1, or null but for above",
        _is_trust,
    ),
    "sha256": _Rule("of model and check, with 64 hexadecimal digits each", _are_digests),
}


def _check_description(description, path):
    if not isinstance(description, dict):
        raise input_error(f"{DESCRIPTION} must hold an object", f"{path}, other JSON", ANEW)
    for key, (words, holds) in _RULES.items():
        value = description.get(key)
        if not holds(value):
            received = f"{json.dumps(value)[:200]} in {path}" if key in description else path
            raise input_error(f"{key} in {DESCRIPTION} must be {words}", received, ANEW)


def _without_nan(value):
    """Put null where a number is NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def write_description(folder, description):
    """Write the description of a predictor, if `read_description` takes it.

    Parameters
    ----------
    folder : str or Path
    description : dict
        NaN becomes null.

    Raises
    ------
    InputError
        If a field is not as it must be.
    """
    path, description = Path(folder, DESCRIPTION), _without_nan(description)
    _check_description(description, path)
    text = json.dumps(description, indent=1, ensure_ascii=False, allow_nan=False)
    with whole_file(path, digested=False) as partial:
        partial.write_text(f"{text}\n", encoding="utf-8")


def read_description(folder):
    """Read the description of a predictor.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    dict
        What naming images needs is of the types and within the bounds that it must have; nothing
        in it is a path.

    Raises
    ------
    InputError
        If it is missing, no JSON, or a field is not as it must be.
    """
    path = Path(folder, DESCRIPTION)
    try:
        _refuse_endless(path)
        with open(path, "rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ValueError(f"more than {_MAX_BYTES} bytes")
        description = json.loads(data)
    except (OSError, ValueError, RecursionError) as error:
        rule = f"{DESCRIPTION} must be a readable file of JSON"
        raise input_error(rule, f"{path} ({first_line(error)})", ANEW) from None
    _check_description(description, path)
    return description


def _refuse_endless(path):
    """Refuse a pipe, which nobody may write to, and a device, which may have no end."""
    if path.exists() and not path.is_file():
        raise OSError("no regular file")


def refuse_other_study(folder, study):
    """Refuse to make a predictor anew that another study has made.

    Two studies that meant the same folder would overwrite each other's by turns.

    Parameters
    ----------
    folder : str or Path
    study : str
        Name of the one that is to make it.

    Raises
    ------
    InputError
    """
    try:
        maker = read_description(folder).get("study")
    except InputError:
        return  # of nobody, or damaged
    if maker not in (None, study):
        raise input_error(
            "A predictor must have a name that no other study's has",
            f"{folder}, of the study {maker}",
            f"give it another name; or, if it is that study no more, delete {folder}",
        )


def check_digests(folder, description):
    """Check that model and check are the files that the description was written for.

    Parameters
    ----------
    folder : str or Path
    description : dict

    Raises
    ------
    InputError
        If one is missing or another, as when it was cut off on its way.
    """
    for name, key in ((MODEL, "model"), (CHECK, "check")):
        path = Path(folder, name)
        try:
            _refuse_endless(path)
            found = f"sha256 {file_sha256(path)}"
        except OSError as error:
            found = first_line(error)
        if found != f"sha256 {description['sha256'][key]}":
            rule = f"{name} must be the file that {DESCRIPTION} was written for"
            raise input_error(rule, f"{path} ({found})", ANEW)
