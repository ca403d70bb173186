"""Which images lie near each other on a layer: a map of the test images, and nearest neighbours."""

from typing import NamedTuple

import numpy as np

from fewshot.data.draws import TEST
from fewshot.results.choices import recommended

MOST_PLACED = 2000  # images on a map: more take minutes and hide each other
NEAREST = 3
_PERPLEXITY = 30.0  # of t-SNE, at most: about how many neighbours count
_SEED = 0
_BLOCK = 2**24  # numbers compared at once: 64 MB


class Placed(NamedTuple):
    """Where a test image of the first repeat lies on the map: a row of map.csv.

    `row` is its place in the pool, `x` and `y` are from 0 to 1, `right` is 1 where the head of that
    repeat names its class.
    """

    dataset: str
    row: int
    x: float
    y: float
    right: int


class Neighbour(NamedTuple):
    """A training image near a test image that is named wrongly: a row of neighbours.csv.

    `row` and `neighbour` are places in the pool, `repeat` is the draw in which the one was tested
    and the other trained on, `place` counts from 1 for the nearest, `distance` is Euclidean between
    the rows as heads see them: at unit mean squared norm of the centred training images.
    """

    dataset: str
    row: int
    repeat: int
    place: int
    neighbour: int
    distance: float


def mapped_choice(choices, folders):
    """Choose for each dataset the head whose layer is mapped.

    Parameters
    ----------
    choices : list of fewshot.results.choices.Choice
    folders : container of str
        Those with coordinates: of layers that cached heads read.

    Returns
    -------
    dict of str to fewshot.results.choices.Choice
        By dataset. The recommended one; where the network would have to run for it, the most
        accurate with coordinates at as many shots, or at the most shots that have any. None for
        datasets without any.
    """
    chosen = {}
    for dataset, best in recommended(choices).items():
        own = [each for each in choices if each.dataset == dataset]
        order = [best, *sorted(own, key=lambda each: (-each.shots, each.rank))]
        if found := [each for each in order if each.point.folder in folders]:
            chosen[dataset] = found[0]
    return chosen


def placed_rows(draws, most=MOST_PLACED):
    """Choose the test images of the first repeat that stand on the map.

    Parameters
    ----------
    draws : fewshot.data.draws.Draws
    most : int

    Returns
    -------
    ndarray of int, ascending
        All, or of too many the first of every class, then the second, and so on.
    """
    rows = draws.test_rows(0)
    labels = draws.labels[rows]
    order = np.argsort(labels, kind="stable")
    place = np.empty(len(rows), int)  # within its class
    place[order] = np.arange(len(rows)) - np.searchsorted(labels[order], labels[order])
    return np.sort(rows[np.lexsort((labels, place))[:most]])


def embed(coordinates):
    """Place images in the plane so that those near each other stay so: t-SNE.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32

    Returns
    -------
    ndarray of shape (images, 2), float
        From 0 to 1, both axes at one scale, the wider one first. The same for the same
        coordinates, on however many cores.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    images = len(coordinates)
    centred = coordinates - coordinates.mean(axis=0, dtype=np.float64).astype(np.float32)
    if not centred.any():  # a single image, or nothing to tell them apart
        return np.full((images, 2), 0.5)
    if centred.shape[1] == 1:
        centred = np.pad(centred, ((0, 0), (0, 1)))  # the start has two axes
    centred /= np.float32(_scale(coordinates))
    perplexity = min(_PERPLEXITY, (images - 1) / 3)
    method = TSNE(perplexity=perplexity, init="pca", random_state=_SEED, n_jobs=1)
    # Sums over threads round by their number, and t-SNE makes much of that.
    with threadpool_limits(1):
        places = method.fit_transform(centred).astype(np.float64)
        # No direction means anything: a page is wider than high.
        places = (places - places.mean(axis=0)) @ np.linalg.eigh(np.cov(places.T))[1][:, ::-1]
    least, largest = places.min(axis=0), places.max(axis=0)
    return 0.5 + (places - (least + largest) / 2) / (largest - least).max()


def place_tests(dataset, draws, predictions, read):
    """Place test images of the first repeat on a map.

    Parameters
    ----------
    dataset : str
    draws : fewshot.data.draws.Draws
    predictions : fewshot.heads.predictions.Predictions
        Of the recommended head.
    read : callable
        read(rows) gives the coordinates of some rows of the pool, ascending.

    Returns
    -------
    list of Placed
    """
    rows = placed_rows(draws)
    right = predictions.rank[0, rows] == 0
    places = zip(rows.tolist(), embed(read(rows)).tolist(), right.tolist(), strict=True)
    return [Placed(dataset, row, x, y, int(is_right)) for row, (x, y), is_right in places]


def nearest_trained(dataset, rows, shots, draws, predictions, read):
    """Find the training images nearest to images that a head got wrong.

    Parameters
    ----------
    dataset : str
    rows : list of int
        Of the pool, in the order of the result. One that is never wrong as a test image has no
        neighbours.
    shots : int
        Training images of each class.
    draws, predictions, read
        See `place_tests`.

    Returns
    -------
    list of Neighbour
        `NEAREST` for each image, of the first repeat in which it was tested and named wrongly.
    """
    wrong = (predictions.role == TEST) & (predictions.rank > 0)
    repeats = {row: int(wrong[:, row].argmax()) for row in rows if wrong[:, row].any()}
    found = {}
    for repeat in sorted({*repeats.values()}):
        own = np.array([row for row in repeats if repeats[row] == repeat])
        trained = np.sort(draws.training_rows(repeat, shots))
        near = _nearest(read(np.sort(own)), read(trained))
        for row, images, distances in zip(np.sort(own).tolist(), *near, strict=True):
            found[row] = [
                Neighbour(dataset, row, repeat, place, int(trained[image]), float(distance))
                for place, (image, distance) in enumerate(zip(images, distances, strict=True), 1)
            ]
    return [neighbour for row in repeats for neighbour in found[row]]


def _nearest(tests, train):
    """Find for each test row the nearest training rows and their distances, (tests, NEAREST)."""
    step = max(1, _BLOCK // train.shape[1])
    squares = np.concatenate(
        [
            # Differences, not inner products: these would lose what is small beside the norms.
            np.stack([np.square(part - test).sum(axis=1, dtype=np.float64) for test in tests])
            for part in np.split(train, range(step, len(train), step))
        ],
        axis=1,
    )
    order = np.argsort(squares, axis=1, kind="stable")[:, :NEAREST]
    return order, np.sqrt(np.take_along_axis(squares, order, axis=1)) / _scale(train)


def _scale(rows):
    """What heads divide centred rows by: the root of their mean squared norm, the sum of variances."""
    return np.sqrt(rows.var(axis=0, dtype=np.float64).sum()) or 1.0
