"""How a preset wants its pictures: read from what KerasHub or Hugging Face wrote beside it.

KerasHub resizes, multiplies and adds. Hugging Face resizes, crops, rescales and normalises: of
x * factor, the mean taken off and divided by the deviation, the scale is factor / deviation and the
offset -mean / deviation.
"""

import math
import re
from typing import NamedTuple

from fewshot.errors import input_error
from fewshot.study.networks import FAMILIES

MAX_EDGE = 4096  # pixels
_MIN_FRACTION = 0.5  # of a crop, as in a study
_MAX_FACTOR = 1e4  # a scale or an offset beyond it belongs to no network
_INTERPOLATIONS = {
    **{name: name for name in ("bilinear", "bicubic", "nearest")},
    "lanczos3": "lanczos",  # Pillow's is of three lobes
}
_RESAMPLE = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}  # Pillow's numbers
# What Hugging Face's processors do where their file does not say: Pillow's number, whether an edge
# alone means the shorter one, and whether they crop.
_DEFAULTS = {"DINOV2Backbone": (3, True, True), "DeiTBackbone": (3, False, True)}
_OTHERS = (2, False, False)
_STEPS = ("do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb")
_CONVERTERS = {
    "ImageConverter",
    *(f"{re.sub('Backbone|VisionEncoder', '', name)}ImageConverter" for name in FAMILIES),
}


class Preprocessing(NamedTuple):
    """How a picture becomes what a network takes.

    Attributes
    ----------
    framing : dict
        image_size, resize, interpolation and crop_fraction, as of `fewshot.data.framing.Framing`.
    scale, offset : list of 3 floats
        Of x * scale + offset on red, green and blue of 0 to 255.
    """

    framing: dict
    scale: list
    offset: list


def keras_preprocessing(content, path, image_size):
    """Read what KerasHub's image converter says.

    Parameters
    ----------
    content : dict
        Of image_converter.json.
    path : Path
        For errors.
    image_size : int or None
        Edge of the network's pictures, taken where the converter says none.

    Returns
    -------
    Preprocessing

    Raises
    ------
    InputError
        If it is not plain, or asks for what is not done here.
    """
    config, name = content.get("config"), content.get("class_name")
    if not isinstance(config, dict) or not isinstance(name, str) or name not in _CONVERTERS:
        raise _refused(path, "class_name", name)
    crop, pad = config.get("crop_to_aspect_ratio", True), config.get("pad_to_aspect_ratio", False)
    if type(crop) is not bool or type(pad) is not bool or (crop and pad):
        raise _refused(path, "crop_to_aspect_ratio, pad_to_aspect_ratio", (crop, pad))
    interpolation = config.get("interpolation", "bilinear")
    if not isinstance(interpolation, str) or interpolation not in _INTERPOLATIONS:
        raise _refused(path, "interpolation", interpolation)
    edge = config.get("image_size") or image_size
    if "height" in config or "width" in config:  # names that old presets have
        edge = [config.get("height"), config.get("width")]
    scale, offset = _keras_scale(config, path)
    framing = {
        "image_size": _edge(edge, path, "image_size"),
        "resize": "crop" if crop else "pad" if pad else "squash",
        "interpolation": _INTERPOLATIONS[interpolation],
        "crop_fraction": 1.0,
    }
    return Preprocessing(framing, scale, offset)


def _keras_scale(config, path):
    scale = _channels(config.get("scale"), path, "scale", 1.0)
    if "mean" not in config and "variance" not in config:
        return scale, _channels(config.get("offset"), path, "offset", 0.0)
    # Names that old presets have: (x * scale - mean) / sqrt(variance).
    deviation = [
        math.sqrt(each) if each > 0 else 0.0
        for each in _channels(config.get("variance"), path, "variance", None)
    ]
    return _normalised(scale, _channels(config.get("mean"), path, "mean", None), deviation, path)


def _normalised(factor, mean, deviation, path):
    if 0 in deviation:
        raise _refused(path, "deviation of a channel", 0)
    scale = [f / d for f, d in zip(factor, deviation, strict=True)]
    offset = [-m / d for m, d in zip(mean, deviation, strict=True)]
    # A deviation of next to nothing makes them enormous.
    return _channels(scale, path, "scale", None), _channels(offset, path, "offset", None)


