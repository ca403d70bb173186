"""The layers of a network: as an earlier run described them, or of the network itself."""

import json

import pytest

from fewshot.files import write_json
from fewshot.study.network_layers import find_layers

SMALL = {"network": "SmallVGG", "include_top": True, "image_size": None}
READABLE = {"layers": {"first": [4, 4, 8], "logits": [10]}, "prefix_tokens": 0}


@pytest.fixture
def described(tmp_path, monkeypatch):
    """Return a function that leaves the description of a backbone `small`."""
    monkeypatch.chdir(tmp_path)

    def write(**settings):
        (tmp_path / "results/backbones").mkdir(parents=True)
        write_json(tmp_path / "results/backbones/small.json", {**settings, **READABLE})
        return tmp_path / "results/backbones/small.json"

    return write


def test_a_description_of_the_same_network_is_believed(described):
    described(network="SmallVGG", include_top=True)
    assert find_layers("small", SMALL, is_needed=True) == READABLE


@pytest.mark.parametrize(
    "other", [{"network": "VGG16"}, {"include_top": False}, {"image_size": 64}]
)
def test_that_of_another_network_is_not(described, other):
    described(**{"network": "SmallVGG", "include_top": True, "image_size": 32, **other})
    assert find_layers("small", {**SMALL, "image_size": 32}, is_needed=False) is None


def test_nothing_is_known_where_nothing_is_there_or_it_is_damaged(described):
    assert find_layers("small", SMALL, is_needed=False) is None
    assert find_layers("a\0b", SMALL, is_needed=False) is None
    assert find_layers("small", {}, is_needed=False) is None
    described(network="SmallVGG", include_top=True).write_text(json.dumps({"layers": {}}))
    assert find_layers("small", SMALL, is_needed=False) is None


def test_a_network_is_built_where_its_layers_are_needed(described):
    layers = find_layers("small", SMALL, is_needed=True)["layers"]
    # Five sets of VGG16's convolutions, each with a pooling; then its dense layers.
    assert [layer for layer in layers if layer.endswith("_pool")] == [
        f"block{number}_pool" for number in range(1, 6)
    ]
    assert [*layers][-4:] == ["fc1", "fc2", "predictions", "logits"]
    # 32 x 32 pixels, halved five times
    assert layers["block5_pool"][:2] == [1, 1]


def test_what_cant_be_built_is_not_known(described):
    assert find_layers("small", {**SMALL, "network": "NoSuchNet"}, is_needed=True) is None
