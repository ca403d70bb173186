"""Trained heads: their scores, and their weights on disk."""

from typing import NamedTuple

import numpy as np

from fewshot.files import damaged
from fewshot.hdf5 import add_dataset, open_hdf5, read_rows, whole_hdf5


class Head(NamedTuple):
    """A trained head, on coordinates of whose images it needs inner products alone.

    With X the training rows, and m their mean where its solver centres them, else 0, the scores of a
    row x are (x - m) W + b.

    Attributes
    ----------
    rows : ndarray of shape (n,), int
        Training rows of the pool.
    bias : ndarray of shape (classes,), float32
        b.
    coefficients : ndarray of shape (n, classes), float32, or None
        A with W = (X - m)^T A: of any features that have the inner products of the coordinates.
    weights : ndarray of shape (numbers, classes), float32, or None
        W itself, for coordinates alone: where there are more training rows than numbers in each.
    """

    rows: np.ndarray
    bias: np.ndarray
    coefficients: np.ndarray | None = None
    weights: np.ndarray | None = None

    def arrays(self):
        """Name the arrays that it has: what `write_fitted` writes."""
        return {name: array for name, array in self._asdict().items() if array is not None}


def head_weights(coordinates, head, *, centred):
    """Give a head's weights on coordinates.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32
        Of the head's layer.
    head : Head
    centred : bool
        Whether its solver centres its inputs.

    Returns
    -------
    weights : ndarray of shape (numbers, classes), float32
        W.
    mean : ndarray of shape (numbers,), float32
        m.
    """
    own = coordinates[head.rows]
    mean = np.zeros(own.shape[1], np.float32)
    if centred:
        mean = own.mean(axis=0, dtype=np.float64).astype(np.float32)
        own -= mean
    return (own.T @ head.coefficients if head.weights is None else head.weights), mean


def head_scores(coordinates, head, *, centred):
    """Scores that a trained head gives to every image of a pool.

    Parameters
    ----------
    coordinates, head, centred
        See `head_weights`.

    Returns
    -------
    ndarray of shape (images, classes), float32
    """
    weights, mean = head_weights(coordinates, head, centred=centred)
    scores = coordinates @ weights
    scores += head.bias - mean @ weights
    return scores


def as_coefficients(coordinates, head, *, centred):
    """Turn weights into coefficients, for activations that are not the coordinates themselves.

    Weights lie in the span of the training rows, so W = (X - m)^T A has a solution; that of least
    norm is taken.

    Parameters
    ----------
    coordinates, head, centred
        See `head_weights`.

    Returns
    -------
    Head
        Of the same scores.
    """
    if head.weights is None:
        return head
    own = coordinates[head.rows].astype(np.float64)
    own -= own.mean(axis=0) if centred else 0
    precision = np.finfo(np.float32).eps
    solution = np.linalg.lstsq(own.T, head.weights.astype(np.float64), precision)[0]
    return Head(head.rows, head.bias, solution.astype(np.float32))


def write_fitted(path, repeats):
    """Write what every repeat has fitted as HDF5, whole or not at all.

    Parameters
    ----------
    path : str or Path
    repeats : list of dict of str to ndarray
        For each repeat its arrays by name; all have the same names and shapes.
    """
    with whole_hdf5(path) as file:
        for name in repeats[0]:
            data = np.stack([arrays[name] for arrays in repeats])  # (repeats, ...)
            chunk = (1, *data.shape[1:])
            add_dataset(file, name, data.shape, data.dtype, chunk)[:] = data


def read_head(path):
    """Read a trained head.

    Parameters
    ----------
    path : str or Path
        HDF5 file of the stage `train_head`.

    Returns
    -------
    list of Head
        One a repeat.

    Raises
    ------
    InputError
        If the file is missing, damaged or not complete.
    """
    with open_hdf5(path, ("rows",)) as (rows,):
        form = "weights" if "weights" in rows.file else "coefficients"
    names = ("rows", "bias", form)
    with open_hdf5(path, names) as datasets:
        parts = [*map(read_rows, datasets)]
    shapes = [part.shape for part in parts]
    repeats, images, classes = len(parts[0]), shapes[0][-1], shapes[1][-1]
    lines = shapes[2][1] if form == "weights" and len(shapes[2]) == 3 else images
    if shapes != [(repeats, images), (repeats, classes), (repeats, lines, classes)]:
        found = ", ".join(f"{name} {shape}" for name, shape in zip(names, shapes, strict=True))
        raise damaged(path, f"{path} with {found}")
    return [Head(**dict(zip(names, each, strict=True))) for each in zip(*parts, strict=True)]
