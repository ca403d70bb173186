"""Networks: built up to their logits, described, preprocessed and read, with SmallVGG for all."""

import re
import subprocess
import sys

import numpy as np
import pytest
from settings_of import settings_of

from fewshot.errors import InputError

IMAGENET_MEAN, IMAGENET_DEVIATION = np.array([(0.485, 0.456, 0.406), (0.229, 0.224, 0.225)])
PIXEL = np.array([255, 128, 0], np.float32)  # red, green, blue
# What the papers of these networks do to a pixel.
PREPROCESSED = {
    "SmallVGG": PIXEL / 127.5 - 1,
    "MobileNet": PIXEL / 127.5 - 1,
    "VGG16": PIXEL[::-1] - (103.939, 116.779, 123.68),  # blue first
    "DenseNet121": (PIXEL / 255 - IMAGENET_MEAN) / IMAGENET_DEVIATION,
    "EfficientNetB0": PIXEL,  # it scales by layers of its own
}


def built(network="SmallVGG", include_top=True, image_size=None):
    from fewshot.backbone.networks import build_network

    settings = {"network": network, "include_top": include_top, "image_size": image_size}
    return build_network(settings)


@pytest.fixture(scope="module")
def network():
    return built()


@pytest.fixture(scope="module")
def model(network):
    return network.model


@pytest.fixture(scope="module")
def images():
    """Two images of noise, 0 to 255."""
    return np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)


@pytest.fixture
def policy():
    """The dtype policy of Keras, which is set back after the test."""
    import keras

    before = keras.config.dtype_policy()
    yield keras.config
    keras.config.set_dtype_policy(before)


def saved(model, folder):
    """Save a SmallVGG's weights and return its description and their path."""
    from fewshot.backbone.weight_files import weights_digest

    path = folder / "net.weights.h5"
    model.save_weights(path)
    size, digest = model.input_shape[1], weights_digest(model)
    backbone = {"network": "SmallVGG", "include_top": True, "image_size": size, "weights": digest}
    return backbone, path


def test_a_network_ends_in_the_logits_of_its_softmax(model, images):
    from fewshot.backbone.sources.small_vgg import SmallVGG

    whole = SmallVGG()  # which ends in a softmax
    whole.set_weights(model.get_weights())
    scaled = images / 127.5 - 1
    powers = np.exp(model.predict_on_batch(scaled))
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(whole.predict_on_batch(scaled), expected, rtol=1e-4)


