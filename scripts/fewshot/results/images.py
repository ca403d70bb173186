"""Which images a head gets wrong, and whose labels to look at first."""

from typing import NamedTuple

import numpy as np

from fewshot.data.draws import TEST, TRAINED
from fewshot.data.pool import class_names

_NONE = -1  # no label


class JudgedImage(NamedTuple):
    """What heads say of an image of the pool: a row of images.csv.

    Attributes
    ----------
    dataset : str
    row : int
        Its place in the pool.
    image : str
        Its path below the dataset's root.
    class_name : str
        That it is labelled with.
    tested : int
        How often it was a test image of the recommended head at the most shots.
    right : float
        Fraction of these in which the head named its class. NaN where it was none.
    confidence : float
        Mean probability of the class named, in these. NaN where it was none.
    right_by_all : float
        Fraction of all judgements of it as a test image, by every head at the most shots, that
        named its class. NaN where there are none.
    judged : int
        How often it was judged by the recommended head, at any number of shots, where neither it
        nor a copy was trained on.
    probability : float
        Mean probability of its class in these, each weighed by its shots. NaN where there are none.
    taken_for : str
        The other class that these named most often at the most shots at which they named any; ""
        where they named none.
    suspicion : int
        Its place, from 1, where labels are sorted by how little the heads believe them; those never
        judged come last.
    """

    dataset: str
    row: int
    image: str
    class_name: str
    tested: int
    right: float
    confidence: float
    right_by_all: float
    judged: int
    probability: float
    taken_for: str
    suspicion: int


def judged_images(dataset, pool_rows, line, others):
    """Say of every image of a pool what heads say of it.

    Parameters
    ----------
    dataset : str
    pool_rows : list of PoolRow
    line : dict of int to fewshot.heads.predictions.Predictions
        What the recommended head says after each number of shots.
    others : iterable of fewshot.heads.predictions.Predictions
        What every head at the most of these shots says, the recommended one among them.

    Returns
    -------
    list of JudgedImage
        In the order of the pool.

    Notes
    -----
    A label is suspicious where the heads that were not trained on it don't believe it. Heads of few
    shots know less and are heard less: weighed by shots, their word ranks wrong labels higher than
    unweighed, and unlike that of the most shots alone it is there for nearly every image.
    """
    labels, names = np.array([row.label for row in pool_rows]), class_names(pool_rows)
    most = line[max(line)]
    tested, (right, confidence) = _means(most.role == TEST, most.rank == 0, most.probability)
    judged, probability, taken_for = _beliefs(line, labels, names)
    suspicion = np.empty(len(labels), int)
    suspicion[np.argsort(probability, kind="stable")] = np.arange(1, len(labels) + 1)  # NaN last
    columns = (tested, right, confidence, _right_by_all(others), judged, probability)
    cells = zip(
        *(column.tolist() for column in columns), taken_for, suspicion.tolist(), strict=True
    )
    return [
        JudgedImage(dataset, row.row, row.image, row.class_name, *each)
        for row, each in zip(pool_rows, cells, strict=True)
    ]


def _means(counted, *values):
    """Means over repeats of what is counted, and how much that is: (images,)."""
    counts = counted.sum(axis=0)
    return counts, [_ratio(np.where(counted, each, 0).sum(axis=0), counts) for each in values]


def _ratio(sums, counts):
    return np.where(counts, sums / np.maximum(counts, 1), np.nan)


def _right_by_all(others):
    tested = right = 0
    for each in others:
        tests = each.role == TEST
        tested = tested + tests.sum(axis=0)
        right = right + (tests & (each.rank == 0)).sum(axis=0)
    return _ratio(right, tested)


def _beliefs(line, labels, names):
    """Number of judgements, mean probability of the label, and the class it is taken for."""
    judged, weight, given = np.zeros((3, len(labels)))
    other = np.full(len(labels), _NONE)
    for shots in sorted(line, reverse=True):
        counted = line[shots].role != TRAINED
        judged += counted.sum(axis=0)
        weight += shots * counted.sum(axis=0)
        given += shots * np.where(counted, line[shots].given, 0).sum(axis=0, dtype=float)
        other = np.where(other == _NONE, _named_most(line[shots].named, counted, labels), other)
    taken_for = ["" if label == _NONE else names[label] for label in other]
    return judged.astype(int), _ratio(given, weight), taken_for


def _named_most(named, counted, labels):
    """Label that each image is given most often beside its own, the first of equals: (images,)."""
    images, classes = len(labels), int(labels.max()) + 1
    cells = np.arange(images) * classes + named
    # Those that occur, not all images x classes: of a million images these would take gigabytes.
    cells, counts = np.unique(cells[counted & (named != labels)], return_counts=True)
    rows, others = np.divmod(cells, classes)
    order = np.lexsort((others, -counts, rows))
    firsts = order[np.flatnonzero(np.diff(rows[order], prepend=_NONE))]
    most = np.full(images, _NONE)
    most[rows[firsts]] = others[firsts]
    return most
