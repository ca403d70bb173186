"""Say which classes and images the recommended heads get wrong, and what for."""

from fewshot.data.draws import read_draws
from fewshot.data.pool import PoolRow, class_names
from fewshot.heads.predictions import read_predictions
from fewshot.point import Point
from fewshot.records import read_records, write_records
from fewshot.results.choices import Choice, recommended
from fewshot.results.classes import ClassResult, Confusion, class_results, confusions
from fewshot.results.images import JudgedImage, judged_images
from fewshot.results.statistics import lay_out


def mistakes(
    *,
    points,
    datasets,
    choices_path,
    predictions_paths,
    pools_paths,
    draws_paths,
    classes_path,
    confusion_path,
    images_path,
):
    """Write one row a class, one for each class that is named another, and one an image.

    Parameters
    ----------
    points : list of tuple
        The grid: fields of each `Point`.
    datasets : list of str
    choices_path : str
        CSV of `fewshot.results.choices.Choice`: which heads are recommended.
    predictions_paths : list of str
        Predictions of `points`, in the same order; those that nothing is said of are not read.
    pools_paths, draws_paths : list of str
        Of `datasets`, in the same order.
    classes_path, confusion_path, images_path : str
        CSV written, of `ClassResult`, `Confusion` and `JudgedImage`.
    """
    grid = dict(zip((Point(*fields) for fields in points), predictions_paths, strict=True))
    best = recommended(read_records(choices_path, Choice))
    classes, confusion, images = [], [], []
    files = dict(zip(datasets, zip(pools_paths, draws_paths, strict=True), strict=True))
    for dataset, (pool_path, draws_path) in files.items():
        if dataset not in best:  # no experiment takes it
            continue
        point, pool = best[dataset].point, read_records(pool_path, PoolRow)
        line = {
            each.shots: read_predictions(path)
            for each, path in grid.items()
            if each.line == point.line
        }
        predictions, draws, names = line[point.shots], read_draws(draws_path), class_names(pool)
        layout = lay_out(draws.first(len(predictions.role)), point.shots)
        classes += class_results(point, predictions, layout, draws.labels, names)
        confusion += confusions(dataset, predictions, layout.tests, draws.labels, names)
        others = (
            read_predictions(path)
            for each, path in grid.items()
            if (each.dataset, each.shots) == (dataset, point.shots)
        )
        images += judged_images(dataset, pool, line, others)
    write_records(classes_path, ClassResult, classes)
    write_records(confusion_path, Confusion, confusion)
    write_records(images_path, JudgedImage, images)


def main(snakemake):
    """Do what the rule says."""
    mistakes(
        **snakemake.params.arguments,
        choices_path=snakemake.input.choices,
        predictions_paths=snakemake.input.predictions,
        pools_paths=snakemake.input.pools,
        draws_paths=snakemake.input.draws,
        classes_path=snakemake.output.classes,
        confusion_path=snakemake.output.confusion,
        images_path=snakemake.output.images,
    )
