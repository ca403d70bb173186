"""Learning curves of one grid point: loss and accuracy against epoch."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from fewshot.figure_style import (
    COLOURS,
    GREY,
    MARKERS,
    draw_chance,
    draw_line,
    draw_title,
    limit_accuracy,
    styled,
)
from fewshot.results import mean_interval, point_key

_SIZE = (9.0, 3.7)  # inches
# Fixed margins: to let matplotlib find them would take longer than the drawing.
_MARGINS = {"left": 0.07, "right": 0.985, "top": 0.87, "bottom": 0.23, "wspace": 0.17}
_MARKED_EPOCHS = 10


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


def curve_title(point):
    """Say which grid point the curves are of.

    Parameters
    ----------
    point : dict

    Returns
    -------
    str
    """
    dataset, backbone, layer, temperature, shots, head = point_key(point)
    return f"{dataset}: {backbone} · {layer} · T {temperature} · {shots}-shot · {head}"


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


def _highest(values):
    return np.max(values, where=np.isfinite(values), initial=0.0)


@styled()
def curves_figure(curves, classes, title):
    """Draw mean loss and mean accuracy over repeats against epoch, with 95 % intervals.

    Parameters
    ----------
    curves : pandas.DataFrame
        From `fewshot.figure_data.read_curves`, at least one row. Accuracy as a fraction, loss in nats.
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
