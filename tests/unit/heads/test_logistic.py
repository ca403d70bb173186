"""Softmax regression at its optimum: objective and gradient written out again in float64."""

import numpy as np
import pytest
from scipy.optimize import minimize

from fewshot.heads.eigenbasis import make_features
from fewshot.heads.logistic import SMOOTHING, softmax_loss, softmax_penalty, train_logistic
from fewshot.heads.logistic import objective as head_objective
from fewshot.heads.logistic import smoothed as heads_targets
from fewshot.heads.ridge import train_ridge


def task(classes, per_class, width):
    """Features as the heads have them, and labels."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(classes), per_class)
    rows = rng.standard_normal((classes, width))[labels]
    rows = (rows + rng.standard_normal(rows.shape)).astype(np.float32)
    return make_features(rows), labels


def objective(weights, bias, features, targets, l2):
    """Compute mean_i CE(t_i, softmax(W^T f_i + b)) + l2/2 |W|^2 and its gradient."""
    logits = features.astype(np.float64) @ weights + bias
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    value = -np.mean(np.sum(targets * logits, axis=1)) + l2 / 2 * np.sum(weights**2)
    slopes = (np.exp(logits) - targets) / len(targets)
    return value, features.T.astype(np.float64) @ slopes + l2 * weights, slopes.sum(axis=0)


def smoothed(labels, classes, smoothing):
    return (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes


def solve(features, targets, l2):
    """Find the least objective by SciPy."""
    rank, classes = features.shape[1], targets.shape[1]

    def flat(x):
        x = x.reshape(rank + 1, classes)
        value, weights, bias = objective(x[:-1], x[-1], features, targets, l2)
        return value, np.vstack([weights, bias]).ravel()

    options = {"maxiter": 5000, "maxfun": 10000, "ftol": 1e-14, "gtol": 1e-9}
    start = np.zeros((rank + 1) * classes)
    return minimize(flat, start, jac=True, method="L-BFGS-B", options=options).fun


def test_the_reference_has_the_right_gradient():
    features, labels = task(3, 4, 5)
    rng = np.random.default_rng(1)
    rank = features.train.shape[1]
    weights, change = rng.standard_normal((2, rank, 3))
    bias, shift = rng.standard_normal((2, 3))
    targets, step = smoothed(labels, 3, 0.1), 1e-6
    _, slope, bias_slope = objective(weights, bias, features.train, targets, 0.3)
    ahead, behind = (
        objective(weights + s * change, bias + s * shift, features.train, targets, 0.3)[0]
        for s in (step, -step)
    )
    expected = np.sum(slope * change) + np.sum(bias_slope * shift)
    assert (ahead - behind) / (2 * step) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("l2", [1e-6, 1e-3, 0.1])
@pytest.mark.parametrize("smoothing", [0, SMOOTHING])
@pytest.mark.parametrize(("classes", "per_class", "width"), [(4, 1, 30), (4, 10, 6), (12, 5, 90)])
def test_the_optimum_is_reached(classes, per_class, width, smoothing, l2):
    features, labels = task(classes, per_class, width)
    targets = smoothed(labels, classes, smoothing)
    weights, bias = train_logistic(features.train, targets.astype(np.float32), l2)
    value, slope, bias_slope = objective(weights, bias, features.train, targets, l2)
    least = solve(features.train, targets, l2)
    assert value <= least * (1 + 1e-4) + 1e-5
    assert np.abs(slope).max() < 2e-3
    assert np.abs(bias_slope).max() < 2e-3


def test_the_smoothing_is_a_tenth_unless_told_otherwise():
    # Of 4 classes: 0.9 + 0.1 / 4 for its own, 0.1 / 4 for each other.
    expected = [[0.925, 0.025, 0.025, 0.025], [0.025, 0.025, 0.025, 0.925]]
    np.testing.assert_allclose(heads_targets(np.array([0, 3]), 4), expected, rtol=1e-6)


@pytest.mark.parametrize("size", [0.1, 1.0, 30.0])
def test_the_start_does_not_decide_the_end(size):
    features, labels = task(12, 5, 90)
    targets = heads_targets(labels, 12)
    start = size * np.random.default_rng(1).standard_normal((features.train.shape[1], 12))
    for first in (None, start.astype(np.float32)):
        weights, bias = train_logistic(features.train, targets, 1e-3, first)
        value, *_ = objective(weights, bias, features.train, targets, 1e-3)
        assert value <= solve(features.train, targets, 1e-3) * (1 + 1e-4)


def test_without_features_the_bias_has_the_shares_of_the_classes():
    labels = np.array([0, 0, 0, 1])
    weights, bias = train_logistic(np.empty((4, 0), np.float32), heads_targets(labels, 2, 0), 0.1)
    assert weights.shape == (0, 2)
    assert bias[0] - bias[1] == pytest.approx(np.log(3), rel=1e-2)


def test_penalties_of_ridge_and_softmax_regression_shrink_alike():
    # With two classes and targets close to 1/2 softmax regression is least squares: z against
    # C (t - 1/C), which is C (1 - e) times what ridge regression fits.
    features, labels = task(2, 12, 8)
    assert softmax_penalty(0.3, 2) == pytest.approx(0.15)
    for l2 in (0.01, 0.3):
        ridge, _ = train_ridge(features, labels, 2, l2)
        weights, _ = train_logistic(
            features.train, heads_targets(labels, 2, 0.9), softmax_penalty(l2, 2)
        )
        np.testing.assert_allclose(weights, 2 * 0.1 * ridge, atol=0.03 * np.abs(weights).max())


def test_the_objective_of_the_heads_is_the_reference_in_float64():
    features, labels = task(3, 4, 5)
    inputs = np.column_stack([features.train, np.ones(len(labels))]).astype(np.float64)
    weights = np.random.default_rng(1).standard_normal((inputs.shape[1], 3))
    targets, penalty = smoothed(labels, 3, 0.1), np.append(np.full(len(weights) - 1, 0.3), 0)
    value, gradient = head_objective(weights, inputs, targets, penalty[:, None])
    expected = objective(weights[:-1], weights[-1], features.train, targets, 0.3)
    assert value == pytest.approx(expected[0], rel=1e-12)
    np.testing.assert_allclose(gradient, np.vstack(expected[1:]), atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_loss_at_a_temperature_by_hand(dtype):
    # softmax((log 9, 0) / 2) = (3/4, 1/4): T^2 CE with (1/2, 1/2) and T times the difference.
    logits, targets = np.log([[9, 1]]).astype(dtype), np.array([[0.5, 0.5]], dtype)
    loss, gradient = softmax_loss(logits, targets, temperature=2)
    assert loss == pytest.approx(4 * -0.5 * np.log(3 / 16), rel=1e-6)
    np.testing.assert_allclose(gradient, [[2 * 0.25, 2 * -0.25]], rtol=1e-6)
    assert gradient.dtype == dtype
