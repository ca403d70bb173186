"""Presets of KerasHub: what their configurations say, read and never run.

A configuration of Keras can name any class and hold code. Here it names a class of `FAMILIES` and
gives plain values to parameters that the constructor has; nothing is deserialised.
"""

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from fewshot.backbone.sources.arguments import SHAPES, plain_arguments, plain_config, refused
from fewshot.backbone.sources.preprocessing import (
    MAX_EDGE,
    hugging_face_preprocessing,
    keras_preprocessing,
)
from fewshot.backbone.sources.preset_files import (
    CONFIG,
    CONVERTERS,
    HUGGING_FACE_CONVERTER,
    KERAS_CONVERTER,
)
from fewshot.errors import first_line, input_error
from fewshot.foreign_json import read_foreign_json
from fewshot.study.networks import FAMILIES

KERAS, HUGGING_FACE = "keras", "hugging_face"
# Modules of KerasHub that read a configuration of Hugging Face, by its model_type.
_MODEL_TYPES = {
    "dinov2": ("DINOV2Backbone", "convert_dinov2"),
    "dinov2_with_registers": ("DINOV2Backbone", "convert_dinov2"),
    "dinov3_vit": ("DINOV3Backbone", "convert_dinov3"),
    "vit": ("ViTBackbone", "convert_vit"),
    "deit": ("DeiTBackbone", "convert_deit"),
    "swin": ("SwinTransformerBackbone", "convert_swin_transformer"),
}


class Preset(NamedTuple):
    """What a folder of KerasHub's or Hugging Face's format says of its network.

    Attributes
    ----------
    folder : Path
    form : {"keras", "hugging_face"}
    class_name : str
        Of KerasHub, a key of `FAMILIES`.
    arguments : dict
        Of its constructor, but for image_shape, name, dtype, trainable and data_format.
    image_size : int or None
        Edge in pixels that the configuration gives the network.
    framing : dict
        image_size, resize, interpolation and crop_fraction of its pictures.
    scale, offset : list of 3 floats
        Of x * scale + offset on red, green and blue of 0 to 255.
    whole : str or None
        Class of the model of images and text that the weights file is of; None for one of images.
    """

    folder: Path
    form: str
    class_name: str
    arguments: dict
    image_size: int | None
    framing: dict
    scale: list
    offset: list
    whole: str | None


def read_preset(folder):
    """Read the configurations of a folder in Keras' or Hugging Face's format.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    Preset

    Raises
    ------
    InputError
        If a file is missing or not plain, or speaks of a network, a parameter, a value or a
        preprocessing that is not known here.
    """
    folder = Path(folder)
    path = folder / CONFIG
    content = read_foreign_json(path)
    if "model_type" in content:
        form, whole = HUGGING_FACE, None
        class_name, config = _of_hugging_face(content, path)
    else:
        form = KERAS
        class_name, config, whole = _of_keras(content, path)
    size = _image_size(config, path)
    arguments = plain_arguments(network_class(class_name), config, path)
    prepared = _preprocessing(folder, form, class_name, size)
    return Preset(folder, form, class_name, arguments, size, *prepared, whole)


def network_class(class_name):
    """Import a class of KerasHub.

    Parameters
    ----------
    class_name : str
        Key of `FAMILIES`.

    Returns
    -------
    type

    Raises
    ------
    InputError
        If KerasHub is not installed.
    """
    try:
        import keras_hub
    except ImportError as error:
        rule = "Networks of KerasHub need the package keras-hub"
        hint = "make builds an environment that has it; docs/machine.md has other ways"
        raise input_error(rule, first_line(error), hint) from None
    return getattr(keras_hub.models, class_name)


def hugging_face_converter(content):
    """Import the module of KerasHub that converts configuration and weights of Hugging Face.

    Parameters
    ----------
    content : dict
        Of config.json, which `read_preset` has read.

    Returns
    -------
    module
    """
    name = _MODEL_TYPES[content["model_type"]][1]
    return import_module(f"keras_hub.src.utils.transformers.{name}")


def _of_keras(content, path):
    """Return class, configuration and class of the whole model, of the vision part alone."""
    name, config, whole = content.get("class_name"), content.get("config"), None
    wholes = {family.whole for family in FAMILIES.values() if family.whole}
    if isinstance(name, str) and name in wholes and isinstance(config, dict):
        whole, inner = name, config.get("vision_encoder")
        inner = inner if isinstance(inner, dict) else {}
        name, config = inner.get("class_name"), inner.get("config")
    is_known = isinstance(name, str) and name in FAMILIES
    if not is_known or (whole and FAMILIES[name].whole != whole):
        hint = f"known here: {', '.join(FAMILIES)}"
        raise input_error("A preset must be of a known class", f"{name!r:.100} in {path}", hint)
    if not isinstance(config, dict):
        raise refused(path, "config", config)
    return name, config, whole


def _of_hugging_face(content, path):
    kind = content["model_type"]
    if not isinstance(kind, str) or kind not in _MODEL_TYPES:
        hint = f"known here: {', '.join(_MODEL_TYPES)}; save other networks with KerasHub's "
        rule = "A folder of Hugging Face's must be of a known model_type"
        raise input_error(rule, f"{kind!r:.100} in {path}", hint + "save_to_preset")
    plain = plain_config(content)
    plain["image_size"] = _square(content.get("image_size"), path)
    try:
        config = hugging_face_converter(plain).convert_backbone_config(plain)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise input_error(
            f"A configuration of {kind} must have all that one of its kind has",
            f"{path} ({type(error).__name__}: {first_line(error)[:100]})",
            "get it again from its publisher",
        ) from None
    listed = {k: list(v) if isinstance(v, tuple) else v for k, v in config.items()}
    return _MODEL_TYPES[kind][0], listed


def _image_size(config, path):
    """Edge of the pictures of a configuration; None where it leaves it open."""
    shape = next((config[key] for key in SHAPES if config.get(key) is not None), None)
    if shape is None or shape == [None, None, 3]:
        return None
    if config.get("data_format") == "channels_first":
        raise refused(path, "data_format", "channels_first")
    if not isinstance(shape, list) or len(shape) != 3 or shape[2] != 3:
        raise refused(path, "image_shape", shape)
    return _square(shape[:2], path)


def _square(size, path):
    edges = size if isinstance(size, list) else [size]
    if len(edges) not in (1, 2) or edges[0] != edges[-1] or type(edges[0]) is not int:
        raise refused(path, "image_size", size)
    if not 1 <= edges[0] <= MAX_EDGE:
        raise refused(path, "image_size", size)
    return edges[0]


def _preprocessing(folder, form, class_name, image_size):
    if form == KERAS and (folder / KERAS_CONVERTER).exists():
        path = folder / KERAS_CONVERTER
        return keras_preprocessing(read_foreign_json(path), path, image_size)
    path = folder / HUGGING_FACE_CONVERTER
    if not path.exists():
        names = HUGGING_FACE_CONVERTER if form == HUGGING_FACE else " or ".join(CONVERTERS)
        rule = f"A folder of a network must say how its pictures are prepared, in {names}"
        raise input_error(rule, folder, "put the file there that its publisher has beside it")
    return hugging_face_preprocessing(read_foreign_json(path), path, class_name)
