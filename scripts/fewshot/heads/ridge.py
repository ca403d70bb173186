"""Ridge regression from one eigendecomposition."""

import numpy as np


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
    targets = np.eye(classes, dtype=np.float32)[labels]
    projected = features.basis.T @ (targets - targets.mean(axis=0))
    shrunk = np.sqrt(features.powers) / (features.powers + len(labels) * l2)
    weights = shrunk.astype(np.float32)[:, None] * projected
    return weights, np.bincount(labels, minlength=classes).astype(np.float32) / len(labels)
