"""Test accuracy against shots, the training images a class."""

from fewshot.figures.accuracy import (
    Axis,
    Line,
    best_point,
    draw_accuracy,
    head_contrasts,
    say_drawn,
    scale_numbers,
)
from fewshot.figures.words import ONE_REPEAT, listed, paragraphs, percent, points, told
from fewshot.point import FACTORS
from fewshot.study.grid import lines_along

_AXIS = Axis("shots", "shots (training images a class)", scale_numbers)


def draw(figure, study):
    """Draw test accuracy against shots: a line for each backbone, layer, T and head.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables

    Returns
    -------
    figure : matplotlib.figure.Figure
    caption : str
    """
    lines = lines_along(figure.points, "shots", study.layers)
    drawn = [Line([point.shots for point in line], line) for line in lines]
    return draw_accuracy(figure, study, drawn, _AXIS), _tell(figure, study, lines)


def say_shots(study, line, *factors):
    """Say what a line reaches at its most shots, and what it gains from its fewest.

    Parameters
    ----------
    study : fewshot.results.study_tables.StudyTables
    line : list of Point
    *factors : str
        What to name it by.

    Returns
    -------
    str
    """
    first, last = line[0], line[-1]
    said = f"{last.label(*factors)}, {percent(study.summary[last], 'test_accuracy')}"
    gain = study.contrast("shots", last, first)
    if gain is None:
        return said
    return f"{said}; from {first.shots} to {last.shots} shots it changes by {told(gain)}"


def _tell(figure, study, lines):
    most = max(line[-1].shots for line in lines)
    ends = {line[-1]: line for line in lines if line[-1].shots == most}
    best = ends[best_point(study, ends)]
    names = [factor for factor in FACTORS if factor != "shots"]
    others = [
        f"{each.a} less {each.b}, the best of its backbone: {told(each)}."
        for each in study.answers(figure.dataset, "backbone")
    ]
    findings = [f"Highest at {most} shots: {say_shots(study, best, *names)}.", *others]
    said = (" ".join(findings), _tell_heads(figure, study), _tell_spread(figure, study))
    return paragraphs(say_drawn(figure, study, "shots"), *said)


def _tell_heads(figure, study):
    """Give the smallest and the largest gain of a penalised head over a plain one."""
    gains = sorted(head_contrasts(study, figure.points), key=lambda each: each.mean)
    ends = dict.fromkeys([*gains[:1], *gains[-1:]])
    said = [f"{each.a} less {each.b} on {each.at} {points(each)}" for each in ends]
    least = ", from least to most" * (len(said) > 1)
    return f"What a penalty and inputs of one scale gain{least}: {listed(said)}." if said else ""


def _tell_spread(figure, study):
    """Say how far a single draw lies from the mean, which an accuracy without interval hides."""
    rows = [study.summary[point] for point in figure.points]
    if max(row["repeats"] for row in rows) == 1:
        return ONE_REPEAT
    spread = [row["test_accuracy_std"] for row in rows if row["repeats"] > 1]
    original = " Each number of the original is of one draw." if study.roles[figure.dataset] else ""
    return (
        f"A single draw scatters about these means by {100 * min(spread):.1f} to "
        f"{100 * max(spread):.1f} points (standard deviation between repeats).{original}"
    )
