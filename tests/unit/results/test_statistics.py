"""Intervals: against scipy, arithmetic, and populations whose value is known."""

import numpy as np
import pytest
from scipy import stats

from fewshot.data.draws import Draws
from fewshot.results.statistics import Layout, holm, lay_out, mean_interval, over_repeats, two_way


# Quantiles of Student's t at 0.975, as printed in statistical tables.
@pytest.mark.parametrize(
    ("repeats", "quantile"), [(2, 12.706), (3, 4.303), (5, 2.776), (11, 2.228)]
)
def test_interval_has_the_width_of_the_t_tables(repeats, quantile):
    values = np.arange(repeats, dtype=float)
    mean, std, low, high = mean_interval(values)
    half = quantile * values.std(ddof=1) / np.sqrt(repeats)
    assert mean == (repeats - 1) / 2
    assert std == pytest.approx(values.std(ddof=1))
    assert high - mean == pytest.approx(half, rel=1e-3)
    assert mean - low == pytest.approx(half, rel=1e-3)


def test_interval_agrees_with_scipy_along_the_last_axis():
    values = np.random.default_rng(0).normal(size=(4, 7))
    _, _, low, high = mean_interval(values)
    reference = stats.ttest_1samp(values, 0, axis=1).confidence_interval(0.95)
    np.testing.assert_allclose(low, reference.low)
    np.testing.assert_allclose(high, reference.high)


def test_one_repeat_has_a_mean_and_no_interval():
    mean, *others = mean_interval([[0.5], [0.25]])
    assert mean.tolist() == [0.5, 0.25]
    assert np.isnan(others).all()


def test_infinite_loss_makes_no_warning_and_no_interval():
    mean, _, low, high = mean_interval([1.0, np.inf])
    assert mean == np.inf
    assert np.isnan([low, high]).all()


def test_repeats_alone_have_the_p_of_a_t_test():
    values = np.random.default_rng(1).normal(0.5, size=6)
    reference = stats.ttest_1samp(values, 0)
    low, high = reference.confidence_interval(0.95)
    expected = values.mean(), values.std(ddof=1), low, high, reference.pvalue
    assert over_repeats(values) == pytest.approx(expected)
    assert over_repeats([0.0, 0.0]).p == 1
    assert over_repeats([0.2, 0.2]).p == 0


def test_what_repeats_are_tested_and_trained_on():
    places = np.array([[0, 1], [1, 0], [2, -1], [3, 2], [-1, -1], [4, 3]])
    draws = Draws(np.zeros(6, int), np.array([0, 1, 2, 2, 3, 4]), places)
    sides = lay_out(draws, 2)
    assert sides.tests.tolist() == [[True, *[False] * 5], [False, True, *[False] * 4]]
    assert sides.trained.astype(int).tolist() == [[0, 1, 1, 0, 0, 0], [1, 0, 0, 1, 0, 0]]
    assert sides.share == 2 / 5  # nothing is ever drawn of the fifth image


def lone(tests, trained=None, share=0.0):
    """Sides of images without copies."""
    tests = np.asarray(tests, bool)
    none = np.zeros_like(tests)
    return Layout(np.arange(tests.shape[1]), tests, none if trained is None else trained, share)


def test_one_repeat_has_students_interval_over_images():
    values = np.random.default_rng(2).normal(0.3, size=(1, 12))
    reference = stats.ttest_1samp(values[0], 0)
    found = two_way(values, lone(np.ones((1, 12))))
    assert (found.low, found.high) == pytest.approx(tuple(reference.confidence_interval(0.95)))
    assert found.p == pytest.approx(reference.pvalue)
    assert np.isnan(found.std)


def test_a_fraction_of_images_has_wilsons_interval():
    right = np.arange(40)[None] < 31
    found = two_way(right, lone(np.ones((1, 40))), fraction=True)
    # with n - 1 for n in the variance, and Student's t for the normal quantile
    n, p, t = 39, 31 / 40, stats.t.ppf(0.975, 39)
    centre, half = p + t**2 / 2 / n, t * np.sqrt(p * (1 - p) / n + t**2 / 4 / n**2)
    ends = [(centre + side * half) / (1 + t**2 / n) for side in (-1, 1)]
    assert (found.low, found.high) == pytest.approx(ends)


@pytest.mark.parametrize("value", [0, 1])
def test_a_fraction_without_spread_has_a_width(value):
    found = two_way(np.full((3, 20), value), lone(np.ones((3, 20))), fraction=True)
    assert (found.low, found.high)[value] == pytest.approx(value)
    assert 0.05 < found.high - found.low < 0.25


