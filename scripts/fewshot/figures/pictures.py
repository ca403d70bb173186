"""Pictures of what a network sees: feature maps, filters, and images that excite filters."""

from bisect import bisect
from itertools import accumulate
from unicodedata import east_asian_width

import numpy as np
from matplotlib.figure import Figure

from fewshot.figures.style import GREY, draw_title, styled
from fewshot.names import shown

MOST_MAPS = 6  # of a layer
MOST_FILTERS = 64
_COLOURS = "viridis"  # evenly perceived, also without colour
_DEAD = "#d9d9d9"
_MAP = 1.0  # inches
_FILTER = 0.62
_IMAGE = 1.05
_LONGEST_NAME = 18  # letters below an image
_HEADING = 0.75  # inches, of title and note
_SMALL = 7  # points


def _bare(axes):
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _name_row(axes, text):
    axes.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=_SMALL + 1)


def _size(shape):
    return " x ".join(map(str, shape))


@styled()
def feature_maps_figure(image, layers, maps, *, title, label):
    """Draw an image and the first outputs of some layers: a row a layer, a column a channel.

    Parameters
    ----------
    image : ndarray of shape (size, size, 3), uint8
        As the network gets it.
    layers : list of str
    maps : list of ndarray of shape (height, width, channels)
        Outputs of each layer.
    title, label : str
        Above the figure, and below the image.

    Returns
    -------
    matplotlib.figure.Figure
        Each map is coloured by its own range; one that is zero everywhere is grey.
    """
    rows = len(layers)
    size = ((MOST_MAPS + 3.5) * _MAP, max(rows * 1.05, 2.2) * _MAP + _HEADING)
    figure = Figure(figsize=size, layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[2, MOST_MAPS + 1.5])
    axes = left.subplots()
    axes.imshow(image)
    axes.set_title(f"input\n{_size(image.shape)}", fontsize=_SMALL + 1)
    axes.set_xlabel(_shortened(label, 3 * _LONGEST_NAME // 2), fontsize=_SMALL)
    _bare(axes)
    grid = right.subplots(rows, MOST_MAPS, squeeze=False)
    for line, layer, outputs in zip(grid, layers, maps, strict=True):
        _name_row(line[0], f"{layer}\n{_size(outputs.shape)}")
        for channel, axes in enumerate(line):
            _bare(axes)
            if channel < outputs.shape[-1]:
                _draw_map(axes, outputs[..., channel])
    for channel, axes in enumerate(grid[0], 1):
        axes.set_title(f"channel {channel}", fontsize=_SMALL)
    draw_title(figure, title)
    note = "colour: from the smallest (dark) to the largest (bright) value of each map by itself"
    figure.supxlabel(f"{note}; grey: zero everywhere", fontsize=_SMALL, color=GREY)
    return figure


def _draw_map(axes, values):
    if values.any():
        axes.imshow(values, cmap=_COLOURS, interpolation="nearest")
    else:
        axes.imshow(np.zeros(values.shape), cmap="gray", alpha=0)
        axes.set_facecolor(_DEAD)


@styled()
def filters_figure(filters, *, title):
    """Draw the filters of a first convolution as small pictures in one scale.

    Parameters
    ----------
    filters : ndarray of shape (height, width, 3, filters)
        Weights of red, green and blue; the first 64 are drawn.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
        Grey is zero, the largest weight of all filters is full colour.
    """
    count = min(filters.shape[-1], MOST_FILTERS)
    columns = int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    width = max(columns * _FILTER, 4.6)
    figure = Figure(figsize=(width, rows * _FILTER + _HEADING), layout="constrained")
    pictures = 0.5 + 0.5 * filters / (np.abs(filters[..., :count]).max() or 1)
    for number, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        _bare(axes)
        if number < count:
            axes.imshow(pictures[..., number], interpolation="nearest")
    draw_title(figure, title)
    note = "mid-grey: weight zero; one scale for all filters"
    figure.supxlabel(note, fontsize=_SMALL, color=GREY)
    return figure


@styled()
def excitations_figure(excitations, images, classes, *, title):
    """Draw the images that excite filters most: a row a filter, the strongest image first.

    Parameters
    ----------
    excitations : list of fewshot.backbone.excitations.Excitation
    images : dict of int to ndarray of shape (size, size, 3), uint8
        The image of each row of the pool that is drawn.
    classes : dict of int to str
        Its class.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = max(len(each.rows) for each in excitations)
    size = (max(columns, 4) * _IMAGE + 1, len(excitations) * 1.35 * _IMAGE + _HEADING)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(excitations), columns, squeeze=False)
    for line, excitation in zip(grid, excitations, strict=True):
        _name_row(line[0], f"filter {excitation.filter + 1}")
        for axes, row, response in zip(line, excitation.rows, excitation.responses, strict=True):
            _bare(axes)
            axes.imshow(images[row])
            name = _shortened(classes[row], _LONGEST_NAME)
            axes.set_xlabel(f"{name}\n{response:.3g}", fontsize=_SMALL, labelpad=2)
    draw_title(figure, title)
    note = "below each image: its class and the filter's largest response in it"
    figure.supxlabel(note, fontsize=_SMALL, color=GREY)
    return figure


def _shortened(text, letters):
    """Cut a name to the width of so many letters; those of East Asia and emoji take two each."""
    text = shown(text)
    ends = list(accumulate(1 + (east_asian_width(letter) in "WF") for letter in text))
    if not ends or ends[-1] <= letters:
        return text
    return f"{text[: bisect(ends, letters - 1)]}…"
