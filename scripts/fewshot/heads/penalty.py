"""The penalty of a head, chosen on its training images alone."""

from functools import partial

import numpy as np

from fewshot.heads.eigenbasis import project, row_blocks
from fewshot.heads.logistic import softmax_loss
from fewshot.metrics import log_softmax

PENALTIES = 10.0 ** np.arange(-6, 2.1, 0.5)  # of ridge regression, at unit mean squared norm
# With one image a class nothing can be left out. Where no power is more than ten times another,
# as in wide layers early in a network, a weak penalty is best; where they fall steeply, as in
# narrow layers late in it, a strong one. Any condition number from 7 to 15 will do.
CONDITION = 10.0
WEAKEST = 1e-4
_STEPS = 20
_PRECISION = 1e-3  # relative, of the scale: its square is that of the loss
_NEAR = 0.03  # the same, where a further step would read all images again
_MANY, _SAMPLES = 8000, (500, 2000)  # images
# A penalty is ruled out whose likelihood would be below exp(-30) of the best even if the sample
# were off by so many standard deviations.
_DEVIATIONS, _NEGLIGIBLE = 6, 30


def choose_penalty(features, targets, temperature=1.0):
    """Choose the penalty of ridge regression by images left out in turn.

    Each of `PENALTIES` gives the images left out a likelihood. Few images hardly tell penalties
    apart, so it is their mean on the logarithmic scale, weighed by these likelihoods.

    Of many images samples tell which penalties have a likelihood that counts. These alone are
    tried on all.

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
    scores_of = leave_out(features, targets)
    if images < _MANY:
        losses, scale = np.empty(len(PENALTIES)), None
        for number in range(len(PENALTIES)):
            scale, losses[number] = _fit_scale(scores_of(number), targets, scale)
    else:
        losses = _losses_of_many(scores_of, targets, temperature**2 * images)
    likelihoods = np.exp(temperature**2 * images * (losses.min() - losses))
    return float(np.exp(np.average(np.log(PENALTIES), weights=likelihoods)))


def _losses_of_many(scores_of, targets, weight):
    """Losses of `PENALTIES` on all images; infinite for those that a sample rules out."""
    order, scales = np.random.default_rng(0).permutation(len(targets)), [None] * len(PENALTIES)
    left = np.arange(len(PENALTIES))
    for size in _SAMPLES:
        sample, each, scale = np.sort(order[:size]), [], None
        own = targets[sample]
        for number in left:
            scores = scores_of(number, sample)
            scale, _ = _fit_scale(scores, own, scales[number] or scale)
            logs = log_softmax(np.float32(scale) * scores)
            each.append(-(own * logs).sum(axis=1, dtype=np.float64))
            scales[number] = scale
        worse = each - each[np.argmin(np.mean(each, axis=1))]
        surely = worse.mean(axis=1) - _DEVIATIONS * worse.std(axis=1) / np.sqrt(size)
        left = left[weight * surely < _NEGLIGIBLE]
    blocks = row_blocks(*targets.shape)
    losses = np.full(len(PENALTIES), np.inf)
    for number in left:

        def along(scale, number=number):
            return sum_along(
                ((_centred(scores_of(number, rows)), targets[rows]) for rows in blocks), scale
            )

        losses[number] = least_scale(along, scales[number], _NEAR)[1]
    return losses


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


def leave_out(features, targets):
    """Prepare the scores that ridge regression gives to each image when it is trained on all others.

    It minimises sum_i |y_i - W^T f_i - b|^2 + n l2 |W|^2. With F = V diag(s) the rows in their
    eigenbasis, the part k_j = s_j^2 / (s_j^2 + n l2) of the targets in direction j is fitted. The hat
    matrix has the diagonal h_i = 1/n + g_i with g_i = sum_j V_ij^2 k_j, and leaving image i out turns
    its fit z_i into (z_i - h_i y_i) / (1 - h_i), which is y_i - (y_i - z_i) / (1 - h_i).

    An image left out leaves less of its class than of others, and strong penalties would be blamed
    for it. So every class c has its targets raised to the sum N_c that it had with image i, by
    N_c / (N_c - y_ic). Scores are linear in them; N_c / n - y_ic / n becomes N_c / n.

    Parameters
    ----------
    features : fewshot.heads.eigenbasis.Features
    targets : ndarray of shape (n, classes), float32
        y.

    Returns
    -------
    callable
        scores(number, rows) gives those of some images at one of `PENALTIES`, ndarray of shape
        (rows, classes), float32; of all without rows.

    References
    ----------
    Golub, Heath & Wahba, Generalized cross-validation as a method for choosing a good ridge
    parameter, Technometrics 21 (1979), equation 1.2.
    """
    images, powers = len(targets), features.powers
    shares = targets.mean(axis=0)
    sums = images * shares
    # s^-1 V^T (Y - mean Y): F times this is what all directions have of the targets.
    projected = project(features, targets) / powers.astype(np.float32)[:, None]
    kept = powers[:, None] / (powers[:, None] + images * PENALTIES)  # k (rank, penalties)
    fits, misses, whole_part = _weighed_squares(features, kept, 1 - kept, np.ones_like(kept))
    # What no direction has of an image: n - 1 directions have all.
    whole = len(powers) == images - 1
    left = misses + (0 if whole else np.maximum(1 - 1 / images - whole_part, 0))

    def scores(number, rows=slice(None)):
        inputs, own, part = features.train[rows], targets[rows], kept[:, number, None]
        raised = sums / np.maximum(sums - own, np.maximum(own, 1e-30))  # by 2 at most
        # By the smaller of fit and residual: its label must not show in the rounding of a score.
        is_weak = 2 * part.sum() > len(part)
        said = inputs @ ((1 - part if is_weak and whole else part).astype(np.float32) * projected)
        if is_weak:
            residuals = said if whole else own - shares - said
            return raised * (own - residuals / left[rows, number, None])
        said -= fits[rows, number, None] * own
        return (shares + raised * said) / left[rows, number, None]

    return scores


def _weighed_squares(features, *weights):
    """Sums over j of V_ij^2 w_j for weights w (rank, columns): float32 (n, columns) each."""
    weights = np.hstack(weights) / features.powers[:, None]
    blocks = row_blocks(*features.train.shape)
    weighed = [features.train[rows] ** 2 @ weights.astype(np.float32) for rows in blocks]
    return np.split(np.concatenate(weighed), 3, axis=1)


def least_cross_entropy(scores, targets):
    """Mean cross-entropy of softmax(a z) at the scale a > 0 at which it is least.

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
    return _fit_scale(scores, targets)[1]


