"""The differences that captions and the page speak of.

A question is one entry of `QUESTIONS`: a function that yields contrasts of one dataset.
"""

import itertools
import math
from functools import partial

import numpy as np

from fewshot.point import FACTORS, SOFTENED, name_factor
from fewshot.results.comparison import THIS_STUDY
from fewshot.results.contrasts import Contrast, compare, name_sides, subtract
from fewshot.results.statistics import CONFIDENCE, holm
from fewshot.study.solvers import END_TO_END, SOLVERS
from fewshot.study.sweeps import DEPTH, sweeps


def _of_points(basis, question, one, other):
    """Contrast two points that differ in one factor."""
    return compare(basis, question, *name_sides(one, other), (1, one), (-1, other))


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


def _depth(basis):
    """Contrast every block of a sweep with the last: whichever is best is one of as many."""
    for *others, last in sweeps(basis.groups.get(DEPTH, ())).values():
        for other in others:
            yield _of_points(basis, DEPTH, other, last)


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
            yield compare(basis, "backbone", *names, (1, first), (-1, other))


def _heads(basis):
    """Hold heads with a penalty against the first that descends in epochs on the same inputs."""
    for point in basis.right:
        if SOLVERS[basis.solvers[point.head]].penalised:
            for plain in basis.cached_heads(point)[:1]:
                yield _of_points(basis, "head", point, plain)


def _approaches(basis):
    """Hold heads trained end to end against cached ones: after all, and after the same epochs."""
    for end in basis.right:
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
        for point in basis.right:
            other = point._replace(backbone=control)
            if point.backbone == backbone and other in basis.right:
                yield _of_points(basis, "control", point, other)


def _levels(basis):
    """Hold heads that are blind to scale, at the largest T, against themselves on other layers."""
    ends = [line[-1] for line in basis.lines("temperature")]
    for last in (end for end in ends if SOLVERS[basis.solvers[end.head]].centred):
        for other in basis.groups["temperature"]:
            same = last._replace(layer=other.layer, temperature=other.temperature)
            if other == same and other.layer != SOFTENED:
                names = last.label("layer", "temperature"), other.layer
                at = last.label("backbone", "shots", "head")
                yield compare(basis, "level", *names, at, (1, last), (-1, other))


def _changes(basis):
    """Hold what T changes for heads blind to scale against what it changes at a fixed rate."""
    ends = [(line[0], line[-1]) for line in basis.lines("temperature")]
    for first, last in ends:
        if SOLVERS[basis.solvers[first.head]].centred:
            for plain in basis.cached_heads(first)[:1]:
                plain_last = last._replace(head=plain.head)
                if (plain, plain_last) in ends:
                    span = (name_factor("temperature", each.temperature) for each in (first, last))
                    at = f"{first.label('backbone', 'shots')} · {' to '.join(span)}"
                    names = (f"change of {point.head}" for point in (first, plain))
                    terms = (1, last), (-1, first), (-1, plain_last), (1, plain)
                    yield compare(basis, "change", *names, at, *terms)


def _curves(basis):
    """Hold the end of learning curves against guessing, and the lowest mean test loss."""
    for point, curves in basis.curves.items():
        mean = curves["test_loss"].mean(axis=1)
        if not np.isfinite(mean).all():
            continue
        guessing = np.full(curves["test_loss"].shape[1], math.log(basis.draws.classes))
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
                ends = (getattr(row, f"{name}_{part}") for part in ("mean", "low", "high", "p"))
                numbers = [float(end or "nan") for end in ends]
                yield Contrast(basis.dataset, name, a, b, at, *numbers, math.nan, int(row.repeats))


def _original(basis):
    """Hold each line against the original's of the same approach, which is of one draw.

    A single draw, with test images of its own, has the variance s^2 between repeats; a difference
    has that and the variance of the mean, so its half width is the root of the sum of squares.
    """
    from scipy.special import stdtr, stdtrit

    theirs = {
        (row.approach, row.training_images): row.accuracy
        for row in basis.comparison
        if row.source != THIS_STUDY and row.approach
    }
    for row in basis.comparison:
        key = row.approach, row.training_images
        if row.source == THIS_STUDY and row.dataset == row.role and key in theirs:
            mean, freedom = (row.accuracy - theirs[key]) / 100, row.repeats - 1
            quantile = stdtrit(freedom, (1 + CONFIDENCE) / 2)
            half = math.hypot((row.high - row.low) / 2, quantile * row.std) / 100
            p = 2 * float(stdtr(freedom, -abs(mean) * quantile / half)) if half else math.nan
            names = row.method, f"original, {row.approach}"
            at = name_factor("shots", int(row.training_images))
            numbers = mean, mean - half, mean + half, p, math.nan, int(row.repeats)
            yield Contrast(basis.dataset, "original", *names, at, *numbers)


QUESTIONS = (
    *(partial(_along, axis) for axis in ("shots", "layer", "temperature")),
    *(partial(_steps, axis) for axis in ("shots", "layer", "temperature")),
    *(
        _depth,
        _backbones,
        _heads,
        _controls,
        _approaches,
        _levels,
        _changes,
        _curves,
        _students,
        _original,
    ),
)


def all_contrasts(basis):
    """Answer all questions on a dataset, the answers to one corrected for their number.

    Parameters
    ----------
    basis : Basis

    Returns
    -------
    list of Contrast
    """
    contrasts = [contrast for question in QUESTIONS for contrast in question(basis)]
    families = {}
    for place, contrast in enumerate(contrasts):
        families.setdefault(contrast.question, []).append(place)
    for places in families.values():
        adjusted = holm([contrasts[place].p for place in places]).tolist()
        for place, p in zip(places, adjusted, strict=True):
            contrasts[place] = contrasts[place]._replace(p_holm=p)
    return contrasts
