"""One temperature for all scores of a head, so that its probabilities mean what they say."""

import numpy as np

from fewshot.metrics import log_softmax

_STEPS = 50  # of Newton's method: five or so will do
_TOLERANCE = 1e-6  # of the logarithm of the temperature
_LONGEST = 1.0  # step of that logarithm
_LARGEST = 10.0  # that logarithm, for scores of mean square 1
_ENOUGH = 2000  # images for one number
_FEWEST = 30  # by fewer of them, one that is wrong would decide


def fit_temperature(scores, labels):
    """Find the temperature at which scores have the least cross-entropy.

    Minimises over T the mean of CE(t_i, softmax(z_i / T)) over the images and one more, whose
    target is shared out over all classes: the least is at a finite T where all images are right.

    Parameters
    ----------
    scores : ndarray of shape (images, classes)
        z, of images that neither trained the head nor test it.
    labels : ndarray of shape (images,), int

    Returns
    -------
    float
        Above 0. 1 where there is no image, or no difference between scores.

    References
    ----------
    Guo et al., On calibration of modern neural networks, ICML 2017 (the temperature). Platt,
    Probabilistic outputs for support vector machines, 1999 (targets that are no certainties).
    """
    scores, labels = np.asarray(_thinned(scores), dtype=np.float64), _thinned(labels)
    scores = scores - scores.mean(axis=1, keepdims=True)
    images = len(scores)
    if not scores.any():
        return 1.0
    # The slope of the loss over 1 / T is the mean of sum_c p_c z_c, less this.
    gain = scores[np.arange(images), labels].sum() / (images + 1)
    spread = np.sqrt((scores**2).mean())
    scores, gain = scores / spread, gain / spread
    logarithm = 0.0  # of 1 / T, for scores of mean square 1
    for _ in range(_STEPS):
        factor = np.exp(logarithm)
        shares = np.exp(log_softmax(factor * scores))
        means = (shares * scores).sum(axis=1)
        first = factor * (means.mean() - gain)
        second = factor**2 * ((shares * scores**2).sum(axis=1) - means**2).mean() + abs(first)
        before = logarithm
        logarithm -= np.clip(first / second, -_LONGEST, _LONGEST)
        logarithm = np.clip(logarithm, -_LARGEST, _LARGEST)
        if abs(logarithm - before) < _TOLERANCE:
            break
    return float(spread / np.exp(logarithm))


def _thinned(images):
    """Take every so-manieth image, so that there are no more than enough."""
    return images[:: -(-len(images) // _ENOUGH) or 1]


def calibrate(scores, labels, groups, is_unused, is_test):
    """Calibrate the scores of a head on images that it was not trained on.

    Parameters
    ----------
    scores : ndarray of shape (images, classes), float32
    labels, groups : ndarray of shape (images,), int
    is_unused, is_test : ndarray of shape (images,), bool
        Images neither trained on nor tested, and test images.

    Returns
    -------
    temperatures : ndarray of shape (images,), float32
        For the scores of each image. It is that of the unused images; where there are fewer than
        30, test images have that of the other half of them, so that none is judged by its own.
    temperature : float
        That of the unused images, or the geometric mean of the halves'.
    """
    if is_unused.sum() >= _FEWEST:
        unused = _thinned(np.flatnonzero(is_unused))
        temperature = fit_temperature(scores[unused], labels[unused])
        return np.full(len(scores), temperature, np.float32), temperature
    tests = np.flatnonzero(is_test)
    first = _is_in_first_half(labels[tests], groups[tests])
    parts = tests[first], tests[~first]
    fitted = [fit_temperature(scores[part], labels[part]) for part in map(_thinned, parts)]
    temperature = float(np.sqrt(np.prod(fitted)))
    temperatures = np.full(len(scores), temperature, np.float32)
    for part, other in zip(parts, reversed(fitted), strict=True):
        temperatures[part] = other
    return temperatures, temperature


def _is_in_first_half(labels, groups):
    """Part images in halves of each class that share no group."""
    names, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    half = np.empty(len(names), bool)
    half[np.lexsort((names, labels[first]))] = np.arange(len(names)) % 2 == 0
    return half[inverse]
