"""Where softmax regression starts: at ridge regression, brought to the scale of logits."""

import numpy as np

from fewshot.heads.logistic import gini_impurity
from fewshot.heads.penalty import least_scale, sum_along
from fewshot.heads.ridge import train_ridge
from fewshot.metrics import log_softmax

_SAMPLE = 2000  # images for one number


def scaled_ridge(features, targets, labels, l2, ridge_penalty):
    """Give the multiple of ridge regression's weights at which softmax regression's loss is least.

    Around equal probabilities softmax regression is ridge regression (see
    `fewshot.heads.logistic.softmax_penalty`); further away its logits point there still. The loss
    is that of some images, with the penalty l2/2 |W|^2.

    Parameters
    ----------
    features : fewshot.heads.eigenbasis.Features
    targets : ndarray of shape (n, classes), float32
        Of softmax regression.
    labels : ndarray of shape (n,), int
    l2, ridge_penalty : float
        Of softmax and of ridge regression.

    Returns
    -------
    weights : ndarray of shape (rank, classes), float32
    impurity : float
        Mean `fewshot.heads.logistic.gini_impurity` of these images' probabilities.
    """
    weights, _ = train_ridge(features, labels, targets.shape[1], ridge_penalty)
    sample = np.sort(np.random.default_rng(0).permutation(len(labels))[:_SAMPLE])
    scores, own = features.train[sample] @ weights, targets[sample]
    norm = l2 * float(np.einsum("ic,ic->", weights, weights, dtype=np.float64))

    def along(scale):
        pull = np.array([scale**2 * norm / 2, scale * norm, norm])
        return sum_along([(scores, own)], scale) + pull

    scale = np.float32(least_scale(along, float(targets.shape[1]))[0])
    impurity = gini_impurity(np.exp(log_softmax(scale * scores)))
    return scale * weights, float(impurity.mean())
