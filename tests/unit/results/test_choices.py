import math

import numpy as np
import pytest
from made_answers import choice as made_choice
from made_tables import grid, judge, make_draws

from fewshot.data.draws import Draws
from fewshot.errors import InputError
from fewshot.point import Point
from fewshot.results.choices import Candidate, choose, predictor_point, preferred, recommended
from fewshot.results.statistics import holm, lay_out, two_way

CLASSES, PER_CLASS, TESTS = 10, 24, 8


def candidate(point, right, numbers=10, seconds=1.0, may_lead=True, accuracy=None):
    row = {f"test_accuracy_{part}": accuracy for part in ("mean", "low", "high")}
    return Candidate(point, np.asarray(right), row, numbers, seconds, may_lead)


def made(points, accuracies, repeats=3, **settings):
    """Make candidates that are right as often as wished, image by image, with their draws."""
    draws = make_draws(repeats, 40)
    generator = np.random.default_rng(0)
    shape = repeats, len(draws.labels)
    ease = generator.random(shape)
    candidates = []
    for place, (point, accuracy) in enumerate(zip(points, accuracies, strict=True)):
        own = {name: values[place] for name, values in settings.items()}
        right = (ease < accuracy)[: own.pop("first", repeats)]
        candidates.append(candidate(point, right, accuracy=accuracy, **own))
    return candidates, draws


def random_draws(generator, repeats):
    """Draw test and training images of each class anew in every repeat."""
    labels = np.repeat(np.arange(CLASSES), PER_CLASS)
    places = np.empty((len(labels), repeats), int)
    for repeat in range(repeats):
        for label in range(CLASSES):
            order = np.maximum(np.arange(PER_CLASS) - TESTS + 1, 0)
            places[labels == label, repeat] = generator.permutation(order)
    return Draws(labels, np.arange(len(labels)), places)


def equals(generator, number, repeats, lead=0.0):
    """Make heads that are equally good, but for the first: images and draws suit each otherwise."""
    draws = random_draws(generator, repeats)
    images = len(draws.labels)
    shared = 0.8 + generator.normal(size=images) + 0.3 * generator.normal(size=(repeats, 1))
    candidates = []
    for point in grid(layers=[f"l{place}" for place in range(number)]):
        score = shared + lead + 0.5 * generator.normal(size=images)
        score = score + 0.2 * generator.normal(size=(repeats, 1))
        right = score + 0.7 * generator.normal(size=(repeats, images)) > 0
        accuracy = right[draws.places.T == 0].mean()
        candidates.append(candidate(point, right, accuracy=accuracy))
        lead = 0.0
    return candidates, draws


@pytest.mark.parametrize(("number", "repeats", "most"), [(2, 5, 0.05), (2, 10, 0.05), (5, 5, 0.1)])
def test_of_equal_heads_few_are_claimed_to_be_worse(number, repeats, most):
    """Of 200 studies, in which any claim is wrong."""
    generator = np.random.default_rng(number * repeats)
    studies = [choose(*equals(generator, number, repeats)) for _ in range(200)]
    claimed = [not all(row.among_best for row in rows) for rows in studies]
    assert sum(claimed) <= most * 200


def test_a_head_that_is_better_is_told_from_others():
    """Of 50 studies with one head that is right some 18 points more often than four others."""
    generator, found = np.random.default_rng(0), 0
    for _ in range(50):
        rows = choose(*equals(generator, 5, 10, lead=1.0))
        assert rows[0].layer == "l0"
        found += sum(row.among_best for row in rows) == 1
    assert found >= 40


def test_order_and_differences_are_of_the_first():
    points = grid(layers=("fc1", "fc2", "block1"))
    candidates, draws = made(points, (0.6, 0.9, 0.3))
    rows = choose(candidates, draws)
    assert [row.point.layer for row in rows] == ["fc2", "fc1", "block1"]
    assert [row.rank for row in rows] == [1, 2, 3]
    assert [row.repeats for row in rows] == [3, 3, 3]
    assert math.isnan(rows[0].behind)
    right = {each.point: each.right.astype(float) for each in candidates}
    expected = [two_way(right[points[1]] - right[row.point], lay_out(draws, 8)) for row in rows[1:]]
    for row, wanted in zip(rows[1:], expected, strict=True):
        assert (row.behind, row.behind_low, row.behind_high) == (
            wanted.mean,
            wanted.low,
            wanted.high,
        )
    assert [row.p_holm for row in rows[1:]] == holm([each.p for each in expected]).tolist()


