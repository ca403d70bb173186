"""Pictures of what a network sees: feature maps, filters, and images that excite filters."""

import numpy as np
from matplotlib.figure import Figure

from fewshot.backbone.excitations import common_classes
from fewshot.figures.style import GREY, draw_title, styled
from fewshot.figures.words import listed, paragraphs, shortened
from fewshot.names import shown

_MOST_MAPS = 6  # of a layer
_MOST_FILTERS = 64
_COLOURS = "viridis"  # evenly perceived, also without colour
_DEAD = "#d9d9d9"
_MAP = 1.0  # inches
_FILTER = 0.62
_IMAGE = 1.05
_LONGEST_NAME = 18  # letters below an image
_HEADING = 0.75  # inches, of title and note
_SMALL = 7  # points
_NAMED = 2  # classes, where several have as many images


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
def draw_feature_maps(dataset, backbone, row, image, layers, maps):
    """Draw an image and the first outputs of some layers: a row a layer, a column a channel.

    Parameters
    ----------
    dataset, backbone : str
        Names in the study.
    row : fewshot.data.pool.PoolRow
        Of the image.
    image : ndarray of shape (size, size, 3), uint8
        As the network gets it.
    layers : list of str
    maps : list of ndarray of shape (height, width, channels)
        Outputs of each layer.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Each map is coloured by its own range; one that is zero everywhere is grey.
    caption : str
    """
    rows = len(layers)
    size = ((_MOST_MAPS + 3.5) * _MAP, max(rows * 1.05, 2.2) * _MAP + _HEADING)
    figure = Figure(figsize=size, layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[2, _MOST_MAPS + 1.5])
    axes = left.subplots()
    axes.imshow(image)
    axes.set_title(f"input\n{_size(image.shape)}", fontsize=_SMALL + 1)
    axes.set_xlabel(shortened(row.class_name, 3 * _LONGEST_NAME // 2), fontsize=_SMALL)
    _bare(axes)
    _draw_maps(right.subplots(rows, _MOST_MAPS, squeeze=False), layers, maps)
    draw_title(figure, f"{dataset}: the first outputs of {backbone}'s layers")
    note = "colour: from the smallest (dark) to the largest (bright) value of each map by itself"
    figure.supxlabel(f"{note}; grey: zero everywhere", fontsize=_SMALL, color=GREY)
    caption = paragraphs(
        f"What {backbone} makes of the first image of the pool of {dataset}, {shown(row.image)} "
        f"of class {shown(row.class_name)}: the image, and the first {_MOST_MAPS} outputs of "
        f"{rows} layers.",
        "Every map has its own range of colours. A grey one is zero everywhere: that channel is "
        "dead for this image.",
    )
    return figure, caption


def _draw_maps(grid, layers, maps):
    for line, layer, outputs in zip(grid, layers, maps, strict=True):
        _name_row(line[0], f"{layer}\n{_size(outputs.shape)}")
        for channel, axes in enumerate(line):
            _bare(axes)
            if channel < outputs.shape[-1]:
                _draw_map(axes, outputs[..., channel])
    for channel, axes in enumerate(grid[0], 1):
        axes.set_title(f"channel {channel}", fontsize=_SMALL)


def _draw_map(axes, values):
    if values.any():
        axes.imshow(values, cmap=_COLOURS, interpolation="nearest")
    else:
        axes.imshow(np.zeros(values.shape), cmap="gray", alpha=0)
        axes.set_facecolor(_DEAD)


@styled()
def draw_filters(backbone, layer, filters):
    """Draw the filters of a first convolution as small pictures in one scale.

    Parameters
    ----------
    backbone, layer : str
        Names.
    filters : ndarray of shape (height, width, 3, filters)
        Weights of red, green and blue; the first 64 are drawn.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Grey is zero, the largest weight of all filters is full colour.
    caption : str
    """
    height, size, _, total = filters.shape
    count = min(total, _MOST_FILTERS)
    columns = int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    width = max(columns * _FILTER, 4.6)
    figure = Figure(figsize=(width, rows * _FILTER + _HEADING), layout="constrained")
    pictures = 0.5 + 0.5 * filters / (np.abs(filters[..., :count]).max() or 1)
    for number, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        _bare(axes)
        if number < count:
            axes.imshow(pictures[..., number], interpolation="nearest")
    pixels = f"{height} x {size} pixels"
    draw_title(figure, f"{backbone}: {total} filters of {layer}, {pixels} in colour")
    note = "mid-grey: weight zero; one scale for all filters"
    figure.supxlabel(note, fontsize=_SMALL, color=GREY)
    which = f"all {total} filters" if count == total else f"the first {count} of {total} filters"
    return figure, paragraphs(
        f"The filters of {backbone}'s first convolution, {layer}: {which}, {pixels} each, as they "
        "weigh red, green and blue of the image.",
        "Mid-grey is a weight of zero, and all share one scale. A filter in greys looks for "
        "brightness, one in colours for these.",
    )


@styled()
def draw_excitations(dataset, backbone, layer, excitations, images, classes):
    """Draw the images that excite filters most: a row a filter, the strongest image first.

    Parameters
    ----------
    dataset, backbone, layer : str
        Names in the study.
    excitations : list of fewshot.backbone.excitations.Excitation
    images : dict of int to ndarray of shape (size, size, 3), uint8
        The image of each row of the pool that is drawn.
    classes : dict of int to str
        Its class.

    Returns
    -------
    figure : matplotlib.figure.Figure
    caption : str
        How far the images of each filter are of one class.
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
            name = shortened(classes[row], _LONGEST_NAME)
            axes.set_xlabel(f"{name}\n{response:.3g}", fontsize=_SMALL, labelpad=2)
    draw_title(figure, f"{dataset}: images that excite filters of {backbone}'s {layer} most")
    note = "below each image: its class and the filter's largest response in it"
    figure.supxlabel(note, fontsize=_SMALL, color=GREY)
    return figure, paragraphs(
        f"The {columns} images in the pool of {dataset} that excite each of {len(excitations)} "
        f"filters of {backbone}'s {layer} most, by its largest activation anywhere in an image.",
        _tell_classes(excitations, classes),
    )


def _tell_classes(excitations, classes):
    """Name the filter of whose images most are of one class, the first of equals."""
    found = [(*common_classes(each, classes), each) for each in excitations]
    most, names, best = max(found, key=lambda each: each[0] / len(each[2].rows))
    if most < 2:
        return "For no filter shown are two of these images of one class."
    said = _name_classes(list(map(shown, names)), most, len(best.rows))
    return f"Most of one class: {said} for filter {best.filter + 1}."


def _name_classes(names, most, count):
    """Name the classes that share the first place, where they are few."""
    if len(names) > _NAMED:
        return f"no class has more than {most} of {count}"
    first, *others = names
    return listed([f"{most} of {count} are '{first}'", *(f"{most} '{name}'" for name in others)])
