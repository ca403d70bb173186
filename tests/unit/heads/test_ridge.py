"""Ridge regression against least squares solved on the rows themselves, in float64."""

import numpy as np
import pytest

from fewshot.heads.eigenbasis import make_features
from fewshot.heads.ridge import train_ridge

CLASSES = 5


def task(per_class, width, spread, seed=0):
    """Training rows around one point a class, and their labels."""
    rng = np.random.default_rng(seed)
    labels = np.tile(np.arange(CLASSES), per_class)
    points = rng.standard_normal((CLASSES, width))
    rows = points[labels] + spread * rng.standard_normal((len(labels), width))
    return rows.astype(np.float32), labels


def features_of(rows):
    return make_features(rows)


def solve(rows, targets, penalty):
    """Weights and bias that minimise sum_i |y_i - W^T x_i - b|^2 + penalty |W|^2."""
    inputs = np.column_stack([rows, np.ones(len(rows))]).astype(np.float64)
    free = np.diag([penalty] * rows.shape[1] + [0])
    solution = np.linalg.solve(inputs.T @ inputs + free, inputs.T @ targets)
    return solution[:-1], solution[-1]


@pytest.mark.parametrize("l2", [1e-4, 0.1, 10.0])
@pytest.mark.parametrize("width", [8, 60])
def test_weights_solve_the_normal_equations(width, l2):
    rows, labels = task(6, width, spread=2)
    features = features_of(rows)
    weights, bias = train_ridge(features, labels, CLASSES, l2)
    expected = solve(features.train, np.eye(CLASSES)[labels], len(labels) * l2)
    np.testing.assert_allclose(weights, expected[0], atol=1e-4)
    np.testing.assert_allclose(bias, expected[1], atol=1e-5)


def test_equal_rows_give_the_share_of_each_class():
    features = features_of(np.ones((4, 3), np.float32))
    labels = np.array([0, 1, 1, 1])
    weights, bias = train_ridge(features, labels, 2, 0.1)
    assert weights.shape == (0, 2)
    np.testing.assert_array_equal(bias, [0.25, 0.75])
