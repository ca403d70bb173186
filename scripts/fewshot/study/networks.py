"""What a study may say of networks, found without importing any: names, blocks, words, licences."""

import ast
import re
import sysconfig
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fewshot.foreign_json import read_foreign_json
from fewshot.study.presets import PRESETS
from fewshot.study.weights import CHARACTERS, IMAGENET, PRESET, RANDOM, WORDS

OWN, APPLICATIONS, HUB = "SmallVGG", "keras.applications", "KerasHub"  # sources of networks
BLOCKS = "blocks"  # stands for all blocks of a network, as in blocks@mean


class Family(NamedTuple):
    """The networks of KerasHub that one class builds.

    Attributes
    ----------
    block : str
        Name of a block, for its number.
    first : int
        Number of the first block.
    licence : str
        Of the weights of its presets.
    terms : str
        Address of a licence that a person must have agreed to; "" for a free one.
    whole : str
        Class of the model of images and text that its presets hold, "" where they hold it alone.
    is_convolutional : bool
        Whether it has feature maps to be drawn.
    """

    block: str
    first: int
    licence: str
    terms: str = ""
    whole: str = ""
    is_convolutional: bool = False


FAMILIES = {
    "DINOV2Backbone": Family("stage{}", 1, "Apache-2.0"),
    "DINOV3Backbone": Family(
        *("stage{}", 1, "DINOv3 License"),
        "https://ai.meta.com/resources/models-and-libraries/dinov3-license",
    ),
    "SigLIPVisionEncoder": Family(
        "encoder_block_{}", 0, "Apache-2.0", whole="SigLIPBackbone"
    ),
    "CLIPVisionEncoder": Family("encoder_block_{}", 0, "MIT", whole="CLIPBackbone"),
    "ViTBackbone": Family("encoder_block_{}", 0, "Apache-2.0"),
    "DeiTBackbone": Family("encoder_block_{}", 0, "Apache-2.0"),
    "SwinTransformerBackbone": Family("stage_{}", 0, "MIT"),
    "ResNetBackbone": Family("P{}", 2, "Apache-2.0", is_convolutional=True),
    "EfficientNetBackbone": Family("P{}", 1, "Apache-2.0", is_convolutional=True),
}
# Presets whose licence is not that of their family.
_TERMS = {
    "medsiglip_900m_448": (
        "Health AI Developer Foundations",
        "https://developers.google.com/health-ai-developer-foundations/terms",
    )
}
_DEEPEST = 1000  # blocks: more is no network
_STAGES = {"50": (3, 4, 6, 3), "101": (3, 4, 23, 3), "152": (3, 8, 36, 3)}
_DENSE = {"121": (6, 12, 24, 16), "169": (6, 12, 32, 32), "201": (6, 12, 48, 32)}


def _package(path):
    # Of this interpreter's own packages, whatever a person's path has before them.
    return Path(sysconfig.get_path("purelib"), path)


@cache
def applications():
    """Names that keras.applications exports, read without importing Keras; empty without it."""
    source = _package("keras/applications/__init__.py")
    if not source.is_file():
        return ()
    imports = [node for node in ast.parse(source.read_bytes()).body if hasattr(node, "names")]
    names = [alias.asname or alias.name for node in imports for alias in node.names]
    return tuple(name for name in names if not name.islower())


def known_networks():
    """Names of all networks: SmallVGG, those of keras.applications, presets and classes of KerasHub.

    Returns
    -------
    tuple of str
        Empty where Keras is not installed.
    """
    return (OWN, *applications(), *PRESETS, *FAMILIES) if applications() else ()


def source_of(network):
    """Tell where a network comes from.

    Parameters
    ----------
    network : str
        Of the study.

    Returns
    -------
    {"SmallVGG", "keras.applications", "KerasHub"}
    """
    if network == OWN:
        return OWN
    return HUB if family_of(network) else APPLICATIONS


def family_of(network):
    """Name the class of KerasHub that builds a network.

    Parameters
    ----------
    network : str
        Of the study.

    Returns
    -------
    str or None
        Key of `FAMILIES`. None for networks that do not come from KerasHub.
    """
    return network if network in FAMILIES else PRESETS.get(network, (None, 0))[0]


def weights_of(network):
    """Tell the word for the weights that a network comes with, None for a class without any.

    Examples
    --------
    >>> weights_of("VGG16"), weights_of("SmallVGG"), weights_of("DINOV2Backbone")
    ('imagenet', 'characters', None)
    """
    if network in FAMILIES:
        return None
    return {OWN: CHARACTERS, APPLICATIONS: IMAGENET, HUB: PRESET}[source_of(network)]


def has_feature_maps(network):
    """Tell whether a network is made of convolutions, whose outputs and filters are drawn."""
    class_name = family_of(network)
    return class_name is None or FAMILIES[class_name].is_convolutional


def licence_of(network, weights):
    """Tell under what terms the weights of a network of KerasHub are.

    Parameters
    ----------
    network, weights : str
        Of the study.

    Returns
    -------
    licence : str or None
        None where it is not known.
    terms : str
        Address of a licence that a person must have agreed to, else "". It holds for weights that
        were placed by hand, too.
    """
    if source_of(network) != HUB or weights == RANDOM:
        return None, ""
    family = FAMILIES[family_of(network)]
    licence, terms = _TERMS.get(network, (family.licence, family.terms))
    return (licence if terms or weights == PRESET else None), terms


def blocks_of(network, weights):
    """List the blocks of a network, from the image on.

    Parameters
    ----------
    network, weights : str
        Of the study.

    Returns
    -------
    list of str
        Names of layers; empty where they are not known.
    """
    class_name = family_of(network)
    if class_name is None:
        return _blocks_of_application(network)
    depth = _depth(network, weights)
    family = FAMILIES[class_name]
    return [family.block.format(family.first + number) for number in range(depth)]


def _depth(network, weights):
    found = 0 if weights in WORDS else _depth_in(Path(weights, "config.json"))
    return found or PRESETS.get(network, (None, 0))[1]


def _depth_in(path):
    """Count the blocks that the configuration of a folder tells, 0 where it tells none."""
    try:
        config = read_foreign_json(path)
        config = config.get("config", config)
        config = config.get("vision_encoder", config)
        config = config.get("config", config)
        if strides := config.get("stackwise_strides"):
            stacks = config.get("stackwise_num_repeats")
            # EfficientNet's levels end where it strides; each stack of ResNet is one.
            return 1 + sum(stride != 1 for stride in strides) if stacks else len(strides)
        if "depths" in config:
            return len(config["depths"])
        found = config.get("num_layers", config.get("num_hidden_layers", 0))
    except (ValueError, AttributeError, TypeError):  # not there or not such a file
        return 0
    return found if isinstance(found, int) and 0 <= found <= _DEEPEST else 0


def _blocks_of_application(network):
    if re.fullmatch(r"VGG(16|19)|SmallVGG", network):
        return [f"block{number}_pool" for number in range(1, 6)]
    if network == "MobileNet":
        return [f"conv_pw_{number}_relu" for number in range(1, 14)]
    if network == "MobileNetV2":
        return ["expanded_conv_project_BN", *(f"block_{n}_project_BN" for n in range(1, 17))]
    for name, stages, end in (("ResNet", _STAGES, "out"), ("DenseNet", _DENSE, "concat")):
        if found := re.fullmatch(rf"{name}(\d+)(V2)?", network):
            counts = enumerate(stages.get(found[1], ()), start=2)
            return [
                f"conv{stage}_block{number}_{end}"
                for stage, count in counts
                for number in range(1, count + 1)
            ]
    return []
