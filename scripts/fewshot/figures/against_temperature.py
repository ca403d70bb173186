"""Test accuracy against T, the temperature of the backbone's class probabilities."""

from fewshot.figures.accuracy import (
    Axis,
    Line,
    best_point,
    draw_accuracy,
    say_drawn,
    scale_numbers,
)
from fewshot.figures.words import listed, paragraphs, told
from fewshot.point import SOFTENED
from fewshot.study.grid import lines_along
from fewshot.study.solvers import SOLVERS

_AXIS = Axis("temperature", "T (temperature of the class probabilities)", scale_numbers)
_INPUTS = "Inputs of the heads are softmax(z / T), z the backbone's logits"
_LEVELS = (
    "; level lines are heads on layers that know no T. As T grows, these inputs tend to the centred "
    "logits, at a scale that shrinks as 1 / T"
)
_ORIGINAL = "The original found accuracy best at T 2 and falling steadily after it."
_NOT_T = (
    "the fall comes from a fixed rate and number of epochs on inputs that shrink, not from T "
    "itself: with inputs brought to one scale the draws tell no fall"
)


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
    caption = _tell(figure, study, lines, _LEVELS if levels else "")
    return draw_accuracy(figure, study, drawn, _AXIS), caption


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
    places = {}
    for line in lines:
        places.setdefault(line[0].label("backbone", "shots"), []).append(line)
    said = [_ORIGINAL] if study.roles[figure.dataset] else []
    said += [f"{place}: {_tell_place(study, each)}" for place, each in places.items()]
    opening = f"{say_drawn(figure, study, 'T')} {_INPUTS}{levels}."
    gaps = [_tell_level(study, line[-1]) for line in lines]
    return paragraphs(opening, "\n".join(said), "\n".join(filter(None, gaps)))


def _tell_place(study, lines):
    """Say what T changes for the heads of one backbone and number of shots, and why."""
    said = [f"{_name_recipe(study, line)}: {say_temperatures(study, line)}" for line in lines]
    place = f"{lines[0][0].label('backbone', 'shots')} · "
    changes = study.answers(lines[0][0].dataset, "change")
    verdicts = [
        f" So {_judge_fall(study, lines, change)}."
        for change in changes
        if change.at.startswith(place)
    ]
    return f"{'; '.join(said)}.{''.join(verdicts[:1])}"


def _name_recipe(study, line):
    head = line[0].head
    centred = SOLVERS[study.solvers[head]].centred
    return f"{head} ({'inputs of one scale' if centred else 'fixed rate'})"


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


def _tell_level(study, last):
    """Hold a head that is blind to scale, at the largest T, against itself on other layers."""
    at = last.label("backbone", "shots", "head")
    gaps = [each for each in study.answers(last.dataset, "level") if each.at == at]
    said = [f"on {each.b} {told(each)}" for each in gaps]
    return f"{at} on {gaps[0].a} less itself {listed(said)}." if said else ""
