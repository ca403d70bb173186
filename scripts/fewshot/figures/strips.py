"""Strips below a panel of accuracy: what its lines cost, over the same x axis."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from fewshot.figures.style import GREY
from fewshot.figures.vector import hover
from fewshot.point import FACTORS

_MAX_COLUMNS = 2
_PANEL_WIDTH, _PANEL_HEIGHT, _STRIP_HEIGHT = 4.9, 3.3, 1.15  # inches
_LEAST_WIDTH = 9.0
_LEGEND_ROW = 0.18
_TITLE_HEIGHT = 0.9
_WIDE = 20  # times as large as the smallest: from there on an axis is logarithmic
_SHARED = {"color": GREY, "linestyle": (0, (2, 2)), "linewidth": 1}
_ROOM = 1.15  # of the largest value


class Strip(NamedTuple):
    """A measure of the grid points of a figure.

    Attributes
    ----------
    label : str
        Of its axis.
    values : dict of Point to float
        NaN where one is not known.
    say : callable
        say(value) writes one.
    shared : dict of Point to float
        The part of a value that points have in common, drawn dashed; none by default.
    shared_label : str
        What that part is.
    """

    label: str
    values: dict
    say: Callable
    shared: dict = {}  # noqa: RUF012 (never changed)
    shared_label: str = ""


def make_panels(count, most_lines, labels):
    """Make a figure with axes for each panel, one below the other, and room for a legend above.

    Parameters
    ----------
    count : int
        Of panels.
    most_lines : int
        In a panel.
    labels : list of str
        Of the y axes of a panel: the panel's own, then those of its strips.

    Returns
    -------
    figure : matplotlib.figure.Figure
    grid : list of list of matplotlib.axes.Axes
        Of each panel one for each of `labels`. Those of one label share their y axis, those of a
        panel their x axis.
    """
    columns = min(_MAX_COLUMNS, count)
    rows, each = -(-count // columns), len(labels)
    heights = [_PANEL_HEIGHT + most_lines * _LEGEND_ROW, *[_STRIP_HEIGHT] * (each - 1)]
    width = max(columns * _PANEL_WIDTH, _LEAST_WIDTH)
    size = (width, rows * sum(heights) + _TITLE_HEIGHT)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows * each, columns, height_ratios=rows * heights, squeeze=False)
    stacks = [list(stack) for row in np.split(grid, rows) for stack in row.T]
    for place, stack in enumerate(stacks):
        for axes, first, label in zip(stack, stacks[0], labels, strict=True):
            if place:
                axes.sharey(first)
            if axes is not stack[-1]:
                axes.sharex(stack[-1])
                axes.tick_params(labelbottom=False)
            if place % columns == 0:
                axes.set_ylabel(label)
            else:
                axes.tick_params(labelleft=False)
            if place >= count:
                axes.remove()
    return figure, stacks[:count]


def draw_strip(axes, strip, lines, looks, places):
    """Draw a measure of the lines of a panel; in grey what several lines have alike.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    strip : Strip
    lines : list of fewshot.figures.accuracy.Line
    looks : list of dict
        Colour, marker and dash of each.
    places : dict
        Where each value of the x axis stands.
    """
    alike = {}
    for line, look in zip(lines, looks, strict=True):
        x = tuple(places[value] for value in line.values)
        y = tuple(strip.values[point] for point in line.points)
        shared = tuple(strip.shared.get(point, np.nan) for point in line.points)
        # NaN differs from itself, its text doesn't.
        alike.setdefault(str((x, y, shared)), []).append((x, y, shared, line, look))
    for group in alike.values():
        x, y, shared, line, look = group[0]
        axes.plot(x, y, **(look if len(group) == 1 else {"color": GREY, "marker": "."}))
        if np.isfinite(shared).any():
            axes.plot(x, shared, **_SHARED)
        names = [f"{point.label(*FACTORS)}: " * (len(group) == 1) for point in line.points]
        said = map(strip.say, y)
        hover(axes, x, y, [name + value for name, value in zip(names, said, strict=True)])


def limit_strip(axes, strip, points):
    """Let the axis of a strip have room for all values, from zero where they are of one size.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    strip : Strip
    points : iterable of Point
        Those drawn in all panels.
    """
    known = np.array([strip.values[point] for point in points], dtype=float)
    known = known[np.isfinite(known) & (known > 0)]
    if not len(known):
        axes.set_yticks([])
    elif known.max() > _WIDE * known.min():
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, _ROOM * known.max())
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))


def shared_handles(strips):
    """Make the legend's entries for what points have in common, where they have something."""
    return [
        Line2D([], [], **_SHARED, label=strip.shared_label)
        for strip in strips
        if np.isfinite([*strip.shared.values()]).any()
    ]
