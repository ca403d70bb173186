"""Softmax regression by stochastic gradient descent with momentum, on inner products alone."""

import math

import numpy as np

from fewshot.metrics import accuracy, cross_entropy

# Numbers below 1e-38 take a processor a hundred times as long as others. Probabilities stay above
# exp(-46) = 1e-20, and velocities that have faded to 1e-30 are none: float32 sees neither in a sum.
_LEAST_LOGIT = np.float32(-46)
_LEAST_VELOCITY = np.float32(1e-30)
_BLOCK = 256  # images whose gradients are passed on to all others in one matrix product


class ByGram:
    """Products with K = X X^T (n, n): where there are fewer images than numbers in each.

    Parameters
    ----------
    train_gram : ndarray of shape (n, n), float32
        K, inner products of training rows.
    test_gram : ndarray of shape (tests, n), float32
        Inner products of test rows with training rows.
    """

    def __init__(self, train_gram, test_gram):
        self._gram, self._test_gram = train_gram, test_gram

    def start(self, classes):
        """Set R and V to zero, and with them their logits K R and K V."""
        images = len(self._gram)
        self._rest, self._velocity = np.zeros((2, images, classes), np.float32)
        self._logits = np.zeros((2, images, classes), np.float32)

    def of_block(self, block):
        """Inner products of a block (b, b), and its rows of K R and K V."""
        return self._gram[block][:, block], *(logits[block] for logits in self._logits)

    def add(self, block, settled, moving, fade):
        """Add X_b^T `settled` to X^T R, and X_b^T `moving` to X^T V, which has faded."""
        self._rest[block] += settled
        self._velocity *= np.float32(fade)
        self._velocity[block] += moving
        columns = self._gram[block].T
        # Not added in place by BLAS: scipy.linalg takes longer to import than most heads.
        self._logits[0] += columns @ settled
        self._logits[1] *= np.float32(fade)
        self._logits[1] += columns @ moving

    def end_epoch(self, f):
        """Give A = R - f V, and the logits of training and of test images."""
        for fading in (self._velocity, self._logits[1]):
            fading[np.abs(fading) < _LEAST_VELOCITY] = 0
        solution = self._rest - np.float32(f) * self._velocity
        logits = self._logits[0] - np.float32(f) * self._logits[1]
        return solution, logits, self._test_gram @ solution


class ByRows:
    """The same from the rows X (n, d) themselves: where there are more images than numbers.

    In place of R and V it holds the weights X^T R and X^T V (d, classes).

    Parameters
    ----------
    train, test : ndarray of shape (images, d), float32
        Training and test rows.
    """

    def __init__(self, train, test):
        self._train, self._test = train, test

    def start(self, classes):
        """Set both weights to zero."""
        self._rest, self._velocity = np.zeros((2, self._train.shape[1], classes), np.float32)

    def of_block(self, block):
        """As that of `ByGram`."""
        rows = self._train[block]
        return rows @ rows.T, rows @ self._rest, rows @ self._velocity

    def add(self, block, settled, moving, fade):
        """As that of `ByGram`."""
        columns = self._train[block].T
        self._rest += columns @ settled
        self._velocity *= np.float32(fade)
        self._velocity += columns @ moving

    def end_epoch(self, f):
        """Give the weights X^T A, and the logits of training and of test images."""
        self._velocity[np.abs(self._velocity) < _LEAST_VELOCITY] = 0
        solution = self._rest - np.float32(f) * self._velocity
        return solution, self._train @ solution, self._test @ solution


def products_of(train, test):
    """Choose how products with rows of raw features and a bias are made.

    A feature that is always 1 is the bias, and adds 1 to every inner product. An epoch takes
    2 n^2 classes multiplications by K and 5 n d classes by the rows.

    Parameters
    ----------
    train : ndarray of shape (n, d), float32
    test : ndarray of shape (tests, d), float32

    Returns
    -------
    ByGram or ByRows
        For `train_sgd`.
    """
    if 2 * len(train) <= 5 * train.shape[1]:
        return ByGram(train @ train.T + 1, test @ train.T + 1)
    return ByRows(
        *(np.column_stack([rows, np.ones(len(rows), np.float32)]) for rows in (train, test))
    )


def head_of(solution, train):
    """Name what `train_sgd` has found with `products_of`.

    Parameters
    ----------
    solution : ndarray of shape (n or d + 1, classes), float32
    train : ndarray of shape (n, d), float32

    Returns
    -------
    dict of str to ndarray
        Fields of `fewshot.heads.fitted.Head` but the rows: the smaller of coefficients and weights.
    """
    images, numbers = train.shape
    if 2 * images > 5 * numbers:
        return {"weights": solution[:-1], "bias": solution[-1]}
    bias = solution.sum(axis=0)
    if images > numbers:
        return {"weights": train.T @ solution, "bias": bias}
    return {"coefficients": solution, "bias": bias}


def train_sgd(
    products,
    train_labels,
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
    products : ByGram or ByRows
        Of training and test rows.
    train_labels : ndarray of shape (n,), int
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
    solution : ndarray of float32
        A (n, classes) from `ByGram`, X^T A (d, classes) from `ByRows`.
    curves : ndarray of shape (epochs, 4), float64
        After each epoch: training loss, training accuracy, test loss, test accuracy. Losses are
        mean cross-entropies in nats.

    References
    ----------
    Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013,
    equations 1 and 2; keras.optimizers.SGD computes the same.
    """
    images = len(train_labels)
    products.start(classes)
    f = momentum / (1 - momentum)
    blocks = max(1, round(images / _BLOCK))
    size = batch_size * math.ceil(images / blocks / batch_size)
    curves = []
    for permutation in order:
        for start in range(0, images, size):
            block = permutation[start : start + size]
            gradients, ages = _block_gradients(
                *products.of_block(block),
                *(train_labels[block], batch_size, learning_rate, momentum),
            )
            settled = gradients * np.float32(-learning_rate / (1 - momentum))
            moving = gradients * np.float32(-learning_rate * momentum ** (ages[:, None] - 1.0))
            products.add(block, settled, moving, momentum ** ages[0])
        solution, *logits = products.end_epoch(f)
        curves.append(_evaluate(logits[0], train_labels, logits[1], test_labels))
    return solution, np.array(curves)


def _evaluate(train_logits, train_labels, test_logits, test_labels):
    return [
        cross_entropy(train_logits, train_labels),
        accuracy(train_logits, train_labels),
        cross_entropy(test_logits, test_labels),
        accuracy(test_logits, test_labels),
    ]


def _block_gradients(gram, rest_logits, velocity_logits, labels, batch_size, rate, momentum):
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
