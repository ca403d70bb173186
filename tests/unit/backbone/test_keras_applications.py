"""The networks of keras.applications: all are known, and weights are pinned."""

import inspect

import pytest
from settings_of import settings_of

from fewshot.errors import InputError
from fewshot.files import file_sha256


def test_every_network_of_keras_is_known_and_has_a_preprocessing():
    import keras

    from fewshot.backbone.sources.keras_applications import _find
    from fewshot.study.networks import applications

    networks = {name for name, each in vars(keras.applications).items() if inspect.isfunction(each)}
    assert len(networks) > 30
    assert networks == {*applications()}
    for network in networks:
        constructor, preprocess = _find(network)
        assert constructor.__module__ == preprocess.__module__


@pytest.mark.parametrize(
    "network", ["VGG16", "MobileNet", "MobileNetV2", "ResNet50", "ResNet101V2", "DenseNet121"]
)
def test_the_blocks_of_a_network_are_layers_of_it_in_their_order(network):
    from fewshot.backbone.sources.keras_applications import build
    from fewshot.study.networks import blocks_of

    built = build({"network": network, "include_top": False, "image_size": 64})
    blocks = blocks_of(network, "imagenet")
    assert [name for name in built.layers if name in {*blocks}] == blocks


def test_a_file_of_another_digest_than_the_study_says_is_refused(tmp_path):
    from fewshot.backbone.networks import take_network

    path = tmp_path / "net.weights.h5"
    network, described = take_network(settings_of("SmallVGG"))
    network.model.save_weights(path)
    pinned = settings_of("SmallVGG", path, sha256=file_sha256(path))
    assert take_network(pinned)[1]["weights"] == described["weights"]
    with pytest.raises(
        InputError, match=r"net\.weights\.h5 must have the sha256 0{64} of the study"
    ):
        take_network(pinned | {"sha256": 64 * "0"})
