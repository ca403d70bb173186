"""Learning curves: loss and accuracy against epoch."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

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
from fewshot.results.tables import mean_interval, point_key

_SIZE = (9.0, 3.7)  # inches
# Fixed margins: to let matplotlib find them would take longer than the drawing.
_MARGINS = {"left": 0.07, "right": 0.985, "top": 0.87, "bottom": 0.23, "wspace": 0.17}
_MARKED_EPOCHS = 10
_TOGETHER_SIZE = (9.0, 6.6)
_TOGETHER_MARGINS = {"left": 0.07, "right": 0.985, "top": 0.9, "hspace": 0.3, "wspace": 0.17}
_LEGEND_WIDTH = 130  # letters of labels in a row
_PANELS = [(measure, part) for measure in ("accuracy", "loss") for part in ("train", "test")]


def curve_name(point):
    """Name the files of a grid point's curves, without their ending.

    Parameters
    ----------
    point : dict

    Returns
    -------
    str

    Examples
    --------
    >>> curve_name({"dataset": "birds", "backbone": "vgg16", "layer": "fc2",
    ...             "temperature": "1", "shots": 8, "head": "sgd"})
    'vgg16__fc2__T1__8-shot__sgd'
    """
    _, backbone, layer, temperature, shots, head = point_key(point)
    return f"{backbone}__{layer}__T{temperature}__{shots}-shot__{head}"


def curve_title(point, without=None):
    """Say which grid point the curves are of.

    Parameters
    ----------
    point : dict
    without : {"layer", "temperature"}, optional
        Left out, because the curves differ in it.

    Returns
    -------
    str
    """
    dataset, backbone, layer, temperature, shots, head = point_key(point)
    parts = {
        "backbone": backbone,
        "layer": layer,
        "temperature": f"T {temperature}",
        "shots": f"{shots}-shot",
        "head": head,
    }
    hidden = {without} if layer == "predictions" else {without, "temperature"}  # no T elsewhere
    return f"{dataset}: {' · '.join(parts[key] for key in parts if key not in hidden)}"


def _draw_measure(axes, wide, measure, scale):
    """Draw the curves of training and test images and return their highest means and bands."""
    epochs = wide.index.to_numpy()
    tops = []
    for number, part in enumerate(("train", "test")):
        values = scale * wide[f"{part}_{measure}"].to_numpy()  # (epochs, repeats)
        mean, _, low, high = mean_interval(values)
        low, high = np.maximum(low, 0), np.minimum(high, 100 if measure == "accuracy" else np.inf)
        draw_line(
            axes,
            epochs,
            mean,
            low,
            high,
            color=COLOURS[number],
            marker=MARKERS[number],
            markevery=max(1, len(epochs) // _MARKED_EPOCHS),
            label=f"{part} images",
        )
        tops.append((_highest(mean), _highest(high)))
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return np.max(tops, axis=0)


def _draw_together(axes, tables, part, measure):
    """Draw a panel, a line a table, and return the highest mean."""
    percent = measure == "accuracy"
    axes.set_title(f"{part} images")
    tops = []
    for line, curves in enumerate(tables):
        wide = curves.pivot(index="epoch", columns="repeat", values=f"{part}_{measure}")
        mean, _, low, high = mean_interval((100 if percent else 1) * wide.to_numpy())
        draw_line(
            axes,
            wide.index.to_numpy(),
            mean,
            np.maximum(low, 0),
            np.minimum(high, 100 if percent else np.inf),
            color=COLOURS[line % len(COLOURS)],
            marker=MARKERS[line % len(MARKERS)],
            markevery=(line, max(1, len(wide) // _MARKED_EPOCHS)),
            linestyle=DASHES[line // len(COLOURS) % len(DASHES)],
        )
        tops.append(_highest(mean))
    return max(tops)


def _limit_loss(panels, top):
    """Start the shared loss axis at 0, but close below curves that all stay near the top."""
    lowest = min(line.get_ydata().min() for axes in panels for line in axes.get_lines())
    bottom = 0 if lowest < top / 2 else lowest
    room = 0.03 * (top - bottom) or 0.03
    panels[0].set_ylim(bottom - room, top + room)


def _highest(values):
    return np.max(values, where=np.isfinite(values), initial=0.0)


@styled()
def curves_figure(curves, classes, title):
    """Draw mean loss and mean accuracy over repeats against epoch, with 95 % intervals.

    Parameters
    ----------
    curves : pandas.DataFrame
        From `fewshot.results.frames.read_curves`, at least one row. Accuracy as a fraction, loss in nats.
    classes : int
        Gives the chance level.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
        Two panels: loss (train, test) and accuracy in % (train, test, chance). Without bands
        for one repeat.
    """
    wide = curves.pivot(index="epoch", columns="repeat")
    repeats = curves["repeat"].nunique()
    figure = Figure(figsize=_SIZE)
    loss, accuracy = figure.subplots(1, 2, gridspec_kw=_MARGINS)
    mean_top, band_top = _draw_measure(loss, wide, "loss", 1)
    loss.set_ylabel("loss: cross-entropy (nats)")
    # The band of two repeats is 13 standard deviations wide: it must not flatten the curves.
    top = max(mean_top, min(band_top, 1.5 * mean_top)) or 1.0
    loss.set_ylim(-0.02 * top, 1.03 * top)
    tops = _draw_measure(accuracy, wide, "accuracy", 100)
    accuracy.set_ylabel("accuracy (%)")
    chance = draw_chance(accuracy, classes)
    limit_accuracy(accuracy, max(*tops, 100 / classes))
    handles = [*loss.get_lines(), chance]
    if repeats > 1:
        label = f"95 % interval of the mean over {repeats} repeats"
        handles.append(Patch(color=GREY, alpha=0.3, linewidth=0, label=label))
    figure.legend(handles=handles, loc="lower center", ncols=len(handles))
    draw_title(figure, title)
    return figure


@styled()
def together_figure(axis, labels, tables, classes, title):
    """Draw learning curves of several grid points in one figure, a line each.

    Parameters
    ----------
    axis : {"layer", "temperature"}
        In which the grid points differ.
    labels : list of str
    tables : list of pandas.DataFrame
        Learning curves of each grid point.
    classes : int
        Gives the chance level.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
        Four panels: accuracy in % above loss in nats, training images beside test images.
    """
    figure = Figure(figsize=_TOGETHER_SIZE)
    legend_rows = 1 + -(-sum(len(label) + 8 for label in labels) // _LEGEND_WIDTH)
    margins = {**_TOGETHER_MARGINS, "bottom": 0.1 + 0.035 * legend_rows}
    grid = figure.subplots(2, 2, sharex=True, sharey="row", gridspec_kw=margins)
    tops = [
        _draw_together(axes, tables, part, measure)
        for axes, (measure, part) in zip(grid.flat, _PANELS, strict=True)
    ]
    _, chance = [draw_chance(axes, classes) for axes in grid[0]]
    limit_accuracy(grid[0, 0], max(*tops[:2], 100 / classes))
    _limit_loss(grid[1], max(tops[2:]))
    grid[0, 0].set_ylabel("accuracy (%)")
    grid[1, 0].set_ylabel("loss: cross-entropy (nats)")
    for axes in grid[1]:
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    lines = grid[1, 0].get_lines()
    for line, label in zip(lines, labels, strict=True):
        line.set_label(label)
    handles = [*lines, chance]
    if tables[0]["repeat"].nunique() > 1:
        handles.append(Patch(color=GREY, alpha=0.3, linewidth=0, label="95 % interval of the mean"))
    figure.legend(handles=handles, loc="lower center", ncols=-(-len(handles) // legend_rows))
    draw_title(figure, f"{title}, by {axis}")
    return figure
