"""What the penalised heads train on: centred rows at unit mean squared norm, in their eigenbasis."""

from typing import NamedTuple

import numpy as np


class Features(NamedTuple):
    """Training rows F = V diag(s) and test rows in the eigenbasis of the training rows.

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


def make_features(train_gram):
    """Centre on the training rows, bring them to unit mean squared norm, and turn to their eigenbasis.

    With X the rows and m their mean, centred inner products follow from the Gram matrix alone:
    (x - m).(x' - m) = k(x, x') - mean_i k(x_i, x') - mean_j k(x, x_j) + mean_ij k(x_i, x_j).

    Parameters
    ----------
    train_gram : ndarray of shape (n, n), float32
        Inner products of training rows.

    Returns
    -------
    Features
    """
    means = train_gram.mean(axis=0, dtype=np.float64)
    centred = train_gram - means[:, None] - means + means.mean()
    scale = np.trace(centred) / len(centred)
    if scale <= 0:  # all rows are equal: there is nothing to tell them apart
        scale = 1.0
    powers, basis = np.linalg.eigh((centred / scale).astype(np.float32))
    kept = powers > len(powers) * np.finfo(np.float32).eps * max(powers[-1], 1e-30)
    powers, basis = powers[kept][::-1], np.ascontiguousarray(basis[:, kept][:, ::-1])
    return Features(basis, powers.astype(np.float64), float(scale), basis * np.sqrt(powers))
