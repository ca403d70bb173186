"""SmallVGG: VGG16 in miniature, its normalisations folded away, and the weights that come with it."""

import numpy as np
import pytest

from fewshot.data.characters import ALPHABETS, PRETRAINING, draw_alphabets
from fewshot.study.digests import LIBRARY

WEIGHTS = LIBRARY / "weights" / "small_vgg.weights.h5"


def test_its_layers_have_the_names_and_the_order_of_vgg16():
    import keras

    from fewshot.backbone.sources.small_vgg import SmallVGG

    small, large = SmallVGG(), keras.applications.VGG16(weights=None)
    ours, theirs = ([layer.name for layer in model.layers[1:]] for model in (small, large))
    assert ours == theirs
    assert small.count_params() < 1e6


def test_folding_normalisation_changes_nothing():
    from fewshot.backbone.sources.small_vgg import SmallVGG, fold_normalization

    rng = np.random.default_rng(0)
    normalized = SmallVGG(normalized=True)
    for layer in normalized.layers:
        if layer.name.endswith("_normalization"):
            layer.set_weights([rng.uniform(0.5, 1.5, layer.gamma.shape) for _ in range(4)])
    images = rng.uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)
    expected = normalized.predict_on_batch(images)
    found = fold_normalization(normalized).predict_on_batch(images)
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    assert expected.std(axis=0).max() > 1e-6  # images are told apart


def test_there_is_a_class_for_every_character_it_was_pretrained_on():
    from fewshot.backbone.sources.small_vgg import CLASSES

    assert sum(len(ALPHABETS[name][0]) for name in PRETRAINING) == CLASSES


def test_its_weights_read_characters_that_are_newly_drawn():
    from fewshot.backbone.sources.small_vgg import SmallVGG, preprocess_input

    images, labels = draw_alphabets(PRETRAINING, 1, np.random.default_rng(2**40))
    model = SmallVGG()
    model.load_weights(WEIGHTS)
    probabilities = model.predict(preprocess_input(images.astype(np.float32)), verbose=0)
    assert np.mean(probabilities.argmax(axis=1) == labels) > 0.85


def test_there_is_no_download():
    from fewshot.backbone.sources.small_vgg import SmallVGG

    with pytest.raises(ValueError, match=r"no download\. Received: weights='imagenet'"):
        SmallVGG(weights="imagenet")