def hugging_face_preprocessing(content, path, class_name):
    """Read what a processor of Hugging Face says.

    Parameters
    ----------
    content : dict
        Of preprocessor_config.json.
    path : Path
        For errors.
    class_name : str
        Of the network, whose own processor decides what the file leaves out.

    Returns
    -------
    Preprocessing

    Raises
    ------
    InputError
        If it is not plain, or asks for what is not done here.
    """
    resample, is_shorter, crops = _DEFAULTS.get(class_name, _OTHERS)
    _check_steps(content, path)
    resample = content.get("resample", resample)
    if type(resample) is not int or resample not in _RESAMPLE:
        raise _refused(path, "resample", resample)
    scaled, resize = _resized(content, path, is_shorter)
    size = scaled
    if content.get("do_center_crop", crops):
        size = _edge(content.get("crop_size"), path, "crop_size")
    elif resize == "crop":
        raise _refused(path, "size, of the shorter edge without a crop", scaled)
    framing = {
        "image_size": size,
        "resize": resize,
        "interpolation": _RESAMPLE[resample],
        "crop_fraction": _fraction(size, scaled, path),
    }
    return Preprocessing(framing, *_hugging_face_scale(content, path))


def _check_steps(content, path):
    for step, value in content.items():
        is_other = step.startswith("do_") and step not in _STEPS
        if (is_other and value) or (step in _STEPS and value not in (True, False, None)):
            raise _refused(path, step, value)
    if content.get("do_resize") is False:
        raise _refused(path, "do_resize", False)


def _hugging_face_scale(content, path):
    does_rescale = content.get("do_rescale") in (None, True)
    factor = content.get("rescale_factor", 1 / 255) if does_rescale else 1.0
    factor = _channels(factor, path, "rescale_factor", None)
    if content.get("do_normalize") is False:
        return factor, [0.0] * 3
    mean = _channels(content.get("image_mean"), path, "image_mean", None)
    return _normalised(
        factor, mean, _channels(content.get("image_std"), path, "image_std", None), path
    )


def _resized(content, path, is_shorter):
    """Return the edge to which a picture is scaled, and how."""
    size = content.get("size")
    if isinstance(size, dict):
        if {*size} == {"shortest_edge"}:
            return _edge(size["shortest_edge"], path, "size"), "crop"
        if {*size} != {"height", "width"}:
            raise _refused(path, "size", size)
        return _edge(size, path, "size"), "squash"
    is_shorter = is_shorter and not isinstance(size, list)
    return _edge(size, path, "size"), "crop" if is_shorter else "squash"


def _fraction(size, scaled, path):
    """Part of the scaled picture that is kept, of which Framing finds the edge again."""
    fraction = size / scaled
    if not _MIN_FRACTION <= fraction <= 1:
        raise _refused(path, "crop_size, to be half of size at least", size)
    while int(size / fraction) < scaled:  # rounded the wrong way
        fraction = math.nextafter(fraction, 0)
    return fraction


def _edge(value, path, name):
    """Return the edge of a square, given as a number or twice."""
    if isinstance(value, dict) and {*value} == {"height", "width"}:
        value = [value["height"], value["width"]]
    if isinstance(value, list) and len(value) == 2 and value[0] == value[1]:
        value = value[0]
    if type(value) is not int or not 1 <= value <= MAX_EDGE:
        raise _refused(path, f"{name}, to be of a square of at most {MAX_EDGE} pixels", value)
    return value


def _channels(value, path, name, default):
    """Return a number for each of red, green and blue."""
    value = default if value is None else value
    values = value if isinstance(value, list) else [value] * 3
    numbers = [each for each in values if type(each) in (int, float) and abs(each) <= _MAX_FACTOR]
    if len(values) != 3 or len(numbers) != 3:
        raise _refused(path, name, value)
    return [float(each) for each in numbers]


def _refused(path, name, value):
    return input_error(
        f"{path.name} must prepare pictures in a way that is known here",
        f"{name}: {str(value)[:100]} in {path}",
        "see docs/data.md (networks of KerasHub), and compare the file with its publisher's",
    )
