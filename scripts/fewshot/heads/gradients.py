"""Gradients of the heads' losses, held against differences of the losses themselves."""

from functools import partial
from typing import NamedTuple

import numpy as np

from fewshot.errors import input_error
from fewshot.heads import distillation, logistic
from fewshot.metrics import log_softmax

# The error of a central difference is s^2 f'''/6 from the cut-off series and about e |f| / s from
# rounding, e = 1e-16: with this s some 1e-11 for losses of size 1, and more for steps that are
# much longer or shorter.
STEP = 1e-5
# ASSUME: a gradient is right when no number is off by more than this. Loss and gradient are
# computed in float64 on rows of unit mean squared norm: gradients are of size 0.001 to 0.1, and of
# layers of 200,000 activations 0.0001.
LIMIT = 1e-7
COMPARED = 200  # numbers of each kind, drawn at random
_L2 = 1e-3  # a penalty that is felt
_TEMPERATURE, _HARD_WEIGHT = 4.0, 0.1
CHECK_COLUMNS = (
    "checked",
    "dataset",
    "backbone",
    "layer",
    "compared",
    "mean_difference",
    "largest_difference",
    "largest_gradient",
    "limit",
)


class Check(NamedTuple):
    """How far an analytic gradient is from central differences.

    Attributes
    ----------
    checked : str
        What the gradient is of.
    compared : int
        Numbers compared.
    mean_difference, largest_difference : float
        Absolute differences.
    largest_gradient : float
        The largest analytic gradient among them, absolute.
    """

    checked: str
    compared: int
    mean_difference: float
    largest_difference: float
    largest_gradient: float


def compare(checked, value, weights, gradient, entries):
    """Hold a gradient against central differences (f(w + s) - f(w - s)) / 2s.

    Parameters
    ----------
    checked : str
        What the gradient is of.
    value : callable
        value(weights) gives the loss.
    weights : ndarray, float64
        Where the gradient is taken.
    gradient : ndarray like weights
        To be checked.
    entries : ndarray of int
        Places in the flattened weights.

    Returns
    -------
    Check
    """
    moved = weights.copy()
    differences = np.empty(len(entries))
    for number, entry in enumerate(entries):
        ends = []
        for step in (STEP, -STEP):
            moved.flat[entry] = weights.flat[entry] + step
            ends.append(value(moved))
        moved.flat[entry] = weights.flat[entry]
        differences[number] = (ends[0] - ends[1]) / (2 * STEP)
    analytic = gradient.ravel()[entries]
    off = np.abs(analytic - differences)
    mean = float(off.sum() / max(len(off), 1))  # a layer that is dead has nothing to compare
    largest = (float(np.abs(numbers).max(initial=0)) for numbers in (off, analytic))
    return Check(checked, len(entries), mean, *largest)


def check_heads(features, labels, classes, rng):
    """Check the gradients of a head, over weights and bias, and of a student over its weights.

    Parameters
    ----------
    features : ndarray of shape (n, rank)
        Training rows as the heads have them: see `fewshot.heads.eigenbasis.Features`.
    labels : ndarray of shape (n,), int
    classes : int
    rng : numpy.random.Generator
        For weights, the teacher's logits, and the choice of what is compared.

    Returns
    -------
    list of Check
    """
    inputs = np.column_stack([features, np.ones(len(features))]).astype(np.float64)
    rank = inputs.shape[1] - 1
    penalty = np.append(np.full(rank, _L2), 0)[:, None]
    one_hot = np.eye(classes)[labels]
    head = partial(logistic.objective, inputs=inputs, targets=one_hot, penalty=penalty)
    labelled = np.arange(0, len(labels), 2)
    teacher_logits = 3 * rng.standard_normal((len(labels), classes))
    student = partial(
        distillation.objective,
        inputs=inputs,
        soft_targets=np.exp(log_softmax(teacher_logits / _TEMPERATURE)),
        labelled=labelled,
        hard_targets=one_hot[labelled],
        temperature=_TEMPERATURE,
        hard_weight=_HARD_WEIGHT,
        penalty=penalty,
    )
    places = rng.permutation(rank * classes)[:COMPARED]
    bias = rank * classes + np.arange(classes)
    weights = rng.standard_normal((rank + 1, classes))
    return [
        compare(
            checked, lambda moved, loss=loss: loss(moved)[0], weights, loss(weights)[1], entries
        )
        for checked, loss, entries in (
            ("head weights", head, places),
            ("head bias", head, bias),
            ("distillation weights", student, places),
        )
    ]


def check_compaction(activations, coordinates, labels, classes, rng):
    """Check that coordinates give the gradient over the weights of the activations themselves.

    A head on coordinates L with weights V = L^T A stands for one on activations X with weights
    W = X^T A: both have the logits K A, as X X^T = L L^T = K. With G the gradient over the logits
    the gradient over W is X^T G. G is computed here from L V alone, the loss whose differences it
    is held against from X W.

    Parameters
    ----------
    activations : ndarray of shape (n, d)
        X, as they are stored.
    coordinates : ndarray of shape (n, numbers)
        L, of the same images.
    labels : ndarray of shape (n,), int
    classes : int
    rng : numpy.random.Generator
        For A, and the choice of what is compared.

    Returns
    -------
    Check
        L L^T comes from products in float32, so it is right to about 1e-7 of K and so is G.
    """
    scale = np.sqrt(np.mean(np.sum(coordinates.astype(np.float64) ** 2, axis=1))) or 1.0
    rows, short = (part.astype(np.float64) / scale for part in (activations, coordinates))
    combination = rng.standard_normal((len(labels), classes)) / np.sqrt(len(labels))
    one_hot = np.eye(classes)[labels]
    _, slopes = logistic.softmax_loss(short @ (short.T @ combination), one_hot)
    weights = rows.T @ combination
    return compare(
        "through compaction",
        lambda moved: logistic.softmax_loss(rows @ moved, one_hot)[0],
        weights,
        rows.T @ slopes,
        rng.permutation(weights.size)[:COMPARED],
    )


def require_right(checks):
    """Refuse gradients that are off by more than `LIMIT`.

    Parameters
    ----------
    checks : list of Check

    Raises
    ------
    InputError
        With the numbers of those that are.
    """
    wrong = [check for check in checks if not check.largest_difference <= LIMIT]
    if wrong:
        raise input_error(
            f"Analytic and numerical gradients agree to {LIMIT:g}",
            ", ".join(
                f"{check.checked} off by {check.largest_difference:.3g} at most and "
                f"{check.mean_difference:.3g} on average, gradients up to "
                f"{check.largest_gradient:.3g}"
                for check in wrong
            ),
            "delete the coordinates of this layer under results/ and run again; where that does "
            "not help, the code or its linear algebra library computes wrong numbers",
        )
