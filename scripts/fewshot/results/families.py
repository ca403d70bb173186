"""Families of learning curves: accuracy against the number of training images.

A power law a - b k^-c, Phi(a + b ln k) with Phi the normal distribution function, and s Phi(a + b ln
k), which levels off at s <= 1. The first tends to say too little of the next doubling, the second too
much.
"""

import numpy as np

FEWEST = 3  # numbers of shots that a curve is fitted to
_EXPONENTS = np.geomspace(0.05, 3, 40)  # of power laws
_LEVELS = np.linspace(0.3, 1, 71)  # at which curves may level off
_CERTAIN = 1e-3  # accuracies this near to 0 or s say as much


def fit_families(shots, accuracy, at):
    """Continue learning curves by each family.

    Parameters
    ----------
    shots : ndarray of shape (n,), int
        At least three.
    accuracy : ndarray of shape (curves, n), float
    at : ndarray of shape (m,), float
        Shots at which the fits are wanted.

    Returns
    -------
    ndarray of shape (3, curves, m)

    References
    ----------
    Hestness et al., Deep learning scaling is predictable, empirically, arXiv 1712.00409, 2017 (power
    laws). Mahmood et al., How much more data do I need?, CVPR 2022 (several families, in rounds).
    """
    shots, at = np.asarray(shots, float), np.asarray(at, float)
    levels = (np.ones(1), _LEVELS)
    probits = (_fit_probit(shots, accuracy, at, each) for each in levels)
    return np.stack([_fit_power(shots, accuracy, at), *probits])


def _fit_power(shots, accuracy, at):
    """Fit a - b k^-c by least squares, 0 <= b and a <= 1, with c of a grid."""
    x = shots ** -_EXPONENTS[:, None]  # (exponents, n)
    centre, mean = x.mean(axis=1), accuracy.mean(axis=1, keepdims=True)
    left = x - centre[:, None]
    b = np.maximum(-(accuracy - mean) @ left.T / (left**2).sum(axis=1), 0)  # (curves, exponents)
    # Where a would be above 1 it is 1.
    bound = np.maximum((1 - accuracy) @ x.T / (x**2).sum(axis=1), 0)
    b = np.where(mean + b * centre > 1, bound, b)
    a = np.minimum(mean + b * centre, 1)
    best = _least(accuracy, a[..., None] - b[..., None] * x)
    a, b = (np.take_along_axis(each, best, axis=1) for each in (a, b))
    return a - b * at ** -_EXPONENTS[best]


def _fit_probit(shots, accuracy, at, levels):
    """Fit s Phi(a + b ln k), 0 <= b, with s of some levels that the curve does not pass.

    Phi^-1(y / s) is linear in ln k: a and b by regression, weighed by the slope of s Phi.
    """
    from scipy.special import ndtr, ndtri

    x = np.log(shots)
    s = np.maximum(levels, np.minimum(accuracy.max(axis=1, keepdims=True), 1))  # (curves, levels)
    z = ndtri(np.clip(accuracy[:, None] / s[..., None], _CERTAIN, 1 - _CERTAIN))
    weights = np.exp(-(z**2))
    weights /= weights.sum(axis=2, keepdims=True)
    left = x - (weights @ x)[..., None]
    mean = (weights * z).sum(axis=2)
    b = np.maximum((weights * left * z).sum(axis=2) / (weights * left**2).sum(axis=2), 0)
    a = mean - b * (weights @ x)
    best = _least(accuracy, s[..., None] * ndtr(a[..., None] + b[..., None] * x))
    s, a, b = (np.take_along_axis(each, best, axis=1) for each in (s, a, b))
    return s * ndtr(a + b * np.log(at))


def _least(accuracy, fits):
    """Find the fit of least squares of each curve: (curves, 1)."""
    return ((accuracy[:, None] - fits) ** 2).sum(axis=2).argmin(axis=1)[:, None]
