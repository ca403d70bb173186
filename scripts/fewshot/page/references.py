"""What a paper on a study cites: its networks, what they were trained on, its data, this project."""

import re
from pathlib import Path

from fewshot.study.original import CALTECH256, URBAN_TRIBES
from fewshot.study.weights import IMAGENET, PRESET

_BIBLIOGRAPHY = Path(__file__).with_name("references.bib")
_PROJECT = "fewshot"
_OPEN_CLIP = "cherti2023reproducible"
# By the beginning of a network's name in keras.applications, of a preset or of a class in KerasHub;
# of several that fit, the longest.
NETWORKS = {
    "VGG": "simonyan2015very",
    "ResNet": "he2016deep",
    **dict.fromkeys(("ResNet50V2", "ResNet101V2", "ResNet152V2"), "he2016identity"),
    "MobileNet": "howard2017mobilenets",
    "MobileNetV2": "sandler2018mobilenetv2",
    "MobileNetV3": "howard2019searching",
    "Xception": "chollet2017xception",
    "InceptionV3": "szegedy2016rethinking",
    "InceptionResNetV2": "szegedy2017inception",
    "DenseNet": "huang2017densely",
    "NASNet": "zoph2018learning",
    "EfficientNet": "tan2019efficientnet",
    "EfficientNetV2": "tan2021efficientnetv2",
    "ConvNeXt": "liu2022convnet",
    **dict.fromkeys(("dinov2", "DINOV2"), "oquab2024dinov2"),
    "dinov2_with_registers": "darcet2024vision",
    **dict.fromkeys(("dinov3", "DINOV3"), "simeoni2025dinov3"),
    **dict.fromkeys(("siglip", "SigLIP"), "zhai2023sigmoid"),
    "siglip2": "tschannen2025siglip2",
    "medsiglip": "sellergren2025medgemma",
    **dict.fromkeys(("clip", "CLIP"), "radford2021learning"),
    **dict.fromkeys((f"clip_vit_{size}" for size in ("b_", "h_", "g_", "bigg_")), _OPEN_CLIP),
    **dict.fromkeys(("vit", "ViT"), "dosovitskiy2021image"),
    **dict.fromkeys(("deit", "DeiT"), "touvron2021training"),
    **dict.fromkeys(("swin", "Swin"), "liu2021swin"),
    "resnet": "he2016deep",
    "resnet_v2": "he2016identity",
    "resnet_vd": "he2019bag",
    "efficientnet": "tan2019efficientnet",
    "efficientnet2": "tan2021efficientnetv2",
}
_IMAGENET = "russakovsky2015imagenet"
_OF_IMAGENET = re.compile("_imagenet(?!21k)")  # in names of presets
_DATASETS = {CALTECH256: "griffin2007caltech256", URBAN_TRIBES: "kwak2013bikers"}


def network_key(network):
    """Name the entry of a network, "" where none is known.

    Examples
    --------
    >>> network_key("ResNet50"), network_key("ResNet50V2"), network_key("SmallVGG")
    ('he2016deep', 'he2016identity', '')
    """
    fitting = [name for name in NETWORKS if network.startswith(name)]
    return NETWORKS[max(fitting, key=len)] if fitting else ""


def cited_keys(study):
    """List what is to be cited of a study.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.

    Returns
    -------
    list of str
        Keys of the bibliography. A dataset that only stands in for another is not that.
    """
    keys = []
    for backbone in study["backbones"].values():
        network, weights = backbone["network"], backbone["weights"]
        saw_imagenet = weights == IMAGENET or (weights == PRESET and _OF_IMAGENET.search(network))
        keys += [network_key(network), _IMAGENET if saw_imagenet else ""]
    keys += [
        _DATASETS.get(dataset["role"], "") * (dataset["role"] == name)
        for name, dataset in study["datasets"].items()
        if dataset["role"]
    ]
    return [*dict.fromkeys(key for key in keys if key), _PROJECT]


def bibliography():
    """Read all entries that are known.

    Returns
    -------
    dict of str to str
        BibTeX by key.
    """
    text = _BIBLIOGRAPHY.read_text(encoding="utf-8")
    entries = re.finditer(r"^@\w+\{(\w+),.*?^\}$", text, re.DOTALL | re.MULTILINE)
    return {entry[1]: entry[0] for entry in entries}


def references(study):
    """Write what a paper on a study cites.

    Parameters
    ----------
    study : dict

    Returns
    -------
    str
        BibTeX.
    """
    known = bibliography()
    return "\n\n".join(known[key] for key in cited_keys(study)) + "\n"
