"""What is wrong with the backbones of a study beyond what its schema can see."""

import itertools
import os
from collections import Counter

from fewshot.errors import nearest, unknown
from fewshot.study.forward_passes import stored_layer
from fewshot.study.networks import (
    BLOCKS,
    FAMILIES,
    HUB,
    known_networks,
    licence_of,
    source_of,
    weights_of,
)
from fewshot.study.pooling import split_pooling
from fewshot.study.weights import RANDOM, WORDS


def backbone_errors(study):
    """Yield what is wrong with each backbone: see `fewshot.study.checks.study_errors`."""
    for name, backbone in study["backbones"].items():
        path, network = ["backbones", name], backbone.get("network")
        if network:
            yield from _network_errors(path, network, backbone)
        yield from _framing_errors(path, backbone)
        yield from _layer_errors(path, network, backbone)


def _network_errors(path, network, backbone):
    weights, known = backbone["weights"], known_networks()
    if known:
        hint = "take one of keras.io/api/applications or keras.io/keras_hub/presets"
        if wrong := unknown(network, known, "unknown network", hint):
            yield [*path, "network"], *wrong
            return
    own, is_hub = weights_of(network), source_of(network) == HUB
    if network in FAMILIES and weights in WORDS:
        hint = "give the path of a folder with its configuration, or name a preset as network"
        yield [*path, "weights"], f"{network} can be many networks", weights, hint
    elif weights in WORDS and weights not in (own, RANDOM):
        rule = f"{network} has no weights that were learned on {weights}"
        hint = f"give {own}, {RANDOM} or the path of a weights {'folder' if is_hub else 'file'}"
        yield [*path, "weights"], rule, weights, hint
    elif weights not in WORDS and not (os.path.isdir if is_hub else os.path.isfile)(weights):
        kind = "folder" if is_hub else "file"
        hint = nearest(weights, WORDS, f"give the path of a weights {kind}")
        yield [*path, "weights"], f"no such {kind}", weights, hint
    if is_hub and backbone.get("include_top"):
        hint = "remove the key, or take a network of keras.applications"
        yield [*path, "include_top"], f"{network} has no top", "true", hint
    licence, terms = licence_of(network, weights)
    if terms and backbone["licence"] != licence:
        rule = f"the weights of {network} are given to those who agree to {licence} alone"
        hint = f"read {terms}, and if you agree, write licence: {licence}"
        yield [*path, "licence"], rule, backbone["licence"] or "nothing", hint
    if weights == RANDOM and backbone.get("sha256"):
        hint = "remove the key, or set weights"
        yield [*path, "sha256"], "random weights come from no file", backbone["sha256"], hint


def _framing_errors(path, backbone):
    if backbone.get("crop_fraction") not in (None, 1) and backbone.get("resize") != "crop":
        hint = "remove the key, or set resize: crop"
        received = f"resize: {backbone.get('resize') or 'not given'}"
        yield [*path, "crop_fraction"], "is taken with resize: crop alone", received, hint


def _layer_errors(path, network, backbone):
    stored = [{stored_layer(layer) for layer in entry} for entry in backbone["layers"]]
    for layer, count in Counter(itertools.chain.from_iterable(stored)).items():
        if count > 1:
            hint = "name it in one entry (predictions and logits are read as one)"
            yield [*path, "layers"], "a layer is read by one pass", layer, hint
        if layer == "logits" and not backbone["include_top"]:
            hint = "remove predictions and logits, or set include_top: true"
            if network and source_of(network) == HUB:
                hint = "remove predictions and logits: networks of KerasHub have none"
            yield [*path, "layers"], "class scores need the top", layer, hint
        if split_pooling(layer)[0] == BLOCKS and network:
            hint = "name its layers one by one"
            yield [*path, "layers"], f"the blocks of {network} are not known", layer, hint
