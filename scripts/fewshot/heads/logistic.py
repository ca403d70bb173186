"""Softmax regression with an L2 penalty, solved to its optimum."""

from functools import partial

import numpy as np

from fewshot.heads.eigenbasis import row_blocks
from fewshot.heads.lbfgs import minimise

# Part of each target that is shared out over all classes. With hard targets and a weak penalty the
# logits grow without end and some images weigh far more than others; with smoothed ones all are
# fitted alike. On 20 classes of photographs and the layer conv_pw_11_relu of MobileNet it is worth
# 10 points at 2 shots and 3 at 16, whatever the penalty.
SMOOTHING = 0.1
_TOLERANCE = 3e-5  # relative decrease of the objective in a step, at which it is solved
_LEAST_IMPURITY = 0.01
_MAX_STEPS = 10_000  # some tens will do; at T = 0.1 with 100 classes it can be 800


def softmax_penalty(ridge_penalty, classes):
    """The penalty of softmax regression that shrinks as a penalty of ridge regression does.

    Around equal probabilities the mean cross-entropy with targets t is
    log C - mean_i (t_i - 1/C).z_i + |z_i - mean z_i|^2 / (2 C): half of 1/C times squared error.
    So l2/2 |W|^2 weighs against it as C l2 |W|^2 does against mean_i |y_i - z_i|^2.

    Parameters
    ----------
    ridge_penalty : float
        As `fewshot.heads.penalty.choose_penalty` gives it.
    classes : int
        C.

    Returns
    -------
    float
    """
    return ridge_penalty / classes


def softmax_loss(logits, targets, temperature=1):
    """Mean over images of T^2 CE(t, softmax(z / T)), and its gradient over the logits z.

    The gradient is T (softmax(z / T) - t) / n: for large T the two in brackets differ by about
    1/T, so T^2 keeps it at one size.

    Parameters
    ----------
    logits : ndarray of shape (n, classes), float32 or float64
        z.
    targets : ndarray of shape (n, classes), like logits
        t; each row sums to 1.
    temperature : float, default 1
        T.

    Returns
    -------
    loss : float
        In nats, T^2 times.
    gradient : ndarray of shape (n, classes), like logits
    """
    softened = logits / logits.dtype.type(temperature)
    softened -= softened.max(axis=1, keepdims=True)
    fit = np.einsum("ic,ic->i", targets, softened)
    np.exp(softened, out=softened)
    partition = softened.sum(axis=1, keepdims=True)
    loss = float(np.mean(np.log(partition[:, 0]) - fit, dtype=np.float64))
    softened /= partition
    softened -= targets
    softened *= softened.dtype.type(temperature / len(logits))
    return temperature**2 * loss, softened


def objective(weights, inputs, targets, penalty):
    """Mean cross-entropy of softmax regression with its penalty, and the gradient.

    mean_i CE(t_i, softmax(W^T x_i)) + 1/2 sum_jc penalty_j W_jc^2, in the type of the arrays.

    Parameters
    ----------
    weights : ndarray of shape (inputs, classes)
        W; a last row for an input that is always 1 is the bias.
    inputs : ndarray of shape (n, inputs)
    targets : ndarray of shape (n, classes)
        Each row sums to 1.
    penalty : ndarray of shape (inputs, 1)
        Of each input; 0 for the bias.

    Returns
    -------
    value : float
    gradient : ndarray of shape (inputs, classes)
    """
    loss, gradient = 0.0, np.zeros_like(weights)
    for block in row_blocks(*targets.shape):
        part, slopes = softmax_loss(inputs[block] @ weights, targets[block])
        share = len(slopes) / len(targets)
        loss += share * part
        slopes *= slopes.dtype.type(share)
        gradient += inputs[block].T @ slopes
    return penalise(loss, gradient, weights, penalty)


def penalise(loss, gradient, weights, penalty):
    """Add the penalty 1/2 sum_jc penalty_j W_jc^2 to a loss and its gradient.

    Parameters
    ----------
    loss : float
    gradient, weights : ndarray of shape (inputs, classes)
    penalty : ndarray of shape (inputs, 1)

    Returns
    -------
    value : float
    gradient : ndarray of shape (inputs, classes)
    """
    weighted = penalty * weights
    return loss + 0.5 * float(np.vdot(weighted, weights)), gradient + weighted


