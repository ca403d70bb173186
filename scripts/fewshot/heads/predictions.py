"""Predictions: what a head says of every image that it was not trained on."""

from typing import NamedTuple

import numpy as np

from fewshot.data.draws import TEST, TRAINED, UNUSED
from fewshot.hdf5 import add_dataset, open_hdf5, read_rows, whole_hdf5
from fewshot.heads.calibration import calibrate
from fewshot.heads.eigenbasis import row_blocks
from fewshot.metrics import log_softmax


class Predictions(NamedTuple):
    """What the heads of a grid point say, repeat by repeat, of the images of a pool.

    All have the shape (repeats, images). An image that a head was trained on, or one of its group,
    has the role `TRAINED` and zeros for all else.

    Attributes
    ----------
    role : ndarray of int8
        `TRAINED`, `UNUSED` or `TEST` of `fewshot.data.draws`.
    named : ndarray of unsigned int
        Label of the class with the highest score, the first of equals.
    rank : ndarray of unsigned int
        Number of classes with a higher score than the given class, or as high and before it: 0
        where the head is right.
    probability, given : ndarray of float32
        Calibrated probabilities of the class named and of the given class.
    """

    role: np.ndarray
    named: np.ndarray
    rank: np.ndarray
    probability: np.ndarray
    given: np.ndarray


def predict(scores, labels, groups, roles, *, kept):
    """Make the predictions of a repeat from its scores.

    Parameters
    ----------
    scores : ndarray of shape (images, classes), float32
    labels, groups : ndarray of shape (images,), int
    roles : ndarray of shape (images,), int8
        See `fewshot.data.draws.Draws.roles`.
    kept : {"all", "tests"}
        Whether what is said of unused images is kept, too.

    Returns
    -------
    predictions : tuple of ndarray of shape (images,)
        Fields of `Predictions`.
    temperature : float
        See `fewshot.heads.calibration.calibrate`.
    """
    # A head that has diverged says nothing: to it all classes are alike.
    if (diverged := ~np.isfinite(scores).all(axis=1)).any():
        scores = np.where(diverged[:, None], 0, scores)
    is_test = roles == TEST
    # An official part may leave out copies of its test images.
    is_unused = (roles == UNUSED) & ~np.isin(groups, groups[is_test])
    temperatures, temperature = calibrate(scores, labels, groups, is_unused, is_test)
    judged = np.flatnonzero(is_test if kept == "tests" else roles != TRAINED)
    number = np.min_scalar_type(scores.shape[1])
    kinds = np.int8, number, number, np.float32, np.float32
    predictions = tuple(np.zeros(len(labels), kind) for kind in kinds)
    predictions[0][judged] = roles[judged]
    for block in row_blocks(len(judged), scores.shape[1]):
        rows = judged[block]
        judgements = _judge(scores[rows], labels[rows], temperatures[rows])
        for values, judgement in zip(predictions[1:], judgements, strict=True):
            values[rows] = judgement
    return predictions, temperature


def _judge(scores, labels, temperatures):
    """Class named and rank of the given one, and the probabilities of both."""
    images = np.arange(len(labels))
    given = scores[images, labels][:, None]
    before = np.arange(scores.shape[1]) < labels[:, None]
    rank = (scores > given).sum(axis=1) + ((scores == given) & before).sum(axis=1)
    named = scores.argmax(axis=1)
    probabilities = np.exp(log_softmax(scores / temperatures[:, None]))
    return named, rank, probabilities[images, named], probabilities[images, labels]


def write_predictions(path, repeats):
    """Write the predictions of some repeats as HDF5, whole or not at all.

    Parameters
    ----------
    path : str or Path
    repeats : list of tuple of ndarray of shape (images,)
        From `predict`.
    """
    with whole_hdf5(path) as file:
        for name, rows in zip(Predictions._fields, zip(*repeats, strict=True), strict=True):
            data = np.stack(rows)
            chunk = (1, data.shape[1])
            add_dataset(file, name, data.shape, data.dtype, chunk, compression="gzip")[:] = data


def read_predictions(path):
    """Read predictions.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Predictions

    Raises
    ------
    InputError
        If the file is missing, damaged or not complete.
    """
    with open_hdf5(path, Predictions._fields) as datasets:
        return Predictions(*map(read_rows, datasets))


def read_ranks(path):
    """Read of predictions what tells whether they are right: of many files that takes half as long.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    role, rank : ndarray of shape (repeats, images)
        As `Predictions` has them.

    Raises
    ------
    InputError
        See `read_predictions`.
    """
    with open_hdf5(path, ("role", "rank")) as datasets:
        return tuple(map(read_rows, datasets))
