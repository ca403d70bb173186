"""Pooling of layers on the device, before anything is copied or kept.

Importing this module imports keras and its backend.
"""

import math

from keras import ops

from fewshot.study.pooling import CLS, GRID_EDGE, MAX, MEAN, pooled_shape, split_pooling


def pooled(layer, activations, prefix_tokens):
    """Pool the activations of a layer as its name says.

    Parameters
    ----------
    layer : str
        With or without "@".
    activations : KerasTensor of shape (batch, height, width, channels) or (batch, tokens, channels)
        Anything that is not pooled may have any shape.
    prefix_tokens : int
        Tokens before those of patches.

    Returns
    -------
    KerasTensor
        In float32 where it is pooled by a mean: (batch, channels), for "2x2" (batch, 2, 2, channels).
        A grid that does not come out even has cells that share a row or column of places: cell i
        of n places begins at floor(i n / 2) and ends before ceil((i + 1) n / 2).

    Raises
    ------
    InputError
        If the layer can't be pooled so.
    """
    _, pooling = split_pooling(layer)
    pooled_shape(layer, activations.shape[1:], prefix_tokens)
    if not pooling:
        return activations
    if pooling == CLS:
        return activations[:, 0]
    patches = activations if len(activations.shape) == 4 else activations[:, prefix_tokens:]
    places = tuple(range(1, len(patches.shape) - 1))
    if pooling == MAX:
        return ops.max(patches, axis=places)
    patches = ops.cast(patches, "float32")
    if pooling == MEAN:
        return ops.mean(patches, axis=places)
    if len(patches.shape) == 3:
        edge = math.isqrt(patches.shape[1])
        patches = ops.reshape(patches, (-1, edge, edge, patches.shape[2]))
    rows, columns = map(_cells, patches.shape[1:3])
    cells = [[ops.mean(patches[:, row, column], axis=(1, 2)) for column in columns] for row in rows]
    return ops.stack([ops.stack(row, axis=1) for row in cells], axis=1)


def _cells(places):
    """Slices of the cells of a grid along an edge of so many places."""
    return [
        slice(place * places // GRID_EDGE, -(-(place + 1) * places // GRID_EDGE))
        for place in range(GRID_EDGE)
    ]
