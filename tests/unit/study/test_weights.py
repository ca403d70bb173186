"""Words for weights: the schema explains each, and each network has its own."""

import pytest

from fewshot.study.read import read_schema
from fewshot.study.weights import CHARACTERS, IMAGENET, WORDS, learned_of


def test_the_schema_explains_each_word_and_takes_the_download_by_default():
    backbones = read_schema()[0]["properties"]["backbones"]["additionalProperties"]
    key = backbones["properties"]["weights"]
    assert all(f"{word} (" in key["description"] for word in WORDS)
    assert key["default"] == IMAGENET


@pytest.mark.parametrize(("network", "word"), [("SmallVGG", CHARACTERS), ("MobileNet", IMAGENET)])
def test_a_network_comes_with_weights_of_one_kind(network, word):
    assert learned_of(network) == word
