"""Learning curves: loss and accuracy after each epoch."""

from typing import NamedTuple

import numpy as np

from fewshot.files import open_text
from fewshot.heads.head_files import CURVE_COLUMNS
from fewshot.metrics import MEASURES
from fewshot.results.statistics import mean_interval


class Band(NamedTuple):
    """Mean over repeats, and the ends of its 95 % interval, NaN for one repeat: (epochs,) each."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def read_curves(path):
    """Read the learning curves of a grid point.

    Parameters
    ----------
    path : str
        CSV with the columns `CURVE_COLUMNS`, repeat by repeat.

    Returns
    -------
    dict of str to ndarray of shape (epochs, repeats)
        For each of `MEASURES`.
    """
    table = np.loadtxt(open_text(path), delimiter=",", skiprows=1, ndmin=2)
    curves = table.reshape(len(np.unique(table[:, 0])), -1, len(CURVE_COLUMNS))
    return {name: curves[:, :, CURVE_COLUMNS.index(name)].T for name in MEASURES}


def bands(curves):
    """Summarise the learning curves of a grid point over its repeats.

    Parameters
    ----------
    curves : dict of str to ndarray of shape (epochs, repeats)

    Returns
    -------
    dict of str to Band
    """
    summarised = {name: mean_interval(values) for name, values in curves.items()}
    return {name: Band(mean, low, high) for name, (mean, _, low, high) in summarised.items()}