def test_the_cheapest_of_equals_is_recommended():
    points = grid(layers=("a", "b", "c", "d"))
    settings = {"numbers": (100, 50, 50, 5), "seconds": (1.0, 3.0, 2.0, 0.1)}
    rows = choose(*made(points, (0.9, 0.9, 0.9, 0.1), **settings))
    assert [row.among_best for row in rows] == [1, 1, 1, 0]
    # The fewest numbers, then the shortest pass.
    assert [row.point.layer for row in rows if row.recommended] == ["c"]
    settings["seconds"] = (1.0, math.nan, 2.0, 0.1)
    rows = choose(*made(points, (0.9, 0.9, 0.9, 0.1), **settings))
    assert [row.point.layer for row in rows if row.recommended] == ["c"]
    alike = {"numbers": (9, 9, 9, 9), "seconds": (1.0,) * 4}
    rows = choose(*made(points, (0.88, 0.9, 0.89, 0.1), **alike))
    assert [row.point.layer for row in rows if row.recommended] == ["b"]


def test_heads_of_fewer_repeats_or_end_to_end_are_listed_and_not_recommended():
    points = grid(layers=("a", "b", "c"))
    rows = choose(*made(points, (0.9, 0.85, 0.8), first=(2, 3, 3), numbers=(1, 9, 9)))
    assert [row.point.layer for row in rows] == ["a", "b", "c"]
    assert [row.recommended for row in rows] == [0, 1, 0]
    assert math.isnan(rows[1].behind)
    assert rows[0].behind < 0
    rows = choose(*made(points, (0.9, 0.85, 0.8), may_lead=(False, True, True)))
    assert [row.recommended for row in rows] == [0, 1, 0]
    # Where there is nothing else, one end to end is.
    rows = choose(*made(points, (0.9, 0.85, 0.8), may_lead=(False,) * 3))
    assert [row.recommended for row in rows] == [1, 0, 0]


def test_one_choice_is_recommended():
    (point,) = grid()
    draws = make_draws(1, 4)
    (row,) = choose([candidate(point, judge([1.0], draws), accuracy=1.0)], draws)
    assert (row.rank, row.among_best, row.recommended) == (1, 1, 1)
    assert math.isnan(row.p_holm)


def test_what_stands_alone_is_not_preferred():
    points = grid(shots=(2, 8), heads=("sgd", "tuned"))
    rows = [*choose(*made(points[:1], (0.5,))), *choose(*made(points[2:], (0.5, 0.9)))]
    assert {row.point for row in rows if row.recommended} == {points[0], points[3]}
    assert preferred(rows) == {points[3]}


def test_what_is_recommended_at_the_most_shots():
    rows = [
        choose(*made([point], (0.5,)))[0]
        for dataset in ("birds", "fish")
        for point in grid(dataset, shots=(8, 2))
    ]
    found = recommended([*rows, rows[0]._replace(shots=32, recommended=0)])
    assert {name: row.shots for name, row in found.items()} == {"birds": 8, "fish": 8}


def test_a_classifier_is_made_from_what_is_recommended_at_the_most_shots():
    deep = Point("birds", "vgg16", "fc2", "1", 8, "tuned")
    shallow = deep._replace(layer="fc1")
    choices = [
        made_choice(each._replace(shots=shots), recommended=int(each is best))
        for shots, best in ((8, shallow), (16, deep))
        for each in (deep, shallow)
    ]
    every = [choice.point for choice in choices]
    assert predictor_point(choices, every) == deep._replace(shots=16)
    assert predictor_point(choices, every[:2]) == shallow
    # One that is named counts, recommended or not.
    assert predictor_point(choices, [every[1], every[3]]) == shallow._replace(shots=16)
    with pytest.raises(InputError, match="runs the whole network"):
        predictor_point(choices, [every[0], every[3]])
