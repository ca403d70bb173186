"""What the penalised heads train on: centred rows at unit mean squared norm, in their eigenbasis."""

from typing import NamedTuple

import numpy as np

_BLOCK = 2**20  # numbers for each image in turn: they stay in a processor's cache


class Features(NamedTuple):
    """Training rows F = V diag(s) U^T in their eigenbasis, F U = V diag(s).

    Attributes
    ----------
    train : ndarray of shape (n, rank), float32
        V diag(s), the rows in the eigenbasis.
    powers : ndarray of shape (rank,), float64
        s^2, the eigenvalues of F F^T and F^T F, descending; their sum is n.
    scale : float
        The mean squared norm of the centred rows before they were brought to 1.
    axes : ndarray of shape (d, rank), float32, or None
        U, where there are more rows than numbers in each.
    """

    train: np.ndarray
    powers: np.ndarray
    scale: float
    axes: np.ndarray | None

    def fitted(self, weights):
        """Turn weights in the eigenbasis to what stands for them on the rows as they came.

        With X the centred rows F = X / sqrt(scale), so scores V diag(s) W of the rows are X B with
        B = U W / sqrt(scale). And U = X^T V / (sqrt(scale) s), so B = X^T A with
        A = V W / (s scale). The smaller of A (n, classes) and B (d, classes) is given.

        Parameters
        ----------
        weights : ndarray of shape (rank, classes), float32
            W.

        Returns
        -------
        dict of str to ndarray of float32
            "coefficients" A or "weights" B: see `fewshot.heads.fitted.Head`.
        """
        if self.axes is not None:
            return {"weights": self.axes @ weights / np.float32(np.sqrt(self.scale))}
        divided = (weights / self.powers[:, None]).astype(np.float32)
        return {"coefficients": self.train @ divided / np.float32(self.scale)}


def make_features(train):
    """Centre on the training rows, bring them to unit mean squared norm, and turn to their eigenbasis.

    With F (n, d) the centred and scaled training rows, F F^T (n, n) and F^T F (d, d) have the same
    eigenvalues above 0, and eigenvectors V and U with F U = V diag(s): the smaller is decomposed.

    Parameters
    ----------
    train : ndarray of shape (n, d), float32

    Returns
    -------
    Features
    """
    mean = train.mean(axis=0, dtype=np.float64).astype(np.float32)
    rows = train - mean
    # Rows that are all equal have nothing to tell them apart.
    scale = float(np.einsum("ij,ij->", rows, rows, dtype=np.float64)) / len(rows) or 1.0
    rows /= np.float32(np.sqrt(scale))
    tall = len(rows) > rows.shape[1]
    powers, axes = np.linalg.eigh(_inner_columns(rows) if tall else _inner_rows(rows))
    # Rows are rounded to float32: what lies below its precision is noise.
    kept = powers > np.finfo(np.float32).eps * max(powers[-1], 1e-30)
    powers = powers[kept][::-1]
    axes = np.ascontiguousarray(axes[:, kept][:, ::-1], np.float32)
    if tall:
        return Features(rows @ axes, powers, scale, axes)
    axes *= np.sqrt(powers, dtype=np.float32)
    return Features(axes, powers, scale, None)


def project(features, targets):
    """Products F^T (Y - mean Y) of the features with centred targets.

    Parameters
    ----------
    features : Features
    targets : ndarray of shape (n, classes), float32
        Y.

    Returns
    -------
    ndarray of shape (rank, classes), float32
    """
    shares = targets.mean(axis=0, dtype=np.float64).astype(np.float32)
    total = np.zeros((features.train.shape[1], targets.shape[1]), np.float32)
    for block in row_blocks(*targets.shape):
        total += features.train[block].T @ (targets[block] - shares)
    return total


def _inner_rows(rows):
    exact = rows.astype(np.float64)
    return exact @ exact.T


def _inner_columns(rows):
    total = np.zeros((rows.shape[1], rows.shape[1]))
    for block in row_blocks(*rows.shape):
        exact = rows[block].astype(np.float64)
        total += exact.T @ exact
    return total


def row_blocks(images, numbers):
    """Part images into blocks of which each has some million numbers.

    Parameters
    ----------
    images : int
    numbers : int
        Of each image.

    Returns
    -------
    list of slice
        One where all are few.
    """
    blocks = max(1, round(images * numbers / _BLOCK))
    size = max(-(-images // blocks), 1)
    return [slice(start, min(start + size, images)) for start in range(0, images, size)]
