"""Results of the grid points: one row a repeat, and what the repeats say together."""

import csv

import numpy as np

from fewshot.errors import input_error
from fewshot.files import open_text
from fewshot.heads.head_files import RESULT_COLUMNS
from fewshot.point import KEYS, Point
from fewshot.results.judged import JUDGED
from fewshot.results.statistics import Estimate, over_repeats

OVER_REPEATS = ("test_loss", "train_accuracy", "train_loss")  # what no single image tells
MEASURES = (*JUDGED, *OVER_REPEATS)
PARTS = ("mean", "std", "low", "high")
TEST_ACCURACY = tuple(f"test_accuracy_{part}" for part in ("mean", "low", "high"))
ACCURACY_COLUMNS = (*KEYS, *RESULT_COLUMNS, *JUDGED[1:])
SUMMARY_COLUMNS = (
    *KEYS,
    "repeats",
    *(f"{measure}_{part}" for measure in MEASURES for part in PARTS),
    "ece",
)


def read_summary(path):
    """Read summary.csv.

    Parameters
    ----------
    path : str

    Returns
    -------
    dict of Point to dict of str to float
        The columns that are no keys; NaN where there is no number.
    """
    return {
        _point(row): {name: float(row[name] or "nan") for name in SUMMARY_COLUMNS[len(KEYS) :]}
        for row in csv.DictReader(open_text(path))
    }


def read_accuracies(path):
    """Read the test accuracy of each repeat.

    Parameters
    ----------
    path : str
        accuracy.csv.

    Returns
    -------
    dict of Point to list of float
        In the order of the repeats.
    """
    accuracies = {}
    for row in csv.DictReader(open_text(path)):
        accuracies.setdefault(_point(row), []).append(float(row["test_accuracy"]))
    return accuracies


def read_scoring(path):
    """Read what the predictions of heads took for which the network ran once more.

    Parameters
    ----------
    path : str
        accuracy.csv.

    Returns
    -------
    dict of Point to float
        Seconds of all repeats; 0 where the network did not.
    """
    seconds = {}
    for row in csv.DictReader(open_text(path)):
        point = _point(row)
        seconds[point] = seconds.get(point, 0) + float(row["scoring_seconds"] or 0)
    return seconds


def _point(row):
    return Point(**{key: row[key] for key in KEYS} | {"shots": int(row["shots"])})


def take_points(table, points):
    """Take some grid points from a table.

    Parameters
    ----------
    table : dict of Point to object
        From `read_summary`.
    points : list of Point

    Returns
    -------
    dict of Point to object
        In the order of `points`.

    Raises
    ------
    InputError
        If a point has no row.
    """
    missing = [point for point in points if point not in table]
    if missing:
        raise input_error(
            "A table of results holds every grid point that is asked for",
            f"{len(missing)} points without a row, the first {'/'.join(missing[0].key)}",
            "collect the results of this study again",
        )
    return {point: table[point] for point in points}


def summarise(rows, judged, layout, ece):
    """Number of repeats, then mean, standard deviation and interval of each measure, and the ECE.

    Parameters
    ----------
    rows : list of dict
        From `read_results`.
    judged : dict of str to fewshot.results.judged.Measure
        Of the same repeats.
    layout : fewshot.results.statistics.Layout
    ece : float

    Returns
    -------
    list of str
        In the order of `SUMMARY_COLUMNS` after the keys; empty where there is no number.
    """
    estimates = {name: measure.estimate(layout) for name, measure in judged.items()}
    for name in OVER_REPEATS:
        estimates[name] = over_repeats([float(row[name] or "nan") for row in rows])
    unknown = Estimate(*[np.nan] * len(Estimate._fields))
    parts = [getattr(estimates.get(name, unknown), part) for name in MEASURES for part in PARTS]
    return [str(len(rows)), *("" if np.isnan(part) else f"{part:.9g}" for part in (*parts, ece))]


def judged_cells(rows, judged):
    """Add to each repeat's results what its predictions say.

    Parameters
    ----------
    rows, judged
        See `summarise`.

    Yields
    ------
    list of str
        In the order of `ACCURACY_COLUMNS` after the keys.
    """
    means = {name: measure.by_repeat() for name, measure in judged.items()}
    for repeat, row in enumerate(rows):
        further = (means[name][repeat] if name in means else np.nan for name in JUDGED[1:])
        yield [*row.values(), *("" if np.isnan(each) else f"{each:.9g}" for each in further)]
