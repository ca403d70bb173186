"""Temperatures against a search by scipy, and on scores whose temperature is known."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from fewshot.heads.calibration import calibrate, fit_temperature


def made(images, classes, own, seed=0):
    rng = np.random.default_rng(seed)
    scores, labels = 3 * rng.normal(size=(images, classes)), rng.integers(0, classes, images)
    scores[np.arange(images), labels] += own
    return scores.astype(np.float32), labels


@pytest.mark.parametrize(("images", "classes", "own"), [(5, 3, 1), (400, 20, 0.5), (30, 5, 50)])
def test_it_has_the_least_loss(images, classes, own):
    scores, labels = made(images, classes, own)

    def loss(logarithm):
        logs = log_softmax(scores.astype(float) / np.exp(logarithm), axis=1)
        # and one image more, whose class may be any
        return (logs[np.arange(images), labels].sum() + logs.mean()) / -(images + 1)

    best = minimize_scalar(loss, bounds=(-5, 10), method="bounded", options={"xatol": 1e-9})
    assert fit_temperature(scores, labels) == pytest.approx(np.exp(best.x), rel=1e-3)


def test_scores_that_are_logits_of_their_labels_keep_their_size():
    rng = np.random.default_rng(1)
    logits = 2 * rng.normal(size=(20_000, 6))
    labels = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    for factor in (0.1, 1, 30):
        assert fit_temperature(factor * logits, labels) == pytest.approx(factor, rel=0.05)


def test_where_all_are_right_or_nothing_is_known_it_is_finite():
    scores, labels = made(50, 4, 1000)
    assert 0 < fit_temperature(scores, labels) < 1000
    assert fit_temperature(scores[:0], labels[:0]) == 1
    assert fit_temperature(np.ones((3, 4)), np.zeros(3, int)) == 1
    assert np.isfinite(fit_temperature(scores, (labels + 1) % 4))


def test_unused_images_set_the_temperature_of_all():
    scores, labels = made(80, 4, 3)
    unused, tests = np.arange(80) < 40, np.arange(80) >= 60
    temperatures, temperature = calibrate(scores, labels, np.arange(80), unused, tests)
    assert temperature == fit_temperature(scores[:40], labels[:40])
    np.testing.assert_allclose(temperatures, temperature, rtol=1e-6)


def test_a_few_unused_images_decide_nothing():
    scores, labels = made(100, 4, 10)
    labels[0] = (labels[0] + 1) % 4  # which the head gets wrong
    unused, tests = np.arange(100) < 1, np.arange(100) >= 60
    _, temperature = calibrate(scores, labels, np.arange(100), unused, tests)
    assert temperature < 5


def test_without_unused_images_each_half_of_the_tests_has_the_temperature_of_the_other():
    scores, labels = made(80, 4, 3)
    groups = np.arange(80) // 2
    none, tests = np.zeros(80, bool), np.arange(80) >= 40
    temperatures, temperature = calibrate(scores, labels, groups, none, tests)
    factors = temperatures[tests].astype(float)
    first, second = sorted({*factors.round(4)})
    assert temperature == pytest.approx(np.sqrt(first * second), rel=1e-3)
    half = factors.round(4) == first
    for own, other in ((half, second), (~half, first)):
        fitted = fit_temperature(scores[tests][own], labels[tests][own])
        assert fitted == pytest.approx(other, rel=1e-3)
    assert not {*groups[tests][half]} & {*groups[tests][~half]}
