"""Get a backbone's weights, check that they fit, and describe the network."""

from pathlib import Path

from fewshot.errors import input_error, nearest
from fewshot.files import whole_file, write_json
from fewshot.study.weights import IMAGENET, WORDS


def weights(
    *,
    network,
    source,
    include_top,
    image_size,
    seed,
    weights_path,
    backbone_path,
    framing=None,
    layers=(),
):
    """Save a network's weights as a file of Keras, and what there is to know about the network.

    Parameters
    ----------
    network : str
        Class of keras.applications, or "SmallVGG".
    source : str
        "imagenet" for keras.applications' own download, "none" for random ones, or a file.
    include_top : bool
        Whether the file has the dense layers at the end.
    image_size : int or None
        Edge of the square input in pixels; None takes the network's own.
    seed : int
        Of the random weights.
    weights_path, backbone_path : str
        Files written: weights (".weights.h5"), and a description (JSON) with their digest and
        the shape of every layer's activations.

    framing : dict, optional
        resize, interpolation and crop_fraction of `fewshot.data.framing.Framing`, which are kept in
        the description; what is not given has its default.
    layers : list of str, optional
        Layers that the network must have, so that what is mistyped shows before the images are
        looked at.

    Raises
    ------
    InputError
        If the network is unknown, can't be downloaded or lacks a layer, or the file is missing,
        damaged, holds more than weights, or does not fit the network.
    """
    if source not in WORDS and not Path(source).is_file():
        raise input_error("A weights file must exist", source, "correct backbones.<name>.weights")
    import keras

    from fewshot.backbone.networks import build_network, layer_shapes
    from fewshot.backbone.weight_files import load_described, load_weights, weights_digest

    keras.utils.set_random_seed(seed)
    download = source if source == IMAGENET else None
    model = build_network(network, download, include_top, image_size)
    if source not in WORDS:
        load_weights(model, source)
    backbone = {
        "network": network,
        "include_top": include_top,
        "image_size": model.input_shape[1],
        **(framing or {}),
        "weights": weights_digest(model),
        "layers": layer_shapes(model, include_top),
    }
    if lacking := [layer for layer in layers if layer not in backbone["layers"]]:
        rule = f"Layers of backbones.{Path(backbone_path).stem} must be {network}'s"
        hints = dict.fromkeys(nearest(layer, backbone["layers"]) for layer in lacking)
        raise input_error(rule, ", ".join(dict.fromkeys(lacking)), " ".join(hints))
    with whole_file(weights_path, digested=False) as path:
        model.save_weights(path)
        load_described(model, path, backbone["weights"])
    write_json(backbone_path, backbone)


def main(snakemake):
    """Do what the rule says."""
    file = snakemake.input.file
    weights(
        **snakemake.params.arguments | ({"source": str(file)} if file else {}),
        layers=snakemake.params.layers,
        weights_path=snakemake.output.weights,
        backbone_path=snakemake.output.backbone,
    )
