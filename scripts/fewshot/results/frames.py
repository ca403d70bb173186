"""What the figures are drawn from."""

import numpy as np
import pandas as pd

from fewshot.errors import input_error
from fewshot.files import open_text
from fewshot.point import KEYS
from fewshot.results.tables import mean_interval


def read_rows(path, text=KEYS):
    """Read a table of a study. Names stay as they are, also those that look like numbers.

    Parameters
    ----------
    path : str
        CSV with a header.
    text : sequence of str
        Columns that are read as str, empty ones as "", where the table has them. In all others an
        empty cell is NaN.

    Returns
    -------
    pandas.DataFrame
    """
    table = pd.read_csv(
        open_text(path), dtype=dict.fromkeys(text, str), keep_default_na=False, na_values=[""]
    )
    names = [name for name in text if name in table]
    return table.fillna(dict.fromkeys(names, ""))


def read_accuracy(path, points):
    """Read some grid points from the results of a study.

    Parameters
    ----------
    path : str
        accuracy.csv of the study, a row a repeat.
    points : list of Point

    Returns
    -------
    pandas.DataFrame
        In the order of `points`, repeat by repeat. T as float, shots as int.

    Raises
    ------
    InputError
        If a point has no row.
    """
    wanted = pd.DataFrame([point.key for point in points], columns=list(KEYS))
    chosen = wanted.drop_duplicates().merge(read_rows(path), on=list(KEYS), how="left")
    missing = chosen.loc[chosen["repeat"].isna(), list(KEYS)]
    if len(missing):
        raise input_error(
            "A figure shows points that the table of results holds",
            f"{len(missing)} points without a row, the first {'/'.join(missing.iloc[0])}",
            "collect the results of this study again",
        )
    return chosen.astype({"temperature": float, "shots": int})


def means(results):
    """Mean test accuracy of each grid point over its repeats, with its interval.

    Parameters
    ----------
    results : pandas.DataFrame
        From `read_accuracy`.

    Returns
    -------
    pandas.DataFrame
        A row a grid point: its keys, test_accuracy_mean, test_accuracy_low and test_accuracy_high,
        fractions; the ends of the interval are NaN for one repeat.
    """
    groups = results.groupby(list(KEYS), sort=False)["test_accuracy"]
    table = groups.agg(mean_interval).reset_index(name="parts")
    parts = np.array(table.pop("parts").tolist())
    for name, column in zip(("mean", "std", "low", "high"), parts.T, strict=True):
        table[f"test_accuracy_{name}"] = column
    return table
