"""Draw what a network sees: feature maps of an image of each dataset, and its first filters."""

import numpy as np

from fewshot.backbone.extraction import check_layer
from fewshot.backbone.lean_keras import import_keras
from fewshot.data.decoding import read_pool_image
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.figures.pictures import draw_feature_maps, draw_filters
from fewshot.figures.style import publish_figure
from fewshot.files import read_json
from fewshot.records import read_records


def plot_network(
    *,
    datasets,
    backbone,
    layers,
    source_paths,
    pool_paths,
    backbone_path,
    weights_path,
    maps_paths,
    filters_path,
):
    """Draw the first outputs of some layers for the first image of each pool, and first filters.

    Parameters
    ----------
    datasets : list of str
        None where no image may be shown: filters alone are drawn.
    backbone : str
        Its name in the study.
    layers : list of str or None
        None chooses: see `fewshot.backbone.network_views.choose_layers`.
    source_paths, pool_paths : list of str
        For each dataset where its images are, and which of them in which order.
    backbone_path, weights_path : str
        What the network is, and its weights.
    maps_paths : list of str
        PNG written for each dataset, with SVG and caption beside it.
    filters_path : str
        PNG written, with SVG and caption beside it.

    Raises
    ------
    InputError
        If a layer is not in the network or has no height and width, the network has no
        convolution of an image or its weights are damaged, or an image is not the one scanned.
    """
    description = read_json(backbone_path)
    for layer in layers or ():
        check_layer(layer, description, spatial=True)
    framing = Framing.of(description)
    rows = [read_records(path, PoolRow)[0] for path in pool_paths]
    roots = [read_json(path)["root"] for path in source_paths]
    images = [read_pool_image(root, row, framing) for root, row in zip(roots, rows, strict=True)]
    layers, maps, (first, filters) = _look(description, weights_path, layers, images)
    for number, (dataset, row) in enumerate(zip(datasets, rows, strict=True)):
        outputs = [each[number] for each in maps]  # (height, width, channels) of each layer
        drawn = draw_feature_maps(dataset, backbone, row, images[number], layers, outputs)
        publish_figure(*drawn, maps_paths[number])
    publish_figure(*draw_filters(backbone, first, filters), filters_path)


def _look(description, weights_path, layers, images):
    """Load the network; return the layers looked at, their outputs, and the first filters."""
    import_keras()
    from fewshot.backbone.network_views import choose_layers, feature_maps, first_filters
    from fewshot.backbone.networks import build_network
    from fewshot.backbone.weight_files import load_described

    network = build_network(description)
    load_described(network.model, weights_path, description["weights"])
    layers = layers or choose_layers(network.model)
    maps = feature_maps(network, layers, np.stack(images)) if images else []
    return layers, maps, first_filters(network)


def main(snakemake):
    """Do what the rule says."""
    plot_network(
        **snakemake.params.arguments,
        source_paths=snakemake.input.sources,
        pool_paths=snakemake.input.pools,
        backbone_path=snakemake.input.backbone,
        weights_path=snakemake.input.weights,
        maps_paths=snakemake.output.maps,
        filters_path=snakemake.output.filters,
    )
