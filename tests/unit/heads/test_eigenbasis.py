"""Features against centring and scaling in float64, where there are few rows and where there are many."""

import numpy as np
import pytest

from fewshot.heads.eigenbasis import make_features, project, row_blocks


def rows_of(count, width, seed):
    rng = np.random.default_rng(seed)
    return np.maximum(rng.standard_normal((count, width)) + 1, 0).astype(np.float32)


def centred_and_scaled(train):
    """Mean of the training rows at zero, their mean squared norm at 1, in float64."""
    train = train.astype(np.float64)
    mean = train.mean(axis=0)
    scale = np.mean(np.sum((train - mean) ** 2, axis=1))
    return (train - mean) / np.sqrt(scale), scale


@pytest.mark.parametrize("width", [6, 300])
def test_inner_products_are_those_of_centred_and_scaled_rows(width):
    train = rows_of(40, width, 0)
    features = make_features(train)
    own_train, scale = centred_and_scaled(train)
    np.testing.assert_allclose(
        features.train @ features.train.T, own_train @ own_train.T, atol=1e-5
    )
    assert features.scale == pytest.approx(scale, rel=1e-4)


@pytest.mark.parametrize(("width", "rank"), [(6, 6), (300, 39)])
def test_the_basis_is_one_of_eigenvectors(width, rank):
    train = rows_of(40, width, 0)
    features = make_features(train)
    assert features.train.shape == (40, rank)
    basis = features.train / np.sqrt(features.powers)
    np.testing.assert_allclose(basis.T @ basis, np.eye(rank), atol=1e-5)
    assert np.all(np.diff(features.powers) <= 0)
    assert features.powers.sum() == pytest.approx(40, rel=1e-5)


@pytest.mark.parametrize("width", [6, 300])
def test_weights_in_the_basis_become_the_smaller_of_weights_and_coefficients(width):
    train = rows_of(40, width, 0)
    features = make_features(train)
    weights = np.random.default_rng(1).standard_normal((features.train.shape[1], 3))
    own, scale = centred_and_scaled(train)
    fitted = features.fitted(weights.astype(np.float32))
    assert [*fitted] == (["weights"] if width < 40 else ["coefficients"])
    found = fitted["weights"] if width < 40 else np.sqrt(scale) * own.T @ fitted["coefficients"]
    scores = np.sqrt(scale) * own @ found
    np.testing.assert_allclose(scores, features.train @ weights, atol=1e-3)


def test_products_with_centred_targets_are_those_written_out():
    features = make_features(rows_of(3000, 6, 0))
    targets = np.random.default_rng(1).random((3000, 500)).astype(np.float32)
    expected = features.train.T.astype(float) @ (targets - targets.mean(axis=0, dtype=float))
    np.testing.assert_allclose(project(features, targets), expected, atol=2e-4)


@pytest.mark.parametrize(("images", "numbers"), [(1, 1), (7, 3), (5000, 1000), (3, 10**7)])
def test_blocks_have_every_image_once(images, numbers):
    rows = [row for block in row_blocks(images, numbers) for row in range(images)[block]]
    assert rows == [*range(images)]
    assert len(row_blocks(images, numbers)) <= images


def test_two_rows_by_hand():
    # Rows 1 and 5 have the mean 3 and lie 2 from it: scaled, at -1 and 1.
    train = np.array([[1.0], [5.0]], np.float32)
    features = make_features(train)
    assert features.scale == pytest.approx(4)
    sign = np.sign(features.train[1, 0])
    np.testing.assert_allclose(sign * features.train, [[-1], [1]], rtol=1e-6)


def test_copies_among_the_rows_lower_the_rank():
    train = np.tile(rows_of(10, 300, 0), (4, 1))
    features = make_features(train)
    assert features.train.shape == (40, 9)


@pytest.mark.parametrize("value", [0, 3, 0.1])
@pytest.mark.parametrize("width", [3, 5])
def test_equal_rows_have_no_features(width, value):
    features = make_features(np.full((4, width), value, np.float32))
    assert features.train.shape == (4, 0)
    assert features.scale > 0
