"""Gather the results of a study in tables: repeats, means with intervals, and calibration."""

from fewshot.data.draws import read_draws
from fewshot.heads.head_files import read_results
from fewshot.heads.predictions import read_predictions
from fewshot.point import Point
from fewshot.records import write_rows, write_table
from fewshot.results.calibration import Reliability, calibration_error, reliability
from fewshot.results.judged import judge
from fewshot.results.statistics import lay_out
from fewshot.results.tables import ACCURACY_COLUMNS, SUMMARY_COLUMNS, judged_cells, summarise


def collect(
    *,
    points,
    datasets,
    result_paths,
    predictions_paths,
    draws_paths,
    accuracy_path,
    summary_path,
    calibration_path,
):
    """Write one row a repeat, one a grid point with means and 95 % intervals, and reliability.

    Parameters
    ----------
    points : list of tuple
        The grid: fields of each `Point`.
    datasets : list of str
    result_paths, predictions_paths : list of str
        What heads left for each of `points`, in the same order.
    draws_paths : list of str
        Draws of `datasets`, in the same order.
    accuracy_path : str
        CSV written: the keys of the point, then the columns of the results, then what predictions
        say.
    summary_path : str
        CSV written: the keys, the number of repeats, then mean, standard deviation (n - 1) and
        the ends of the interval for each measure, and the expected calibration error.
        `fewshot.results.statistics` says what the intervals cover.
    calibration_path : str
        CSV written, of `fewshot.results.calibration.Reliability`.

    Raises
    ------
    InputError
        If a result file is damaged.
    """
    draws = {name: read_draws(path) for name, path in zip(datasets, draws_paths, strict=True)}
    repeats, means, bins = [], [], []
    for fields, result_path, predictions_path in zip(
        points, result_paths, predictions_paths, strict=True
    ):
        point, rows = Point(*fields), read_results(result_path)
        own, predictions = draws[point.dataset].first(len(rows)), read_predictions(predictions_path)
        sides, judged = lay_out(own, point.shots), judge(predictions, own.labels)
        sorted_bins = reliability(predictions, own.groups)
        repeats += [[*point.key, *cells] for cells in judged_cells(rows, judged)]
        ece = calibration_error(sorted_bins)
        means.append([*point.key, *summarise(rows, judged, sides, ece)])
        bins += [[*point.key, *row] for row in sorted_bins]
    write_table(accuracy_path, ACCURACY_COLUMNS, repeats)
    write_table(summary_path, SUMMARY_COLUMNS, means)
    write_rows(calibration_path, Reliability._fields, bins)


def main(snakemake):
    """Do what the rule says."""
    collect(
        **snakemake.params.arguments,
        result_paths=snakemake.input.results,
        predictions_paths=snakemake.input.predictions,
        draws_paths=snakemake.input.draws,
        accuracy_path=snakemake.output.accuracy,
        summary_path=snakemake.output.summary,
        calibration_path=snakemake.output.calibration,
    )
