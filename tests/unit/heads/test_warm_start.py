"""The start of softmax regression: the best multiple of ridge regression, found by SciPy too."""

from functools import partial

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from fewshot.heads.eigenbasis import make_features
from fewshot.heads.logistic import smoothed, softmax_penalty
from fewshot.heads.penalty import least_scale, sum_along
from fewshot.heads.ridge import train_ridge
from fewshot.heads.warm_start import scaled_ridge

CLASSES = 6


@pytest.mark.parametrize("ridge_penalty", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize("smoothing", [0.1, 0.9])
@pytest.mark.parametrize("width", [10, 200])
def test_it_is_the_multiple_with_the_least_loss(width, smoothing, ridge_penalty):
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), 12)
    rows = rng.standard_normal((CLASSES, width))[labels] + 2 * rng.standard_normal((72, width))
    features = make_features(rows.astype(np.float32))
    targets, l2 = smoothed(labels, CLASSES, smoothing), softmax_penalty(ridge_penalty, CLASSES)
    weights, _ = train_ridge(features, labels, CLASSES, ridge_penalty)
    scores, norm = features.train.astype(float) @ weights, np.sum(weights.astype(float) ** 2)

    def loss(scale):
        fit = np.sum(targets * log_softmax(scale * scores, axis=1), axis=1)
        return l2 / 2 * scale**2 * norm - np.mean(fit)

    best = minimize_scalar(loss, bounds=(0, 1000), method="bounded", options={"xatol": 1e-6}).x
    found, impurity = scaled_ridge(features, targets, labels, l2, ridge_penalty)
    np.testing.assert_allclose(found, best * weights, rtol=5e-3, atol=1e-6)
    sure = np.mean(np.sum(np.exp(2 * log_softmax(best * scores, axis=1)), axis=1))
    assert impurity == pytest.approx(1 - sure, abs=5e-3)


def test_the_least_scale_is_found_where_newtons_steps_go_round():
    # From far above the loss is a straight line: a step as long as is allowed leads far below, and
    # one from there far above again.
    rng = np.random.default_rng(0)
    targets = smoothed(np.arange(1000), 1000).astype(float)
    scores = 0.08 * targets + 2e-4 * rng.standard_normal((1000, 1000))

    def loss(scale):
        return -np.mean(np.sum(targets * log_softmax(scale * scores, axis=1), axis=1))

    best = minimize_scalar(loss, bounds=(1, 1000), method="bounded", options={"xatol": 1e-6}).x
    for start in np.geomspace(best / 300, 300 * best, 25):
        found, value = least_scale(partial(sum_along, [(scores, targets)]), start)
        assert (found, value) == (
            pytest.approx(best, rel=5e-3),
            pytest.approx(loss(best), rel=1e-4),
        )
