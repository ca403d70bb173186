"""Trust: against arithmetic on paper, and a population whose accuracies are known."""

import math
import warnings

import numpy as np
import pytest
from scipy.stats import norm, t

from fewshot.data.draws import TEST, TRAINED
from fewshot.heads.predictions import Predictions
from fewshot.results.statistics import Layout, two_way
from fewshot.results.trust import THRESHOLDS, trust_table


def table(right, probability, tests=None, groups=None):
    right = np.asarray(right, bool)
    tests = np.ones(right.shape, bool) if tests is None else np.asarray(tests, bool)
    groups = np.arange(right.shape[1]) if groups is None else groups
    role, rank = np.where(tests, TEST, TRAINED), np.where(right, 0, 1)
    probability = np.asarray(probability, np.float32)
    predictions = Predictions(role, rank, rank, probability, probability)
    rows = trust_table(predictions, Layout(groups, tests, ~tests, 0.0))
    assert [row.above for row in rows] == [*THRESHOLDS]
    return {row.above: row for row in rows}


def test_accuracies_shares_and_counts_are_those_on_paper():
    # The last image of each repeat is trained on. Sure by 0.9: three judgements, of which two are
    # right; by 0.8 also the one of 0.8 itself.
    found = table(
        right=[[1, 1, 0, 1], [0, 0, 1, 1]],
        probability=[[0.95, 0.55, 0.3, 1], [0.9, 0.65, 0.8, 1]],
        tests=[[1, 1, 1, 0], [1, 1, 1, 0]],
    )
    on_paper = {0.0: (3, 6), 0.5: (3, 5), 0.6: (2, 4), 0.7: (2, 3), 0.8: (2, 3), 0.9: (1, 2)}
    on_paper[0.95] = (1, 1)
    for above, (right, judged) in on_paper.items():
        row = found[above]
        assert row.judged == judged
        assert row.accuracy == pytest.approx(right / judged)
        assert row.share == pytest.approx(judged / 6)
        assert 0 <= row.low <= row.accuracy <= row.high <= 1


def test_where_nothing_is_so_sure_there_is_no_accuracy():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = table([[1, 0, 1], [1, 1, 0]], np.full((2, 3), 0.7))
    assert (found[0.8].share, found[0.8].judged) == (0, 0)
    assert all(math.isnan(each) for each in found[0.8][1:4])


def test_a_repeat_without_any_is_left_out_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = table([[1, 0, 1, 1], [1, 1, 0, 1]], [[0.6] * 4, [0.9, 0.9, 0.9, 0.6]])
    assert found[0.9].accuracy == pytest.approx(2 / 3)
    assert (found[0.9].judged, found[0.9].share) == (3, 3 / 8)


def test_all_test_images_have_the_accuracy_of_the_head():
    """Repeats count alike, as in the study's tables, though they test different numbers of images."""
    rng = np.random.default_rng(0)
    right, tests = rng.random((3, 40)) < 0.7, rng.random((3, 40)) < [[0.2], [0.5], [0.9]]
    row = table(right, rng.random((3, 40)), tests)[0.0]
    expected = two_way(right, Layout(np.arange(40), tests, ~tests, 0.0), fraction=True)
    assert row[1:4] == pytest.approx((expected.mean, expected.low, expected.high))
    assert (row.share, row.judged) == (1, tests.sum())


def test_one_repeat_has_wilsons_interval_of_the_images_above():
    rng = np.random.default_rng(1)
    right, probability = np.arange(60)[None] % 4 > 0, rng.random((1, 60))
    row = table(right, probability)[0.7]
    own = right[probability >= np.float32(0.7)]
    # With n - 1 for n in the variance, and Student's t for the normal quantile.
    n, p, quantile = len(own) - 1, own.mean(), t.ppf(0.975, len(own) - 1)
    centre = p + quantile**2 / 2 / n
    half = quantile * np.sqrt(p * (1 - p) / n + quantile**2 / 4 / n**2)
    ends = [(centre + side * half) / (1 + quantile**2 / n) for side in (-1, 1)]
    assert (row.low, row.high) == pytest.approx(ends)


def test_copies_count_once():
    rng = np.random.default_rng(2)
    right, probability = rng.random((4, 50)) < 0.8, rng.random((4, 50))
    lone = table(right, probability)
    twice = [np.repeat(each, 2, axis=1) for each in (right, probability)]
    pairs = table(*twice, groups=np.repeat(np.arange(50), 2))
    for above, row in lone.items():
        assert pairs[above][1:5] == pytest.approx(row[1:5], nan_ok=True)
        assert pairs[above].judged == 2 * row.judged


MEAN, OF_DRAWS, OF_IMAGES, REST = 1.1, 0.25, 0.7, 0.7  # of a head's scores, and their spreads


def margins(probability):
    """Scores as sure as some probabilities: the normal distribution function gives the class."""
    return norm.ppf((1 + probability) / 2)


def known(above):
    """Part of the scores that are as far from zero, and part of these above zero."""
    spread = math.sqrt(OF_DRAWS**2 + OF_IMAGES**2 + REST**2)
    margin = margins(above)
    right, wrong = norm.sf(margin, MEAN, spread), norm.cdf(-margin, MEAN, spread)
    return right / (right + wrong), right + wrong


def sample(seed, repeats, images, tested):
    """Test some images in each repeat: a score has a part of the draw, the image, and its own."""
    rng = np.random.default_rng([seed, repeats])
    scores = MEAN + OF_DRAWS * rng.standard_normal((repeats, 1))
    scores = scores + OF_IMAGES * rng.standard_normal(images)
    scores = scores + REST * rng.standard_normal(scores.shape)
    tests = np.argsort(rng.random(scores.shape), axis=1) < tested
    return table(scores > 0, 2 * norm.cdf(abs(scores)) - 1, tests)


@pytest.mark.parametrize(
    ("repeats", "images", "tested"), [(2, 240, 80), (5, 240, 80), (20, 240, 80), (5, 1200, 400)]
)
def test_intervals_hold_what_is_known(repeats, images, tested):
    """With many images what differs between draws is most of the spread, and moves who is sure."""
    pools = [sample(seed, repeats, images, tested) for seed in range(200)]
    for above in (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        accuracy, share = known(above)
        rows = [pool[above] for pool in pools]
        assert np.mean([row.share for row in rows]) == pytest.approx(share, abs=0.02)
        held = np.mean([row.low <= accuracy <= row.high for row in rows])
        print(f"{repeats} repeats, {images} images, above {above}: held {held:.3f}")
        # Of 200 intervals of 95 % as few as 90 % hold the value three times in a thousand.
        assert held >= 0.9, above


@pytest.mark.parametrize("repeats", [2, 3, 5, 7])
def test_what_is_always_right_is_so_in_one_and_no_more(repeats):
    """Whatever the weights of repeats that test different numbers of images round to."""
    for seed in range(10):
        # As draws have them: a column a repeat.
        chosen = np.random.default_rng(seed).random((repeats, 30 * repeats)) < 1 / 3
        tests = np.asfortranarray(chosen)
        layout = Layout(np.arange(30 * repeats), tests, np.zeros_like(tests), 0.0)
        zeros, sure = np.zeros(tests.shape, int), np.ones(tests.shape)
        role = np.where(tests, TEST, TRAINED)
        for row in trust_table(Predictions(role, zeros, zeros, sure, sure), layout):
            assert row.accuracy <= 1
            assert row.high <= 1
            assert row.share <= 1
