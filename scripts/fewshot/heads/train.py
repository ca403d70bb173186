"""The heads of a study: which solver, on which rows, with which results."""

import time
from functools import partial

import numpy as np

from fewshot.heads.eigenbasis import make_features
from fewshot.heads.fitted import Head, head_scores
from fewshot.heads.logistic import smoothed, softmax_penalty, train_logistic
from fewshot.heads.penalty import choose_penalty
from fewshot.heads.ridge import train_ridge
from fewshot.heads.sgd import head_of, products_of, train_sgd
from fewshot.heads.warm_start import scaled_ridge
from fewshot.metrics import MEASURES, accuracy, cross_entropy
from fewshot.study.solvers import SOLVERS


def train(coordinates, labels, train_rows, test_rows, head, rng, *, classes):
    """Train one head and test it.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32
    labels : ndarray of shape (images,), int
    train_rows, test_rows : ndarray of int
    head : dict
        The head's settings in the study: its solver, and for "sgd" epochs, batch_size,
        learning_rate and momentum; and penalty, where it is not to be chosen on the training images.
    rng : numpy.random.Generator
        For the order of images in the epochs of "sgd".
    classes : int

    Returns
    -------
    result : dict
        epochs, l2 (None where there is none), train_loss, train_accuracy, test_loss,
        test_accuracy, seconds. Losses are mean cross-entropies in nats; for "ridge", whose
        scores are no logits, mean squared errors.
    curves : ndarray of shape (epochs, 4)
        Losses and accuracies after each epoch; of no rows for solvers without epochs.
    head : fewshot.heads.fitted.Head
    scores : ndarray of shape (images, classes), float32
        Of all images.
    """
    start = time.perf_counter()
    solver = head["solver"]
    own = coordinates[train_rows], labels[train_rows]
    tests = coordinates[test_rows], labels[test_rows]
    result, curves, fitted = SOLVE[solver](own, tests, classes, head, rng)
    fitted = Head(train_rows, **fitted)
    scores = head_scores(coordinates, fitted, centred=SOLVERS[solver].centred)
    measures = []
    for rows in (train_rows, test_rows):
        measures += [
            LOSSES[solver](scores[rows], labels[rows]),
            accuracy(scores[rows], labels[rows]),
        ]
    result |= dict(zip(MEASURES, measures, strict=True))
    return {**result, "seconds": time.perf_counter() - start}, curves, fitted, scores


def _sgd(own, tests, classes, head, rng):
    rows, labels = own
    solution, curves = train_sgd(
        products_of(rows, tests[0]),
        labels,
        tests[1],
        classes=classes,
        order=(rng.permutation(len(labels)) for _ in range(head["epochs"])),
        batch_size=head["batch_size"],
        learning_rate=head["learning_rate"],
        momentum=head["momentum"],
    )
    return {"epochs": head["epochs"], "l2": None}, curves, head_of(solution, rows)


def _logistic(features, labels, classes, ridge_penalty):
    l2, targets = softmax_penalty(ridge_penalty, classes), smoothed(labels, classes)
    start = scaled_ridge(features, targets, labels, l2, ridge_penalty)
    return l2, *train_logistic(features.train, targets, l2, *start)


def _ridge(features, labels, classes, l2):
    return l2, *train_ridge(features, labels, classes, l2)


def _penalised(fit, own, tests, classes, head, _):
    rows, labels = own
    features = make_features(rows)
    chosen = head.get("penalty") or choose_penalty(
        features, np.eye(classes, dtype=np.float32)[labels]
    )
    l2, weights, bias = fit(features, labels, classes, chosen)
    return {"epochs": None, "l2": l2}, np.empty((0, 4)), {**features.fitted(weights), "bias": bias}


def _squared_error(scores, labels):
    residuals = scores.copy()
    residuals[np.arange(len(labels)), labels] -= 1
    squares = np.einsum("ic,ic->", residuals, residuals, dtype=np.float64)
    return float(squares / max(residuals.size, 1))


# Of the solvers that read coordinates.
SOLVE = {
    "sgd": _sgd,
    "logistic": partial(_penalised, _logistic),
    "ridge": partial(_penalised, _ridge),
}
LOSSES = {"sgd": cross_entropy, "logistic": cross_entropy, "ridge": _squared_error}
