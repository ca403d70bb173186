"""How often heads are right where they say that they are so sure."""

import numpy as np
from matplotlib.figure import Figure

from fewshot.figures.style import (
    COLOURS,
    DASHES,
    GREY,
    MARKERS,
    draw_line,
    draw_title,
    interval_patch,
    styled,
)
from fewshot.figures.vector import hover
from fewshot.figures.words import paragraphs, percent_of, shortened
from fewshot.results.tables import take_points

_MAX_COLUMNS = 4
_PANEL = 2.4  # inches
_MARGIN = 1.3
_LEAST_WIDTH = 7.0
_LONGEST_HEAD = 12  # letters
_ERROR_STEP = 0.075  # of the panel, between errors that stand below each other


@styled()
def draw(figure, study):
    """Draw accuracy against confidence, a panel for each backbone and number of shots.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables

    Returns
    -------
    figure : matplotlib.figure.Figure
    caption : str
    """
    rows = take_points(study.summary, figure.points)
    bins = study.of(figure.dataset, "calibration")
    panels = {}
    for point in sorted(figure.points, key=lambda point: (point.backbone, point.shots)):
        title = f"{point.label('backbone', 'layer')}\n{point.label('shots')}"
        panels.setdefault(title, []).append(point)
    heads = list(dict.fromkeys(point.head for point in figure.points))
    drawn, grid = _make_grid(len(panels))
    for axes, (title, points) in zip(grid, panels.items(), strict=True):
        level = axes.axline(
            (0, 0),
            slope=1,
            color=GREY,
            linestyle="--",
            linewidth=1.2,
            label="right as often as said",
        )
        for place, point in enumerate(points):
            look = _draw_head(axes, bins, point, heads.index(point.head))
            axes.text(
                *(0.97, 0.03 + _ERROR_STEP * (len(points) - 1 - place)),
                f"{shortened(point.head, _LONGEST_HEAD)}: ECE {100 * rows[point]['ece']:.1f} %",
                **{"color": look, "ha": "right", "fontsize": 7, "transform": axes.transAxes},
            )
        axes.set_title(title)
    handles = {line.get_label(): line for axes in grid for line in axes.get_lines()}
    del handles[level.get_label()]
    handles = [handles[head] for head in heads]
    drawn.legend(
        handles=[*handles, level, *interval_patch(bins["low"])],
        loc="outside lower center",
        ncols=2,
    )
    draw_title(drawn, f"{figure.dataset}: reliability of calibrated probabilities")
    return drawn, _tell(figure, rows)


def _make_grid(panels):
    columns = min(_MAX_COLUMNS, panels)
    rows = -(-panels // columns)
    size = max(columns * _PANEL + 0.4, _LEAST_WIDTH), rows * _PANEL + _MARGIN
    figure = Figure(figsize=size, layout="constrained")
    figure.get_layout_engine().set(h_pad=0.1)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[panels:]:
        axes.remove()
    kept = grid.flat[:panels]
    for place, axes in enumerate(kept):
        axes.set(xlim=(-2, 102), ylim=(-2, 102), aspect="equal")
        axes.set_xticks(range(0, 101, 25))
        axes.set_yticks(range(0, 101, 25))
        if place % columns == 0:
            axes.set_ylabel("test accuracy (%)")
        if place + columns >= panels:
            axes.set_xlabel("confidence (%)")
            axes.tick_params(labelbottom=True)
    return figure, kept


def _draw_head(axes, bins, point, number):
    """Draw a head, and give its colour."""
    is_own = [bins[key] == value for key, value in point._asdict().items()]
    own = bins[np.logical_and.reduce(is_own)]
    parts = (100 * own[name] for name in ("confidence", "accuracy", "low", "high"))
    colour = COLOURS[number % len(COLOURS)]
    texts = [
        f"{point.head}: {percent_of(row.confidence)} sure, right in "
        f"{percent_of(row.accuracy, row.low, row.high)} of {row.predictions}"
        for row in own.itertuples()
    ]
    hover(axes, 100 * own["confidence"], 100 * own["accuracy"], texts)
    draw_line(
        axes,
        *parts,
        color=colour,
        marker=MARKERS[number % len(MARKERS)],
        linestyle=DASHES[number // len(COLOURS) % len(DASHES)],
        label=point.head,
    )
    return colour


def _tell(figure, rows):
    opening = (
        f"How often heads are right on {figure.dataset} where they are so sure, in ten groups of as "
        "many test images. Below the dashed line heads are too sure."
    )
    best, worst = (choose(rows, key=lambda point: rows[point]["ece"]) for choose in (min, max))
    errors = [
        f"{100 * rows[point]['ece']:.1f} % ({point.label('backbone', 'shots', 'head')})"
        for point in dict.fromkeys((best, worst))
    ]
    return paragraphs(opening, f"The expected calibration error (ECE) is {' to '.join(errors)}.")
