"""Differences of results on the same images, with their intervals."""

import math
from typing import NamedTuple

import numpy as np

from fewshot.data.draws import Draws
from fewshot.point import FACTORS, name_factor
from fewshot.results.statistics import CONFIDENCE, lay_out, over_repeats, two_way
from fewshot.study.grid import lines_along
from fewshot.study.solvers import CACHED, SOLVERS


class Contrast(NamedTuple):
    """The mean of a less b over the draws that both have: a row of contrasts.csv.

    `low` and `high` are the ends of its 95 % interval, `p` is that of no difference, and `p_holm`
    the same where all contrasts of a dataset that answer one question are taken together; NaN where
    nothing is known. Accuracies are fractions, losses in nats.
    """

    dataset: str
    question: str
    a: str
    b: str
    at: str
    mean: float
    low: float
    high: float
    p: float
    p_holm: float
    repeats: int

    @property
    def sign(self):
        """1 or -1 where it is above or below zero among all answers to its question, else 0."""
        return int(math.copysign(self.p_holm < 1 - CONFIDENCE, self.mean))


class Basis(NamedTuple):
    """What the contrasts of a dataset follow from.

    Attributes
    ----------
    dataset : str
    draws : fewshot.data.draws.Draws
    right : dict of Point to ndarray of shape (repeats, images), bool
        Whether a head is right on each image of the pool that it was not trained on, in each draw,
        the first ones where it has fewer than others.
    groups : dict of str to list of Point
        Grid points that stand together against shots, layer, temperature and depth.
    curves : dict of Point to dict of str to ndarray of shape (epochs, repeats)
        Measures after each epoch.
    solvers : dict of str to str
        Of each head.
    layers : list of str
        In the order of the network.
    controls : list of (str, str)
        Backbones, each with the same network at random weights.
    students : list of fewshot.results.distillation.StudentRow
    comparison : list of fewshot.results.comparison.Compared
    """

    dataset: str
    draws: Draws
    right: dict
    groups: dict
    curves: dict
    solvers: dict
    layers: list
    controls: list
    students: list
    comparison: list

    def lines(self, axis):
        """Group what stands against `axis`: see `fewshot.study.grid.lines_along`."""
        return lines_along(self.groups.get(axis, ()), axis, self.layers)

    def cached_heads(self, point):
        """List the points beside one that differ in the head alone, of the cached approach."""
        heads = (name for name in self.solvers if SOLVERS[self.solvers[name]].approach == CACHED)
        beside = [point._replace(head=name) for name in heads]
        return [each for each in beside if each in self.right]

    def best(self, line):
        """Point of a line with the highest mean accuracy, the first of equals."""
        return max(line, key=self._accuracy)

    def _accuracy(self, point):
        right = self.right[point]
        tests = self.draws.places.T[: len(right)] == 0
        return (np.where(tests, right, 0).sum(axis=1) / tests.sum(axis=1)).mean()


def compare(basis, question, a, b, at, *terms):
    """Make the contrast of the accuracies of grid points, image by image.

    Parameters
    ----------
    basis : Basis
    question, a, b, at : str
    *terms : tuple of (int, Point)
        Points whose accuracies are added or, with -1, taken off, on the draws that all have.

    Returns
    -------
    Contrast
    """
    shared = min(len(basis.right[point]) for _, point in terms)
    values = sum(sign * basis.right[point][:shared].astype(float) for sign, point in terms)
    most = max(point.shots for _, point in terms)
    estimate = two_way(values, lay_out(basis.draws.first(shared), most))
    return _contrast(basis, (question, a, b, at), estimate, shared)


def subtract(basis, question, a, b, at, first, second):
    """Make the contrast of two measures that are known for each draw and not for images.

    Parameters
    ----------
    basis : Basis
    question, a, b, at : str
    first, second : array of shape (repeats,), float
        In the order of the draws; one may have more of them.

    Returns
    -------
    Contrast
    """
    shared = min(len(first), len(second))
    difference = np.asarray(first)[:shared] - np.asarray(second)[:shared]
    return _contrast(basis, (question, a, b, at), over_repeats(difference), shared)


def _contrast(basis, names, estimate, repeats):
    numbers = estimate.mean, estimate.low, estimate.high, estimate.p
    return Contrast(basis.dataset, *names, *numbers, math.nan, repeats)


def name_sides(one, other):
    """Name two grid points by the factor in which they differ, and where both stand.

    Parameters
    ----------
    one, other : Point

    Returns
    -------
    a, b, at : str
    """
    axis = next(each for each in FACTORS if getattr(one, each) != getattr(other, each))
    names = (name_factor(axis, getattr(point, axis)) for point in (one, other))
    return *names, one.label(*(factor for factor in FACTORS if factor != axis))
