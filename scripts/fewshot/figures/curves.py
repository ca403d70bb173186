"""Learning curves: loss and accuracy against epoch, of one grid point or of several together."""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fewshot.figures.style import (
    draw_chance,
    draw_line,
    draw_title,
    interval_patch,
    limit_accuracy,
    look_of,
    styled,
)
from fewshot.figures.vector import hover
from fewshot.figures.words import (
    count_repeats,
    listed,
    paragraphs,
    percent,
    percent_of,
    points,
)
from fewshot.point import FACTORS, name_factor
from fewshot.study.solvers import SOLVERS

_SIZE = (9.0, 3.7)  # inches
# Fixed margins: to let matplotlib find them would take longer than the drawing.
_MARGINS = {"left": 0.07, "right": 0.985, "top": 0.87, "bottom": 0.23, "wspace": 0.17}
_MARKED_EPOCHS = 10
_TOGETHER_SIZE = (9.0, 6.6)
_TOGETHER_MARGINS = {"left": 0.07, "right": 0.985, "top": 0.9, "hspace": 0.3, "wspace": 0.17}
_LEGEND_WIDTH = 130  # letters of labels in a row
_PANELS = [(measure, part) for measure in ("accuracy", "loss") for part in ("train", "test")]
_SCALES = {"accuracy": 100, "loss": 1}  # to what is drawn: % and nats
# Part of the lowest loss: a smaller rise is not worth a name. The lowest of many epochs is picked
# on the test images themselves, so a level curve, too, rises by a few percent after it.
_FLAT = 0.05
_RISE = "test loss from its lowest test loss"
_RUNNING = " Those on training images are running means over an epoch, as Keras reports them."


class Found(NamedTuple):
    """What learning curves are drawn and told from.

    Attributes
    ----------
    bands : dict of Point to dict of str to fewshot.results.curves.Band
    contrasts : list of fewshot.results.contrasts.Contrast
    summary : dict of Point to dict of str to float
        See `fewshot.results.tables.read_summary`.
    classes : int
    solvers : dict of str to str
        Of each head.
    """

    bands: dict
    contrasts: list
    summary: dict
    classes: int
    solvers: dict

    def contrast(self, point, question):
        """Find the contrast that answers a question at a grid point, or None."""
        wanted = point.dataset, question, point.label(*FACTORS)
        return next((c for c in self.contrasts if (c.dataset, c.question, c.at) == wanted), None)


def _draw_band(axes, band, measure, **look):
    """Draw a measure of a grid point and return the highest of its mean and of its interval."""
    top = 100 if measure == "accuracy" else np.inf
    mean, low, high = (_SCALES[measure] * part for part in band)
    low, high = np.maximum(low, 0), np.minimum(high, top)
    epochs = np.arange(1, len(mean) + 1)
    draw_line(axes, epochs, mean, low, high, **look)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return _highest(mean), _highest(high)


def _highest(values):
    return np.max(values, where=np.isfinite(values), initial=0.0)


