"""Ridge regression from one eigendecomposition."""

import numpy as np

from fewshot.heads.eigenbasis import project


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
    projected = project(features, np.eye(classes, dtype=np.float32)[labels])
    weights = (projected / (features.powers + len(labels) * l2)[:, None]).astype(np.float32)
    return weights, np.bincount(labels, minlength=classes).astype(np.float32) / len(labels)
