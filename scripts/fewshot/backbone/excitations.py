"""Which images excite the filters of a layer most, from stored activations."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from fewshot.backbone.activations import COLUMNS
from fewshot.errors import input_error

MOST_FILTERS = 6
MOST_IMAGES = 5


class Excitation(NamedTuple):
    """A filter, the rows of the images that excite it most, and its responses to them."""

    filter: int
    rows: np.ndarray
    responses: np.ndarray


def channel_responses(read, shape):
    """Take the largest activation of every channel anywhere in each image.

    Parameters
    ----------
    read : callable
        `read(start, stop)` gives the columns of all images, ndarray of shape (n, stop - start).
        Column (y w + x) c + k is channel k at row y and column x.
    shape : tuple of int (h, w, c)

    Returns
    -------
    ndarray of shape (n, c), float32
    """
    height, width, channels = shape
    step = max(COLUMNS // channels, 1) * channels  # whole places
    largest = None
    for start in range(0, height * width * channels, step):
        block = read(start, min(start + step, height * width * channels))
        block = block.reshape(len(block), -1, channels).max(axis=1)
        largest = block if largest is None else np.maximum(largest, block)
    return largest


def strongest(responses, layer):
    """Find the images that excite the first filters most.

    Parameters
    ----------
    responses : ndarray of shape (n, channels)
        From `channel_responses`.
    layer : str
        Named in an error.

    Returns
    -------
    list of Excitation
        Of the first six filters that respond to any image, with at most five images each: the
        strongest first, those alike in the order of the pool.

    Raises
    ------
    InputError
        If no filter responds to any image.
    """
    (alive,) = np.nonzero(responses.max(axis=0) > 0)
    if not len(alive):
        raise input_error(
            "A layer must respond to an image to be looked at",
            f"{layer}, which is nowhere above zero",
            "name another layer as excitations of the backbone",
        )
    found = []
    for channel in alive[:MOST_FILTERS]:
        rows = np.argsort(-responses[:, channel], kind="stable")[:MOST_IMAGES]
        found.append(Excitation(int(channel), rows, responses[rows, channel]))
    return found


def common_classes(excitation, classes):
    """Find the classes that most of the images which excite a filter are of.

    Parameters
    ----------
    excitation : Excitation
    classes : dict of int to str
        Class of each row of the pool.

    Returns
    -------
    count : int
        Images of each of them.
    names : list of str
        In the order of their strongest image.
    """
    counts = Counter(classes[row] for row in excitation.rows.tolist())
    most = max(counts.values())
    return most, [name for name, count in counts.items() if count == most]
