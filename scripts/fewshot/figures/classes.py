"""How often the images of each class are named rightly."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fewshot.figures.style import COLOURS, GREY, MOST_NAMED, draw_title, styled
from fewshot.figures.vector import hover
from fewshot.figures.words import (
    chance,
    count_repeats,
    intervals,
    listed,
    paragraphs,
    percent_of,
    share,
    shortened,
)
from fewshot.point import FACTORS, KEYS, Point
from fewshot.results.tables import take_points

_ENDS = 20  # classes at each end that are named where not all are
_COLUMN = 22  # classes, below each other
_WIDTH, _ROW, _MARGIN = 10, 0.185, 1.5  # inches
_CURVE = 2.2
_LONGEST_NAME = 26  # letters
_COLOUR = COLOURS[0]


@styled()
def draw(figure, study):
    """Draw the accuracy of every class, the lowest first.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables

    Returns
    -------
    figure : matplotlib.figure.Figure
        All classes by name; of more than 40 the 20 lowest and the 20 highest, below a curve of all.
    caption : str
    """
    rows = [row for row in study.classes if row.dataset == figure.dataset]
    rows.sort(key=lambda row: (row.accuracy, row.class_name))
    point = Point(*rows[0][: len(KEYS)])
    summary = take_points(study.summary, [point])[point]
    levels = summary["test_accuracy_mean"], 1 / len(rows)
    if len(rows) > MOST_NAMED:
        drawn, panels = _make_long(rows, levels)
    else:
        drawn, panels = _make_short(rows)
    for axes, (title, own) in panels.items():
        _draw_bars(axes, own, levels)
        axes.set_title(title, loc="left")
    overall, guessed = next(iter(panels)).get_lines()[:2]
    overall.set_label(f"all test images: {100 * levels[0]:.1f} %")
    guessed.set_label(f"chance: {chance(len(rows))}")
    interval = Line2D([], [], color=_COLOUR, marker="o", label="a class, with its 95 % interval")
    drawn.legend(handles=[overall, guessed, interval], loc="outside lower center", ncols=3)
    draw_title(drawn, f"{figure.dataset}: accuracy of each class\n{point.label(*FACTORS)}")
    return drawn, _tell(rows, point, summary["repeats"])


def _make_short(rows):
    """Make a figure of all classes, in one column or two."""
    columns = 1 if len(rows) <= _COLUMN else 2
    height = -(-len(rows) // columns)
    drawn = Figure(figsize=(_WIDTH, height * _ROW + _MARGIN), layout="constrained")
    grid = drawn.subplots(1, columns, squeeze=False)[0]
    parts = [rows[start : start + height] for start in range(0, len(rows), height)]
    return drawn, {axes: ("", part) for axes, part in zip(grid, parts, strict=True)}


def _make_long(rows, levels):
    """Make a figure of both ends, and draw all classes as a curve above them."""
    drawn = Figure(figsize=(_WIDTH, _CURVE + _ENDS * _ROW + _MARGIN + 0.4), layout="constrained")
    drawn.get_layout_engine().set(h_pad=0.08)
    ratios = {"height_ratios": [_CURVE, _ENDS * _ROW + 0.5]}
    parts = drawn.subplot_mosaic([["all", "all"], ["low", "high"]], gridspec_kw=ratios)
    axes, places = parts["all"], np.arange(1, len(rows) + 1)
    mean, low, high = _percent(rows)
    axes.fill_between(places, low, high, color=_COLOUR, alpha=0.15, linewidth=0)
    axes.plot(places, mean, color=_COLOUR, marker=".", linewidth=1)
    _draw_levels(axes.axhline, levels)
    for place in (_ENDS + 0.5, len(rows) - _ENDS + 0.5):
        axes.axvline(place, color=GREY, linewidth=0.8)
    axes.set(xlim=(0, len(rows) + 1), ylim=(0, 101), ylabel="test accuracy (%)")
    axes.set_xlabel(f"all {len(rows)} classes, the lowest first; beyond the lines: those below")
    hover(axes, places, mean, map(_say, rows))
    low, high = (f"the {_ENDS} {end} classes" for end in ("lowest", "highest"))
    return drawn, {parts["low"]: (low, rows[:_ENDS]), parts["high"]: (high, rows[-_ENDS:])}


def _percent(rows):
    """Accuracies with the ends of their intervals: three arrays."""
    return 100 * np.clip([(row.accuracy, row.low, row.high) for row in rows], 0, 1).T


def _draw_levels(line, levels):
    for level, dashes in zip(levels, ("-", "--"), strict=True):
        line(100 * level, color=GREY, linestyle=dashes, linewidth=1.2, zorder=1.5)


def _draw_bars(axes, rows, levels):
    """Draw a bar for each class with its interval, the first on top."""
    places = np.arange(len(rows))
    mean, low, high = _percent(rows)
    _draw_levels(axes.axvline, levels)
    axes.barh(places, mean, height=0.72, color=_COLOUR, alpha=0.3, linewidth=0)
    axes.hlines(places, low, high, color=_COLOUR, linewidth=1.2)
    axes.scatter(mean, places, s=14, color=_COLOUR, zorder=3)
    names = [shortened(row.class_name, _LONGEST_NAME) for row in rows]
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.set(xlim=(0, 101), ylim=(len(rows) - 0.4, -0.6), xlabel="test accuracy (%)")
    hover(axes, [50] * len(rows), places, map(_say, rows), size=(100, 1))


def _say(row):
    """Say all of a class's row in a line."""
    accuracy = percent_of(row.accuracy, row.low, row.high)
    text = f"{row.class_name}: {accuracy} of {row.judged} judgements"
    other = f", {share(row.taken_share)} named {row.taken_for}" if row.taken_for else ""
    return f"{text} of {row.images} images{other}"


def _tell(rows, point, repeats):
    where = f"{point.label(*FACTORS)} on {point.dataset}, {count_repeats([repeats])}"
    opening = f"Accuracy of each class: {where}, {intervals([repeats])}."
    if rows[0].accuracy == 1:
        return paragraphs(opening, "No image of any class is named wrongly.")
    lowest = [
        f"{shortened(row.class_name, _LONGEST_NAME)} {share(row.accuracy)}"
        + (f" ({_taken(row)})" if row.taken_for else "")
        for row in rows[:2]
    ]
    return paragraphs(opening, f"Lowest: {listed(lowest)}.")


def _taken(row):
    return f"{share(row.taken_share)} named {shortened(row.taken_for, _LONGEST_NAME)}"
