"""Forward passes of a study: which layers each stores, and which layers are made of these."""

import hashlib

from fewshot.point import SOFTENED

_LONGEST_PASS_NAME = 100  # file systems take 255 bytes a name
CENTRED = "centred_logits"
_OF_LOGITS = (SOFTENED, CENTRED)
SCORES = ("logits", *_OF_LOGITS)
_DECISIVE = (
    *("network", "weights", "sha256", "include_top"),
    *("image_size", "resize", "interpolation", "crop_fraction"),
)


def stored_layer(layer):
    """Name the activations that a layer is made of.

    Examples
    --------
    >>> stored_layer("predictions"), stored_layer("fc2")
    ('logits', 'fc2')
    """
    return "logits" if layer in _OF_LOGITS else layer


def made_of(layer, temperature):
    """Say what a layer's activations are made of, and how.

    Parameters
    ----------
    layer : str
    temperature : str
        T, as a grid point has it.

    Returns
    -------
    dict
        layer: whose activations are stored; temperature: T of the class probabilities to make of
        these, or None; centred: whether each image's are taken less their mean.

    Examples
    --------
    >>> made_of("predictions", "2")
    {'layer': 'logits', 'temperature': 2.0, 'centred': False}
    """
    return {
        "layer": stored_layer(layer),
        "temperature": float(temperature) if layer == SOFTENED else None,
        "centred": layer == CENTRED,
    }


def network_settings(study, backbone):
    """Give what decides a network and what it is shown.

    Returns
    -------
    dict
        As `fewshot.backbone.networks.take_network` takes it.
    """
    return {key: study["backbones"][backbone][key] for key in _DECISIVE}


def passes(study, backbone):
    """Name the forward passes of a backbone.

    Returns
    -------
    dict of str to list of str
        Stored layers of each pass. The name joins them with "+", so it stands for what the
        pass computes; a long one is cut and ends in a digest.
    """
    named = {}
    for entry in study["backbones"][backbone]["layers"]:
        stored = list(dict.fromkeys(stored_layer(layer) for layer in entry))
        name = "+".join(stored)
        if len(name) > _LONGEST_PASS_NAME:
            digest = hashlib.sha256(name.encode()).hexdigest()[:8]
            name = f"{stored[0]}+{len(stored) - 1}-more-{digest}"
        named[name] = stored
    return named


def pass_of(study, backbone, layer):
    """Name the forward pass that a layer comes from."""
    stored = stored_layer(layer)
    return next(name for name, layers in passes(study, backbone).items() if stored in layers)


def piece_lists(study, dataset, backbone, layer):
    """Name the lists of the pieces that hold a layer's activations, one a part of the extraction.

    Returns
    -------
    list of str
    """
    folder = f"results/{dataset}/{backbone}/passes/{pass_of(study, backbone, layer)}"
    parts = study["extraction"]["parts"]
    return [f"{folder}/part-{part}-of-{parts}.json" for part in range(1, parts + 1)]
