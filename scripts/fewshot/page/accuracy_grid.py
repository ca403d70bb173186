"""Accuracy by backbone and layer against shots, as one table at the top of the page."""

from typing import NamedTuple

import numpy as np

from fewshot.figures.words import percent
from fewshot.results.choices import preferred, recommended

MOST_ROWS = 12  # before the rest is folded away
SHADES = 10
_PLACE = ("backbone", "layer", "temperature")


class Cell(NamedTuple):
    """An accuracy with its interval.

    Attributes
    ----------
    mean, interval : str
        In %, such as "71.2" and "[68.0, 74.1]"; both empty where nothing was measured.
    shade : int
        From 0 for the lowest accuracy of the table to `SHADES` for the highest.
    recommended : bool
        Whether it is what to take with so many images, of several.
    head : str
        Where it is not that of the row.
    """

    mean: str = ""
    interval: str = ""
    shade: int = 0
    recommended: bool = False
    head: str = ""


class Row(NamedTuple):
    """A layer of a backbone, softened or not, with one head."""

    backbone: str
    layer: str
    head: str
    cells: list


class AccuracyGrid(NamedTuple):
    """The table: a column for each of `shots`, the recommended row first, then the best."""

    shots: list
    rows: list


class _Line(NamedTuple):
    head: str
    points: dict  # by shots

    @property
    def last(self):
        return self.points[max(self.points)]


def accuracy_grid(tables, dataset):
    """Lay out what a dataset's heads reach.

    Parameters
    ----------
    tables : fewshot.results.study_tables.StudyTables
    dataset : str

    Returns
    -------
    AccuracyGrid
        A row has the head of the recommended choice where it was measured there, else the head that
        is best at the most shots of the row; where another one is recommended, its cell has that.
    """
    own = [point for point in tables.summary if point.dataset == dataset]
    taken = {each.shots: each.point for each in tables.choices if _is_taken(each, dataset)}
    most = recommended(tables.choices).get(dataset)
    places = {}
    for point in own:
        places.setdefault(tuple(getattr(point, name) for name in _PLACE), []).append(point)
    wanted = most.head if most else ""
    lines = [_line(tables, points, wanted, taken) for points in places.values()]
    lines.sort(key=lambda line: -max(_mean(tables, point) for point in line.points.values()))
    # What is recommended at the most shots comes first.
    lines.sort(key=lambda line: most is None or most.point not in line.points.values())
    shots = sorted({point.shots for point in own})
    shade = _shading(tables, [point for line in lines for point in line.points.values()])
    framed = preferred(tables.choices)
    return AccuracyGrid(shots, [_row(tables, line, shots, framed, shade) for line in lines])


def _is_taken(choice, dataset):
    return choice.recommended and choice.dataset == dataset


def _mean(tables, point):
    return tables.summary[point]["test_accuracy_mean"]


def _line(tables, points, head, taken):
    """Choose the head of a row, and the point of each number of shots."""
    most = max(point.shots for point in points)
    heads = {point.head for point in points}
    if head not in heads:
        last = [point for point in points if point.shots == most]
        head = max(last, key=lambda point: _mean(tables, point)).head
    own = {point.shots: point for point in points if point.head == head}
    also = {point.shots: point for point in points if taken.get(point.shots) == point}
    return _Line(head, own | also)


def _shading(tables, points):
    means = [_mean(tables, point) for point in points]
    least, largest = min(means, default=0), max(means, default=0)
    span = (largest - least) or 1
    return lambda mean: int(np.rint(SHADES * (mean - least) / span))


def _row(tables, line, shots, framed, shade):
    cells = [_cell(tables, line.points.get(count), line.head, framed, shade) for count in shots]
    return Row(line.last.backbone, line.last.label("layer", "temperature"), line.head, cells)


def _cell(tables, point, head, framed, shade):
    if point is None:
        return Cell()
    mean, _, interval = percent(tables.summary[point], "test_accuracy").partition(" %")
    other = point.head * (point.head != head)
    return Cell(mean, interval.strip(), shade(_mean(tables, point)), point in framed, other)
