"""How good class scores are."""

import numpy as np

# Of a head, in the order in which it leaves them.
MEASURES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")


def log_softmax(logits):
    """Logarithm of softmax over the last axis, in the type of `logits`."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def cross_entropy(logits, labels):
    """Mean cross-entropy of softmax(logits) with the labels.

    Parameters
    ----------
    logits : ndarray of shape (images, classes)
    labels : ndarray of shape (images,), int

    Returns
    -------
    float
        In nats.
    """
    top = logits.max(axis=1)
    partition = np.exp(logits - top[:, None]).sum(axis=1)
    own = logits[np.arange(len(labels)), labels]
    return float(np.mean(np.log(partition) + top - own, dtype=np.float64))


def accuracy(scores, labels):
    """Fraction of images whose highest score is that of their label; of equals the first counts.

    Parameters
    ----------
    scores : ndarray of shape (images, classes)
    labels : ndarray of shape (images,), int

    Returns
    -------
    float
    """
    return float(np.mean(scores.argmax(axis=1) == labels))
