"""Test accuracy against shots, layer, depth or temperature: what these figures share."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fewshot.errors import input_error
from fewshot.figures.strips import draw_strip, limit_strip, make_panels, shared_handles
from fewshot.figures.style import (
    COLOURS,
    DASHES,
    MARKERS,
    draw_chance,
    draw_line,
    draw_title,
    interval_patch,
    limit_accuracy,
    scale_doubling,
    styled,
)
from fewshot.figures.vector import hover
from fewshot.figures.words import count_repeats, intervals, percent
from fewshot.point import FACTORS, Point
from fewshot.results.tables import TEST_ACCURACY, take_points

MAX_LINES = 8  # in a panel; more are hard to follow
_SHORT_LABEL = 20  # letters: two such labels stand side by side above a panel
_OF_NETWORKS = ("layer", "block")  # axes on which networks can differ
_CLOSE_TICKS = 0.06  # of the axis: nearer labels would touch


class Line(NamedTuple):
    """A line to draw.

    Attributes
    ----------
    values : list
        On the x axis, in its order.
    points : list of Point
        At each of `values`: one and the same where the line is level.
    name : Point, optional
        Whose factors name it; its first point by default.
    """

    values: list
    points: list
    name: Point | None = None

    def factors(self, names):
        """Values of some factors that its points share."""
        return tuple(getattr(self.name or self.points[0], name) for name in names)

    def label(self, names):
        """Name it by some factors."""
        return (self.name or self.points[0]).label(*names)

    @property
    def is_level(self):
        """Whether it knows nothing of the x axis."""
        return len({*self.points}) == 1


class Axis(NamedTuple):
    """The x axis of a figure.

    Attributes
    ----------
    factor : {"shots", "layer", "block", "temperature"}
    label : str
    scale : callable
        scale(axes, values) sets scale and ticks, and returns the place of each value.
    """

    factor: str
    label: str
    scale: callable


def scale_numbers(axes, values):
    """Let an axis double from step to step: see `Axis`."""
    scale_doubling(axes, values, _spaced_labels(values))
    return dict(zip(values, values, strict=True))


def _spaced_labels(ticks):
    """Label the ticks of a log axis, but none that would touch the label before it."""
    places = np.log(ticks) / np.log(ticks[-1] / ticks[0])
    labels, last = [], -np.inf
    for tick, place in zip(ticks, places, strict=True):
        clear = place - last >= _CLOSE_TICKS
        labels.append(f"{tick:g}" if clear else "")
        last = place if clear else last
    return labels


def _split(lines, axis):
    """Say which factors make a panel each, and which tell the lines of a panel apart.

    Panels are split, backbone first, until none has more than `MAX_LINES` lines or one factor alone
    tells its lines apart. Backbones whose layers or blocks differ share no axis of these, so each
    gets its own panel.
    """
    others = [factor for factor in FACTORS if factor != axis]
    told_apart = [name for name in others if len({line.factors([name]) for line in lines}) > 1]
    panel_factors = []
    if axis in _OF_NETWORKS:
        layers = {}
        for line in lines:
            layers.setdefault(line.points[0].backbone, set()).update(line.values)
        if len({*map(frozenset, layers.values())}) > 1:
            panel_factors.append(told_apart.pop(0))
    while len(told_apart) > 1 and _most_lines(lines, panel_factors) > MAX_LINES:
        panel_factors.append(told_apart.pop(0))
    return panel_factors, told_apart


def _most_lines(lines, panel_factors):
    places = [line.factors(panel_factors) for line in lines]
    return max(map(places.count, places))


def _panels(lines, points, panel_factors):
    """Group lines by panel, in the order in which their points are listed, or else their names.

    Where they are too many for one panel all the same, they are dealt to as few as will do.
    """
    names = [line.name for line in lines if line.name] or points
    panels = {Line([], [name]).factors(panel_factors): [] for name in names}
    for line in lines:
        panels[line.factors(panel_factors)].append(line)
    parted = []
    for panel in filter(None, panels.values()):
        ends = np.linspace(0, len(panel), -(-len(panel) // MAX_LINES) + 1).astype(int)
        parted += [panel[start:end] for start, end in pairwise(ends)]
    return parted


def _draw_lines(axes, panel, rows, axis, line_factors):
    """Draw the lines of a panel: each colour has its marker, each head its dash.

    Returns
    -------
    places : dict
        Where each value of the x axis stands.
    looks : list of dict
        Of each line.
    """
    places = axis.scale(axes, sorted({value for line in panel for value in line.values}))
    look_factors = [factor for factor in line_factors if factor != "head"]
    if not look_factors or axis.factor == "temperature":
        look_factors = line_factors
    looks, heads, given = {}, {}, []
    for line in panel:
        look = looks.setdefault(line.factors(look_factors), len(looks))
        head = heads.setdefault(line.points[0].head, len(heads))
        parts = [[100 * rows[point][part] for part in TEST_ACCURACY] for point in line.points]
        x = [places[value] for value in line.values]
        hover(axes, x, [mean for mean, *_ in parts], [_say(rows, point) for point in line.points])
        given.append(
            {
                "color": COLOURS[look % len(COLOURS)],
                "marker": "" if line.is_level else MARKERS[look % len(MARKERS)],
                # Hollow markers on a solid line: two heads whose lines coincide.
                "markerfacecolor": "white" if head else None,
                "linestyle": DASHES[(look if line.is_level else head) % len(DASHES)],
            }
        )
        label = line.label(line_factors) or "test images"
        draw_line(axes, x, *np.clip(parts, 0, 100).T, label=label, **given[-1])
    return places, given


def _say(rows, point):
    return f"{point.label(*FACTORS)}: {percent(rows[point], 'test_accuracy')}"


def _draw_legend(axes, title):
    handles = axes.get_lines()
    short = max(len(line.get_label()) for line in handles) <= _SHORT_LABEL
    legend = axes.legend(
        handles=handles,
        title=title,
        alignment="left",
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        ncols=2 if short else 1,
    )
    legend.get_title().set_fontweight("bold")


@styled()
def draw_accuracy(figure, study, lines, axis, strips=()):
    """Draw test accuracy over an axis.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables
    lines : list of Line
        More than `MAX_LINES` are spread over panels of one backbone, then of one layer.
    axis : Axis
    strips : sequence of fewshot.figures.strips.Strip
        What stands below it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no line, or one of its points has no result.
    """
    if not lines:
        raise input_error(
            f"A figure against {axis.factor} needs a line with more than one value of it",
            ", ".join(point.label(*FACTORS) for point in figure.points),
            f"give the experiment another value of {axis.factor} or leave the figure out",
        )
    rows = take_points(study.summary, figure.points)
    panel_factors, line_factors = _split(lines, axis.factor)
    panels = _panels(lines, figure.points, panel_factors)
    labels = ["test accuracy (%)", *(strip.label for strip in strips)]
    drawn, grid = make_panels(len(panels), max(map(len, panels)), labels)
    classes = study.tasks[figure.dataset].classes
    for (axes, *below), panel in zip(grid, panels, strict=True):
        places, looks = _draw_lines(axes, panel, rows, axis, line_factors)
        _draw_legend(axes, panel[0].label(panel_factors))
        level = draw_chance(axes, classes)
        for each, strip in zip(below, strips, strict=True):
            draw_strip(each, strip, panel, looks, places)
        (axes, *below)[-1].set_xlabel(axis.label)
    means, lows, highs = zip(
        *([rows[point][part] for part in TEST_ACCURACY] for line in lines for point in line.points),
        strict=True,
    )
    for axes, strip in zip(grid[0][1:], strips, strict=True):
        limit_strip(axes, strip, figure.points)
    limit_accuracy(grid[0][0], 100 * np.nanmax([*means, *highs, 1 / classes]))
    handles = [level, *interval_patch(lows), *shared_handles(strips)]
    drawn.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    shared = [each for each in FACTORS if each not in (axis.factor, *panel_factors, *line_factors)]
    heading = f"{figure.dataset}: test accuracy against {axis.factor}"
    draw_title(drawn, f"{heading}\n{lines[0].label(shared)}".strip())
    return drawn


def say_drawn(figure, study, axis):
    """Say what is drawn, and over how many repeats.

    Parameters
    ----------
    figure, study
        See `draw_accuracy`.
    axis : str
        As a reader calls it.

    Returns
    -------
    str
    """
    repeats = [study.summary[point]["repeats"] for point in figure.points]
    return (
        f"Test accuracy against {axis} on {figure.dataset}: means over {count_repeats(repeats)}, "
        f"{intervals(repeats)}."
    )


def best_point(study, points):
    """Find the grid point with the highest mean test accuracy, the first of equals."""
    return max(points, key=lambda point: study.summary[point]["test_accuracy_mean"])
