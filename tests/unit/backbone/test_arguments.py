"""Arguments from configurations: known, plain, plausible, by the signature of the class itself."""

from pathlib import Path

import pytest

from fewshot.backbone.sources.arguments import plain_arguments, plain_config
from fewshot.errors import InputError

PATH = Path("net", "config.json")


class Network:
    """What a constructor tells by its signature."""

    def __init__(self, hidden_dim, num_layers, image_shape, ratio=4.0, name=None, **kwargs):
        raise AssertionError("nothing is built")


class SwinLike:
    """Each stage has twice the width of the one before."""

    def __init__(self, embed_dim, depths, window_size=7, kernel_sizes=()):
        raise AssertionError("nothing is built")


GOOD = {"hidden_dim": 1024, "num_layers": 24}


def test_plain_values_are_taken_and_pictures_and_types_are_not():
    more = {"ratio": 2, "name": "x", "dtype": "float16", "image_shape": [8, 8, 3], "trainable": 1}
    assert plain_arguments(Network, GOOD | more, PATH) == GOOD | {"ratio": 2}


@pytest.mark.parametrize(
    "values",
    [
        *({"hidden_dim": 2**15 + 1}, {"num_layers": 129}, {"num_layers": -1}, {"ratio": 65}),
        {"hidden_dim": 2**15, "num_layers": 4},  # 4.3e9
        {"hidden_dim": 2**15, "num_layers": 0, "ratio": float("1e5")},
        *({"ratio": {"a": 1}}, {"ratio": "a b"}, {"ratio": [[[1]]]}, {"ratio": [1] * 201}),
        *({"kwargs": 1}, {"self": 1}, {"image": 1}, {"dtype": "int8"}, {"dtype": {}}),
    ],
)
def test_other_values_are_refused(values):
    with pytest.raises(
        InputError, match=r"plausible size to what its network has\. Received: .*net"
    ):
        plain_arguments(Network, GOOD | values, PATH)


def test_what_is_missing_is_named_but_for_the_picture():
    with pytest.raises(InputError, match="missing: num_layers in"):
        plain_arguments(Network, {"hidden_dim": 8}, PATH)


@pytest.mark.parametrize(
    ("values", "is_plausible"),
    [
        ({"embed_dim": 192, "depths": [2, 2, 18, 2]}, True),  # Swin large
        ({"embed_dim": 16, "depths": [1] * 30}, False),  # of which the last has 8.6e9
        ({"embed_dim": 16, "depths": [1], "window_size": 1000}, False),
        ({"embed_dim": 16, "depths": [1], "kernel_sizes": [3, 65]}, False),
    ],
)
def test_growth_windows_and_kernels_count(values, is_plausible):
    if is_plausible:
        assert plain_arguments(SwinLike, values, PATH) == values
    else:
        with pytest.raises(InputError, match="plausible"):
            plain_arguments(SwinLike, values, PATH)


def test_of_a_foreign_configuration_one_level_is_kept():
    content = {
        **{"hidden_size": 32, "qkv_bias": True, "depths": [1, 2], "kind": "vit"},
        **{"id2label": {"0": "a goldfish, in water", "1": "shark"}, "path": "/etc/passwd"},
        **{"rope_parameters": {"rope_theta": 100.0, "inner": {"a": 1}}, "big": 10**9},
        "names": ["a"] * 300,
    }
    assert plain_config(content) == {
        **{"hidden_size": 32, "qkv_bias": True, "depths": [1, 2], "kind": "vit"},
        **{"id2label": {"1": "shark"}, "rope_parameters": {"rope_theta": 100.0}},
    }
