"""The penalty against images that are really left out, in float64, with SciPy's best scale."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from fewshot.heads.eigenbasis import make_features
from fewshot.heads.penalty import (
    PENALTIES,
    WEAKEST,
    choose_penalty,
    condition_penalty,
    least_cross_entropy,
    leave_out,
)

CLASSES = 5


def task(per_class, width, spread, seed=0):
    """Features of images around one point a class, and their classes as one-hot rows."""
    rng = np.random.default_rng(seed)
    labels = np.tile(np.arange(CLASSES), per_class)
    points = rng.standard_normal((CLASSES, width))
    rows = points[labels] + spread * rng.standard_normal((len(labels), width))
    return features_of(rows.astype(np.float32)), np.eye(CLASSES, dtype=np.float32)[labels]


def features_of(rows):
    return make_features(rows)


def soften(targets):
    """Give other classes a part that differs from image to image."""
    shares = np.random.default_rng(1).dirichlet(np.ones(CLASSES), len(targets))
    return (0.7 * targets + 0.3 * shares).astype(np.float32)


def really_left_out(rows, targets, l2):
    """Scores of each image by ridge regression on the others, whose classes weigh as before."""
    rows, targets, scores = rows.astype(np.float64), targets.astype(np.float64), []
    inputs = np.column_stack([rows, np.ones(len(rows))])
    free = len(rows) * l2 * np.diag([1.0] * rows.shape[1] + [0])
    for image in range(len(rows)):
        others = np.arange(len(rows)) != image
        own = targets[others] * targets.sum(axis=0) / targets[others].sum(axis=0)
        gram = inputs[others].T @ inputs[others] + free
        scores.append(inputs[image] @ np.linalg.solve(gram, inputs[others].T @ own))
    return np.array(scores)


def least(scores, targets):
    """Cross-entropy at the best scale."""

    def loss(log_scale):
        return -np.mean(np.sum(targets * log_softmax(np.exp(log_scale) * scores, axis=1), axis=1))

    grid = np.linspace(-8, 12, 81)
    start = grid[np.argmin([loss(x) for x in grid])]
    return minimize_scalar(loss, bounds=(start - 0.5, start + 0.5), method="bounded").fun


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize(("per_class", "width"), [(2, 40), (4, 6), (4, 40)])
def test_scores_are_those_of_images_really_left_out(per_class, width, soft):
    features, targets = task(per_class, width, spread=1)
    targets = soften(targets) if soft else targets
    scores_of = leave_out(features, targets)
    for number, l2 in enumerate(PENALTIES):
        expected = really_left_out(features.train, targets, l2)
        tolerance = 2e-3 * np.abs(expected).max()
        np.testing.assert_allclose(scores_of(number), expected, atol=tolerance)


def test_strong_penalties_leak_nothing_of_the_label():
    # Rounding must not show in scores that are almost equal: noise says nothing of the class.
    features, _ = task(2, 40, spread=1)
    rng = np.random.default_rng(0)
    targets = np.eye(CLASSES, dtype=np.float32)[rng.permutation(np.repeat(range(CLASSES), 2))]
    scores = leave_out(features, targets)(len(PENALTIES) - 1)
    expected = really_left_out(features.train, targets, PENALTIES[-1])
    spread = expected - expected.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(
        scores - scores.mean(axis=1, keepdims=True), spread, atol=1e-3 * np.abs(spread).max()
    )


@pytest.mark.parametrize("size", [1e-3, 1, 1e3])
@pytest.mark.parametrize("informative", [0, 0.5, 3])
def test_the_scale_is_the_best(informative, size):
    _, targets = task(8, 6, spread=1)
    noise = np.random.default_rng(2).standard_normal(targets.shape)
    scores = (informative * targets + noise).astype(np.float32)
    found = least_cross_entropy(np.float32(size) * scores, targets)
    assert found == pytest.approx(min(least(scores, targets), np.log(CLASSES)), rel=1e-4)


def test_scores_that_are_right_by_far_cost_nothing():
    _, targets = task(8, 6, spread=1)
    assert least_cross_entropy(targets, targets) < 1e-6


def test_scores_that_are_equal_or_wrong_cost_as_much_as_a_guess():
    _, targets = task(8, 6, spread=1)
    for scores in (np.ones_like(targets), -targets):
        assert least_cross_entropy(scores, targets) == pytest.approx(np.log(CLASSES), rel=1e-3)


@pytest.mark.parametrize("spread", [0.3, 1, 3])
@pytest.mark.parametrize("temperature", [1, 3])
@pytest.mark.parametrize(("per_class", "width"), [(2, 40), (4, 6), (4, 40)])
def test_the_penalty_is_the_mean_by_the_likelihood_of_images_left_out(
    per_class, width, spread, temperature
):
    features, targets = task(per_class, width, spread)
    losses = [least(really_left_out(features.train, targets, l2), targets) for l2 in PENALTIES]
    likelihoods = np.exp(-(temperature**2) * len(targets) * (np.array(losses) - min(losses)))
    expected = np.sum(likelihoods * np.log10(PENALTIES)) / np.sum(likelihoods)
    chosen = choose_penalty(features, targets, temperature)
    assert np.log10(chosen) == pytest.approx(expected, abs=0.05)


def test_more_noise_wants_a_stronger_penalty():
    # Classes that are clear leave the choice open: the middle of all penalties.
    assert 10 * choose_penalty(*task(4, 40, spread=1)) < choose_penalty(*task(4, 40, spread=2))


def test_with_one_image_a_class_the_powers_choose():
    features, targets = task(1, 40, spread=1)
    assert choose_penalty(features, targets) == condition_penalty(features.powers / CLASSES)


def test_a_class_with_one_image_among_others_is_left_out_like_them():
    features, targets = task(3, 40, spread=1)
    kept = (targets.argmax(axis=1) > 0) | (np.arange(len(targets)) == 0)
    chosen = choose_penalty(features_of(features.train[kept]), targets[kept])
    assert PENALTIES[0] < chosen < PENALTIES[-1]


@pytest.mark.parametrize(
    ("powers", "penalty"),
    [
        ([0.5, 0.3, 0.2], WEAKEST),  # none is ten times another
        ([1.9, 0.3, 0.1], 0.1),  # (1.9 + 0.1) / (0.1 + 0.1) = 10
        ([0.9, 0.0], 0.1),
        ([], WEAKEST),
    ],
)
def test_the_condition_number_by_hand(powers, penalty):
    assert condition_penalty(np.array(powers)) == pytest.approx(penalty)


@pytest.mark.parametrize("spread", [1, 3, 8])
def test_a_sample_of_many_images_rules_out_none_that_counts(spread):
    features, targets = task(2000, 40, spread)
    assert len(targets) >= 8000
    scores_of = leave_out(features, targets)
    losses = np.array(
        [least_cross_entropy(scores_of(number), targets) for number in range(len(PENALTIES))]
    )
    weights = np.exp(len(targets) * (losses.min() - losses))
    expected = np.average(np.log10(PENALTIES), weights=weights)
    assert np.log10(choose_penalty(features, targets)) == pytest.approx(expected, abs=0.05)


def test_many_images_have_the_features_that_inner_products_give():
    # From K = X X^T (n, n), as where there are few images: the same ridge regression.
    features, targets = task(60, 40, spread=2)
    rows = features.train.astype(float)
    inner = rows @ rows.T
    for number, l2 in enumerate(PENALTIES):
        centred = targets - targets.mean(axis=0)
        hat = np.linalg.solve(inner + len(rows) * l2 * np.eye(len(rows)), inner)
        diagonal = 1 / len(rows) + np.diag(hat)[:, None]
        sums = targets.sum(axis=0)
        raised = sums / (sums - targets)
        expected = (
            sums / len(rows) + raised * (hat @ centred - (diagonal - 1 / len(rows)) * targets)
        ) / (1 - diagonal)
        found = leave_out(features, targets)(number)
        np.testing.assert_allclose(found, expected, atol=2e-3 * np.abs(expected).max())