@pytest.mark.parametrize("images", range(7, 14))
def test_where_everything_is_right_rounding_is_no_spread(images):
    """Of a few images drawn in each of three repeats, whose weights add up to 1 but for rounding."""
    generator = np.random.default_rng(images)
    for _ in range(20):
        places = np.argsort(generator.random((3, images)), axis=1)
        tests = places < images // 3
        layout = Layout(np.arange(images), tests, ~tests, 0.7)
        found = two_way(np.ones((3, images)), layout, fraction=True)
        weights = tests.sum(axis=0) / tests.sum()
        square = 1.959964**2 * (weights**2).sum()
        assert (found.mean, found.high) == (1, pytest.approx(1))
        assert found.low == pytest.approx(1 / (1 + square))


def test_images_and_groups_that_come_twice_count_once():
    rng = np.random.default_rng(3)
    values, tests = rng.random((4, 30)), rng.random((4, 30)) < 0.5
    expected = two_way(values, lone(tests))
    groups = np.repeat(np.arange(30), 2)
    twice = [np.repeat(each, 2, axis=1) for each in (values, tests)]
    found = two_way(twice[0], Layout(groups, twice[1], np.zeros((4, 60), bool), 0.0))
    assert found == pytest.approx(expected)


def test_weights_are_those_of_the_mean():
    rng = np.random.default_rng(4)
    values, weights = rng.random((3, 25)), rng.random((3, 25))
    found = two_way(values, lone(np.ones((3, 25))), weights)
    assert found.mean == pytest.approx(np.average(values, weights=weights))
    assert found.low < found.mean < found.high


@pytest.mark.parametrize("sizes", [(300, 30, 30, 30), (50, 50, 50, 50)])
@pytest.mark.parametrize("repeats", [1, 5])
def test_the_mean_over_classes_is_held_where_small_ones_scatter_more(sizes, repeats):
    known, held = np.array([0.95, 0.6, 0.6, 0.6]), 0
    labels = np.repeat(np.arange(4), sizes)
    tests = np.ones((repeats, len(labels)), bool)
    weights = np.tile(1 / 4 / np.array(sizes)[labels], (repeats, 1))
    for pool in range(200):
        rng = np.random.default_rng([pool, repeats])
        settled = rng.random(len(labels)) < 0.5  # the same in every repeat
        drawn = rng.random((repeats, len(labels))) < known[labels]
        right = np.where(settled, drawn[0], drawn)
        found = two_way(right, lone(tests), weights, fraction=True)
        held += found.low <= known.mean() <= found.high
    assert held >= 0.93 * 200


def test_repeats_count_alike_whatever_they_test():
    tests = np.array([[1, 1, 1, 0], [0, 0, 0, 1]], bool)
    right = np.array([[0, 0, 0, 0], [0, 0, 0, 1]])
    assert two_way(right, lone(tests)).mean == 0.5


@pytest.mark.parametrize("repeats", [1, 2, 5])
def test_the_share_is_of_all_that_may_be_trained_on(repeats):
    rng = np.random.default_rng(0)
    order = np.stack([rng.permutation(100) for _ in range(repeats)], axis=1)
    rest = np.where(order < 4, order + 1, 0)  # four to train on, the rest to test
    rows = np.arange(100)
    assert lay_out(Draws(rows * 0, rows, rest), 2).share == pytest.approx(2 / 100)
    if repeats > 1:  # 60 to test in every repeat, of the others four to train on
        official = np.where(rows[:, None] < 60, 0, order + 1)
        assert lay_out(Draws(rows * 0, rows, official), 2).share < 3 / 40


def test_only_test_images_count():
    tests = np.array([[1, 1, 1, 0], [0, 1, 1, 1]], bool)
    values = np.where(tests, [[0.1, 0.3, 0.2, 0], [0, 0.1, 0.4, 0.2]], np.nan)
    assert two_way(values, lone(tests)).mean == pytest.approx((0.6 / 3 + 0.7 / 3) / 2)


def test_holm_against_its_definition():
    p = np.random.default_rng(5).random(7) / 5
    order = np.argsort(p)
    largest, expected = 0.0, np.empty(7)
    for rank, place in enumerate(order):
        largest = max(largest, (7 - rank) * p[place])
        expected[place] = min(largest, 1)
    assert holm(p) == pytest.approx(expected)
    assert np.isnan(holm([np.nan, 0.5])[0])
    assert holm([]).size == 0


CLASSES, POOL, TESTS, WIDTH = 10, 24, 8, 16


