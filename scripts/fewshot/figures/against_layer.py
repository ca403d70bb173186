"""Test accuracy against the layer that a head reads."""

from fewshot.figures.accuracy import (
    Axis,
    Line,
    best_point,
    draw_accuracy,
    say_drawn,
)
from fewshot.figures.words import paragraphs, percent, told
from fewshot.point import FACTORS
from fewshot.study.grid import lines_along

_LABEL = "layer, in the order of the network"


def draw(figure, study):
    """Draw test accuracy against layer: a line for each backbone, T, shots and head.

    Backbones with different layers get a panel each. Parameters and result are those of
    `fewshot.figures.against_shots.draw`.
    """

    def scale(axes, values):
        names = [study.layers[value] for value in values]
        look = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
        axes.minorticks_off()
        axes.set_xticks(range(len(names)), names, **look)
        return {value: place for place, value in enumerate(values)}

    lines = lines_along(figure.points, "layer", study.layers)
    drawn = [Line([study.layers.index(point.layer) for point in line], line) for line in lines]
    axis = Axis("layer", _LABEL, scale)
    return draw_accuracy(figure, study, drawn, axis), _tell(figure, study, lines)


def say_layers(study, line, *factors):
    """Say on which layer a line is highest, and what that gains over its ends.

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
    best = best_point(study, line)
    gains = "".join(_gains(study, line, best))
    where = f"{best.layer} of {len(line)} layers, {percent(study.summary[best], 'test_accuracy')}"
    return f"{best.label(*factors)} is highest on {where}{gains}"


def _gains(study, line, best):
    """Say what the best layer gains over the first, and what the last loses: what there is."""
    pairs = [(one, other) for one, other in ((best, line[0]), (line[-1], best)) if one != other]
    found = [study.contrast("layer", *pair) for pair in pairs]
    return [f"; {each.a} less {each.b} {told(each)}" for each in found]


def _tell(figure, study, lines):
    best = best_point(study, [point for line in lines for point in line])
    line = next(line for line in lines if best in line)
    *_, gain = _gains(study, line, best)
    highest = f"Highest: {best.label(*FACTORS)}, {percent(study.summary[best], 'test_accuracy')}"
    return paragraphs(say_drawn(figure, study, "layer"), f"{highest}{gain}.")
