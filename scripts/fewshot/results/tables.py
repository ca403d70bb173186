"""Results of the grid points: one row a repeat, and what the repeats say together."""

import csv

import numpy as np

from fewshot.errors import input_error
from fewshot.files import open_text, whole_file
from fewshot.point import KEYS, Point

RESULT_COLUMNS = (
    "repeat",
    "epochs",
    "l2",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "seconds",
)
MEASURES = ("test_accuracy", "train_accuracy", "test_loss", "train_loss")
SUMMARY_COLUMNS = (
    *KEYS,
    "repeats",
    *(f"{measure}_{part}" for measure in MEASURES for part in ("mean", "std", "low", "high")),
)
CONFIDENCE = 0.95


def mean_interval(values):
    """Mean over repeats, and the 95 % Student-t interval of that mean.

    A repeat draws the test and the training images of each class anew from the dataset's pool.
    The interval covers the spread that these draws cause, and that of the solver's own random
    numbers. It does not cover what all repeats share: the images that are in the pool, the
    classes and the backbone's weights. The draws come from one pool and overlap, so new images of
    the same classes can vary by more than the interval says.

    Parameters
    ----------
    values : array of shape (..., repeats), float

    Returns
    -------
    mean, std, low, high : arrays of shape (...), float64
        `std` is the standard deviation with n - 1, `low` and `high` are the ends of the interval,
        not clipped. All but the mean are NaN for one repeat.

    Examples
    --------
    >>> [round(float(x), 3) for x in mean_interval([0.4, 0.5, 0.6])]
    [0.5, 0.1, 0.252, 0.748]
    """
    # Not needed by the heads, which start often; scipy.stats takes four times as long to import.
    from scipy.special import stdtrit

    values = np.asarray(values, dtype=float)
    repeats = values.shape[-1]
    mean = values.mean(axis=-1)
    if repeats == 1:
        unknown = np.full_like(mean, np.nan)
        return mean, unknown, unknown, unknown
    with np.errstate(invalid="ignore"):  # a run that diverged has an infinite loss
        std = values.std(axis=-1, ddof=1)
        # half width t s / sqrt(n), t the quantile at 0.975 for n - 1 degrees of freedom
        half = stdtrit(repeats - 1, (1 + CONFIDENCE) / 2) * std / np.sqrt(repeats)
        return mean, std, mean - half, mean + half


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


def summarise(rows):
    """Number of repeats, then mean, standard deviation and interval of each measure.

    Parameters
    ----------
    rows : list of dict
        From `read_results`.

    Returns
    -------
    list of str
        In the order of `SUMMARY_COLUMNS` after the keys; empty where there is no number.
    """
    values = [[float(row[measure] or "nan") for row in rows] for measure in MEASURES]
    parts = np.stack(mean_interval(values), axis=-1)  # (measures, 4)
    cells = ["" if np.isnan(part) else f"{part:.9g}" for part in parts.ravel()]
    return [str(len(rows)), *cells]


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