def _mark(band, first=0):
    """Say which epochs have a marker."""
    return first, max(1, len(band.mean) // _MARKED_EPOCHS)


@styled()
def draw_alone(figure, found):
    """Draw the learning curves of a grid point: loss beside accuracy, each on both kinds of images.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    found : Found

    Returns
    -------
    figure : matplotlib.figure.Figure
    caption : str
    """
    (point,) = figure.points
    bands, drawn = found.bands[point], Figure(figsize=_SIZE)
    panels = drawn.subplots(1, 2, gridspec_kw=_MARGINS)
    tops = {}
    for axes, measure in zip(panels, ("loss", "accuracy"), strict=True):
        tops[measure] = np.max(
            [
                _draw_band(
                    axes,
                    bands[f"{part}_{measure}"],
                    measure,
                    **look_of(number),
                    markevery=_mark(bands["test_loss"]),
                    label=f"{part} images",
                )
                for number, part in enumerate(("train", "test"))
            ],
            axis=0,
        )
        axes.set_xlabel("epoch")
    loss, accuracy = panels
    loss.set_ylabel("loss: cross-entropy (nats)")
    accuracy.set_ylabel("accuracy (%)")
    # The band of two repeats is 13 standard deviations wide: it must not flatten the curves.
    mean_top, band_top = tops["loss"]
    top = max(mean_top, min(band_top, 1.5 * mean_top)) or 1.0
    loss.set_ylim(-0.02 * top, 1.03 * top)
    level = draw_chance(accuracy, found.classes)
    limit_accuracy(accuracy, max(*tops["accuracy"], 100 / found.classes))
    handles = [*loss.get_lines(), level, *interval_patch(bands["test_loss"].low)]
    drawn.legend(handles=handles, loc="lower center", ncols=len(handles))
    title = f"{point.dataset}: {point.label(*FACTORS)}"
    draw_title(drawn, title)
    return drawn, _tell_alone(point, found, title)


@styled()
def draw_together(figure, found):
    """Draw learning curves of several layers or temperatures in one figure, a line each.

    Parameters and result are those of `draw_alone`. Four panels: accuracy in % above loss in nats,
    training images beside test images.
    """
    axis = _axis(figure.points)
    labels = [name_factor(axis, getattr(point, axis)) for point in figure.points]
    lines = [found.bands[point] for point in figure.points]
    drawn = Figure(figsize=_TOGETHER_SIZE)
    legend_rows = 1 + -(-sum(len(label) + 8 for label in labels) // _LEGEND_WIDTH)
    margins = {**_TOGETHER_MARGINS, "bottom": 0.1 + 0.035 * legend_rows}
    grid = drawn.subplots(2, 2, sharex=True, sharey="row", gridspec_kw=margins)
    tops = [
        _draw_panel(axes, lines, labels, *panel)
        for axes, panel in zip(grid.flat, _PANELS, strict=True)
    ]
    _, level = [draw_chance(axes, found.classes) for axes in grid[0]]
    limit_accuracy(grid[0, 0], max(*tops[:2], 100 / found.classes))
    _limit_loss(grid[1], max(tops[2:]))
    grid[0, 0].set_ylabel("accuracy (%)")
    grid[1, 0].set_ylabel("loss: cross-entropy (nats)")
    for axes in grid[1]:
        axes.set_xlabel("epoch")
    for line, label in zip(grid[1, 0].get_lines(), labels, strict=True):
        line.set_label(label)
    handles = [*grid[1, 0].get_lines(), level, *interval_patch(lines[0]["test_loss"].low)]
    drawn.legend(handles=handles, loc="lower center", ncols=-(-len(handles) // legend_rows))
    shared = [factor for factor in FACTORS if factor != axis]
    title = f"{figure.dataset}: {figure.points[0].label(*shared)}"
    draw_title(drawn, f"{title}, by {axis}")
    return drawn, _tell_together(figure, found, axis, title)


def _axis(points):
    """Find the factor in which grid points differ."""
    return next(f for f in FACTORS if len({getattr(point, f) for point in points}) > 1)


def _draw_panel(axes, lines, labels, measure, part):
    """Draw a measure of all lines and return the highest mean."""
    axes.set_title(f"{part} images")
    for number, (label, bands) in enumerate(zip(labels, lines, strict=True)):
        _hover(axes, bands[f"{part}_{measure}"], measure, _mark(bands["test_loss"], number), label)
    return max(
        _draw_band(
            axes,
            bands[f"{part}_{measure}"],
            measure,
            **look_of(line),
            markevery=_mark(bands["test_loss"], line),
        )[0]
        for line, bands in enumerate(lines)
    )


def _hover(axes, band, measure, marks, label):
    """Say the numbers of a line where it has markers."""
    first, step = marks
    epochs = np.arange(first, len(band.mean), step)
    texts = []
    for epoch, mean, low, high in zip(epochs, *(each[epochs] for each in band), strict=True):
        number = percent_of(mean, low, high) if measure == "accuracy" else f"{mean:.3f} nats"
        texts.append(f"{label}, epoch {epoch + 1}: {number}")
    hover(axes, epochs + 1, _SCALES[measure] * band.mean[epochs], texts)


def _limit_loss(panels, top):
    """Start the shared loss axis at 0, but close below curves that all stay near the top."""
    lowest = min(line.get_ydata().min() for axes in panels for line in axes.get_lines())
    bottom = 0 if lowest < top / 2 else lowest
    room = 0.03 * (top - bottom) or 0.03
    panels[0].set_ylim(bottom - room, top + room)


def _spread(repeats):
    if repeats == 1:
        return "one repeat, without intervals"
    return f"means over {count_repeats([repeats])}, 95 % intervals over draws"


def _tell_alone(point, found, title):
    """Say what is drawn, and whether test loss grows from its lowest."""
    row, running = found.summary[point], SOLVERS[found.solvers[point.head]].runs_network
    opening = (
        f"Learning curves of {title}, {_spread(int(row['repeats']))}.{_RUNNING if running else ''}"
    )
    said = (_tell_loss(point, found), _tell_guessing(point, found))
    return paragraphs(opening, " ".join(filter(None, said)))


def _tell_guessing(point, found):
    """Say whether test loss ends above that of giving every class the same probability."""
    above = found.contrast(point, "test loss above guessing")
    if above is None or above.sign <= 0:
        return ""
    return (
        f"Test loss ends {above.mean:.3f} nats above that of guessing: the head's steps are too "
        "long or too many."
    )


def _tell_loss(point, found):
    mean = found.bands[point]["test_loss"].mean
    if not np.isfinite(mean).all():
        return "Training diverged: the loss is not finite."
    rise = found.contrast(point, _RISE)
    if rise is None:
        return f"Test loss is lowest after the last of {len(mean)} epochs: no overfitting yet."
    accuracy = found.contrast(point, "test accuracy from its lowest test loss")
    ends = "" if np.isnan(rise.low) else f" [{rise.low:.3f}, {rise.high:.3f}]"
    return (
        f"Test loss is lowest after {rise.b} of {len(mean)} and ends {rise.mean:.3f} nats{ends} "
        f"higher, test accuracy {points(accuracy)}"
        f"{_judge_rise(point, found, rise, accuracy, mean.min())}."
    )


def _judge_rise(point, found, rise, accuracy, lowest):
    """Name what a rise of test loss is, as far as its interval tells."""
    if np.isnan(rise.low):
        return ", of one draw"
    if rise.sign <= 0:
        return ": a rise that these draws do not tell from none"
    if rise.mean < _FLAT * lowest:
        return ": as good as level"
    if found.contrast(point, "train loss from its lowest test loss").sign > 0:
        return "; training loss rises too: the steps are too long to settle"
    if accuracy.sign > 0:
        return ": fewer errors, but surer ones"
    return ": overfitting"


def _tell_together(figure, found, axis, title):
    """Say what is drawn, and which line ends highest and which lowest."""
    rows = {point: found.summary[point] for point in figure.points}
    order = sorted(rows, key=lambda point: -rows[point]["test_accuracy_mean"])
    spread = _spread(int(rows[order[0]]["repeats"]))
    opening = f"Learning curves of {title}, one line a {axis}: {spread}."
    said = listed(
        f"{percent(rows[point], 'test_accuracy')} ({name_factor(axis, getattr(point, axis))})"
        for point in (order[0], order[-1])
    )
    return paragraphs(opening, f"Test accuracy ends between {said}.")
