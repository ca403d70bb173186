"""Predictors of KerasHub's networks: saved, looked through and loaded, they say what they said."""

import functools
import json
import zipfile

import numpy as np
import pytest
from scipy.special import softmax
from small_networks import ARGUMENTS, CONVERTER, randomise

from fewshot.predictor.check import Check
from fewshot.predictor.folder import FORMATS
from fewshot.predictor.known_classes import HUB, check_classes
from fewshot.study.forward_passes import made_of

CLASSES = 4
POSITIONS = {"position_embedding_shape": [56, 56]}  # as the stage `weights` describes a DINOv2
# Of each family a layer, and of the kinds of layers that only some presets have, another network.
READ = {
    "DINOV2Backbone": ("stage1@mean", POSITIONS),
    "DINOV2Backbone, gated": ("layernorm@cls", POSITIONS | {"use_swiglu_ffn": True}),
    "DINOV3Backbone": ("stage2@2x2", {}),
    "DINOV3Backbone, gated": ("stage1@cls", {"use_gated_mlp": True, "num_register_tokens": 4}),
    "SigLIPVisionEncoder": ("head", {}),
    "SigLIPVisionEncoder, block": ("encoder_block_0@max", {}),
    "CLIPVisionEncoder": ("layer_norm@cls", {}),
    "CLIPVisionEncoder, quick": ("encoder_block_0", {"intermediate_activation": "quick_gelu"}),
    "ViTBackbone": ("encoder_block_0@mean", {}),
    "DeiTBackbone": ("encoder@cls", {}),
    "SwinTransformerBackbone": ("stage_1@mean", {}),
    "SwinTransformerBackbone, first": ("stage_0@mean", {}),
    "ResNetBackbone": ("P3@2x2", {}),
    "ResNetBackbone, vd": ("P3@mean", {"block_type": "bottleneck_block_vd"}),
    "EfficientNetBackbone": ("P1@mean", {}),
    **{
        f"EfficientNetBackbone, {kind}": ("P1@mean", {"stackwise_block_types": [kind, "v1", "v1"]})
        for kind in ("cba", "fused", "unfused")
    },
}
PLAIN = ("ResNetBackbone", "ResNetBackbone, vd", "EfficientNetBackbone")  # of Keras' layers alone


def describe(name, folder):
    """Write the weights of a small network, and return its description and their path."""
    from fewshot.backbone.networks import build_network
    from fewshot.backbone.weight_files import weights_digest

    class_name = name.partition(",")[0]
    arguments = ARGUMENTS[class_name] | READ[name][1]
    size = arguments.pop("image_shape")[0]
    hub = {"class_name": class_name, "arguments": arguments}
    hub |= {key: CONVERTER[key] for key in ("scale", "offset")}
    backbone = {"network": class_name, "include_top": False, "image_size": size, "hub": hub}
    model = randomise(build_network(backbone).model)
    model.save_weights(folder / "network.weights.h5")
    model.load_weights(folder / "network.weights.h5")  # DINOv2 computes positions from others
    return backbone | {"weights": weights_digest(model)}, folder / "network.weights.h5"


@pytest.fixture(scope="module")
def predictors(tmp_path_factory):
    """Return a function that makes images, what network and head say of them, and the predictor."""
    return functools.cache(lambda name: make_predictor(name, tmp_path_factory.mktemp("predictor")))


@pytest.fixture(scope="module", params=READ)
def predictor(request, predictors):
    return request.param, *predictors(request.param)


def make_predictor(name, folder):
    from fewshot.backbone.networks import build_trunk
    from fewshot.heads.export import build_predictor

    backbone, path = describe(name, folder)
    layer, size, rng = READ[name][0], backbone["image_size"], np.random.default_rng(0)
    levels = rng.uniform(0, 255, (3, 1, 1, 3)) + rng.normal(0, 40, (3, size, size, 3))
    images = levels.clip(0, 255).astype(np.uint8)
    trunk = build_trunk(backbone, [layer], path, precision="float32")
    said = trunk(images.astype(np.float32))
    said = np.reshape(said, (3, -1))
    weights = rng.standard_normal((said.shape[1], CLASSES)).astype(np.float32)
    weights *= 2 / np.std(said @ weights, axis=0).max()
    bias = -(said @ weights).mean(axis=0)
    made = made_of(layer, "1")
    kinds = {"storage": "float32", "precision": "float32"}
    model = build_predictor(backbone, path, weights, bias, made, 0.7, **kinds)
    model.save(folder / "model.keras")
    expected = softmax((said @ weights + bias) / np.float32(0.7), axis=1)
    assert np.ptp(expected, axis=0).max() > 0.2
    return images, expected, folder / "model.keras", model


def test_a_saved_predictor_says_what_network_and_head_say(predictor):
    from fewshot.predictor.loading import load_model

    name, images, expected, path, model = predictor
    np.testing.assert_allclose(np.asarray(model(images)), expected, atol=1e-4)
    loaded = np.asarray(load_model(path)(images))
    np.testing.assert_allclose(loaded, expected, atol=1e-4, err_msg=name)


def test_it_needs_kerashub_only_where_its_layers_are(predictor):
    from fewshot.heads.hub_layers import layers_of_hub

    name, *_, path, model = predictor
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    assert check_classes(config, path) == (HUB in json.dumps(config)) == (name not in PLAIN)
    assert bool(layers_of_hub(model)) == (name not in PLAIN)


def test_keras_alone_loads_it_where_kerashub_is(predictor):
    import keras

    _, images, expected, path, _ = predictor
    loaded = keras.saving.load_model(path, compile=False)
    np.testing.assert_allclose(np.asarray(loaded(images)), expected, atol=1e-4)


# Swin keeps arrays beside its weights, DINOv2 a GELU, SigLIP whole numbers.
@pytest.mark.parametrize(
    "name", ["SwinTransformerBackbone", "DINOV2Backbone", "SigLIPVisionEncoder"]
)
def test_every_form_says_what_network_and_head_say(predictors, tmp_path, name):
    from fewshot.heads.formats import export_formats

    images, expected, _, model = predictors(name)
    check = Check([b""] * len(images), images, expected)
    differences = export_formats(model, tmp_path, [*FORMATS], check, 1e-4)
    assert differences.keys() == FORMATS.keys()
    assert max(differences.values()) < 1e-5
