"""What stands behind the "@" of a layer's name, and the shapes that follow."""

import re

import pytest

from fewshot.errors import InputError
from fewshot.study.pooling import (
    CLS,
    GRID,
    MAX,
    MEAN,
    layer_shape,
    pooled_shape,
    pooling_error,
    split_pooling,
)
from fewshot.study.read import read_schema


def test_a_name_is_split_at_its_mark():
    assert split_pooling("stage6@2x2") == ("stage6", "2x2")
    assert split_pooling("block5_pool") == ("block5_pool", "")


@pytest.mark.parametrize(
    ("layer", "shape", "prefix", "expected"),
    [
        ("a", (7, 7, 512), 0, [7, 7, 512]),
        ("a@mean", (7, 7, 512), 0, [512]),
        ("a@max", (257, 384), 1, [384]),
        ("a@cls", (261, 384), 5, [384]),
        ("a@2x2", (257, 384), 1, [2, 2, 384]),
        ("a@2x2", (7, 5, 8), 0, [2, 2, 8]),
    ],
)
def test_shapes(layer, shape, prefix, expected):
    assert pooled_shape(layer, shape, prefix) == expected
    described = {"layers": {"a": list(shape)}, "prefix_tokens": prefix}
    assert layer_shape(described, layer) == expected


@pytest.mark.parametrize(
    ("layer", "shape", "prefix", "said"),
    [
        (
            "a@cls",
            (196, 384),
            0,
            "with a class token. Received: a of shape (196, 384). *take a@mean",
        ),
        ("a@cls", (7, 7, 512), 0, "with a class token"),
        ("a@cls", (1000,), 1, "take a."),
        ("a@mean", (1000,), 0, "with places. Received: a of shape (1000,). Hint: take a as it is"),
        ("a@2x2", (1, 1, 96), 0, "at least 2 places each way"),
        ("a@2x2", (12, 384), 0, "at least 2 places each way"),
    ],
)
def test_what_cant_be_pooled_so_is_told_with_a_way_out(layer, shape, prefix, said):
    with pytest.raises(InputError) as caught:
        pooled_shape(layer, shape, prefix)
    for part in said.split(" *"):
        assert part in str(caught.value)
    assert pooling_error("a", shape, prefix) is None


def test_the_schema_takes_the_poolings_that_are_known_and_no_other():
    pattern = read_schema()[0]["$defs"]["layer"]["pattern"]
    assert all(re.match(pattern, f"a@{pooling}") for pooling in (MEAN, MAX, CLS, GRID))
    assert not any(re.match(pattern, f"a@{other}") for other in ("min", "3x3", "mean@cls", ""))
