"""Results of the grid points: one row a repeat, and what the repeats say together."""

import csv

import numpy as np

from fewshot.errors import input_error
from fewshot.files import open_text, whole_file
from fewshot.point import KEYS, Point
from fewshot.results.judged import JUDGED
from fewshot.results.statistics import Estimate, over_repeats

RESULT_COLUMNS = (
    "repeat",
    "epochs",
    "l2",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "seconds",
    "calibration",
)
OVER_REPEATS = ("test_loss", "train_accuracy", "train_loss")  # what no single image tells
MEASURES = (*JUDGED, *OVER_REPEATS)
PARTS = ("mean", "std", "low", "high")
ACCURACY_COLUMNS = (*KEYS, *RESULT_COLUMNS, *JUDGED[1:])
SUMMARY_COLUMNS = (
    *KEYS,
    "repeats",
    *(f"{measure}_{part}" for measure in MEASURES for part in PARTS),
    "ece",
)


def read_results(path):
    """Read what a head left for a grid point.

    Parameters
    ----------
    path : str
        CSV with the columns `RESULT_COLUMNS`.

    Returns
    -------
    list of dict
        One a repeat, values as they stand in the file.

    Raises
    ------
    InputError
        If the columns differ, a row is cut short or there is none.
    """
    header, *rows = [*csv.reader(open_text(path))] or [[]]
    whole = rows and all(len(row) == len(header) for row in rows)
    if tuple(header) != RESULT_COLUMNS or not whole:
        raise input_error(
            f"A result has the columns {', '.join(RESULT_COLUMNS)} and one row a repeat",
            f"{path} with {len(rows)} rows and the columns {', '.join(header)}",
            "delete the file and run again",
        )
    return [dict(zip(header, row, strict=True)) for row in rows]


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


def _point(row):
    return Point(**{key: row[key] for key in KEYS} | {"shots": int(row["shots"])})


def take_points(table, points):
    """Take some grid points from a table.

    Parameters
    ----------
    table : dict of Point to object
        From `read_summary` or `read_accuracies`.
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


def read_accuracies(path):
    """Read the test accuracies of a study.

    Parameters
    ----------
    path : str
        accuracy.csv, a row a repeat.

    Returns
    -------
    dict of Point to ndarray of shape (repeats,)
        In the order of the repeats.
    """
    accuracies = {}
    for row in csv.DictReader(open_text(path)):
        accuracies.setdefault(_point(row), []).append(float(row["test_accuracy"]))
    return {point: np.array(values) for point, values in accuracies.items()}


def summarise(rows, judged, tested, ece):
    """Number of repeats, then mean, standard deviation and interval of each measure, and the ECE.

    Parameters
    ----------
    rows : list of dict
        From `read_results`.
    judged : dict of str to fewshot.results.judged.Measure
        Of the same repeats.
    tested : fewshot.results.statistics.Tested
    ece : float

    Returns
    -------
    list of str
        In the order of `SUMMARY_COLUMNS` after the keys; empty where there is no number.
    """
    estimates = {name: measure.estimate(tested) for name, measure in judged.items()}
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


def write_table(path, columns, rows):
    """Write a CSV with a header, whole or not at all.

    Parameters
    ----------
    path : str
    columns : sequence of str
    rows : iterable of sequences
    """
    with whole_file(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_rows(path, columns, rows):
    """Write a CSV of rows with numbers, whole or not at all.

    Parameters
    ----------
    path : str
    columns : sequence of str
    rows : iterable of sequences
        Numbers are written with six digits, None and NaN as nothing.
    """
    write_table(path, columns, (map(_cell, row) for row in rows))


def _cell(value):
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.6g}"
    return value
