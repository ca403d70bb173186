"""Place test images on a map by what the recommended layer says, and find nearest neighbours."""

from functools import partial

from fewshot.backbone.coordinates import read_coordinates
from fewshot.data.draws import read_draws
from fewshot.heads.predictions import read_predictions
from fewshot.point import Point
from fewshot.records import read_records, write_records
from fewshot.results.choices import Choice
from fewshot.results.galleries import wrong_most_surely
from fewshot.results.images import JudgedImage
from fewshot.results.neighbours import (
    Neighbour,
    Placed,
    mapped_choice,
    nearest_trained,
    place_tests,
)


def place(
    *,
    points,
    datasets,
    folders,
    choices_path,
    images_path,
    predictions_paths,
    index_paths,
    coordinates_paths,
    draws_paths,
    map_path,
    neighbours_path,
):
    """Write the map of each dataset, and the neighbours of the images wrong most surely.

    Parameters
    ----------
    points : list of tuple
        The grid: fields of each `Point`.
    datasets : list of str
    folders : list of str
        Of all coordinates, as `Point.folder` names them.
    choices_path, images_path : str
        CSVs of `fewshot.results.choices.Choice` and of `fewshot.results.images.JudgedImage`.
    predictions_paths : list of str
        Predictions of `points`, in the same order.
    index_paths, coordinates_paths : list of str
        Of each of `folders`, in the same order.
    draws_paths : list of str
        Draws of `datasets`, in the same order.
    map_path, neighbours_path : str
        CSVs written, of `fewshot.results.neighbours.Placed` and `Neighbour`. A dataset without
        coordinates has no rows.
    """
    predictions = dict(zip((Point(*each) for each in points), predictions_paths, strict=True))
    coordinates = dict(zip(folders, zip(coordinates_paths, index_paths, strict=True), strict=True))
    draws = dict(zip(datasets, draws_paths, strict=True))
    images = read_records(images_path, JudgedImage)
    placed, neighbours = [], []
    for dataset, choice in mapped_choice(read_records(choices_path, Choice), coordinates).items():
        facts = (
            read_draws(draws[dataset]),
            read_predictions(predictions[choice.point]),
            partial(read_coordinates, *coordinates[choice.point.folder]),
        )
        placed += place_tests(dataset, *facts)
        own = [image for image in images if image.dataset == dataset]
        wrong = [image.row for image in wrong_most_surely(own)]
        neighbours += nearest_trained(dataset, wrong, choice.shots, *facts)
    write_records(map_path, Placed, placed)
    write_records(neighbours_path, Neighbour, neighbours)


def main(snakemake):
    """Do what the rule says."""
    place(
        **snakemake.params.arguments,
        choices_path=snakemake.input.choices,
        images_path=snakemake.input.images,
        predictions_paths=snakemake.input.predictions,
        index_paths=snakemake.input.indexes,
        coordinates_paths=snakemake.input.coordinates,
        draws_paths=snakemake.input.draws,
        map_path=snakemake.output.map,
        neighbours_path=snakemake.output.neighbours,
    )
