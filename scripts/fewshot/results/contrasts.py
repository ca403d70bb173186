"""Differences of results, draw by draw: everything that captions and the page speak of.

A question is one entry of `QUESTIONS`: a function that yields contrasts of one dataset.
"""

import itertools
import math
from functools import partial
from typing import NamedTuple

import numpy as np

from fewshot.point import FACTORS, SOFTENED, name_factor
from fewshot.results.comparison import THIS_STUDY
from fewshot.results.tables import mean_interval
from fewshot.study.grid import lines_along
from fewshot.study.solvers import CACHED, END_TO_END, SOLVERS


class Contrast(NamedTuple):
    """The mean of a less b over the draws that both have: a row of contrasts.csv.

    `low` and `high` are the ends of its 95 % interval, NaN for one draw. Accuracies are fractions,
    losses in nats.
    """

    dataset: str
    question: str
    a: str
    b: str
    at: str
    mean: float
    low: float
    high: float
    repeats: int

    @property
    def sign(self):
        """1 above zero, -1 below it, 0 where the interval holds zero or there is none."""
        return int(self.low > 0) - int(self.high < 0)


class Basis(NamedTuple):
    """What the contrasts of a dataset follow from.

    Attributes
    ----------
    dataset : str
    classes : int
    accuracy : dict of Point to ndarray of shape (repeats,)
        Test accuracy in each draw, the first ones where a head has fewer than others.
    groups : dict of str to list of Point
        Grid points that stand together against shots, layer and temperature.
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
    classes: int
    accuracy: dict
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
        return [each for each in beside if each in self.accuracy]

    def best(self, line):
        """Point of a line with the highest mean accuracy, the first of equals."""
        return max(line, key=lambda point: self.accuracy[point].mean())


def subtract(basis, question, a, b, at, first, second):
    """Make the contrast of two results on the draws that both have.

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
    mean, _, low, high = map(float, mean_interval(difference))
    return Contrast(basis.dataset, question, a, b, at, mean, low, high, shared)


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


def _of_points(basis, question, one, other):
    """Contrast two points that differ in one factor."""
    values = basis.accuracy[one], basis.accuracy[other]
    return subtract(basis, question, *name_sides(one, other), *values)


def _along(axis, basis):
    """Contrast the ends of a line, and its best with both."""
    for line in basis.lines(axis):
        first, best, last = line[0], basis.best(line), line[-1]
        for one, other in dict.fromkeys([(last, first), (best, first), (last, best)]):
            if one != other:
                yield _of_points(basis, axis, one, other)


def _steps(axis, basis):
    """Contrast each point of a line with the one before it."""
    for line in basis.lines(axis):
        for before, point in itertools.pairwise(line):
            yield _of_points(basis, f"next {axis}", point, before)


def _backbones(basis):
    """Hold the best line of all, at the most shots, against the best of each other backbone."""
    grid, by_backbone = basis.groups.get("shots", ()), {}
    most = max((point.shots for point in grid), default=0)
    for point in grid:
        if point.shots == most:
            by_backbone.setdefault(point.backbone, []).append(point)
    best = [basis.best(points) for points in by_backbone.values()]
    for other in best:
        first = basis.best(best)
        if other != first:
            factors = "backbone", "layer", "temperature", "head"
            names = first.label(*factors), other.label(*factors), name_factor("shots", most)
            values = basis.accuracy[first], basis.accuracy[other]
            yield subtract(basis, "backbone", *names, *values)


def _heads(basis):
    """Hold heads with a penalty against the first that descends in epochs on the same inputs."""
    for point in basis.accuracy:
        if SOLVERS[basis.solvers[point.head]].penalised:
            for plain in basis.cached_heads(point)[:1]:
                yield _of_points(basis, "head", point, plain)


def _approaches(basis):
    """Hold heads trained end to end against cached ones: after all, and after the same epochs."""
    for end in basis.accuracy:
        if SOLVERS[basis.solvers[end.head]].approach == END_TO_END:
            for cached in basis.cached_heads(end):
                yield _of_points(basis, "approach", end, cached)
                curves = [basis.curves[point]["test_accuracy"] for point in (end, cached)]
                epochs = len(curves[0])
                if epochs <= len(curves[1]):
                    values = (curve[epochs - 1] for curve in curves)
                    at = f"{end.label(*FACTORS[:-1])} · epoch {epochs}"
                    yield subtract(basis, "epochs", end.head, cached.head, at, *values)


def _controls(basis):
    """Hold a network against itself with random weights."""
    for backbone, control in basis.controls:
        for point in basis.accuracy:
            other = point._replace(backbone=control)
            if point.backbone == backbone and other in basis.accuracy:
                yield _of_points(basis, "control", point, other)


