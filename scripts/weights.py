"""Get a backbone's weights, check that they fit, and describe the network."""

from pathlib import Path

from fewshot.backbone.lean_keras import import_keras
from fewshot.errors import input_error, nearest
from fewshot.files import whole_file, write_json
from fewshot.study.pooling import layer_shape, split_pooling
from fewshot.study.weights import WORDS


def weights(*, settings, seed, weights_path, backbone_path, layers=()):
    """Save a network's weights as a file of Keras, and what there is to know about the network.

    Parameters
    ----------
    settings : dict
        See `fewshot.backbone.networks.take_network`.
    seed : int
        Of random weights.
    weights_path, backbone_path : str
        Files written: weights (".weights.h5"), and the description (JSON).
    layers : list of str, optional
        Layers that the network must have, so that what is mistyped shows before the images are
        looked at.

    Raises
    ------
    InputError
        If the network is unknown, can't be downloaded or lacks a layer, or the file is missing,
        damaged, holds more than weights, or does not fit the network.
    """
    source = settings["weights"]
    if source not in WORDS and not Path(source).exists():
        raise input_error("The weights must exist", source, "correct backbones.<name>.weights")
    keras = import_keras()
    from fewshot.backbone.networks import take_network
    from fewshot.backbone.weight_files import load_described

    keras.utils.set_random_seed(seed)
    network, backbone = take_network(settings)
    _check_layers(layers, backbone, Path(backbone_path).stem)
    with whole_file(weights_path, digested=False) as path:
        network.model.save_weights(path)
        load_described(network.model, path, backbone["weights"])
    write_json(backbone_path, backbone)


def _check_layers(layers, backbone, name):
    """Tell all that the network lacks at once, then what can't be pooled."""
    own = [split_pooling(layer)[0] for layer in layers]
    if lacking := dict.fromkeys(layer for layer in own if layer not in backbone["layers"]):
        rule = f"Layers of backbones.{name} must be {backbone['network']}'s"
        hints = dict.fromkeys(nearest(layer, backbone["layers"]) for layer in lacking)
        raise input_error(rule, ", ".join(lacking), " ".join(hints))
    for layer in layers:
        layer_shape(backbone, layer)


def main(snakemake):
    """Do what the rule says."""
    weights(
        **snakemake.params.arguments,
        layers=snakemake.params.layers,
        weights_path=snakemake.output.weights,
        backbone_path=snakemake.output.backbone,
    )
