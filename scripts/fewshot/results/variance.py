"""How far the mean of a grid point would lie elsewhere for other images and other draws.

With y_ri what repeat r says of group i of images, y_ri = m + a_r + b_i + e_ri with variances A, B and
E, and w the weights, the variance of the mean over draws and pools is

    B sum_i w_i^2 + E sum_ri w_ri^2 + A sum_r w_r^2 + A s + 2 C.

A, B and E come from the fit of the model. The last two terms are what all repeats share because
they train on images of one pool: s is the share of it that a repeat trains on, and C how far images
that are easy to tell are good to train on, too: from how easy the training images of each repeat
are, and how well it does. To first order it is s / (1 - s) and not s: the variance within a pool is
the part 1 - s of that between pools. But where s is large, A is mostly noise, and intervals would be
twice as wide as they need be.
"""

import numpy as np


def variance_of_mean(values, weights, layout):
    """Variance of a weighted mean over repeats and images, for new images of the same classes.

    Parameters
    ----------
    values : ndarray of shape (repeats, images), float
        Of the test images; 0 for others.
    weights : ndarray of shape (repeats, images), float
        Their sum is 1; 0 for all but test images.
    layout : fewshot.results.statistics.Layout

    Returns
    -------
    variance : float
    freedom : float
        Degrees of freedom of its estimate.
    images : float
        Number of groups of images that would weigh as much alike.

    References
    ----------
    Searle, Casella & McCulloch, Variance Components, 1992, chapter 5. Satterthwaite, Biometrics
    Bulletin 2 (1946), 110-114. Bayle et al., Cross-validation confidence intervals for test error,
    NeurIPS 2020 (why training counts little where the share is large).
    """
    cells, seen, weights = _by_group(values, weights, layout)
    estimate = _crossed if len(cells) > 1 else _one_repeat
    own = weights.sum(axis=0)
    return *estimate(cells, seen, weights, layout), float(own.sum() ** 2 / (own**2).sum())


def _by_group(values, weights, layout):
    """Means of the test images of each group in each repeat, whether it has any, and weights."""
    groups = int(layout.groups.max()) + 1
    sums, sizes, weighed = np.zeros((3, len(values), groups))
    for repeat, tests in enumerate(layout.tests):
        own = layout.groups[tests]
        sums[repeat] = np.bincount(own, values[repeat, tests], groups)
        sizes[repeat] = np.bincount(own, minlength=groups)
        weighed[repeat] = np.bincount(own, weights[repeat, tests], groups)
    return sums / np.maximum(sizes, 1), sizes > 0, weighed


def _one_repeat(cells, seen, weights, _):
    """Variance of the mean over groups that are new, and its degrees of freedom."""
    if seen.sum() < 2:
        return np.nan, np.nan
    return _of_images(np.where(seen, cells - _mean(cells, weights), 0), weights)


def _mean(cells, weights):
    """Weighted mean; of equal cells just these, so that their variance is 0 and no rounding."""
    return (cells * weights).sum() / weights.sum()


def _of_images(left, weights):
    """Part of the variance that comes from images, and its degrees of freedom.

    sum_i (sum_r w_ri e_ri)^2 n / (n - 1) is B sum_i w_i^2 + E sum_ri w_ri^2 on average, and holds
    where some images, those of small classes, weigh more and scatter otherwise. What weighs little
    tells little of it: n is the number of groups that would weigh the same alike.
    """
    squares = (weights.sum(axis=0) ** 2)[weights.any(axis=0)]
    alike = squares.sum() ** 2 / (squares**2).sum()
    variance = ((weights * left).sum(axis=0) ** 2).sum() * alike / max(alike - 1, 0.5)
    return float(variance), max(alike - 1, 0.5)


def _crossed(cells, seen, weights, layout):
    """Variance of the mean over repeats and groups, and its degrees of freedom."""
    repeats, kept = len(cells), seen.any(axis=0)
    cells, seen, weights = cells[:, kept], seen[:, kept], weights[:, kept]
    counts, groups = seen.sum(axis=0), int(kept.sum())
    centred = np.where(seen, cells - cells[seen].mean(), 0)
    image, rest = _image_variances(centred, seen, counts)
    shrunk = 1 / (counts + rest / image) if image else np.zeros(groups)
    effects, information = _repeat_effects(centred, seen, shrunk)
    square = (effects**2).sum() / (repeats - 1)
    draw = max(square - rest * np.trace(information) / (repeats - 1), 0)
    left = np.where(seen, cells - _mean(cells, weights) - effects[:, None], 0)
    of_images, images = _of_images(left, weights)
    ease = (centred - seen * effects[:, None]).sum(axis=0) / counts
    bound = 2 * np.sqrt(draw * layout.share * image / groups)
    common = np.clip(_covariance(effects, ease, layout, kept), 0, bound)
    factor = (weights.sum(axis=1) ** 2).sum() + layout.share
    variance = of_images + draw * factor + common
    # Satterthwaite, but never less sure than the repeats alone.
    spread = (square * factor) ** 2 / (repeats - 1) + of_images**2 / images
    return variance, max(variance**2 / spread if spread else np.inf, repeats - 1)


def _image_variances(centred, seen, counts):
    """Variance between groups of images, and what is left: B and E of the model."""
    repeats, groups = seen.shape
    freedom = seen.sum() - repeats - groups + 1
    if freedom <= 0 or groups < 2:  # hardly an image is tested twice: what differs within a repeat
        means = centred.sum(axis=1) / seen.sum(axis=1)
        within = ((centred - seen * means[:, None]) ** 2).sum()
        return 0.0, within / max(seen.sum() - repeats, 1)
    effects, _ = _repeat_effects(centred, seen, 1 / counts)
    left = centred - seen * effects[:, None]
    ease = left.sum(axis=0) / counts
    rest = ((left - seen * ease) ** 2).sum() / freedom
    return max(ease.var(ddof=1) - rest * (1 / counts).mean(), 0), rest


def _repeat_effects(centred, seen, shrinkage):
    """Effects of repeats where images are taken out, and the inverse of their information."""
    repeats = len(centred)
    matrix = np.diag(seen.sum(axis=1).astype(float)) - (seen * shrinkage) @ seen.T
    right = centred.sum(axis=1) - (seen * shrinkage) @ centred.sum(axis=0)
    contrast = np.eye(repeats) - 1 / repeats
    # Repeats that share no image can't be told from their images: a zero, but for rounding.
    inverse = np.linalg.pinv(contrast @ matrix @ contrast, rcond=1e-9, hermitian=True)
    return inverse @ right, inverse


def _covariance(effects, ease, layout, kept):
    """Twice the part of the mean's variance that easy images have for they train well, too."""
    trained = [np.bincount(layout.groups[row], minlength=len(kept))[kept] for row in layout.trained]
    uses = np.sum(trained)
    covariance = float((effects @ trained * ease).sum()) / uses if uses else 0.0
    return 2 * layout.share * covariance
