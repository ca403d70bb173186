"""Test accuracy against T, the temperature of the backbone's class probabilities."""

from fewshot.figures.accuracy import (
    Axis,
    Line,
    best_point,
    draw_accuracy,
    say_drawn,
    scale_numbers,
)
from fewshot.figures.words import paragraphs, told
from fewshot.point import SOFTENED, name_factor
from fewshot.study.grid import lines_along

_AXIS = Axis("temperature", "T (temperature of the class probabilities)", scale_numbers)
_LEVELS = " Level lines know no T."
_ORIGINAL = " The original is highest at T 2."
_NOT_T = "the fall comes from the fixed rate, not from T"
_PLACE = ("backbone", "shots")


def draw(figure, study):
    """Draw test accuracy against T: a line for each backbone, layer, shots and head.

    Heads on other layers than the class probabilities know no T: their lines are level, over all
    values of T that are drawn. Parameters and result are those of
    `fewshot.figures.against_shots.draw`.
    """
    lines = lines_along(figure.points, "temperature", study.layers)
    levels = [point for point in figure.points if point.layer != SOFTENED]
    drawn = [Line([float(point.temperature) for point in line], line) for line in lines]
    values = sorted({value for line in drawn for value in line.values})
    drawn += [Line(values, [point] * len(values)) for point in levels if lines]
    picture = draw_accuracy(figure, study, drawn, _AXIS)
    return picture, _tell(figure, study, lines, _LEVELS if levels else "")


def say_temperatures(study, line):
    """Say what a line changes by from the smallest to the largest T, and where it is highest.

    Parameters
    ----------
    study : fewshot.results.study_tables.StudyTables
    line : list of Point

    Returns
    -------
    str
    """
    change = study.contrast("temperature", line[-1], line[0])
    best = best_point(study, line)
    return f"{told(change)} from {change.b} to {change.a}, highest at T {best.temperature}"


def _tell(figure, study, lines, levels):
    best = best_point(study, [point for line in lines for point in line])
    alike = [line for line in lines if line[0].label(*_PLACE) == best.label(*_PLACE)]
    original = _ORIGINAL if study.roles[figure.dataset] else ""
    opening = f"{say_drawn(figure, study, 'T')}{levels}"
    return paragraphs(opening, f"{_tell_place(study, alike)}{original}")


def _tell_place(study, lines):
    """Say what T changes for the heads of one backbone and number of shots, and why."""
    place = lines[0][0].label(*_PLACE)
    first, last = (name_factor("temperature", lines[0][end].temperature) for end in (0, -1))
    ends = [(line[0].head, study.contrast("temperature", line[-1], line[0])) for line in lines]
    said = ", ".join(f"{head} {told(change)}" for head, change in ends)
    changes = study.answers(lines[0][0].dataset, "change")
    found = [each for each in changes if each.at.startswith(f"{place} · ")]
    verdicts = [f": {_judge_fall(study, lines, change)}" for change in found[:1]]
    return f"{place}, from {first} to {last}: {said}{''.join(verdicts)}."


def _judge_fall(study, lines, change):
    """Say whether a fall at the fixed rate is there for the head that is blind to scale, too."""
    by_head = {f"change of {line[0].head}": (line[-1], line[0]) for line in lines}
    of_blind, of_fixed = (
        study.contrast("temperature", *by_head[side]) for side in (change.a, change.b)
    )
    if of_fixed.sign >= 0:
        return "no fall at the fixed rate can be told"
    if of_blind.sign < 0:
        return "accuracy falls also where inputs are brought to one scale"
    return _NOT_T if change.sign > 0 else "the two changes can't be told apart"
