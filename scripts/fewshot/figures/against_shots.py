"""Test accuracy against shots, the training images a class."""

from fewshot.figures.accuracy import (
    Axis,
    Line,
    best_point,
    draw_accuracy,
    say_drawn,
    scale_numbers,
)
from fewshot.figures.words import paragraphs, percent, told
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
    finding = f"Highest at {most} shots: {say_shots(study, best, *names)}."
    return paragraphs(say_drawn(figure, study, "shots"), finding)
