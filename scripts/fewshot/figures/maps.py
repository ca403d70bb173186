"""Test images on a map, near each other where the recommended layer sees them alike."""

import numpy as np
from matplotlib.figure import Figure

from fewshot.figures.confusion import say_largest
from fewshot.figures.style import COLOURS, GREY, MARKERS, draw_title, styled
from fewshot.figures.vector import Photograph, hover
from fewshot.figures.words import paragraphs, shortened
from fewshot.results.galleries import largest_confusions, on_map
from fewshot.results.neighbours import mapped_choice
from fewshot.study.solvers import SOLVERS

_MOST_COLOURED = 20  # classes: more colours are not told apart
_WIDTH, _HEADING, _LEGEND = 10, 0.9, 2.2  # inches
_LEAST, _MOST = 3.6, 7.6
_EDGE = 0.03  # of the map, around it
_LONGEST_NAME = 24  # letters
_FINEST = 24  # photographs along the map, at most
_GAP = 0.9  # of a photograph's place that it fills
_MARKERS = (*MARKERS, "<", ">")  # filled for the first ten classes, hollow for the others
_RIGHT = {"color": COLOURS[0], "alpha": 0.6, "linewidth": 0, "s": 12}
_WRONG = {"color": COLOURS[1], "marker": "X", "edgecolors": "black", "linewidth": 0.5, "s": 40}
_RING = {"facecolors": "none", "edgecolors": "black", "linewidth": 1.1, "s": 110}


@styled()
def draw(figure, study):
    """Draw every image of the map as a point.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables

    Returns
    -------
    figure : matplotlib.figure.Figure
        By class, with a ring around those named wrongly; of more than 20 classes by right or wrong.
    caption : str
    """
    placed, images = _find(figure, study)
    names = [row.class_name for row in study.classes if row.dataset == figure.dataset]
    coloured = len(names) <= _MOST_COLOURED
    drawn, axes = _make(figure, study, placed, _EDGE, _LEGEND if coloured else 0)
    for number, name in enumerate(names if coloured else ()):
        own = [each for each in placed if images[each.row].class_name == name]
        label = shortened(name, _LONGEST_NAME)
        axes.scatter(*_columns(own), s=30, label=label, **_look(number))
    if not coloured:
        axes.scatter(*_columns([each for each in placed if each.right]), label="right", **_RIGHT)
    wrong = _columns([each for each in placed if not each.right])
    axes.scatter(*wrong, label="wrong", **(_RING if coloured else _WRONG))
    hover(axes, *_columns(placed), [_say(each, images[each.row]) for each in placed])
    drawn.legend(loc=f"outside {'right upper' if coloured else 'lower center'}", ncols=2 - coloured)
    return drawn, _tell(figure, study, "rings" if coloured else "crosses")


@styled()
def draw_pictures(figure, study):
    """Draw the map with photographs near the places of some images: see `draw`.

    Each has a square of the map for itself; those named wrongly have a frame.
    """
    placed, images = _find(figure, study)
    thumbnails = study.thumbnails[figure.dataset]
    shown = [each for each in on_map(placed) if images[each.row].image in thumbnails]
    x, y, side = _squares(shown)
    drawn, axes = _make(figure, study, placed, 1 / side)
    drawn.canvas.draw()  # only then the size of the map is known
    size = _GAP / side * axes.bbox.width / np.ptp(axes.get_xlim()) * 72 / drawn.dpi
    colours = [GREY if each.right else _WRONG["color"] for each in placed]
    axes.scatter(*_columns(placed), s=6, color=colours, linewidth=0)
    for *place, each in zip(x, y, shown, strict=True):
        frame = None if each.right else _WRONG["color"]
        axes.add_artist(Photograph(*place, thumbnails[images[each.row].image], size, frame))
    texts = [_say(each, images[each.row]) for each in shown]
    hover(axes, x, y, texts, size=(1 / side, 1 / side))
    return drawn, _tell(figure, study, "orange frames")


def _find(figure, study):
    """Rows of the map, and the image of each row of the pool."""
    placed = [each for each in study.map if each.dataset == figure.dataset]
    return placed, {each.row: each for each in study.images if each.dataset == figure.dataset}


def _columns(placed):
    return [each.x for each in placed], [each.y for each in placed]


def _look(number):
    """Choose colour and marker of a class: no two of twenty have the same marker."""
    colour, hollow = COLOURS[number % len(COLOURS)], number >= len(_MARKERS)
    return {
        "marker": _MARKERS[number % len(_MARKERS)],
        "facecolors": "white" if hollow else colour,
        "edgecolors": colour,
    }


def _squares(placed):
    """Give each image a square: middles, x and y, and how many squares lie along the map."""
    places = np.reshape(_columns(placed), (2, -1)).T
    for side in range(_FINEST, 0, -1):
        cells = np.minimum(np.floor(side * places), side - 1)
        if len(np.unique(cells, axis=0)) < len(cells):
            continue
        return *((cells + 0.5) / side).T, side
    return *places.T, 1


def _make(figure, study, placed, edge, legend=0):
    """Make a figure as high as the map with its edges is, beside a legend of some inches."""
    (left, low), (right, high) = ([end(each) for each in _columns(placed)] for end in (min, max))
    wide, tall = right - left + 2 * edge, high - low + 2 * edge
    height = np.clip((_WIDTH - legend) * tall / wide, _LEAST, _MOST) + _HEADING
    drawn = Figure(figsize=(_WIDTH, height), layout="constrained")
    axes = drawn.subplots()
    axes.set(xticks=[], yticks=[], aspect="equal")
    axes.set(xlim=(left - edge, right + edge), ylim=(low - edge, high + edge))
    axes.spines[:].set(visible=True, color="#cccccc")
    draw_title(drawn, f"{figure.dataset}: a map of its test images\n{_layer(figure, study)}")
    return drawn, axes


def _layer(figure, study):
    """Name the layer that was mapped."""
    cached = [each for each in study.choices if not SOLVERS[study.solvers[each.head]].runs_network]
    choice = mapped_choice(study.choices, {each.point.folder for each in cached})[figure.dataset]
    return choice.point.label("backbone", "layer", "temperature")


def _say(placed, image):
    """Say which image a point is, and what became of it."""
    text = f"{image.image}: {image.class_name}, {'right' if placed.right else 'wrong'}"
    return text if placed.right else f"{text}, mostly taken for {image.taken_for}"


def _tell(figure, study, marks):
    opening = (
        f"Test images of the first repeat of {figure.dataset} by t-SNE: near each other where "
        f"{_layer(figure, study)} is alike. With {marks}: named wrongly."
    )
    largest = largest_confusions(figure.dataset, study.confusion, study.images, 1)
    return paragraphs(opening, say_largest(largest))
