"""Reliability: how often heads are right where they say that they are so sure."""

from typing import NamedTuple

import numpy as np

from fewshot.data.draws import TEST
from fewshot.results.statistics import Layout, two_way

BINS = 10  # each of as many predictions
_FEWEST = 10  # predictions in a bin


class Reliability(NamedTuple):
    """Test images told with like confidence: a row of calibration.csv.

    `predictions` is their number over all repeats, `confidence` the mean probability of the class
    named, `accuracy` the fraction right, with the ends of its 95 % interval over images.
    """

    dataset: str
    backbone: str
    layer: str
    temperature: str
    shots: int
    head: str
    predictions: int
    confidence: float
    accuracy: float
    low: float
    high: float


def reliability(predictions, groups):
    """Sort test images by their confidence into bins of equal size.

    Parameters
    ----------
    predictions : fewshot.heads.predictions.Predictions
    groups : ndarray of shape (images,), int

    Returns
    -------
    list of tuple
        Number of predictions, mean confidence, accuracy and its interval, of each bin.
    """
    tests = np.argwhere(predictions.role == TEST)
    confidence = predictions.probability[tuple(tests.T)]
    order = np.argsort(confidence, kind="stable")
    right = (predictions.rank == 0).astype(float)
    rows = []
    for chosen in np.array_split(order, min(BINS, max(len(order) // _FEWEST, 1))):
        own = np.zeros(right.shape, bool)
        own[tuple(tests[chosen].T)] = True
        # Whatever the repeat: an image that comes in several is one group.
        flat = own.reshape(1, -1)
        within = Layout(np.tile(groups, len(own)), flat, np.zeros_like(flat), 0.0)
        estimate = two_way(right.reshape(1, -1), within, fraction=True)
        ends = estimate.low, estimate.high
        rows.append((len(chosen), float(confidence[chosen].mean()), estimate.mean, *ends))
    return rows


def calibration_error(rows):
    """Expected calibration error of some bins.

    Parameters
    ----------
    rows : list of tuple
        From `reliability`.

    Returns
    -------
    float
        Mean of | accuracy - confidence | over the bins, weighed by their sizes, from 0 to 1.

    References
    ----------
    Guo et al., On calibration of modern neural networks, ICML 2017, equation 5; with bins of equal
    size, as Nguyen & O'Connor, EMNLP 2015.
    """
    sizes, confidence, accuracy = np.array([row[:3] for row in rows]).T
    return float(np.average(np.abs(accuracy - confidence), weights=sizes))
