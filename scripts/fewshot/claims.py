"""What numbers over repeats say, in words: the sentences of captions are made from these."""

from typing import NamedTuple

import numpy as np

from fewshot.results import mean_interval


class Estimate(NamedTuple):
    """A mean over repeats and the ends of its 95 % interval, which are NaN for one repeat."""

    mean: float
    low: float
    high: float

    @property
    def sign(self):
        """1 above zero, -1 below it, 0 where the interval holds zero or there is none."""
        return int(self.low > 0) - int(self.high < 0)


def estimate(values, scale=100):
    """Mean and interval of a number over repeats.

    Parameters
    ----------
    values : array of shape (repeats,), float
        For a difference of two grid points its value in each repeat: both were tested on the same
        images, so the spread that they share drops out.
    scale : float, default 100
        Turns fractions into % and points.

    Returns
    -------
    Estimate
    """
    mean, _, low, high = mean_interval(scale * np.asarray(values, dtype=float))
    return Estimate(float(mean), float(low), float(high))


def percent(accuracy):
    """Write an accuracy.

    Parameters
    ----------
    accuracy : Estimate
        In %.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(Estimate(71.23, 68.0, 74.4)), percent(Estimate(71.23, float("nan"), float("nan")))
    ('71.2 % [68.0, 74.4]', '71.2 %')
    """
    return f"{accuracy.mean:.1f} %{_interval(accuracy)}"


def points(difference):
    """Write a difference of two accuracies.

    Parameters
    ----------
    difference : Estimate
        In percentage points.

    Returns
    -------
    str

    Examples
    --------
    >>> points(Estimate(-3.41, -5.0, -1.8))
    '-3.4 points [-5.0, -1.8]'
    """
    return f"{difference.mean:+.1f} points{_interval(difference)}"


def _interval(numbers):
    if np.isnan(numbers.low):
        return ""
    return f" [{numbers.low:.1f}, {numbers.high:.1f}]"


def listed(words):
    """Join words as a sentence does.

    Parameters
    ----------
    words : iterable of str

    Returns
    -------
    str

    Examples
    --------
    >>> listed(["fc1"]), listed(["fc1", "fc2"]), listed("abc")
    ('fc1', 'fc1 and fc2', 'a, b and c')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
