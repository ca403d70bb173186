import numpy as np
import pytest

from fewshot.backbone.excitations import (
    Excitation,
    channel_responses,
    common_classes,
    strongest,
)
from fewshot.errors import InputError


@pytest.mark.parametrize("shape", [(1, 1, 5), (3, 2, 5), (7, 9, 300), (2, 2, 5000)])
def test_responses_are_the_largest_of_all_places(shape):
    activations = np.random.default_rng(0).standard_normal((6, *shape)).astype(np.float32)
    flat = activations.reshape(6, -1)
    asked = []

    def read(start, stop):
        asked.append((start, stop))
        return flat[:, start:stop].copy()

    responses = channel_responses(read, shape)
    np.testing.assert_array_equal(responses, activations.max(axis=(1, 2)))
    assert [start for start, _ in asked[1:]] == [stop for _, stop in asked[:-1]]
    assert (asked[0][0], asked[-1][1]) == (0, flat.shape[1])  # every column once


def test_strongest_images_by_brute_force():
    responses = np.random.default_rng(1).random((40, 9)).astype(np.float32)
    found = strongest(responses, "pool")
    assert [each.filter for each in found] == [0, 1, 2, 3, 4, 5]
    for channel, rows, values in found:
        by_hand = sorted(range(40), key=lambda row: -responses[row, channel])[:5]
        assert rows.tolist() == by_hand
        assert values.tolist() == responses[by_hand, channel].tolist()


def test_filters_that_respond_to_nothing_are_passed_over():
    responses = np.zeros((3, 10), np.float32)
    responses[1, [2, 7]] = 1
    responses[:, 4] = -1
    first, second = strongest(responses, "pool")
    assert (first.filter, second.filter) == (2, 7)
    assert first.rows.tolist() == [1, 0, 2]  # those alike in the order of the pool


def test_a_silent_layer_is_told():
    with pytest.raises(InputError, match=r"Received: fc, which is nowhere above zero\."):
        strongest(np.zeros((3, 4)), "fc")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([0, 1, 2], (2, ["ibis"])),
        ([2, 0, 4, 1, 5], (2, ["owl", "ibis"])),  # the strongest image first
        ([0, 3], (1, ["ibis", "swan"])),
    ],
)
def test_classes_that_most_images_are_of(rows, expected):
    classes = dict(enumerate(["ibis", "ibis", "owl", "swan", "owl", "tern"]))
    assert common_classes(Excitation(0, np.array(rows), np.ones(len(rows))), classes) == expected