def train_logistic(features, targets, l2, start=None, impurity=1.0):
    """Minimise mean_i CE(t_i, softmax(W^T f_i + b)) + l2/2 |W|^2 over W and b.

    Parameters
    ----------
    features : ndarray of shape (n, rank), float32
        F, in the eigenbasis of the rows.
    targets : ndarray of shape (n, classes), float32
        t: see `smoothed`.
    l2 : float
        Above 0.
    start : ndarray of shape (rank, classes), float32, optional
        Weights to start from, by default zeros.
    impurity : float, default 1
        Mean `gini_impurity` of the probabilities about there.

    Returns
    -------
    weights : ndarray of shape (rank, classes), float32
    bias : ndarray of shape (classes,), float32
    """
    squares = np.einsum("ij,ij->j", features, features, dtype=np.float64) / len(features)
    return solve(
        partial(objective, targets=targets),
        features,
        impurity * np.append(squares, 1),
        targets.shape[1],
        l2,
        start=start,
    )


def gini_impurity(probabilities):
    """Tell how far probabilities are from being sure of a class: 1 - sum_c p_c^2.

    Parameters
    ----------
    probabilities : ndarray of shape (n, classes), float32
        p.

    Returns
    -------
    ndarray of shape (n,), float32
        At least 0.01: on the way to the minimum they are less sure.
    """
    return np.maximum(1 - np.einsum("ic,ic->i", probabilities, probabilities), _LEAST_IMPURITY)


def smoothed(labels, classes, smoothing=SMOOTHING):
    """Make targets t = (1 - e) onehot + e/C with e the smoothing.

    Parameters
    ----------
    labels : ndarray of shape (n,), int
    classes : int
        C.
    smoothing : float, default 0.1

    Returns
    -------
    ndarray of shape (n, classes), float32

    References
    ----------
    Szegedy et al., Rethinking the Inception Architecture, arXiv 1512.00567, section 7 (smoothing).
    """
    targets = np.full((len(labels), classes), smoothing / classes, np.float32)
    targets[np.arange(len(labels)), labels] += 1 - smoothing
    return targets


def solve(objective, features, squares, classes, l2, floor=0.0, start=None):
    """Minimise a loss of softmax regression over weights and bias.

    The Hessian is close to squares_j / C + l2 in direction j of the eigenbasis: with each direction
    divided by the root of that, L-BFGS needs some tens of steps whatever the spectrum. For each
    image it is diag(p) - p p^T over the logits, with p its probabilities: of its diagonal the mean
    is the Gini impurity of p divided by C.

    Parameters
    ----------
    objective : callable
        objective(weights, inputs, penalty=penalty) gives the value and the gradient over the
        weights, for inputs (n, rank + 1) whose last is the bias's and penalty (rank + 1, 1).
    features : ndarray of shape (n, rank), float32
        F, in the eigenbasis of the rows.
    squares : ndarray of shape (rank + 1,), float64
        Mean squared features, and 1 for the bias, each image weighed as the loss weighs it and by
        the Gini impurity of its probabilities about the minimum.
    classes : int
        C.
    l2 : float
        Above 0.
    floor : float, default 0
        A part of the objective that no weights change; the rest is what converges.
    start : ndarray of shape (rank, classes), float32, optional
        Weights to start from, by default zeros.

    Returns
    -------
    weights : ndarray of shape (rank, classes), float32
    bias : ndarray of shape (classes,), float32

    References
    ----------
    Liu & Nocedal, On the limited memory BFGS method, Mathematical Programming 45 (1989).
    """
    images, rank = features.shape
    curvature = squares / classes
    curvature[:-1] += l2
    scale = np.sqrt(curvature)[:, None]
    inputs = np.empty((images, rank + 1), np.float32)
    inputs[:, :-1], inputs[:, -1] = features, 1
    inputs /= scale.T.astype(np.float32)
    penalty = (l2 / curvature[:, None]).astype(np.float32)
    penalty[-1] = 0  # the bias is free

    def above_floor(scaled):
        value, gradient = objective(scaled, inputs, penalty=penalty)
        return value - floor, gradient

    first = np.zeros((rank + 1, classes), np.float32)
    if start is not None:
        first[:-1] = start * scale[:-1].astype(np.float32)
    scaled, value, steps = minimise(above_floor, first, tolerance=_TOLERANCE, max_steps=_MAX_STEPS)
    print(f"l2 {l2:.1e}: {steps} steps, objective {value + floor:.6f}")
    weights = scaled / scale.astype(np.float32)
    return weights[:-1], weights[-1]