def _levels(basis):
    """Hold heads that are blind to scale, at the largest T, against themselves on other layers."""
    ends = [line[-1] for line in basis.lines("temperature")]
    for last in (end for end in ends if SOLVERS[basis.solvers[end.head]].centred):
        for other in basis.groups["temperature"]:
            same = last._replace(layer=other.layer, temperature=other.temperature)
            if other == same and other.layer != SOFTENED:
                values = basis.accuracy[last], basis.accuracy[other]
                names = last.label("layer", "temperature"), other.layer
                at = last.label("backbone", "shots", "head")
                yield subtract(basis, "level", *names, at, *values)


def _changes(basis):
    """Hold what T changes for heads blind to scale against what it changes at a fixed rate."""
    ends = [(line[0], line[-1]) for line in basis.lines("temperature")]
    change = {(a, b): basis.accuracy[b] - basis.accuracy[a] for a, b in ends}
    for (first, last), blind in change.items():
        if SOLVERS[basis.solvers[first.head]].centred:
            for plain in basis.cached_heads(first)[:1]:
                same_ends = plain, last._replace(head=plain.head)
                if same_ends in change:
                    span = (name_factor("temperature", each.temperature) for each in (first, last))
                    at = f"{first.label('backbone', 'shots')} · {' to '.join(span)}"
                    names = (f"change of {point.head}" for point in (first, plain))
                    yield subtract(basis, "change", *names, at, blind, change[same_ends])


def _curves(basis):
    """Hold the end of learning curves against guessing, and the lowest mean test loss."""
    for point, curves in basis.curves.items():
        mean = curves["test_loss"].mean(axis=1)
        if not np.isfinite(mean).all():
            continue
        guessing = np.full(curves["test_loss"].shape[1], math.log(basis.classes))
        at, last = point.label(*FACTORS), f"epoch {len(mean)}"
        values = curves["test_loss"][-1], guessing
        yield subtract(basis, "test loss above guessing", last, "guessing", at, *values)
        ends = len(mean) - 1, int(mean.argmin())
        names = [f"epoch {end + 1}" for end in ends]
        for measure in ("test_loss", "test_accuracy", "train_loss"):
            if ends[0] != ends[1]:
                values = (curves[measure][end] for end in ends)
                question = f"{measure.replace('_', ' ')} from its lowest test loss"
                yield subtract(basis, question, *names, at, *values)


def _students(basis):
    """Take over what students gain: on themselves alone, and on the labels of their teacher."""
    for row in basis.students:
        if row.kind == "distilled":
            a = f"{row.name} at {name_factor('temperature', row.temperature)}"
            at = f"{row.backbone} · {row.layer} · {name_factor('shots', row.shots)} · {row.head}"
            labels = f"{row.teacher_shots} labels a class"
            for name, b in (("lift", "alone"), ("over_labelled", labels)):
                ends = (getattr(row, f"{name}_{part}") for part in ("mean", "low", "high"))
                numbers = [float(end or "nan") for end in ends]
                yield Contrast(basis.dataset, name, a, b, at, *numbers, int(row.repeats))


def _original(basis):
    """Hold each line against the original's of the same approach, which is of one draw.

    The variance of a single draw s^2 and of a mean of n, s^2 / n, make s^2 (1 + 1/n): n + 1 times
    that of the mean, so the interval of the difference is sqrt(n + 1) times as wide.
    """
    theirs = {
        (row.approach, row.training_images): row.accuracy
        for row in basis.comparison
        if row.source != THIS_STUDY and row.approach
    }
    for row in basis.comparison:
        key = row.approach, row.training_images
        if row.source == THIS_STUDY and row.dataset == row.role and key in theirs:
            mean = (row.accuracy - theirs[key]) / 100
            half = math.sqrt(row.repeats + 1) * (row.high - row.low) / 200
            names = row.method, f"original, {row.approach}"
            at = name_factor("shots", int(row.training_images))
            numbers = mean, mean - half, mean + half, int(row.repeats)
            yield Contrast(basis.dataset, "original", *names, at, *numbers)


QUESTIONS = (
    *(partial(_along, axis) for axis in ("shots", "layer", "temperature")),
    *(partial(_steps, axis) for axis in ("shots", "layer", "temperature")),
    *(_backbones, _heads, _controls, _approaches, _levels, _changes, _curves, _students, _original),
)


def all_contrasts(basis):
    """Answer all questions on a dataset.

    Parameters
    ----------
    basis : Basis

    Returns
    -------
    list of Contrast
    """
    return [contrast for question in QUESTIONS for contrast in question(basis)]
