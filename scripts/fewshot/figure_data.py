"""What the figures are drawn from."""

import csv

import pandas as pd

from fewshot.errors import input_error
from fewshot.results import KEYS, point_key


def read_curves(path):
    """Read the learning curves of a grid point.

    Parameters
    ----------
    path : str
        CSV with the columns repeat, epoch, train_loss, train_accuracy, test_loss, test_accuracy.

    Returns
    -------
    pandas.DataFrame
        Empty for a head without epochs.
    """
    return pd.read_csv(path)


def count_classes(draws_path):
    """Count the classes of a dataset.

    Parameters
    ----------
    draws_path : str
        CSV with a column "label".

    Returns
    -------
    int
    """
    with open(draws_path, encoding="utf-8", newline="") as file:
        return len({row["label"] for row in csv.DictReader(file)})


def read_summary(path):
    """Read the summary of a study.

    Parameters
    ----------
    path : str
        CSV made by the collect stage.

    Returns
    -------
    pandas.DataFrame
        The keys of a grid point as str, all else as float.
    """
    return pd.read_csv(path, dtype=dict.fromkeys(KEYS, str), keep_default_na=False, na_values=[""])


def select_points(summary, points):
    """Take some grid points from a summary.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `read_summary`.
    points : list of dict

    Returns
    -------
    pandas.DataFrame
        In the order of `points`, T as float and shots as int.

    Raises
    ------
    InputError
        If the summary lacks a point.
    """
    wanted = pd.DataFrame([point_key(point) for point in points], columns=list(KEYS))
    table = wanted.drop_duplicates().merge(summary, on=list(KEYS), how="left")
    missing = table.loc[table["repeats"].isna(), list(KEYS)]
    if len(missing):
        raise input_error(
            "A figure shows points that the summary holds",
            f"{len(missing)} points without a row, the first {'/'.join(missing.iloc[0])}",
            "collect the results of this study again",
        )
    return table.astype({"temperature": float, "shots": int})
