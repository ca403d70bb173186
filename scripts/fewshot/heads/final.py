"""The head of a classifier that is taken away: trained once more, on every image there is."""

from typing import NamedTuple

import numpy as np

from fewshot.errors import input_error
from fewshot.heads.calibration import fit_temperature
from fewshot.heads.eigenbasis import make_features
from fewshot.heads.fitted import Head, read_head
from fewshot.heads.head_files import read_results
from fewshot.heads.penalty import choose_penalty
from fewshot.heads.train import train
from fewshot.study.solvers import SOLVERS

FOLDS = 5  # at most


class FinalHead(NamedTuple):
    """A trained head with the temperature of its scores.

    Attributes
    ----------
    fitted : fewshot.heads.fitted.Head
    calibration : float
        Of its scores: see `fewshot.heads.calibration.fit_temperature`.
    """

    fitted: Head
    calibration: float


def train_on_all(coordinates, draws, head, seed):
    """Train a head on the whole pool, and calibrate it on images left out in turn.

    No image is left to calibrate it on. So five heads are trained on four fifths of the pool each,
    and one temperature is fitted to what they say of the fifth that they have not seen. With less to
    learn from they are less often right than the head on all images, which errs on the side of
    caution.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32
    draws : fewshot.data.draws.Draws
        Whose labels and groups count: no group is parted.
    head : dict
        Settings of the head: see `fewshot.heads.train.train`.
    seed : int
        Of the order of images in epochs, where the solver has such.

    Returns
    -------
    FinalHead

    References
    ----------
    Platt, Probabilistic outputs for support vector machines, 1999, section 2.1 (scores of images
    left out by cross-validation).
    """
    if SOLVERS[head["solver"]].penalised:
        # One for all: scores shrink with it, and a temperature fits scores of one size.
        features = make_features(coordinates)
        targets = np.eye(draws.classes, dtype=np.float32)[draws.labels]
        head = head | {"penalty": choose_penalty(features, targets)}
    labels, fold = draws.labels, fold_of(draws.labels, draws.groups)
    left_out = np.zeros((len(labels), draws.classes), np.float32)
    for number in range(fold.max() + 1):
        held, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        scores = _train(coordinates, draws, others, held, head, [seed, number])[-1]
        left_out[held] = scores[held]
    every = np.arange(len(labels))
    *_, fitted, _ = _train(coordinates, draws, every, every, head, [seed, FOLDS])
    return require_finite(FinalHead(fitted, fit_temperature(np.nan_to_num(left_out), labels)))


def fold_of(labels, groups):
    """Part images into folds that share no group and have as many of one class as of another.

    A head that lacks more of one class than of others is unjust to that class, and what it says of
    the images left out, which are of that class, would look worse than it is.

    Parameters
    ----------
    labels, groups : ndarray of shape (images,), int

    Returns
    -------
    ndarray of shape (images,), int
        From 0, at most `FOLDS` of them.
    """
    names, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    classes = labels[first]
    order = np.lexsort((names, classes))
    counts = np.bincount(classes)
    fold = np.empty(len(names), int)
    fold[order] = (np.arange(len(names)) - np.repeat(np.cumsum(counts) - counts, counts)) % FOLDS
    return fold[inverse]


def drawn_head(head_path, results_path):
    """Take the head of the first repeat, with the temperature that it was given there.

    Parameters
    ----------
    head_path, results_path : str
        Weights and results of a grid point.

    Returns
    -------
    FinalHead

    Raises
    ------
    InputError
        If a file is damaged, or the head has diverged.
    """
    calibration = float(read_results(results_path)[0]["calibration"])
    return require_finite(FinalHead(read_head(head_path)[0], calibration))


def _train(coordinates, draws, rows, held, head, seed):
    rng = np.random.default_rng(seed)
    return train(coordinates, draws.labels, rows, held, head, rng, classes=draws.classes)


def require_finite(head):
    """Refuse a head that has diverged.

    Parameters
    ----------
    head : FinalHead

    Returns
    -------
    FinalHead
        The same.

    Raises
    ------
    InputError
        If one of its numbers is not finite.
    """
    if not all(
        np.isfinite(part).all() for part in (*head.fitted.arrays().values(), head.calibration)
    ):
        raise input_error(
            "The head of a classifier must have finite weights",
            "one that has diverged",
            "take another head of the study, or lower its learning_rate",
        )
    return head
