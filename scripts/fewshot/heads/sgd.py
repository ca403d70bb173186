"""Softmax regression by stochastic gradient descent with momentum, on inner products alone."""

import math

import numpy as np

from fewshot.metrics import accuracy, cross_entropy

# Numbers below 1e-38 take a processor a hundred times as long as others. Probabilities stay above
# exp(-46) = 1e-20, and velocities that have faded to 1e-30 are none: float32 sees neither in a sum.
_LEAST_LOGIT = np.float32(-46)
_LEAST_VELOCITY = np.float32(1e-30)
_BLOCK = 256  # images whose gradients are passed on to all others in one matrix product


def train_sgd(
    train_gram,
    train_labels,
    test_gram,
    test_labels,
    *,
    classes,
    order,
    batch_size,
    learning_rate,
    momentum,
):
    """Train a head from zero and watch its loss and accuracy after every epoch.

    With X (n, d) the training rows, the weights are W = X^T A at any time: a step on batch b with
    logit gradients G (b, classes) changes V_b by -r G, then A by V, and V fades by m each step.
    So the logits Z = X W = K A need only the Gram matrix K = X X^T (n, n).

    Momentum moves every row in every step. To touch only what a batch changes, A is held as
    A = R - f V with f = m / (1 - m): R is where A would come to rest if no gradient came any more.
    A gradient changes R by -r / (1 - m) G. The logits K R and K V of all images learn of it a
    block of batches at a time; inside the block a gradient of age a has moved A by
    -r (1 - m^a) / (1 - m) G.

    Parameters
    ----------
    train_gram : ndarray of shape (n, n), float32
        Inner products of training rows; with 1 added to each, the head has a bias.
    train_labels : ndarray of shape (n,), int
    test_gram : ndarray of shape (tests, n), float32
        Inner products of test rows with training rows, treated alike.
    test_labels : ndarray of shape (tests,), int
    classes : int
    order : iterable of ndarray of shape (n,), int
        For each epoch the order in which the images come.
    batch_size : int
    learning_rate : float
        r.
    momentum : float
        m, at least 0 and below 1.

    Returns
    -------
    coefficients : ndarray of shape (n, classes), float32
        A.
    curves : ndarray of shape (epochs, 4), float64
        After each epoch: training loss, training accuracy, test loss, test accuracy. Losses are
        mean cross-entropies in nats.

    References
    ----------
    Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013,
    equations 1 and 2; keras.optimizers.SGD computes the same.
    """
    images = len(train_gram)
    rest, velocity = np.zeros((2, images, classes), np.float32)
    rest_logits, velocity_logits = np.zeros((2, images, classes), np.float32)
    f = momentum / (1 - momentum)
    blocks = max(1, round(images / _BLOCK))
    size = batch_size * math.ceil(images / blocks / batch_size)
    curves = []
    for permutation in order:
        for start in range(0, images, size):
            block = permutation[start : start + size]
            rows = train_gram[block]
            gradients, ages = _block_gradients(
                rows[:, block],
                train_labels[block],
                rest_logits[block],
                velocity_logits[block],
                batch_size,
                learning_rate,
                momentum,
            )
            settled = gradients * np.float32(-learning_rate / (1 - momentum))
            moving = gradients * np.float32(-learning_rate * momentum ** (ages[:, None] - 1.0))
            fade = momentum ** ages[0]
            rest[block] += settled
            velocity *= np.float32(fade)
            velocity[block] += moving
            # Not added in place by BLAS: scipy.linalg takes longer to import than most heads.
            rest_logits += rows.T @ settled
            velocity_logits *= np.float32(fade)
            velocity_logits += rows.T @ moving
        for fading in (velocity, velocity_logits):
            fading[np.abs(fading) < _LEAST_VELOCITY] = 0
        coefficients = rest - np.float32(f) * velocity
        train_logits = rest_logits - np.float32(f) * velocity_logits
        test_logits = test_gram @ coefficients
        curves.append(_evaluate(train_logits, train_labels, test_logits, test_labels))
    return coefficients, np.array(curves)


def _evaluate(train_logits, train_labels, test_logits, test_labels):
    return [
        cross_entropy(train_logits, train_labels),
        accuracy(train_logits, train_labels),
        cross_entropy(test_logits, test_labels),
        accuracy(test_logits, test_labels),
    ]


def _block_gradients(gram, labels, rest_logits, velocity_logits, batch_size, rate, momentum):
    """Logit gradients of a block's batches one after another, and their ages at its end.

    Parameters are those of `train_sgd` for the b images of the block, at its start.

    Returns
    -------
    gradients : ndarray of shape (b, classes), float32
        Of the batch's mean cross-entropy with respect to its logits, at the time of its step.
    ages : ndarray of shape (b,), int
        Steps since each gradient was applied, with its own step counted.
    """
    images = len(labels)
    steps = np.arange(images) // batch_size
    gradients = np.empty_like(rest_logits, order="C")
    for step, start in enumerate(range(0, images, batch_size)):
        batch = slice(start, min(start + batch_size, images))
        fade = np.float32(momentum ** (step + 1) / (1 - momentum))
        logits = rest_logits[batch] - fade * velocity_logits[batch]
        if start:
            moved = -rate * (1 - momentum ** (step - steps[:start])) / (1 - momentum)
            influence = gram[batch, :start] * moved.astype(np.float32)
            logits += influence @ gradients[:start]
        logits -= logits.max(axis=1, keepdims=True)
        np.maximum(logits, _LEAST_LOGIT, out=logits)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        logits[np.arange(len(logits)), labels[batch]] -= 1
        np.divide(logits, len(logits), out=gradients[batch])
    return gradients, steps[-1] + 1 - steps
