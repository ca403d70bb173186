"""The one model: what it says is what network, layer and head say apart, computed by NumPy."""

import functools

import numpy as np
import pytest
from scipy.special import softmax

from fewshot.backbone.compact import coordinates_of
from fewshot.data.decoding import read_pool_image
from fewshot.data.framing import Framing
from fewshot.errors import InputError
from fewshot.heads.export import layer_weights, pipeline_probabilities
from fewshot.heads.final import FinalHead
from fewshot.heads.fitted import Head
from fewshot.heads.train import train
from fewshot.study.forward_passes import made_of

PLAIN = made_of("fc2", "1")
CLASSES = 4


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def made_head(rng, images, rows=None):
    rows = np.arange(images) if rows is None else rows
    coefficients = rng.standard_normal((len(rows), CLASSES)).astype(np.float32) / len(rows)
    return Head(rows, np.array([0.3, -0.2, 0, 0.1], np.float32), coefficients)


@pytest.mark.parametrize("width", [7, 4096, 9000])
@pytest.mark.parametrize("centres", [True, False])
def test_weights_give_the_scores_of_the_coefficients(rng, width, centres):
    rows = rng.standard_normal((20, width)) + 3
    head = made_head(rng, 20, np.arange(2, 14))
    stored = rows.astype(np.float32)
    coordinates = coordinates_of(lambda start, stop: stored[:, start:stop], 20, width)
    weights, bias = layer_weights(
        lambda start, stop: stored[:, start:stop],
        *(width, coordinates, head, PLAIN),
        centres=centres,
    )
    mean = rows[head.rows].mean(axis=0) if centres else 0
    scores = (rows - mean) @ (rows[head.rows] - mean).T @ head.coefficients + head.bias
    np.testing.assert_allclose(
        stored @ weights + bias, scores, rtol=1e-3, atol=1e-3 * np.sqrt(width)
    )


@pytest.mark.parametrize("solver", ["logistic", "sgd"])
@pytest.mark.parametrize(("images", "width"), [(60, 7), (60, 4096)])
def test_weights_give_the_scores_of_a_head_that_has_weights(rng, solver, images, width):
    # Wide rows of which each is there three times: fewer coordinates than training images.
    labels = np.arange(images) % CLASSES
    rows = np.tile(rng.standard_normal((20, width)) + 3, (3, 1)).astype(np.float32)
    coordinates = coordinates_of(lambda start, stop: rows[:, start:stop], images, width)
    settings = {"epochs": 3, "batch_size": 8, "learning_rate": 1e-5, "momentum": 0.9}
    every, centres = np.arange(images), solver == "logistic"
    parts = coordinates, labels, every, every, {"solver": solver, **settings}, rng
    *_, head, scores = train(*parts, classes=CLASSES)
    assert head.coefficients is None
    weights, bias = layer_weights(
        lambda start, stop: rows[:, start:stop],
        *(width, coordinates, head, PLAIN),
        centres=centres,
    )
    tolerance = 1e-3 * np.abs(scores).max()
    np.testing.assert_allclose(rows @ weights + bias, scores, atol=tolerance)


def test_class_scores_are_made_before_they_are_weighed(rng):
    logits, head = rng.standard_normal((20, 6)).astype(np.float32), made_head(rng, 20)

    def weigh(layer, temperature="1"):
        made = made_of(layer, temperature)
        read = lambda *block: logits[:, slice(*block)]  # noqa: E731
        coordinates = coordinates_of(read, 20, 6, made["temperature"], made["centred"])
        return layer_weights(read, 6, coordinates, head, made, centres=False)[0]

    soft = softmax(logits / 2, axis=1)
    np.testing.assert_allclose(weigh("predictions", "2"), soft.T @ head.coefficients, rtol=1e-4)
    centred = logits - logits.mean(axis=1, keepdims=True)
    expected = centred.T @ head.coefficients
    np.testing.assert_allclose(weigh("centred_logits"), expected, rtol=1e-4, atol=1e-6)


def test_probabilities_of_the_pipeline_are_softened_scores(rng):
    rows, head = rng.standard_normal((20, 5)).astype(np.float32), made_head(rng, 20)
    scores = rows @ rows.T @ head.coefficients + head.bias
    expected = softmax(scores / 0.7, axis=1)
    np.testing.assert_allclose(
        pipeline_probabilities(rows, FinalHead(head, 0.7), centres=False), expected, rtol=1e-4
    )


