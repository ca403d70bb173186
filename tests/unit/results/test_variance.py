"""Components of variance, against an analysis of variance on paper."""

import numpy as np
import pytest

from fewshot.results.statistics import Layout
from fewshot.results.variance import variance_of_mean

REPEATS, IMAGES = 6, 40


def sides(tests, trained=None, share=0.0):
    trained = np.zeros_like(tests) if trained is None else trained
    return Layout(np.arange(tests.shape[1]), tests, trained, share)


def even(tests):
    return tests / tests.sum()


def made(seed=0, draw=1.0, image=2.0, rest=1.0):
    rng = np.random.default_rng(seed)
    values = draw * rng.normal(size=(REPEATS, 1)) + image * rng.normal(size=IMAGES)
    return values + rest * rng.normal(size=(REPEATS, IMAGES))


def mean_squares(values):
    """Of repeats, images and the rest: Searle, Casella & McCulloch, table 4.6."""
    of_repeats, of_images, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    rest = values - of_repeats[:, None] - of_images + mean
    return (
        IMAGES * ((of_repeats - mean) ** 2).sum() / (REPEATS - 1),
        REPEATS * ((of_images - mean) ** 2).sum() / (IMAGES - 1),
        (rest**2).sum() / (REPEATS - 1) / (IMAGES - 1),
    )


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_where_every_repeat_tests_every_image(share):
    values, tests = made(), np.ones((REPEATS, IMAGES), bool)
    of_repeats, of_images, rest = mean_squares(values)
    draw, image = (of_repeats - rest) / IMAGES, (of_images - rest) / REPEATS
    of_image = image / IMAGES + rest / REPEATS / IMAGES
    factor = 1 / REPEATS + share
    variance, freedom, images = variance_of_mean(values, even(tests), sides(tests, share=share))
    assert variance == pytest.approx(of_image + draw * factor)
    spread = (of_repeats / IMAGES * factor) ** 2 / (REPEATS - 1) + of_image**2 / (IMAGES - 1)
    assert freedom == pytest.approx(max(variance**2 / spread, REPEATS - 1))
    assert images == pytest.approx(IMAGES)


def test_where_no_image_is_tested_twice():
    values = np.concatenate([made(seed) for seed in range(REPEATS)], axis=1)
    tests = np.kron(np.eye(REPEATS), np.ones(IMAGES)).astype(bool)
    values = np.where(tests, values, 0)
    own = values[tests].reshape(REPEATS, IMAGES)
    within = own.var(axis=1, ddof=1).mean()
    draw = max(own.mean(axis=1).var(ddof=1) - within / IMAGES, 0)
    variance, *_ = variance_of_mean(values, even(tests), sides(tests))
    # of which the repeats have taken some degrees of freedom
    assert variance == pytest.approx(within / IMAGES / REPEATS + draw / REPEATS, rel=0.03)


def test_draws_that_do_well_for_their_easy_images_widen_it():
    rng = np.random.default_rng(1)
    ease = rng.normal(size=200)
    trained = np.zeros((20, 200), bool)
    tests = np.zeros((20, 200), bool)
    for repeat in range(20):
        order = rng.permutation(200)
        trained[repeat, order[:50]] = tests[repeat, order[50:120]] = True
    skill = np.array([ease[row].mean() for row in trained])[:, None]
    noise = 0.1 * rng.normal(size=tests.shape)
    found = {}
    for sign in (-1, 1):
        values = np.where(tests, ease + 2 * sign * skill + noise, 0)
        found[sign], *_ = variance_of_mean(values, even(tests), sides(tests, trained, 0.25))
    assert found[1] > 1.2 * found[-1]


def test_differences_that_are_all_alike_have_none():
    tests = np.ones((3, 5), bool)
    variance, freedom, _ = variance_of_mean(np.full((3, 5), 0.5), even(tests), sides(tests))
    assert variance == pytest.approx(0, abs=1e-30)
    assert freedom >= 2
