"""What numbers over repeats say, in words: the sentences of captions are made from these."""

from typing import NamedTuple

import numpy as np

from fewshot.results.tables import mean_interval

ONE_REPEAT = "With one repeat nothing tells how far another draw would lie from these numbers."


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


def difference(one, other, scale=100):
    """Mean and interval of a difference, on the repeats that both sides have.

    Parameters
    ----------
    one, other : array of shape (repeats,), float
        In the order of the repeats. One may have more of them than the other: the first are the
        same draws.
    scale : float, default 100

    Returns
    -------
    Estimate

    Examples
    --------
    >>> difference([0.75, 0.5, 0.1], [0.25]).mean
    50.0
    """
    shared = min(len(one), len(other))
    return estimate(np.asarray(one)[:shared] - np.asarray(other)[:shared], scale)


def count_repeats(counts):
    """Write how many repeats some results have.

    Parameters
    ----------
    counts : iterable of int

    Returns
    -------
    str

    Examples
    --------
    >>> count_repeats([5, 5]), count_repeats([1]), count_repeats([2, 5])
    ('5 repeats', '1 repeat', '2 to 5 repeats')
    """
    fewest, most = min(counts), max(counts)
    span = f"{fewest:g} to {most:g}" if fewest < most else f"{most:g}"
    return f"{span} repeat{'s' * (most > 1)}"


def percent(accuracy):
    """Write an accuracy, with its interval as far as it lies within 0 and 100 %.

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
    within = np.clip(accuracy, 0, 100)
    return f"{accuracy.mean:.1f} %{_interval(Estimate(*within))}"


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
    >>> points(Estimate(-0.04, -0.5, 0.42))
    '+0.0 points [-0.5, 0.4]'
    """
    return f"{_tenths(difference.mean):+.1f} points{_interval(difference)}"


def told(difference):
    """Write a difference of two accuracies with what its interval allows to say.

    Parameters
    ----------
    difference : Estimate
        In percentage points.

    Returns
    -------
    str

    Examples
    --------
    >>> told(Estimate(1.2, -0.4, 2.8))
    "+1.2 points [-0.4, 2.8] (zero lies inside: the draws don't tell)"
    """
    if np.isnan(difference.low):
        return f"{points(difference)}, of one draw, without an interval"
    unclear = "" if difference.sign else " (zero lies inside: the draws don't tell)"
    return f"{points(difference)}{unclear}"


def _interval(numbers):
    if np.isnan(numbers.low):
        return ""
    return f" [{_tenths(numbers.low):.1f}, {_tenths(numbers.high):.1f}]"


def _tenths(number):
    return round(number, 1) + 0.0  # -0.0 + 0.0 is 0.0: what rounds to zero has no minus sign


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


def chance(classes):
    """Write the accuracy of guessing, to two digits.

    Parameters
    ----------
    classes : int

    Returns
    -------
    str

    Examples
    --------
    >>> chance(257), chance(33), chance(2)
    ('1/257 = 0.39 %', '1/33 = 3.0 %', '1/2 = 50 %')
    """
    return f"1/{classes} = {f'{100 / classes:#.2g}'.rstrip('.')} %"


def paragraphs(*texts):
    """Join paragraphs by an empty line and leave out the empty ones.

    Parameters
    ----------
    *texts : str

    Returns
    -------
    str
    """
    return "\n\n".join(text for text in texts if text)
