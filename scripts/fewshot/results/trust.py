"""When to trust a head: how often it is right where it is at least so sure."""

import math
from typing import NamedTuple

from fewshot.results.statistics import fraction_among

THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


class Trust(NamedTuple):
    """How often a head is right among the test images that it names with some probability or more.

    Attributes
    ----------
    above : float
        The least probability of the class named.
    accuracy, low, high : float
        Fraction of these that is named rightly, with its 95 % interval over draws and images; NaN
        where there is none.
    share : float
        Part of the test images that these are.
    judged : int
        How many judgements these are, over all repeats.
    """

    above: float
    accuracy: float
    low: float
    high: float
    share: float
    judged: int


def trust_table(predictions, layout):
    """Say how often a head is right among the test images above each of `THRESHOLDS`.

    Parameters
    ----------
    predictions : fewshot.heads.predictions.Predictions
    layout : fewshot.results.statistics.Layout
        What its repeats were tested and trained on.

    Returns
    -------
    list of Trust
        The first is of all test images, and is the accuracy of the head.
    """
    right, rows = predictions.rank == 0, []
    for above in THRESHOLDS:
        sure = layout.tests & (predictions.probability >= above)
        judged = int(sure.sum())
        nothing = 0.0, *[math.nan] * 3
        share, *accuracy = fraction_among(right, sure, layout) if judged else nothing
        rows.append(Trust(above, *accuracy, share, judged))
    return rows
