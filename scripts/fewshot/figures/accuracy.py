"""Test accuracy against shots, layer and temperature."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fewshot.errors import input_error
from fewshot.figures.style import (
    COLOURS,
    DASHES,
    GREY,
    MARKERS,
    draw_chance,
    draw_line,
    draw_title,
    limit_accuracy,
    styled,
)
from fewshot.point import FACTORS, SOFTENED, name_factor

MAX_LINES = 8  # in a panel; more are hard to follow
_MAX_COLUMNS = 3
_PANEL_WIDTH, _PANEL_HEIGHT = 4.3, 2.9  # inches
_LEAST_WIDTH = 6.0
_LEGEND_ROW = 0.18
_TITLE_HEIGHT = 0.9
_SHORT_LABEL = 20  # letters: two such labels stand side by side above a panel
_CLOSE_TICKS = 0.06  # of the axis: nearer labels would touch
_AXIS_LABELS = {
    "shots": "shots (training images a class)",
    "layer": "layer, in the order of the network",
    "temperature": "T (temperature of the class probabilities)",
}


def line_label(row, factors):
    """Name a line by some factors of a grid point.

    Parameters
    ----------
    row : mapping
        Of the grid point.
    factors : iterable of str
        From `FACTORS`.

    Returns
    -------
    str

    Examples
    --------
    >>> line_label({"layer": "fc2", "temperature": 2.0, "shots": 8}, ["layer", "temperature", "shots"])
    'fc2 · T 2 · 8-shot'
    """
    return " · ".join(name_factor(factor, row[factor]) for factor in factors)


def _whole_lines(table, x):
    """Keep the lines that have more than one value of `x`."""
    others = [factor for factor in FACTORS if factor != x]
    lines = table[table.groupby(others)[x].transform("nunique") > 1]
    if lines.empty:
        raise input_error(
            f"A figure against {x} needs a line with more than one value of {x}",
            ", ".join(name_factor(x, value) for value in table[x].unique()),
            f"give the experiment another value of {x} or leave the figure out",
        )
    return lines


def _split(lines, x):
    """Say which factors make a panel each, and which tell the lines of a panel apart.

    Panels are split, backbone first, until none has more than `MAX_LINES` lines. Backbones whose
    layers differ share no layer axis, so each gets its own panel.
    """
    line_factors = [f for f in FACTORS if f != x and lines[f].nunique() > 1]
    panel_factors = []
    layers = lines.groupby("backbone")["layer"].agg(frozenset)
    if x == "layer" and layers.nunique() > 1:
        panel_factors.append(line_factors.pop(0))
    while line_factors and _most_lines(lines, panel_factors, line_factors) > MAX_LINES:
        panel_factors.append(line_factors.pop(0))
    return panel_factors, line_factors


def _most_lines(lines, panel_factors, line_factors):
    distinct = lines.drop_duplicates(panel_factors + line_factors or "dataset")
    return max(len(panel) for panel in _groups(distinct, panel_factors))


def _groups(table, factors):
    """Split a table by the values of some factors, in the order in which they appear."""
    if not factors:
        return [table]
    return [rows for _, rows in table.groupby(factors, sort=False)]


def _spaced_labels(ticks):
    """Label the ticks of a log axis, but none that would touch the label before it."""
    places = np.log(ticks) / np.log(ticks[-1] / ticks[0])
    labels, last = [], -np.inf
    for tick, place in zip(ticks, places, strict=True):
        clear = place - last >= _CLOSE_TICKS
        labels.append(f"{tick:g}" if clear else "")
        last = place if clear else last
    return labels


def _scale_x(axes, panel, x):
    """Set scale and ticks of the x axis and return the place of each row on it."""
    axes.minorticks_off()
    if x == "layer":
        places, layers = pd.factorize(panel["layer"])
        axes.set_xticks(range(len(layers)), layers, rotation=35, ha="right", rotation_mode="anchor")
        return places
    ticks = np.sort(panel[x].unique())
    axes.set_xscale("log", base=2)
    axes.set_xticks(ticks, _spaced_labels(ticks))
    axes.minorticks_off()
    return panel[x].to_numpy()


def _draw_lines(axes, panel, x, line_factors):
    """Draw the lines of a panel: each colour has its marker, each head its dash."""
    panel = panel.assign(place=_scale_x(axes, panel, x))
    look_factors = [factor for factor in line_factors if factor != "head"]
    if not look_factors or x == "temperature":
        look_factors = line_factors
    looks, heads = {}, {}
    for line in _groups(panel, line_factors):
        first = line.iloc[0]
        look = looks.setdefault(tuple(first[look_factors]), len(looks))
        head = heads.setdefault(first["head"], len(heads))
        level = _is_level(first, x)
        percent = 100 * line[[f"test_accuracy_{part}" for part in ("mean", "low", "high")]]
        draw_line(
            axes,
            line["place"].to_numpy(),
            *percent.clip(0, 100).to_numpy().T,
            color=COLOURS[look % len(COLOURS)],
            marker="" if level else MARKERS[look % len(MARKERS)],
            # Hollow markers on a solid line: two heads whose lines coincide.
            markerfacecolor="white" if head else None,
            linestyle=DASHES[(look if level else head) % len(DASHES)],
            label=line_label(first, line_factors) or "test images",
        )


def _is_level(row, x):
    return x == "temperature" and row["layer"] != SOFTENED


def _draw_panel(axes, panel, *, x, panel_factors, line_factors):
    _draw_lines(axes, panel.sort_values("order", kind="stable"), x, line_factors)
    handles = axes.get_lines()
    short = max(len(line.get_label()) for line in handles) <= _SHORT_LABEL
    legend = axes.legend(
        handles=handles,
        title=line_label(panel.iloc[0], panel_factors),
        alignment="left",
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        ncols=2 if short else 1,
    )
    legend.get_title().set_fontweight("bold")
    axes.set_xlabel(_AXIS_LABELS[x])


def _make_grid(panels, most_lines):
    """Make a figure with an axes for each panel and room for its legend above it."""
    columns = min(_MAX_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    width = max(columns * _PANEL_WIDTH, _LEAST_WIDTH)
    height = rows * (_PANEL_HEIGHT + most_lines * _LEGEND_ROW) + _TITLE_HEIGHT
    figure = Figure(figsize=(width, height), layout="constrained")
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for axes in grid[:, 0]:
        axes.set_ylabel("test accuracy (%)")
    for axes in grid.flat[len(panels) :]:
        axes.remove()
    return figure, grid.flat[: len(panels)]


@styled()
def _accuracy_figure(lines, x, classes):
    """Draw test accuracy against `x`: a column "order" says how its values follow one another."""
    panel_factors, line_factors = _split(lines, x)
    panels = _groups(lines, panel_factors)
    figure, grid = _make_grid(panels, _most_lines(lines, panel_factors, line_factors))
    for axes, panel in zip(grid, panels, strict=True):
        _draw_panel(axes, panel, x=x, panel_factors=panel_factors, line_factors=line_factors)
        chance = draw_chance(axes, classes)
    tops = [*lines["test_accuracy_mean"], *lines["test_accuracy_high"], 1 / classes]
    limit_accuracy(grid[0], 100 * np.nanmax(tops))
    handles = [chance]
    if lines["test_accuracy_low"].notna().any():
        label = "95 % interval of the mean over repeats"
        handles.append(Patch(color=GREY, alpha=0.3, linewidth=0, label=label))
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    softened = (lines["layer"] == SOFTENED).any()  # other layers know no T
    said = [f for f in FACTORS if softened or f != "temperature"]
    shared = [f for f in said if f not in (x, *panel_factors, *line_factors)]
    first = lines.iloc[0]
    heading = f"{first['dataset']}: test accuracy against {x}"
    draw_title(figure, f"{heading}\n{line_label(first, shared)}".strip())
    return figure


def shots_figure(table, classes):
    """Draw test accuracy against shots: a line for each backbone, layer, T and head.

    Parameters
    ----------
    table : pandas.DataFrame
        From `fewshot.results.frames.means`, of one dataset.
    classes : int
        Gives the chance level.

    Returns
    -------
    matplotlib.figure.Figure
        Lines with one value of shots are left out. More than `MAX_LINES` lines are spread over
        panels of one backbone, then of one layer.

    Raises
    ------
    InputError
        If no line has more than one value of shots.
    """
    lines = _whole_lines(table.assign(order=table["shots"]), "shots")
    return _accuracy_figure(lines, "shots", classes)


def temperatures_figure(table, classes):
    """Draw test accuracy against T: a line for each backbone, layer, shots and head.

    Heads on other layers than the class probabilities know no T: their lines are level, over all
    values of T that are drawn.

    Parameters, result and errors are those of `shots_figure`, with T in the place of shots.
    """
    softened = table["layer"] == SOFTENED
    temperatures = table.loc[softened, "temperature"].unique()
    level = (
        table[~softened]
        .drop(columns="temperature")
        .merge(pd.DataFrame({"temperature": temperatures}), how="cross")
    )
    lines = pd.concat([table[softened], level], ignore_index=True)
    lines = _whole_lines(lines.assign(order=lines["temperature"]), "temperature")
    return _accuracy_figure(lines, "temperature", classes)


def layers_figure(table, layers, classes):
    """Draw test accuracy against layer: a line for each backbone, T, shots and head.

    Backbones with different layers get a panel each. Result and errors are those of
    `shots_figure`, with the layer in the place of shots.

    Parameters
    ----------
    table : pandas.DataFrame
        From `fewshot.results.frames.means`, of one dataset.
    layers : list of str
        All layers of the table, in the order of the network; those of several networks one after
        the other.
    classes : int
        Gives the chance level.
    """
    lines = _whole_lines(table.assign(order=table["layer"].map(layers.index)), "layer")
    return _accuracy_figure(lines, "layer", classes)