def _fit_scale(scores, targets, scale=None):
    """Scale and value of `least_cross_entropy`, from a scale or the one that brings scores to size 1."""
    scores = _centred(scores)
    scale = scale or 1 / max(float(np.sqrt(np.mean(scores**2))), 1e-30)
    return least_scale(partial(sum_along, [(scores, targets)]), scale)


def _centred(scores):
    """Scores less their mean: where they are almost equal their spread would drown in rounding."""
    return scores - scores.mean(axis=1, keepdims=True)


def least_scale(along, scale, precision=_PRECISION):
    """Find the least of a convex function of a scale > 0 by Newton's method.

    Where the function is almost straight a step of Newton's may lead from one side of the least to
    the other and back: what is known to lie outside is not tried again.

    Parameters
    ----------
    along : callable
        along(scale) gives value, slope and curvature.
    scale : float
        To start from; a step changes it by a factor of 4 at most.
    precision : float, default 1e-3
        Relative, of the scale at which it ends; the value is as good as a step further.

    Returns
    -------
    scale, value : float
    """
    low, high = 0.0, np.inf  # between which it lies
    for _ in range(_STEPS):
        value, slope, curvature = along(scale)
        step = slope / max(scale * curvature, 1e-30)
        if abs(step) <= precision:
            return scale, value - slope * step * scale / 2
        low, high = (scale, high) if slope < 0 else (low, scale)
        scale *= min(max(1 - step, 0.25), 4.0)
        if not low < scale < high:
            scale = np.sqrt(low * high)
    return scale, value


def sum_along(parts, scale):
    """Mean cross-entropy of softmax(a z) with its slope and curvature over a.

    It is convex in a: with p = softmax(a z) its slope is mean_i (p_i - t_i).z_i and its curvature
    mean_i of the variance of z_i under p_i.

    Parameters
    ----------
    parts : iterable of tuple of ndarray of shape (images, classes), float32
        z and t of all images, part by part.
    scale : float
        a.

    Returns
    -------
    ndarray of shape (3,), float64
    """
    sums, images = np.zeros(3), 0
    for scores, targets in parts:
        loss, slopes = softmax_loss(np.float32(scale) * scores, targets)
        slope = np.vdot(slopes, scores)
        slopes *= np.float32(len(scores))
        slopes += targets
        slopes *= scores
        means = slopes.sum(axis=1)
        curvature = np.mean(np.einsum("ic,ic->i", slopes, scores) - means**2)
        sums += len(scores) * np.array([loss, slope, curvature], np.float64)
        images += len(scores)
    return sums / images