def population():
    """Draw images at random from ten classes of three kinds of picture each, with long tails."""
    rng = np.random.default_rng(0)
    centres = 0.6 * rng.normal(size=(CLASSES, 3, WIDTH)) + rng.normal(size=(CLASSES, 1, WIDTH))
    scales = rng.uniform(0.6, 1.6, size=(CLASSES, 3))

    def images(rng, per_class):
        kinds = rng.integers(0, 3, size=(CLASSES, per_class))
        rows = np.arange(CLASSES)[:, None]
        tails = scales[rows, kinds] * np.sqrt(3 / rng.chisquare(5, size=(CLASSES, per_class)))
        noise = rng.normal(size=(CLASSES, per_class, WIDTH))
        return centres[rows, kinds] + tails[..., None] * noise

    return images


def nearest_mean(images):
    means = images.mean(axis=1)
    return means.T, -(means**2).sum(axis=1) / 2


def least_squares(images):
    flat = images.reshape(-1, WIDTH)
    centred = flat - flat.mean(axis=0)
    targets = np.repeat(np.eye(CLASSES), images.shape[1], axis=0) - 1 / CLASSES
    scale = (centred**2).sum(axis=1).mean()
    hessian = centred.T @ centred + 0.1 * scale * len(flat) * np.eye(WIDTH)
    weights = np.linalg.solve(hessian, centred.T @ targets)
    return weights, -flat.mean(axis=0) @ weights


HEADS = nearest_mean, least_squares
LABELS = np.arange(CLASSES)[:, None]


def is_right(images, head):
    weights, bias = head
    return (images @ weights + bias).argmax(axis=-1) == LABELS


def truth(images, shots):
    """Accuracy of both heads for training images and test images without end."""
    rng = np.random.default_rng(9)
    tests = images(rng, 2000)
    sets = [images(rng, shots) for _ in range(600)]
    return np.mean([[is_right(tests, head(own)).mean() for head in HEADS] for own in sets], axis=0)


def draw_pool(images, shots, repeats, rng):
    """Draw a pool; say of both heads and each repeat which images it tells right."""
    pool = images(rng, POOL)
    right = np.zeros((2, repeats, CLASSES, POOL), bool)
    tests, trained = np.zeros((2, repeats, CLASSES, POOL), bool)
    for repeat in range(repeats):
        order = np.argsort(rng.random((CLASSES, POOL)), axis=1)
        chosen = order[:, TESTS : TESTS + shots]
        tests[repeat][LABELS, order[:, :TESTS]] = True
        trained[repeat][LABELS, chosen] = True
        for head, own in zip(HEADS, right, strict=True):
            own[repeat] = is_right(pool, head(pool[LABELS, chosen]))
    sides = [each.reshape(repeats, -1) for each in (tests, trained)]
    share = shots / POOL
    return right.reshape(2, repeats, -1), Layout(np.arange(CLASSES * POOL), *sides, share)


def hold(intervals, value):
    """How often intervals hold a value, and their mean half width over that of the known spread."""
    means, lows, highs = np.array(intervals).T
    coverage = np.mean((lows <= value) & (value <= highs))
    return coverage, (highs - lows).mean() / 2 / (1.96 * means.std(ddof=1))


@pytest.mark.slow
@pytest.mark.parametrize("repeats", [5, 20])
@pytest.mark.parametrize("shots", [1, 4, 16])
def test_intervals_hold_the_value_of_the_population(shots, repeats):
    images = population()
    known = truth(images, shots)
    pools = [
        draw_pool(images, shots, repeats, np.random.default_rng([7, pool, shots]))
        for pool in range(200)
    ]
    widest = {5: 1.7, 20: 1.3}[repeats]
    quantities = {
        "nearest mean": (known[0], [(own[0], sides) for own, sides in pools]),
        "least squares": (known[1], [(own[1], sides) for own, sides in pools]),
        "difference": (
            known[1] - known[0],
            [(own[1].astype(float) - own[0], sides) for own, sides in pools],
        ),
    }
    covered_before = []
    for name, (value, samples) in quantities.items():
        fraction = name != "difference"
        found = [two_way(own, sides, fraction=fraction)[:4] for own, sides in samples]
        coverage, width = hold([(mean, low, high) for mean, _, low, high in found], value)
        before = [mean_interval(_by_repeat(own, sides)) for own, sides in samples]
        before, _ = hold([(mean, low, high) for mean, _, low, high in before], value)
        print(f"{name}, {repeats} repeats, {shots} shots: held {coverage:.3f}, width {width:.2f},")
        print(f"over repeats alone {before:.3f}")
        covered_before.append(before)
        assert coverage >= 0.93
        assert width <= widest
    if repeats == 20 or shots > 1:
        assert min(covered_before) < 0.93


def _by_repeat(own, sides):
    return [row[tests].mean() for row, tests in zip(own, sides.tests, strict=True)]
