"""Draw the images of a pool that excite filters of a layer most."""

from functools import partial
from pathlib import Path

from fewshot.backbone.activations import read_columns
from fewshot.backbone.excitations import channel_responses, strongest
from fewshot.backbone.extraction import check_layer
from fewshot.data.decoding import read_pool_image
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.figures.pictures import draw_excitations
from fewshot.figures.style import publish_figure
from fewshot.files import read_json
from fewshot.records import read_records
from fewshot.study.pooling import layer_shape

_LARGEST_IMAGE = 128  # pixels of an edge: sharp at the size it is drawn


def plot_excitations(
    *,
    dataset,
    backbone,
    layer,
    folder,
    index_paths,
    source_path,
    pool_path,
    backbone_path,
    png_path,
):
    """Draw the five strongest images of each of six filters, from stored activations.

    Parameters
    ----------
    dataset, backbone, layer : str
        Names in the study; the layer has height, width and channels.
    folder : str
        `<folder>/<layer>/pieces/` holds the activations.
    index_paths : list of str
        Lists of pieces that `extract` wrote, one a part, in the order of the parts.
    source_path, pool_path : str
        Where the images are, and which of them in which order.
    backbone_path : str
        What the network is.
    png_path : str
        File written, with SVG and caption beside it.

    Raises
    ------
    InputError
        If the network has no such layer or it has no height and width, no filter responds to any
        image, a piece is missing or damaged, or an image is not the one that was scanned.
    """
    description = read_json(backbone_path)
    check_layer(layer, description, spatial=True)
    runs = [run for path in index_paths for run in read_json(path)[layer]["runs"]]
    read = partial(read_columns, runs, Path(folder, layer, "pieces"))
    responses = channel_responses(read, layer_shape(description, layer))
    excitations = strongest(responses, layer)
    pool, root = read_records(pool_path, PoolRow), read_json(source_path)["root"]
    framing = Framing.of(description)
    framing = framing._replace(image_size=min(framing.image_size, _LARGEST_IMAGE))
    drawn = {row for each in excitations for row in each.rows.tolist()}
    images = {row: read_pool_image(root, pool[row], framing) for row in drawn}
    classes = {row: pool[row].class_name for row in drawn}
    figure = draw_excitations(dataset, backbone, layer, excitations, images, classes)
    publish_figure(*figure, png_path)


def main(snakemake):
    """Do what the rule says."""
    plot_excitations(
        **snakemake.params.arguments,
        index_paths=snakemake.input.index,
        source_path=snakemake.input.source,
        pool_path=snakemake.input.pool,
        backbone_path=snakemake.input.backbone,
        png_path=snakemake.output.png,
    )
