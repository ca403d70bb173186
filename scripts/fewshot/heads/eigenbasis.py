"""What the penalised heads train on: centred rows at unit mean squared norm, in their eigenbasis."""

from typing import NamedTuple

import numpy as np


class Features(NamedTuple):
    """Training rows F = V diag(s) in their eigenbasis.

    Attributes
    ----------
    basis : ndarray of shape (n, rank), float32
        V, eigenvectors of the centred and scaled Gram matrix.
    powers : ndarray of shape (rank,), float64
        s^2, its eigenvalues, descending; their sum is n.
    scale : float
        The mean squared norm of the centred rows before they were brought to 1.
    train : ndarray of shape (n, rank), float32
    """

    basis: np.ndarray
    powers: np.ndarray
    scale: float
    train: np.ndarray

    def coefficients(self, weights):
        """Turn weights in the eigenbasis to combinations of the centred training rows.

        F = X V / (sqrt(scale) s), so F W = X X^T A with A = V W / (s scale).

        Parameters
        ----------
        weights : ndarray of shape (rank, classes), float32
            W.

        Returns
        -------
        ndarray of shape (n, classes), float32
            A.
        """
        divided = weights / np.sqrt(self.powers, dtype=np.float32)[:, None]
        return self.basis @ divided / np.float32(self.scale)


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
    exact = rows.astype(np.float64)
    powers, axes = np.linalg.eigh(exact.T @ exact if tall else exact @ exact.T)
    # Rows are rounded to float32: what lies below its precision is noise.
    kept = powers > np.finfo(np.float32).eps * max(powers[-1], 1e-30)
    powers = powers[kept][::-1]
    axes = np.ascontiguousarray(axes[:, kept][:, ::-1], np.float32)
    roots = np.sqrt(powers, dtype=np.float32)
    if tall:
        own = rows @ axes
        return Features(own / roots, powers, scale, own)
    return Features(axes, powers, scale, axes * roots)
