"""Which classes a head tells apart, and which it takes for which."""

import math
from typing import NamedTuple

import numpy as np

from fewshot.results.statistics import two_way


class ClassResult(NamedTuple):
    """How a class fares with the recommended head at the most shots: a row of classes.csv.

    Attributes
    ----------
    dataset, backbone, layer, temperature, shots, head
        The grid point.
    class_name : str
    images : int
        Different test images of it.
    judged : int
        How often they were judged, over all repeats.
    accuracy, low, high : float
        Fraction named rightly, with its 95 % interval over draws and images.
    precision : float
        Fraction of the judgements naming this class that were right; NaN where none did.
    taken_for : str
        The class that it is most often taken for, "" where it never is.
    taken_share : float
        Fraction of its judgements that named that.
    """

    dataset: str
    backbone: str
    layer: str
    temperature: str
    shots: int
    head: str
    class_name: str
    images: int
    judged: int
    accuracy: float
    low: float
    high: float
    precision: float
    taken_for: str
    taken_share: float


class Confusion(NamedTuple):
    """How often one class is named another, or itself: a row of confusion.csv, where it happens.

    `judged` counts judgements of test images over all repeats, `share` is their part of all those
    of the class. It is of the same grid point as classes.csv.
    """

    dataset: str
    class_name: str
    named: str
    judged: int
    share: float


def class_results(point, predictions, layout, labels, names):
    """Say how each class fares with a head.

    Parameters
    ----------
    point : Point
    predictions : fewshot.heads.predictions.Predictions
        Of the point.
    layout : fewshot.results.statistics.Layout
        What its repeats were tested and trained on.
    labels : ndarray of shape (images,), int
    names : list of str
        Of the classes, by label.

    Returns
    -------
    list of ClassResult
        In the order of the labels. Every judgement of a class counts alike.
    """
    counts = _count(predictions, layout.tests, labels, len(names))
    right = predictions.named == labels
    columns = np.split(np.argsort(labels, kind="stable"), np.cumsum(np.bincount(labels))[:-1])
    rows = []
    for label, own in enumerate(columns):
        restricted = _restrict(layout, own)
        estimate = two_way(right[:, own], restricted, restricted.tests, fraction=True)
        judged = int(counts[label].sum())
        others = np.where(np.arange(len(names)) == label, 0, counts[label])
        most = int(others.argmax())
        rows.append(
            ClassResult(
                *(*point, names[label], int(restricted.tests.any(axis=0).sum()), judged),
                *(estimate.mean, estimate.low, estimate.high),
                _fraction(counts[label, label], counts[:, label].sum()),
                *((names[most], others[most] / judged) if others[most] else ("", 0.0)),
            )
        )
    return rows


def confusions(dataset, predictions, tests, labels, names):
    """Count how often test images of a class are named what.

    Parameters
    ----------
    dataset : str
    predictions : fewshot.heads.predictions.Predictions
    tests : ndarray of shape (repeats, images), bool
    labels : ndarray of shape (images,), int
    names : list of str
        Of the classes, by label.

    Returns
    -------
    list of Confusion
        In the order of the labels; what never happens has none.
    """
    counts = _count(predictions, tests, labels, len(names))
    totals = counts.sum(axis=1)
    return [
        Confusion(dataset, names[a], names[b], int(counts[a, b]), counts[a, b] / totals[a])
        for a, b in np.argwhere(counts).tolist()
    ]


def order_confused(confusion, names):
    """Put classes in an order in which those that are taken for each other lie together.

    Classes are clustered by how often they are not taken for each other (average linkage), and the
    branches of the tree turned so that neighbours are as alike as can be.

    Parameters
    ----------
    confusion : list of Confusion
        Of one dataset.
    names : list of str
        Of its classes.

    Returns
    -------
    list of str
        All `names`; as they come where none is taken for another.

    References
    ----------
    Bar-Joseph, Gifford & Jaakkola, Fast optimal leaf ordering for hierarchical clustering,
    Bioinformatics 17 (2001), S22-S29.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    places = {name: place for place, name in enumerate(names)}
    shares = np.zeros((len(names), len(names)))
    for each in confusion:
        if each.class_name != each.named:
            shares[places[each.class_name], places[each.named]] = each.share
    if not shares.any():
        return [*names]
    # Shares of two classes add up to 2 at most: a (classes, classes) matrix of distances from 0 to 1.
    distances = squareform(1 - (shares + shares.T) / 2, checks=False)
    tree = linkage(distances, "average", optimal_ordering=True)
    return [names[place] for place in leaves_list(tree)]


def _count(predictions, tests, labels, classes):
    """Count how often each class is named each: (classes, classes)."""
    given = np.broadcast_to(labels, tests.shape)[tests]
    cells = given * classes + predictions.named[tests]
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


def _restrict(layout, images):
    """The layout of some of the images alone."""
    groups = np.unique(layout.groups[images], return_inverse=True)[1]
    tests, trained = layout.tests[:, images], layout.trained[:, images]
    return layout._replace(groups=groups, tests=tests, trained=trained)


def _fraction(part, whole):
    return float(part / whole) if whole else math.nan
