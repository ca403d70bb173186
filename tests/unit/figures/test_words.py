"""Numbers of tables as they stand in sentences, by hand."""

import math

import pytest

from fewshot.figures.words import chance, count_repeats, listed, paragraphs, percent, points, told
from fewshot.results.contrasts import Contrast


def contrast(mean, low=math.nan, high=math.nan, p=0.01):
    return Contrast("birds", "head", "tuned", "sgd", "fc2", mean, low, high, p, p, 5)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((0.7123, 0.68, 0.744), "71.2 % [68.0, 74.4]"),
        ((0.02, -0.01, 0.05), "2.0 % [0.0, 5.0]"),
        ((0.99, 0.97, 1.01), "99.0 % [97.0, 100.0]"),
        ((0.5, math.nan, math.nan), "50.0 %"),
    ],
)
def test_an_accuracy_has_its_interval_as_far_as_it_can_be(numbers, text):
    row = dict(zip(("x_mean", "x_low", "x_high"), numbers, strict=True))
    assert percent(row, "x") == text


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((-0.0341, -0.05, -0.018), "-3.4 points [-5.0, -1.8]"),
        ((-0.0004, -0.005, 0.0042), "+0.0 points [-0.5, 0.4]"),
        ((0.1,), "+10.0 points"),
    ],
)
def test_a_difference_has_its_sign_but_nothing_rounds_to_minus_zero(numbers, text):
    assert points(contrast(*numbers)) == text


def test_a_difference_is_told_as_far_as_its_interval_allows():
    assert told(contrast(0.02, 0.01, 0.03)) == "+2.0 points [1.0, 3.0]"
    unclear = contrast(0.02, -0.01, 0.05, 0.3)
    assert told(unclear) == "+2.0 points [-1.0, 5.0] (zero lies inside: not told apart)"
    among_many = told(contrast(0.02, 0.001, 0.05, 0.06))
    assert among_many.endswith("(not told apart among all that answer this question)")
    assert told(contrast(0.02)) == "+2.0 points, of one draw, without an interval"


def test_counts_lists_and_paragraphs():
    assert [count_repeats(c) for c in ([1], [5], [5, 2])] == [
        "1 repeat",
        "5 repeats",
        "2 to 5 repeats",
    ]
    assert [listed(words) for words in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
    assert paragraphs("a", "", "b") == "a\n\nb"


@pytest.mark.parametrize(("classes", "text"), [(2, "1/2 = 50 %"), (257, "1/257 = 0.39 %")])
def test_chance_has_two_digits(classes, text):
    assert chance(classes) == text
