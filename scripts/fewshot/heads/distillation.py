"""Distillation: a head learns from the class probabilities that a better head gives."""

import time
from functools import partial

import numpy as np

from fewshot.heads.eigenbasis import make_features
from fewshot.heads.fitted import Head, head_scores
from fewshot.heads.logistic import gini_impurity, penalise, softmax_loss, softmax_penalty, solve
from fewshot.heads.penalty import choose_penalty
from fewshot.metrics import log_softmax


def transfer_rows(draws, repeat, shots, transfer):
    """Rows of the pool on which a teacher speaks to a student in a repeat.

    Parameters
    ----------
    draws : fewshot.data.draws.Draws
    repeat : int
    shots : int
        Training images of each class that the student has.
    transfer : {"training", "pool"}
        Those alone, or all that may be trained on.

    Returns
    -------
    ndarray of int64, ascending
        The student's training rows are among them.
    """
    if transfer == "pool":
        return np.flatnonzero(draws.places[:, repeat] > 0)
    return np.sort(draws.training_rows(repeat, shots))


def objective(
    weights, inputs, soft_targets, labelled, hard_targets, temperature, hard_weight, penalty
):
    """Loss of a student with its penalty, and the gradient.

    (1 - a) T^2 mean_i CE(t_i, softmax(z_i / T)) + a mean_l CE(y_l, softmax(z_l))
    + 1/2 sum_jc penalty_j W_jc^2 with z = X W, i over all images and l over the labelled ones,
    in the type of the arrays.

    Parameters
    ----------
    weights : ndarray of shape (inputs, classes)
        W; a last row for an input that is always 1 is the bias.
    inputs : ndarray of shape (n, inputs)
        X.
    soft_targets : ndarray of shape (n, classes)
        t, the teacher's class probabilities at T.
    labelled : ndarray of shape (m,), int
        Rows of the inputs that have a label.
    hard_targets : ndarray of shape (m, classes)
        y, their classes as one-hot rows.
    temperature : float
        T, above 0.
    hard_weight : float
        a, from 0 to 1.
    penalty : ndarray of shape (inputs, 1)
        Of each input; 0 for the bias.

    Returns
    -------
    value : float
    gradient : ndarray of shape (inputs, classes)

    References
    ----------
    Hinton, Vinyals & Dean, Distilling the Knowledge in a Neural Network, arXiv 1503.02531,
    section 2: both terms, the factor T^2, and the considerably lower weight on the second.
    """
    logits = inputs @ weights
    soft_loss, slopes = softmax_loss(logits, soft_targets, temperature)
    hard_loss, hard_slopes = softmax_loss(logits[labelled], hard_targets)
    slopes *= slopes.dtype.type(1 - hard_weight)
    slopes[labelled] += slopes.dtype.type(hard_weight) * hard_slopes
    loss = (1 - hard_weight) * soft_loss + hard_weight * hard_loss
    return penalise(loss, inputs.T @ slopes, weights, penalty)


def student_penalty(features, soft_targets, temperature):
    """Choose a student's penalty without a label: by images left out in turn.

    Parameters
    ----------
    features : fewshot.heads.eigenbasis.Features
        Its training rows are the images that the teacher speaks of.
    soft_targets : ndarray of shape (n, classes), float32
        The teacher's class probabilities at T. For any T softmax(z / T) is close to 1/C + z / (T C),
        so ridge regression on them weighs its penalty as the student's loss does.
    temperature : float
        T.

    Returns
    -------
    float
        For `train_student`: see `fewshot.heads.penalty.choose_penalty`.
    """
    ridge_penalty = choose_penalty(features, soft_targets, temperature)
    return softmax_penalty(ridge_penalty, soft_targets.shape[1])


def train_student(features, teacher_logits, labelled, labels, *, temperature, hard_weight, l2=None):
    """Train a student to its optimum: the least `objective`.

    Parameters
    ----------
    features : fewshot.heads.eigenbasis.Features
        Its training rows are the images that the teacher speaks of.
    teacher_logits : ndarray of shape (n, classes), float32
        Of these images.
    labelled : ndarray of shape (m,), int
        Which of them have a label.
    labels : ndarray of shape (m,), int
        Their labels.
    temperature, hard_weight : float
        T and a.
    l2 : float, optional
        Penalty of every weight, above 0; by default that of `student_penalty`.

    Returns
    -------
    weights : ndarray of shape (rank, classes), float32
        For rows in the eigenbasis: `Features.train`.
    bias : ndarray of shape (classes,), float32
    l2 : float
    """
    classes = teacher_logits.shape[1]
    log_targets = log_softmax(teacher_logits / np.float32(temperature))
    soft_targets = np.exp(log_targets)
    if l2 is None:
        l2 = student_penalty(features, soft_targets, temperature)
    loss = partial(
        objective,
        soft_targets=soft_targets,
        labelled=labelled,
        hard_targets=np.eye(classes, dtype=np.float32)[labels],
        temperature=temperature,
        hard_weight=hard_weight,
    )
    # The Hessian of T^2 CE(t, softmax(z / T)) over z is diag(p) - p p^T, whatever T, and p ends near
    # the soft targets.
    shares = (1 - hard_weight) * gini_impurity(soft_targets) / len(soft_targets)
    shares[labelled] += hard_weight / len(labelled)
    squares = np.einsum("i,ij,ij->j", shares, features.train, features.train, dtype=np.float64)
    squares = np.append(squares, shares.sum())
    # T^2 times the entropy of the soft targets is in the loss whatever the student says.
    entropy = -np.mean(np.sum(soft_targets * log_targets, axis=1), dtype=np.float64)
    floor = (1 - hard_weight) * temperature**2 * float(entropy)
    weights, bias = solve(loss, features.train, squares, classes, l2, floor)
    return weights, bias, l2


def train_students(
    coordinates, taught, teacher_logits, labelled, labels, temperatures, hard_weight
):
    """Train a student at each T.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32
        Of the pool.
    taught : ndarray of shape (n,), int
        Rows of the images that the teacher speaks of.
    teacher_logits, labelled, labels, hard_weight
        See `train_student`.
    temperatures : list of float

    Yields
    ------
    scores : ndarray of shape (images, classes), float32
        Of the pool.
    l2, seconds : float
    """
    features = make_features(coordinates[taught])
    for temperature in temperatures:
        start = time.perf_counter()
        weights, bias, l2 = train_student(
            features,
            teacher_logits,
            labelled,
            labels,
            temperature=temperature,
            hard_weight=hard_weight,
        )
        head = Head(taught, bias, **features.fitted(weights))
        scores = head_scores(coordinates, head, centred=True)
        yield scores, l2, time.perf_counter() - start
