"""The heads of a study: which solver, on which rows, with which results."""

import time
from functools import partial

import numpy as np

from fewshot.heads.eigenbasis import make_features
from fewshot.heads.logistic import softmax_penalty, train_logistic
from fewshot.heads.penalty import choose_penalty
from fewshot.heads.ridge import train_ridge
from fewshot.metrics import accuracy, cross_entropy

MEASURES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")


def train(coordinates, labels, train_rows, test_rows, head, rng, *, classes):
    """Train one head and test it.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32
    labels : ndarray of shape (images,), int
    train_rows, test_rows : ndarray of int
    head : dict
        The head's settings in the study: its solver, and for "sgd" epochs, batch_size,
        learning_rate and momentum.
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
    coefficients : ndarray of shape (n, classes), float32
        A: with X the training rows of any features that have these inner products, less their
        mean where the solver is not "sgd", weights are X^T A.
    bias : ndarray of shape (classes,), float32
    """
    start = time.perf_counter()
    solve = SOLVE[head["solver"]]
    train, test = ((coordinates[rows], labels[rows]) for rows in (train_rows, test_rows))
    result, *fitted = solve(*train, *test, classes, head, rng)
    result["seconds"] = time.perf_counter() - start
    return result, *fitted


def _sgd(train, train_labels, test, test_labels, classes, head, rng):
    from fewshot.heads.sgd import (
        train_sgd,  # its BLAS takes longer to import than most heads to train
    )

    # Raw features and a bias: a feature that is always 1 adds 1 to every inner product.
    train_gram, test_gram = train @ train.T + 1, test @ train.T + 1
    coefficients, curves = train_sgd(
        train_gram,
        train_labels,
        test_gram,
        test_labels,
        classes=classes,
        order=(rng.permutation(len(train_labels)) for _ in range(head["epochs"])),
        batch_size=head["batch_size"],
        learning_rate=head["learning_rate"],
        momentum=head["momentum"],
    )
    measures = dict(zip(MEASURES, curves[-1].tolist(), strict=True))
    result = {"epochs": head["epochs"], "l2": None, **measures}
    return result, curves, coefficients, coefficients.sum(axis=0)


def _logistic(features, labels, classes, l2):
    l2 = softmax_penalty(l2, classes)
    return l2, *train_logistic(features.train, labels, classes, l2)


def _ridge(features, labels, classes, l2):
    return l2, *train_ridge(features, labels, classes, l2)


def _penalised(fit, loss, train, train_labels, test, test_labels, classes, *_):
    features = make_features(train, test)
    l2 = choose_penalty(features, np.eye(classes, dtype=np.float32)[train_labels])
    l2, weights, bias = fit(features, train_labels, classes, l2)
    measures = []
    for rows, labels in ((features.train, train_labels), (features.test, test_labels)):
        scores = rows @ weights + bias
        measures += [loss(scores, labels), accuracy(scores, labels)]
    result = {"epochs": None, "l2": l2, **dict(zip(MEASURES, measures, strict=True))}
    # F = X V / (sqrt(scale) s), so F W = X X^T A with A = V W / (s scale).
    coefficients = features.basis @ (weights / np.sqrt(features.powers, dtype=np.float32)[:, None])
    return result, np.empty((0, 4)), coefficients / np.float32(features.scale), bias


def _squared_error(scores, labels):
    return float(np.mean((scores - np.eye(scores.shape[1])[labels]) ** 2))


# Of the solvers that read coordinates.
SOLVE = {
    "sgd": _sgd,
    "logistic": partial(_penalised, _logistic, cross_entropy),
    "ridge": partial(_penalised, _ridge, _squared_error),
}
