"""The penalty of a head, chosen on its training images alone."""

import numpy as np

from fewshot.heads.logistic import softmax_loss

PENALTIES = 10.0 ** np.arange(-6, 2.1, 0.5)  # of ridge regression, at unit mean squared norm
# With one image a class nothing can be left out. Where no power is more than ten times another,
# as in wide layers early in a network, a weak penalty is best; where they fall steeply, as in
# narrow layers late in it, a strong one. Any condition number from 7 to 15 will do.
CONDITION = 10.0
WEAKEST = 1e-4
_STEPS = 20
_PRECISION = 1e-3  # relative, of the scale: its square is that of the loss


def choose_penalty(features, targets, temperature=1.0):
    """Choose the penalty of ridge regression by images left out in turn.

    Each of `PENALTIES` gives the images left out a likelihood. Few images hardly tell penalties
    apart, so it is their mean on the logarithmic scale, weighed by these likelihoods.

    Parameters
    ----------
    features : fewshot.heads.eigenbasis.Features
    targets : ndarray of shape (n, classes), float32
        Probabilities of the classes for each image.
    temperature : float, default 1
        T of these probabilities, where they are softened: the loss is T^2 times the cross-entropy.

    Returns
    -------
    float
        With fewer than two images a class that of `condition_penalty`.

    References
    ----------
    Geisser & Eddy, A predictive approach to model selection, JASA 74 (1979): likelihoods of images
    left out. Yao, Vehtari, Simpson & Gelman, Using stacking to average Bayesian predictive
    distributions, Bayesian Analysis 13 (2018): pseudo-BMA, weights in proportion to them.
    """
    images, classes = targets.shape
    if images < 2 * classes:
        return condition_penalty(features.powers / images)
    losses = np.array(
        [least_cross_entropy(scores, targets) for scores in left_out(features, targets)]
    )
    likelihoods = np.exp(temperature**2 * images * (losses.min() - losses))
    return float(np.exp(np.average(np.log(PENALTIES), weights=likelihoods)))


def condition_penalty(powers):
    """Give the least penalty that brings powers within `CONDITION` of each other, but `WEAKEST`.

    (p_1 + l2) / (p_n + l2) = c for l2 = (p_1 - c p_n) / (c - 1).

    Parameters
    ----------
    powers : ndarray of shape (rank,), float64
        Mean squared features in each direction, descending.

    Returns
    -------
    float

    References
    ----------
    Won, Lim, Kim & Rajaratnam, Condition-number-regularized covariance estimation, JRSS B 75 (2013).
    """
    if not len(powers):
        return WEAKEST
    return float(max((powers[0] - CONDITION * powers[-1]) / (CONDITION - 1), WEAKEST))


def left_out(features, targets):
    """Scores that ridge regression gives to each image when it is trained on all others.

    It minimises sum_i |y_i - W^T f_i - b|^2 + n l2 |W|^2. In the eigenbasis of the rows, with powers
    s^2, the part k_j = s_j^2 / (s_j^2 + n l2) of the targets in direction j is fitted. The hat matrix
    has the diagonal h_i = 1/n + g_i with g_i = sum_j V_ij^2 k_j, and leaving image i out turns its fit
    z_i into (z_i - h_i y_i) / (1 - h_i), which is y_i - (y_i - z_i) / (1 - h_i).

    An image left out leaves less of its class than of others, and strong penalties would be blamed
    for it. So every class c has its targets raised to the sum N_c that it had with image i, by
    N_c / (N_c - y_ic). Scores are linear in them; N_c / n - y_ic / n becomes N_c / n.

    Parameters
    ----------
    features : fewshot.heads.eigenbasis.Features
    targets : ndarray of shape (n, classes), float32
        y.

    Yields
    ------
    ndarray of shape (n, classes), float32
        For each of `PENALTIES`.

    References
    ----------
    Golub, Heath & Wahba, Generalized cross-validation as a method for choosing a good ridge
    parameter, Technometrics 21 (1979), equation 1.2.
    """
    images = len(targets)
    basis, squares = features.basis, features.basis**2
    shares = targets.mean(axis=0)
    centred = targets - shares
    projected = basis.T @ centred
    # What no direction has, of the targets and of each image: n - 1 directions have all.
    whole = basis.shape[1] == images - 1
    beyond = 0 if whole else centred - basis @ projected
    outside = 0 if whole else np.maximum(1 - 1 / images - squares.sum(axis=1, keepdims=True), 0)
    sums = images * shares
    raised = sums / np.maximum(sums - targets, np.maximum(targets, 1e-30))  # by 2 at most
    for l2 in PENALTIES:
        kept = (features.powers / (features.powers + images * l2))[:, None]
        kept, lost = kept.astype(np.float32), (1 - kept).astype(np.float32)
        left = outside + squares @ lost
        # By the smaller of fit and residual: its label must not show in the rounding of a score.
        if 2 * lost.sum() < len(lost):
            residuals = beyond + basis @ (lost * projected)
            yield raised * (targets - residuals / left)
        else:
            fitted = basis @ (kept * projected) - squares @ kept * targets
            yield (shares + raised * fitted) / left


def least_cross_entropy(scores, targets):
    """Mean cross-entropy of softmax(a z) at the scale a > 0 at which it is least.

    It is convex in a: with p = softmax(a z) its slope is mean_i (p_i - t_i).z_i and its curvature
    mean_i of the variance of z_i under p_i. Newton's method, at most a factor of 4 a step.

    Parameters
    ----------
    scores : ndarray of shape (n, classes), float32
        z.
    targets : ndarray of shape (n, classes), float32
        t; each row sums to 1.

    Returns
    -------
    float
        In nats.
    """
    scores = scores - scores.mean(axis=1, keepdims=True)
    scores /= max(float(np.sqrt(np.mean(scores**2))), 1e-30)
    scale = 1.0
    for _ in range(_STEPS):
        loss, slopes = softmax_loss(np.float32(scale) * scores, targets)
        slope = float(np.vdot(slopes, scores))
        weighted = (len(scores) * slopes + targets) * scores
        means = weighted.sum(axis=1)
        curvature = float(np.mean(np.einsum("ic,ic->i", weighted, scores) - means**2))
        if abs(slope) <= _PRECISION * scale * curvature:
            break
        scale *= min(max(1 - slope / max(scale * curvature, 1e-30), 0.25), 4.0)
    return loss