READ = {
    "SmallVGG": ("fc2", "1"),
    "SmallVGG of class probabilities": ("predictions", "2"),
    "SmallVGG of logits less their mean": ("centred_logits", "1"),
    "VGG16": ("block1_pool", "1"),
}


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Return a function that builds a network at random, and writes its weights and description."""
    import keras

    from fewshot.backbone.networks import build_network
    from fewshot.backbone.weight_files import weights_digest

    folder = tmp_path_factory.mktemp("weights")

    @functools.cache
    def network(name):
        keras.utils.set_random_seed(0)
        include_top = name == "SmallVGG"
        backbone = {"network": name, "include_top": include_top, "image_size": 32}
        built = build_network(backbone)
        path = folder / f"{name}.weights.h5"
        built.model.save_weights(path)
        return built, backbone | {"weights": weights_digest(built.model)}, path

    return network


@pytest.fixture(scope="module")
def build(network):
    """Return a function that builds the predictor of a head on a layer of a network."""
    from fewshot.backbone.networks import read_layers
    from fewshot.heads.export import build_predictor

    def build(name, made, precision="float32", storage="float32"):
        built, backbone, path = network(name)
        reader = read_layers(built, [made["layer"]])
        width = np.prod(reader.output_shape[1:])
        weights = np.random.default_rng(1).standard_normal((width, CLASSES)).astype(np.float32)
        weights, bias = weights / np.sqrt(width), np.array([0.3, -0.2, 0, 0.1], np.float32)
        parts = backbone, path, weights, bias, made, 0.7
        chosen = {"precision": precision, "storage": storage}
        return build_predictor(*parts, **chosen), reader, weights, bias

    return build


@pytest.mark.parametrize("name", READ)
def test_it_says_what_network_and_head_say_one_after_the_other(build, rng, name):
    layer, temperature = READ[name]
    model, reader, weights, bias = build(name.split()[0], made_of(layer, temperature))
    images = rng.integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    said = np.reshape(reader(images.astype(np.float32)), (5, -1))
    if layer == "predictions":
        said = softmax(said / 2, axis=1)
    if layer == "centred_logits":
        said = said - said.mean(axis=1, keepdims=True)
    expected = softmax((said @ weights + bias) / 0.7, axis=1)
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=2e-6)
    assert model.input.dtype == "uint8"


def test_the_network_computes_in_what_the_study_did_and_the_head_in_float32(build, rng):
    model, reader, weights, bias = build("SmallVGG", PLAIN, "bfloat16")
    images = rng.integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    said = model.predict(images, verbose=0)
    exact = np.reshape(reader(images.astype(np.float32)), (5, -1))
    expected = softmax((exact @ weights + bias) / 0.7, axis=1)
    assert 1e-5 < abs(said - expected).max() < 2e-2
    (network,) = (layer for layer in model.layers if hasattr(layer, "layers"))
    assert network.get_layer("fc2").compute_dtype == "bfloat16"
    assert model.get_layer("head").compute_dtype == "float32"
    assert said.dtype == np.float32


def test_activations_are_rounded_as_the_study_keeps_them(build, rng):
    model, reader, weights, bias = build("SmallVGG", PLAIN, storage="float16")
    images = rng.integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    exact = np.reshape(reader(images.astype(np.float32)), (5, -1))
    rounded = exact.astype(np.float16).astype(np.float32)
    assert abs(rounded - exact).max() > 0
    expected = softmax((rounded @ weights + bias) / 0.7, axis=1)
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=2e-6)


def test_it_is_held_against_the_study(build, write_images, tmp_path):
    from fewshot.heads.export import difference_from

    model, *_ = build("SmallVGG", PLAIN)
    pool, where = write_images(tmp_path, 3), (str(tmp_path / "images"), Framing(32))
    images = [read_pool_image(where[0], row, where[1]) for row in pool]
    said = model.predict(np.stack(images), verbose=0)
    assert difference_from(said, model, pool, *where) < 1e-6
    said[1, 0] += 0.01
    assert difference_from(said, model, pool, *where) == pytest.approx(0.01, rel=1e-3)
    said[1, 0] = np.nan
    with pytest.raises(InputError, match=r"class probabilities to 0\.02"):
        difference_from(said, model, pool, *where)


@pytest.mark.parametrize("name", ["SmallVGG", "VGG16", "DenseNet121", "MobileNet", "ConvNeXtTiny"])
def test_pixels_are_preprocessed_as_for_the_network(network, rng, name):
    """To -1..1; blue first, less a mean; each colour by its spread; not at all."""
    import keras

    from fewshot.backbone.sources import small_vgg
    from fewshot.heads.export import _preprocess

    of = {"VGG16": "vgg16", "DenseNet121": "densenet", "MobileNet": "mobilenet"}
    module = getattr(keras.applications, of.get(name, "convnext"))
    module = small_vgg if name == "SmallVGG" else module
    images = rng.integers(0, 256, (2, 8, 8, 3)).astype(np.float32)
    expected = module.preprocess_input(images.copy())
    pixels = keras.Input((8, 8, 3))
    found = keras.Model(pixels, _preprocess(pixels, network(name)[0].preprocess)).predict(
        images, verbose=0
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


def test_a_preprocessing_of_another_kind_is_no_silent_error():
    from fewshot.backbone.sources.small_vgg import preprocess_input
    from fewshot.heads.export import _find_preprocessing

    scale, offset, is_reversed = _find_preprocessing(preprocess_input)
    np.testing.assert_allclose([scale, offset], [[1 / 127.5] * 3, [-1] * 3], rtol=1e-6)
    assert not is_reversed
    with pytest.raises(ValueError, match="must scale and shift each colour"):
        _find_preprocessing(lambda x: x * x)
