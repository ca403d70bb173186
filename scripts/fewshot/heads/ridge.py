"""Ridge regression: the whole path of penalties from one eigendecomposition."""

import numpy as np

PENALTIES = 10.0 ** np.arange(-6, 2.1, 0.5)  # for features of unit mean squared norm
# With one image a class, leaving it out leaves none, and leave-one-out prefers ever stronger
# penalties (40.9 % where 50.7 % can be had, MobileNet's conv_pw_11_relu). A weak penalty is within
# two points of the best in hindsight on all layers tried.
ONE_SHOT_PENALTY = 1e-4


def choose_penalty(features, labels, classes):
    """Choose the penalty by images left out in turn, where every class has two; none are trained on.

    Parameters
    ----------
    features : fewshot.heads.eigenbasis.Features
    labels : ndarray of shape (n,), int
    classes : int

    Returns
    -------
    float
        That of `leave_one_out` on one-hot targets, or `ONE_SHOT_PENALTY` where a class has a
        single image.
    """
    if np.bincount(labels, minlength=classes).min() < 2:
        return ONE_SHOT_PENALTY
    return leave_one_out(features, np.eye(classes, dtype=np.float32)[labels])


def leave_one_out(features, targets):
    """Choose the penalty that has the least squared error on images left out in turn.

    Ridge regression minimises mean_i |y_i - W^T f_i - b|^2 + l2 |W|^2 with y the targets. In the
    eigenbasis of the rows, with powers s^2, it keeps the part k_j = s_j^2 / (s_j^2 + n l2) of
    direction j. Its hat matrix has the diagonal h_i = 1/n + sum_j V_ij^2 k_j, and leaving image i
    out turns its residual r_i into r_i / (1 - h_i).

    Parameters
    ----------
    features : fewshot.heads.eigenbasis.Features
    targets : ndarray of shape (n, classes), float32

    Returns
    -------
    float
        One of `PENALTIES`.

    References
    ----------
    Golub, Heath & Wahba, Generalized cross-validation as a method for choosing a good ridge
    parameter, Technometrics 21 (1979), equation 1.2.
    """
    images = len(targets)
    centred, projected = _project(features, targets)
    squares = features.basis**2
    errors = []
    for l2 in PENALTIES:
        kept = (features.powers / (features.powers + images * l2)).astype(np.float32)
        residuals = centred - features.basis @ (kept[:, None] * projected)
        left = 1 - 1 / images - squares @ kept
        # Where all directions are kept, rounding alone is left of both: such a fit says nothing.
        rounding = images * np.finfo(np.float32).eps
        left = np.where(left > rounding, left, np.nan)
        errors.append(np.mean((residuals / left[:, None]) ** 2, dtype=np.float64))
    return float(PENALTIES[np.nanargmin(errors)])


def train_ridge(features, labels, classes, l2):
    """Ridge regression on one-hot targets.

    Parameters
    ----------
    features : fewshot.heads.eigenbasis.Features
    labels : ndarray of shape (n,), int
    classes : int
    l2 : float
        Above 0.

    Returns
    -------
    weights : ndarray of shape (rank, classes), float32
        For rows in the eigenbasis: `Features.train`.
    bias : ndarray of shape (classes,), float32
    """
    _, projected = _project(features, np.eye(classes, dtype=np.float32)[labels])
    shrunk = np.sqrt(features.powers) / (features.powers + len(labels) * l2)
    weights = shrunk.astype(np.float32)[:, None] * projected
    return weights, np.bincount(labels, minlength=classes).astype(np.float32) / len(labels)


def _project(features, targets):
    """Targets less their mean, and their part in each direction."""
    centred = targets - targets.mean(axis=0)
    return centred, features.basis.T @ centred
