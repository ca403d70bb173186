"""Turn the activations of a layer into coordinates."""

from fewshot.backbone.activations import layer_reader
from fewshot.backbone.compact import coordinates_of
from fewshot.backbone.coordinates import write_coordinates


def compact(*, index_paths, layer, temperature, centred, folder, coordinates_path, index_path):
    """Write as few numbers an image as there are images, with all inner products kept.

    Parameters
    ----------
    index_paths : list of str
        Lists of pieces that `extract` wrote, one a part, in the order of the parts.
    layer : str
        Whose activations; "logits" for class probabilities.
    temperature : float or None
        T of the class probabilities; None takes the activations as they are.
    centred : bool
        Whether each image's activations are taken less their mean.
    folder : str
        `<folder>/<layer>/pieces/` holds the activations.
    coordinates_path, index_path : str
        HDF5 file of coordinates and JSON with its digest.

    Raises
    ------
    InputError
        If a piece is missing or damaged.
    """
    read, images, width = layer_reader(index_paths, layer, folder)
    coordinates = coordinates_of(read, images, width, temperature, centred)
    print(f"{images} images: {width} activations, {coordinates.shape[1]} coordinates")
    write_coordinates(coordinates, coordinates_path, index_path)


def main(snakemake):
    """Do what the rule says."""
    compact(
        **snakemake.params.arguments,
        index_paths=snakemake.input.index,
        coordinates_path=snakemake.output.coordinates,
        index_path=snakemake.output.index,
    )
