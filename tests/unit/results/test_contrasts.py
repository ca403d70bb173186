"""Contrasts: their record, and what is held against what."""

import math

import numpy as np
import pytest
from made_tables import grid, make_basis
from scipy import stats

from fewshot.data.draws import Draws
from fewshot.point import Point
from fewshot.records import read_records, write_rows
from fewshot.results.contrasts import Contrast, compare, name_sides, subtract


def test_what_is_known_of_draws_alone_has_the_interval_of_a_paired_t_test():
    few, many = [0.3, 0.5, 0.4, 0.9], [0.7, 0.8, 0.95]
    contrast = subtract(make_basis({}), "why", "many", "few", "here", many, few)
    reference = stats.ttest_rel(many, few[:3])
    low, high = reference.confidence_interval(0.95)
    assert contrast[:5] == ("birds", "why", "many", "few", "here")
    assert contrast[5:9] == pytest.approx((0.41666667, low, high, reference.pvalue))
    assert contrast.repeats == 3


def two_points(right, draws):
    """Contrast the accuracies of two points, by what they tell right."""
    points = grid(shots=(2, 8))
    basis = make_basis({}, draws=draws, right=dict(zip(points, right, strict=True)))
    return compare(basis, "shots", "a", "b", "here", (1, points[1]), (-1, points[0]))


def test_differences_are_taken_image_by_image():
    # 30 of 100 images more in each repeat, of 100 others in each: s^2 = 0.3 * 0.7 * 300 / 299
    rows = np.arange(300)
    draws = Draws(rows % 4, rows, np.where(rows[:, None] // 100 == np.arange(3), 0, -1))
    few, many = (np.tile(rows % 100 < count, (3, 1)) for count in (30, 60))
    half = stats.t.ppf(0.975, 299) * math.sqrt(0.21 / 299)
    assert two_points((few, many), draws)[5:8] == pytest.approx((0.3, 0.3 - half, 0.3 + half))


@pytest.mark.parametrize(
    ("mean", "p", "sign"), [(0.1, 0.04, 1), (-0.1, 0.04, -1), (1, 0.06, 0), (1, np.nan, 0)]
)
def test_a_sign_needs_a_p_below_5_percent(mean, p, sign):
    assert Contrast("", "", "", "", "", mean, 0, 0, 0.01, p, 2).sign == sign


def test_what_has_fewer_repeats_is_held_against_the_first_draws_of_the_other():
    sgd, tuned = grid(heads=("sgd", "tuned"))
    basis = make_basis({sgd: [0.1, 0.2], tuned: [0.3, 0.4, 0.9]})
    contrast = compare(basis, "head", "a", "b", "here", (1, tuned), (-1, sgd))
    assert contrast.mean == pytest.approx(0.2)
    assert contrast.repeats == 2


def test_one_draw_has_an_interval_over_images():
    rows = np.arange(100)
    few, many = (rows[None] < count for count in (31, 61))
    contrast = two_points((few, many), Draws(rows % 4, rows, np.zeros((100, 1), int)))
    half = stats.t.ppf(0.975, 99) * math.sqrt(0.21 / 99)
    assert contrast[5:8] == pytest.approx((0.3, 0.3 - half, 0.3 + half))


def test_sides_are_named_by_the_factor_in_which_they_differ():
    point = Point("birds", "vgg16", "predictions", "2", 8, "sgd")
    at = "vgg16 · predictions · 8-shot · sgd"
    assert name_sides(point, point._replace(temperature="16")) == ("T 2", "T 16", at)
    at = "vgg16 · predictions · T 2 · sgd"
    assert name_sides(point._replace(shots=16), point) == ("16-shot", "8-shot", at)


def test_contrasts_are_read_as_they_are_written(tmp_path):
    contrast = Contrast("a", "b", "c", "d", "e", 0.5, np.nan, np.nan, np.nan, np.nan, 1)
    write_rows(tmp_path / "contrasts.csv", Contrast._fields, [contrast])
    (read,) = read_records(tmp_path / "contrasts.csv", Contrast)
    assert read[:6] == contrast[:6]
    assert read.repeats == 1
    assert np.isnan(read[6:10]).all()
