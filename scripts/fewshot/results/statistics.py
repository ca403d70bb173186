"""Means over draws and images, with intervals that hold for new images of the same classes."""

from typing import NamedTuple

import numpy as np

from fewshot.results.variance import variance_of_mean

CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A mean with its 95 % interval; what is not known is NaN.

    Attributes
    ----------
    mean : float
    std : float
        Standard deviation between repeats, with n - 1.
    low, high : float
        Ends of the interval.
    p : float
        Of a mean of zero, two-sided.
    """

    mean: float
    std: float
    low: float
    high: float
    p: float


class Layout(NamedTuple):
    """What the repeats of a grid point were tested and trained on, by groups of images.

    Attributes
    ----------
    groups : ndarray of shape (images,), int
        Of each image of the pool, counted from 0 without gaps.
    tests, trained : ndarray of shape (repeats, images), bool
    share : float
        Part of the images which training images are drawn from that a repeat trains on.
    """

    groups: np.ndarray
    tests: np.ndarray
    trained: np.ndarray
    share: float


def lay_out(draws, shots):
    """Say what the repeats of some draws are tested and trained on.

    Parameters
    ----------
    draws : fewshot.data.draws.Draws
    shots : int
        Training images of each class.

    Returns
    -------
    Layout
    """
    places = draws.places.T
    trained, tests = (places >= 1) & (places <= shots), places == 0
    # Test images that are the same in all repeats are a part of their own: none is trained on.
    is_official = len(places) > 1 and (tests == tests[0]).all()
    candidates = ((places >= 1) if is_official else (places >= 0)).any(axis=0)
    return Layout(draws.groups, tests, trained, trained[0].sum() / max(candidates.sum(), 1))


def mean_interval(values):
    """Mean over repeats, and the 95 % Student-t interval of that mean.

    It covers the spread that draws from one pool cause and nothing that all repeats share: use
    `two_way` for what single images tell.

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


def over_repeats(values):
    """Mean over repeats as `mean_interval` gives it, with p.

    Parameters
    ----------
    values : array of shape (repeats,), float

    Returns
    -------
    Estimate
    """
    from scipy.special import stdtr

    mean, std, low, high = map(float, mean_interval(values))
    error = std / np.sqrt(len(values))
    p = 2 * float(stdtr(len(values) - 1, -abs(mean) / error)) if error else float(mean == 0)
    return Estimate(mean, std, low, high, p)


def two_way(values, layout, weights=None, *, fraction=False):
    """Mean over test images and repeats, with an interval over draws and images.

    The interval covers new images of the same classes, in the pool as in the draws from it; not new
    classes, and not other weights of the network. See `fewshot.results.variance`.

    Parameters
    ----------
    values : ndarray of shape (repeats, images), float
        Of the test images; others are not read.
    layout : Layout
    weights : ndarray of shape (repeats, images), float, optional
        Of the test images in the mean. Default: all of a repeat alike, and all repeats.
    fraction : bool, default False
        Whether it is a fraction of images, whose interval is Wilson's: it ends within 0 and 1, and
        has a width where all images are right.

    Returns
    -------
    Estimate
        For one repeat the interval over images alone.

    References
    ----------
    Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if weights is None:
        weights = 1 / layout.tests.sum(axis=1, keepdims=True)
    weights = np.where(layout.tests, weights, 0)
    weights = weights / weights.sum()
    values = np.where(layout.tests, values, 0.0)
    # Divided, for weights add up to 1 but for rounding: of equal values the mean is just these.
    mean = float((weights * values).sum() / weights.sum())
    by_repeat = (weights * values).sum(axis=1) / weights.sum(axis=1)
    repeats = len(values)
    std = float(by_repeat.std(ddof=1)) if repeats > 1 else np.nan
    variance, freedom, images = variance_of_mean(values, weights, layout)
    interval = _wilson if fraction else _symmetric
    return Estimate(mean, std, *map(float, interval(mean, variance, freedom, images)))


def fraction_among(right, chosen, layout):
    """Fraction of some test images that is right, with an interval as `two_way` gives it.

    Which images are chosen may follow from what heads say of them. So another draw may choose others,
    and the interval covers that, too.

    Parameters
    ----------
    right, chosen : ndarray of shape (repeats, images), bool
        Of the test images, at least one of which is chosen; others are not read.
    layout : Layout

    Returns
    -------
    share : float
        Part of the test images that is chosen, all repeats alike.
    fraction, low, high : float
        All of them are those of `two_way` where all are chosen.

    References
    ----------
    Woodruff, A simple method for approximating the variance of a complicated estimate, Journal of the
    American Statistical Association 66 (1971), 411-414.
    """
    tests = layout.tests
    weights = tests / tests.sum(axis=1, keepdims=True) / len(tests)
    own = np.where(tests & chosen, weights, 0)
    # Sums that are equal may round differently, for the order of their parts in memory does.
    share = min(own.sum() / weights.sum(), 1.0)
    fraction = min(float((own * right).sum() / own.sum()), 1.0)
    # A ratio of two means differs, to first order, by the mean of this over all test images.
    values = np.where(own > 0, (right - fraction) / share, 0)
    variance, freedom, tested = variance_of_mean(values, weights, layout)
    by_group = np.bincount(layout.groups, own.sum(axis=0))
    images = share**2 / (by_group**2).sum()  # as many groups would weigh as much alike
    # What is left of so many images, about their own mean, has one degree of freedom less than they.
    known, of_all = (max(each - 1, 0.5) for each in (images, tested))
    variance *= images / known * of_all / tested
    freedom = min(freedom, known)
    low, high, _ = _wilson(fraction, variance, freedom, images)
    return float(share), fraction, float(low), float(high)


def _symmetric(mean, variance, freedom, _):
    """Ends of Student's interval, and p of a mean of zero."""
    from scipy.special import stdtr, stdtrit

    error = np.sqrt(variance)
    half = stdtrit(freedom, (1 + CONFIDENCE) / 2) * error
    p = 2 * stdtr(freedom, -abs(mean) / error) if error else float(mean == 0)
    return mean - half, mean + half, p


def _wilson(mean, variance, freedom, images):
    """Ends of Wilson's interval, of as many images as have this variance: see `two_way`."""
    from scipy.special import stdtrit

    bernoulli = mean * (1 - mean)
    if min(bernoulli, variance) > 0:
        images = bernoulli / variance
    square = stdtrit(freedom, (1 + CONFIDENCE) / 2) ** 2 / images
    half = np.sqrt(square * bernoulli + square**2 / 4)
    low, high = ((mean + square / 2 + side * half) / (1 + square) for side in (-1, 1))
    return max(low, 0.0), min(high, 1.0), np.nan  # by rounding they may lie just beyond


def holm(p):
    """Adjust the p of several answers to one question, so that the chance of one wrong is kept.

    Parameters
    ----------
    p : sequence of float
        NaN for those that are not known.

    Returns
    -------
    ndarray of float

    References
    ----------
    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6 (1979), 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p, dtype=float)
    adjusted, known = p.copy(), np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted
