"""Which class is named which: all of them as a matrix, or of many the largest confusions."""

import numpy as np
from matplotlib import colormaps, rcParams
from matplotlib.collections import PolyCollection
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from fewshot.figures.style import MOST_NAMED, draw_title, styled
from fewshot.figures.vector import Photograph, hover
from fewshot.figures.words import paragraphs, share, shortened
from fewshot.point import FACTORS, KEYS, Point
from fewshot.results.classes import order_confused
from fewshot.results.galleries import largest_confusions

_MOST_NUMBERED = 12  # classes of a matrix with numbers in its cells
_SIDE, _LEAST_SIDE, _CELL = 7.2, 2.4, 0.62  # inches
_MARGIN, _HEADING = 2.8, 1.9
_LONGEST_NAME = 22  # letters
# Of one hue, evenly perceived, also without colour. Matplotlib draws bars of more shades as pixels,
# which a dark page could not turn as it turns what is drawn.
_COLOURS = colormaps["Blues"].resampled(40)
_BEND = 0.5  # of the shades: so that a few % are seen
_DARK = 0.6  # of the shades, from where numbers are white
_CORNERS = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
_TICKS = (1, 5, 20, 50, 100)
_WIDTH, _ROW, _PHOTOGRAPH = 10, 0.62, 40  # inches, inches, points
_COLUMNS, _TITLE = 2, 0.8
_NONE = "No class is ever named another."


@styled()
def draw(figure, study):
    """Draw how often each class is named each.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables

    Returns
    -------
    figure : matplotlib.figure.Figure
        A row for each class given and a column for each named, those that are confused beside each
        other. Of more than 40 classes the twenty largest confusions, with photographs of both
        where these may be shown.
    caption : str
    """
    rows = [row for row in study.classes if row.dataset == figure.dataset]
    confusion = [row for row in study.confusion if row.dataset == figure.dataset]
    point = Point(*rows[0][: len(KEYS)])
    largest = largest_confusions(figure.dataset, confusion, study.images)
    if len(rows) <= MOST_NAMED:  # of more the largest confusions are listed
        drawn = _draw_matrix([row.class_name for row in rows], confusion)
        heading = "classes and what they are named"
        opening = "Share of each class's test images (row) that is named each class (column)"
    else:
        drawn = _draw_list(largest, study.thumbnails.get(figure.dataset))
        heading = "the largest confusions"
        opening = "The largest shares of a class's test images that are named another class"
    draw_title(drawn, f"{figure.dataset}: {heading}\n{point.label(*FACTORS)}")
    return drawn, paragraphs(
        f"{opening}: {point.label(*FACTORS)} on {figure.dataset}.", say_largest(largest)
    )


def _draw_matrix(names, confusion):
    order = {name: place for place, name in enumerate(order_confused(confusion, names))}
    x, y = ([order[getattr(each, of)] for each in confusion] for of in ("named", "class_name"))
    side = float(np.clip(_CELL * len(order), _LEAST_SIDE, _SIDE))
    drawn = Figure(figsize=(side + _MARGIN, side + _HEADING), layout="constrained")
    axes = drawn.subplots()
    edges, norm = range(len(order) + 1), PowerNorm(_BEND, 0, 100)
    for lines in (axes.hlines, axes.vlines):
        lines(edges, 0, len(order), color="#e4e4e4", linewidth=0.5)
    cells = PolyCollection(
        np.stack([x, y], axis=-1)[:, None] + _CORNERS, cmap=_COLOURS, norm=norm, linewidth=0
    )
    cells.set_array([100 * each.share for each in confusion])
    axes.add_collection(cells)
    bar = drawn.colorbar(cells, ax=axes, shrink=0.7, aspect=30, ticks=_TICKS, format="%g")
    bar.set_label("share of the class (%)")
    bar.outline.set_visible(False)
    bar.solids.set_edgecolor("face")
    axes.grid(False)
    middles = np.arange(len(order)) + 0.5
    labels = [shortened(name, _LONGEST_NAME) for name in order]
    widest = max(map(len, labels)) * rcParams["xtick.labelsize"]  # points, at most
    axes.set_xticks(middles, labels, rotation=90 if widest > 72 * side / len(order) else 0)
    axes.set_yticks(middles, labels)
    axes.tick_params(length=0)
    axes.set(xlabel="class named", ylabel="class given", aspect="equal")
    axes.set(xlim=(0, len(order)), ylim=(len(order), 0))
    for spine in axes.spines.values():
        spine.set_visible(False)
    middles = np.array([x, y]) + 0.5
    if len(order) <= _MOST_NUMBERED:
        for place, each in zip(middles.T, confusion, strict=True):
            colour = "white" if norm(100 * each.share) > _DARK else "black"
            text = share(each.share).removesuffix(" %")
            axes.text(*place, text, ha="center", va="center", color=colour)
    hover(axes, *middles, map(_say, confusion), size=(1, 1))
    return drawn


def _draw_list(largest, thumbnails):
    """List confusions in two columns, each with a photograph of both classes, if there are any."""
    lines = max(-(-len(largest) // _COLUMNS), 2)
    height = lines * _ROW + _TITLE
    drawn = Figure(figsize=(_WIDTH, height))
    margins = {"left": 0.01, "right": 0.99, "bottom": 0.02, "top": 1 - _TITLE / height}
    axes = drawn.subplots(gridspec_kw=margins)
    axes.set(xlim=(0, _COLUMNS), ylim=(lines, 0))
    axes.set_axis_off()
    for place, each in enumerate(largest):
        column, line = divmod(place, lines)
        _draw_pair(axes, column, line + 0.5, each, thumbnails)
    if not largest:
        axes.text(_COLUMNS / 2, lines / 2, _NONE, ha="center")
    return drawn


def _draw_pair(axes, x, y, shown, thumbnails):
    given, named = (
        shortened(name, _LONGEST_NAME)
        for name in (shown.confusion.class_name, shown.confusion.named)
    )
    place = x + 0.01
    for image in (shown.image, shown.other) if thumbnails is not None else ():
        if image in thumbnails:
            axes.add_artist(Photograph(place + 0.06, y, thumbnails[image], _PHOTOGRAPH))
        place += 0.13
    axes.text(place + 0.15, y, share(shown.confusion.share), ha="right", va="center", fontsize=12)
    axes.text(place + 0.18, y - 0.18, given, va="center")
    axes.text(place + 0.18, y + 0.18, f"named {named}", va="center", color="#444444")
    hover(
        axes,
        [x + 0.5],
        [y],
        [_say(shown.confusion)],
        size=(1, 1),
    )


def _say(confusion):
    named = "itself" if confusion.named == confusion.class_name else confusion.named
    times = f"{confusion.judged} time{'s' * (confusion.judged > 1)}"
    return f"{confusion.class_name} named {named}: {share(confusion.share)}, {times}"


def say_largest(largest):
    """Say which class is most often named another.

    Parameters
    ----------
    largest : list of fewshot.results.galleries.ShownConfusion
        The largest first.

    Returns
    -------
    str
    """
    if not largest:
        return _NONE
    first = largest[0].confusion
    given, named = (shortened(name, _LONGEST_NAME) for name in (first.class_name, first.named))
    return f"Most often confused: {given}, {share(first.share)} named {named}."
