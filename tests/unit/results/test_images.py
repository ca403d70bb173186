import tracemalloc

import numpy as np
import pytest
from wrong_labels import judge_pool, make_pool, rank, set_wrong

from fewshot.data.draws import TEST, TRAINED, UNUSED
from fewshot.heads.predictions import Predictions
from fewshot.results.images import judged_images

NAMES = ["ibis", "jay", "kite"]


def say(role, named, given, confidence, labels):
    """Predictions of a table a repeat; the rank of a class that is not named is 1."""
    named = np.array(named)
    rank_of = (named != labels).astype(np.uint8)
    return Predictions(np.array(role), named, rank_of, np.array(confidence), np.array(given))


@pytest.fixture
def judged():
    """Three images and two repeats, at one shot and at four; the head of another line."""
    pool = make_pool([0, 1, 2], NAMES)
    labels = np.array([0, 1, 2])
    line = {
        1: say(
            [[TEST, UNUSED, TRAINED], [UNUSED, TEST, TRAINED]],
            [[0, 2, 0], [1, 2, 0]],
            [[0.5, 0.1, 0], [0.3, 0.2, 0]],
            [[0.5, 0.6, 0], [0.4, 0.7, 0]],
            labels,
        ),
        4: say(
            [[TEST, TRAINED, TRAINED], [TEST, TEST, TRAINED]],
            [[0, 0, 0], [1, 1, 0]],
            [[0.9, 0, 0], [0.2, 0.8, 0]],
            [[0.9, 0, 0], [0.7, 0.8, 0]],
            labels,
        ),
    }
    other = say(
        [[TEST, TRAINED, TRAINED], [TEST, TEST, TRAINED]],
        [[1, 0, 0], [1, 0, 0]],
        *2 * [np.zeros((2, 3))],
        labels,
    )
    return judged_images("birds", pool, line, [line[4], other])


def test_tests_are_those_at_the_most_shots(judged):
    first, second, third = judged
    assert (first.dataset, first.row, first.image, first.class_name) == (
        *("birds", 0, "0.png", "ibis"),
    )
    assert (first.tested, first.right, first.confidence) == (2, 0.5, pytest.approx(0.8))
    assert (second.tested, second.right, second.confidence) == (1, 1, pytest.approx(0.8))
    assert third.tested == 0
    assert np.isnan([third.right, third.confidence, third.right_by_all]).all()


def test_right_by_all_counts_every_head(judged):
    assert [image.right_by_all for image in judged[:2]] == [1 / 4, 1 / 2]


def test_probability_is_of_all_judgements_weighed_by_shots(judged):
    assert [image.judged for image in judged] == [4, 3, 0]
    expected = [(0.5 + 0.3 + 4 * 0.9 + 4 * 0.2) / 10, (0.1 + 0.2 + 4 * 0.8) / 6]
    assert [image.probability for image in judged[:2]] == pytest.approx(expected)
    assert np.isnan(judged[2].probability)


def test_an_image_is_taken_for_what_the_most_shots_name_it(judged):
    # The second is a jay to four shots, and a kite to one.
    assert [image.taken_for for image in judged] == ["jay", "kite", ""]


def test_suspicion_counts_from_the_least_believed_and_the_unjudged_come_last(judged):
    assert [image.suspicion for image in judged] == [1, 2, 3]


def test_what_is_never_named_another_class_is_taken_for_none():
    labels = np.array([0, 1])
    right = say([[TEST, TEST]], [[0, 1]], [[0.9, 0.9]], [[0.9, 0.9]], labels)
    images = judged_images("birds", make_pool([0, 1], NAMES[:2]), {2: right}, [right])
    assert [(image.taken_for, image.suspicion) for image in images] == [("", 1), ("", 2)]


def test_of_classes_named_as_often_the_first_counts():
    labels = np.array([0, 1, 2])
    named = [[2, 2, 2], [1, 0, 2], [1, 1, 0], [2, 0, 2], [0, 1, 1], [0, 1, 1]]
    said = say(np.full((6, 3), TEST), named, *2 * [np.zeros((6, 3))], labels)
    images = judged_images("birds", make_pool(labels, NAMES), {2: said}, [said])
    assert [image.taken_for for image in images] == ["jay", "ibis", "jay"]


def test_memory_does_not_grow_with_images_times_classes():
    # A count for each image and class would take 800 MB.
    labels = np.arange(20_000) % 5000
    named = (labels + 1) % 5000
    said = say(np.full((1, 20_000), TEST), [named], *2 * [np.zeros((1, 20_000))], labels)
    pool = make_pool(labels, [f"class {label:04}" for label in range(5000)])
    tracemalloc.start()
    images = judged_images("birds", pool, {2: said}, [said])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert images[4999].taken_for == "class 0000"
    assert most < 100e6


def test_labels_set_wrongly_are_suspicious():
    # Three clouds of points, 40 a class, so far apart that a few images suffice.
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 3
    numbers = (3 * np.eye(3)[labels] + rng.normal(size=(120, 3))).astype(np.float32)
    pool, is_wrong = set_wrong(make_pool(labels, NAMES), 0.1, 0)
    images = judge_pool(numbers, pool, (2, 8), test=8, solver="ridge")
    found = rank(np.array([image.suspicion for image in images]), is_wrong)
    assert found.precision >= 10 / 12
    assert found.auc > 0.98
    said = [NAMES[label] for label in labels[is_wrong]]
    taken = [image.taken_for for image, wrong in zip(images, is_wrong, strict=True) if wrong]
    assert np.mean([one == other for one, other in zip(said, taken, strict=True)]) > 0.8