def test_networks_of_other_sources_import_nothing_of_keras_hub():
    given = [settings_of(each, include_top=False) for each in ("SmallVGG", "VGG16")]
    code = (
        f"import sys; sys.path[:] = {sys.path}; from fewshot.backbone.networks import take_network;"
        f"[take_network(settings) for settings in {given}];"
        "print(*(each for each in sys.modules if 'keras_hub' in each or each == 'keras'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "keras\n", done.stderr


def test_layers_have_the_same_names_whatever_was_built_before():
    first, second = (built().layers for _ in range(2))
    assert [*first] == [*second]


def test_building_leaves_the_precision_of_keras_as_it_was(policy):
    policy.set_dtype_policy("mixed_bfloat16")
    assert built().model.compute_dtype == "bfloat16"
    assert policy.dtype_policy().name == "mixed_bfloat16"


@pytest.mark.parametrize(
    ("network", "hint"),
    [
        ("MobilNet", "did you mean MobileNet?"),
        ("SmalVGG", "did you mean SmallVGG?"),
        ("vgg16", "did you mean VGG16?"),  # a module of keras.applications, no network
        ("dinov2_smal", "did you mean dinov2_small?"),
    ],
)
def test_an_unknown_network_names_the_nearest(network, hint):
    with pytest.raises(InputError, match=rf"Received: {network}\. Hint: {re.escape(hint)}"):
        built(network)


def test_a_size_that_leaves_nothing_to_pool_is_told():
    # Five times halved, 31 pixels are none.
    with pytest.raises(InputError, match=r"allow the image size.*image_size=31, include_top=True"):
        built(image_size=31)


@pytest.mark.parametrize(("size", "places"), [(None, 1), (64, 2)])
def test_without_its_top_a_network_takes_any_size_and_has_one_of_its_own(size, places):
    model = built(include_top=False, image_size=size).model
    assert model.input_shape == (None, size or 32, size or 32, 3)
    assert model.output_shape == (None, places, places, 96)


def shapes(layers):
    return {name: list(tensor.shape[1:]) for name, tensor in layers.items()}


def test_shapes_of_small_vgg_are_those_counted_by_hand(network):
    expected = {"input_layer": [32, 32, 3]}
    blocks = [(2, 32, 16), (2, 16, 32), (3, 8, 64), (3, 4, 96), (3, 2, 96)]
    for block, (convolutions, edge, channels) in enumerate(blocks, start=1):
        for number in range(1, convolutions + 1):
            expected[f"block{block}_conv{number}"] = [edge, edge, channels]
        expected[f"block{block}_pool"] = [edge // 2, edge // 2, channels]
    expected |= {"flatten": [96], "fc1": [256], "fc2": [256], "predictions": [284]}
    expected |= {"logits": [284]}
    found = shapes(network.layers)
    assert found == expected
    assert list(found) == list(expected)
    assert "logits" not in built(include_top=False).layers


@pytest.mark.parametrize("name", PREPROCESSED)
def test_a_networks_own_preprocessing_comes_before_it(name):
    import keras

    from fewshot.backbone.networks import preprocessed
    from fewshot.backbone.sources import small_vgg

    network = built(name, include_top=False, image_size=32)
    model = preprocessed(network, network.model.inputs[0])
    images = np.tile(PIXEL, (1, 32, 32, 1))
    found = model.predict_on_batch(images)
    np.testing.assert_allclose(found[0, 1, 0], PREPROCESSED[name], atol=1e-3)
    names = {"DenseNet121": "densenet", "EfficientNetB0": "efficientnet"}
    module = names.get(name, name.lower())
    module = small_vgg if name == "SmallVGG" else getattr(keras.applications, module)
    # Keras changes an array in place.
    np.testing.assert_allclose(found, module.preprocess_input(images.copy()), atol=1e-3)


def test_layers_are_read_frozen_in_the_order_asked_for(network, model, images):
    import keras

    from fewshot.backbone.networks import read_layers

    reader = read_layers(network, ["logits", "block2_pool"])
    assert reader.trainable_weights == []
    logits, maps = reader.predict_on_batch(images)
    scaled = images / 127.5 - 1
    np.testing.assert_allclose(logits, model.predict_on_batch(scaled), atol=1e-4)
    block = keras.Model(model.input, model.get_layer("block2_pool").output)
    np.testing.assert_allclose(maps, block.predict_on_batch(scaled), atol=1e-4)


def test_a_trunk_has_the_weights_of_the_file_and_computes_as_asked(model, images, tmp_path, policy):
    import keras

    from fewshot.backbone.networks import build_trunk

    trunk = build_trunk(*with_layers(saved(model, tmp_path), ["fc2"]), precision="bfloat16")
    # Keras gives one output bare, several as a list.
    (activations,) = keras.tree.flatten(trunk(images))
    assert keras.backend.standardize_dtype(activations.dtype) == "bfloat16"
    assert {variable.dtype for variable in trunk.weights} == {"float32"}
    for ours, theirs in zip(trunk.get_weights(), model.get_weights()[:-2], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert policy.dtype_policy().name == "float32"


def with_layers(described, layers):
    backbone, path = described
    return backbone, layers, path


def test_a_network_that_cannot_be_built_leaves_the_precision_as_it_was(policy):
    from fewshot.backbone.networks import build_trunk

    backbone = {"network": "SmallVGG", "include_top": True, "image_size": 8, "weights": ""}
    with pytest.raises(InputError, match="allow the image size"):
        build_trunk(backbone, ["fc2"], "none.weights.h5", precision="float16")
    assert policy.dtype_policy().name == "float32"


def test_weights_of_another_digest_are_not_read(model, tmp_path):
    from fewshot.backbone.networks import build_trunk

    backbone, path = saved(model, tmp_path)
    backbone["weights"] = 64 * "0"
    with pytest.raises(InputError, match=r"changed or damaged.*net\.weights\.h5"):
        build_trunk(backbone, ["fc2"], path, precision="float32")


@pytest.mark.parametrize(("storage", "white_is_finite"), [("float16", False), ("float32", True)])
def test_a_number_too_large_for_the_storage_is_told_of_its_image_and_layer(
    tmp_path, storage, white_is_finite
):
    from fewshot.backbone.networks import build_reader

    model = built().model
    first, second = (model.get_layer(f"block1_conv{number}") for number in (1, 2))
    kernel, bias = np.zeros(first.kernel.shape), np.zeros(16)
    kernel[1, 1, 0, 0] = 70_000  # the pixel's own red, from -1 to 1; float16 ends at 65,504
    first.set_weights([kernel, bias])
    second.set_weights([np.zeros(second.kernel.shape), bias])
    layers = ["block1_conv1", "block1_pool"]
    reader = build_reader(
        *with_layers(saved(model, tmp_path), layers), precision="float32", storage=storage
    )
    black, white = np.zeros((32, 32, 3), np.uint8), np.full((32, 32, 3), 255, np.uint8)
    maps, pooled, finite = reader.predict_on_batch(np.stack([black, white]))
    assert (maps.dtype, maps.shape) == (storage, (2, 32 * 32 * 16))
    assert (pooled.dtype, pooled.shape) == (storage, (2, 16 * 16 * 16))
    assert finite.tolist() == [[True, True], [white_is_finite, True]]
    assert maps[0].max() == 0  # red is -1 there, which is rectified
    assert maps[1].max() == (70_000 if white_is_finite else np.inf)
    assert pooled.max() == 0


@pytest.mark.parametrize("gpus", [[], ["gpu:0"]])
def test_tensorflow_on_a_cpu_alone_does_without_xla(monkeypatch, gpus):
    import keras

    from fewshot.backbone.networks import compiled_by_xla

    monkeypatch.setattr(keras.distribution, "list_devices", lambda kind: gpus)
    assert compiled_by_xla() == (bool(gpus) or keras.backend.backend() != "tensorflow")
