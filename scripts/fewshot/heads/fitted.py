"""Trained heads: their scores, and their weights on disk."""

import numpy as np

from fewshot.hdf5 import add_dataset, open_hdf5, read_rows, whole_hdf5


def head_scores(coordinates, rows, coefficients, bias, *, centred):
    """Scores that a trained head gives to every image of a pool.

    With X the activations and m the mean of the head's training rows, its weights are
    (X_rows - m)^T A. So z = (X - m) (X_rows - m)^T A + b takes inner products alone, and
    coordinates have those of the activations. Heads that do not centre have 0 for m.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32
        Of the head's layer.
    rows : ndarray of shape (n,), int
        Training rows of the head.
    coefficients : ndarray of shape (n, classes), float32
        A, as `fewshot.heads.train.train` gives it.
    bias : ndarray of shape (classes,), float32
    centred : bool

    Returns
    -------
    ndarray of shape (images, classes), float32
    """
    if not centred:
        return coordinates @ (coordinates[rows].T @ coefficients) + bias
    mean = coordinates[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
    weights = (coordinates[rows] - mean).T @ coefficients
    return coordinates @ weights + (bias - mean @ weights)


def write_fitted(path, names, repeats):
    """Write what every repeat has fitted as HDF5, whole or not at all.

    Parameters
    ----------
    path : str or Path
    names : sequence of str
        Of the datasets.
    repeats : list of sequence of ndarray
        For each repeat its arrays, in the order of the names.
    """
    with whole_hdf5(path) as file:
        for name, arrays in zip(names, zip(*repeats, strict=True), strict=True):
            data = np.stack(arrays)  # (repeats, ...)
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
    list of tuple of ndarray
        For each repeat its training rows (n,), int, with coefficients (n, classes) and bias
        (classes,), float32: see `fewshot.heads.train.train`.

    Raises
    ------
    InputError
        If the file is missing, damaged or not complete.
    """
    with open_hdf5(path, ("rows", "coefficients", "bias")) as datasets:
        parts = map(read_rows, datasets)
        return list(zip(*parts, strict=True))
