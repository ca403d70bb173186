"""A mistyped layer is one line, where it is mistyped, with names of the network or the study."""

import pytest
from studies import TAUGHT, changed

from fewshot.study.read import ConfigError, read_study

VGG16 = ["block5_conv3", "block5_pool", "fc1", "fc2", "logits"]


def errors(config, known=VGG16, asked=None):
    """Lines for a config whose networks have the layers known."""

    def find_layers(name, backbone, is_needed):
        if asked is not None:
            asked.append((name, backbone["network"], is_needed))
        return known and {"layers": dict.fromkeys(known, (7, 7, 512)), "prefix_tokens": 0}

    try:
        read_study(config, None, find_layers)
    except ConfigError as error:
        return str(error).splitlines()[1:]
    return []


def with_layers(*layers):
    """Read these layers, and name fc2 in two experiments and as a teacher's."""
    config = changed("backbones/vgg16/layers", list(layers))
    config["experiments"]["more"] = {"layers": ["fc2"], "shots": [4]}
    config["distillation"] = {"soft": TAUGHT}
    return config


def test_layers_of_the_network_are_no_error_and_neither_are_its_scores():
    asked = []
    assert errors(with_layers("fc2", ["fc1", "predictions"]), asked=asked) == []
    assert asked == [("vgg16", "VGG16", False)]


def test_one_mistyped_under_backbones_is_told_there_and_nowhere_else():
    asked = []
    told = errors(with_layers("fcc2", ["fc1", "predictions"]), asked=asked)
    assert told == [
        "backbones.vgg16.layers: no such layer. Received: fcc2. Hint: did you mean fc2?"
    ]
    assert asked == [("vgg16", "VGG16", True)]


def test_one_mistyped_everywhere_is_told_once():
    config = with_layers("block5_pol", "fc1", "fc2")
    config["experiments"]["more"]["layers"] = ["block5_pol"]
    (told,) = errors(config)
    assert told.startswith("backbones.vgg16.layers: no such layer. Received: block5_pol")
    assert told.endswith("did you mean block5_pool?")


def test_one_that_is_like_none_is_told_with_all_of_the_network():
    (told,) = errors(with_layers("xyz", "fc1", "fc2"))
    assert told.endswith("Hint: known here: block5_conv3, block5_pool, fc1, fc2, logits.")


def test_one_mistyped_in_an_experiment_is_told_there():
    config = with_layers("fc1", "fc2")
    config["experiments"]["more"]["layers"] = ["fcc2"]
    (told,) = errors(config)
    assert told.startswith("experiments.more.layers: backbone vgg16 does not read this layer.")
    assert "did you mean fc2?" in told


def test_a_mistake_hides_no_other_one():
    config = with_layers("fcc2", "fc1")
    config["experiments"]["more"]["layers"] = ["block5_pool"]
    places = [line.partition(":")[0] for line in errors(config)]
    assert places == ["backbones.vgg16.layers", "experiments.more.layers"]


def test_a_layer_whose_outputs_are_drawn_is_one_of_the_network():
    config = changed("backbones/vgg16/feature_maps", ["block5_conv33", "block5_pool"])
    (told,) = errors(config)
    assert told.startswith("backbones.vgg16.feature_maps: no such layer. Received: block5")
    assert told.endswith("did you mean block5_conv3?")


@pytest.mark.parametrize("layer", ["fcc1", "block5_pool"])
def test_where_the_network_is_not_known_what_is_not_read_is_told(layer):
    config = with_layers("fc1", "fc2")
    config["distillation"]["soft"] = {**TAUGHT, "teacher": {"layer": layer, "shots": 16}}
    (told,) = errors(config, known=None)
    assert told.startswith("distillation.soft.teacher.layer: backbone vgg16 does not read this")
    assert "add it to backbones.vgg16.layers" in told
