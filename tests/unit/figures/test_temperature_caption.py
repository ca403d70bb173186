"""Accuracy against T on made-up logits: the report's fall appears and vanishes as it must."""

import numpy as np
import pytest

from fewshot.backbone.compact import coordinates_of, soften
from fewshot.heads.train import train

CLASSES, SOURCES, IMAGES = 5, 40, 24
SGD = {"solver": "sgd", "epochs": 30, "batch_size": 4, "learning_rate": 0.05, "momentum": 0.9}
TUNED = {"solver": "logistic"}


@pytest.fixture(scope="module")
def world():
    """Logits of a backbone with 40 classes for images of 5 classes: a pattern and noise each."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), IMAGES)
    patterns = 3 * rng.standard_normal((CLASSES, SOURCES))
    noise = 3 * rng.standard_normal((len(labels), SOURCES)) + 4 * rng.standard_normal(
        (len(labels), 1)
    )
    logits = (patterns[labels] + noise).astype(np.float32)
    return logits, labels


def accuracy(world, head, temperature=None, *, centred=False, one_scale=False):
    logits, labels = world

    def read(start, stop):
        return logits[:, start:stop].copy()

    coordinates = coordinates_of(read, *logits.shape, temperature, centred)
    if one_scale:  # T (softmax(z / T) - 1/N) tends to (z - mean z) / N
        coordinates = (coordinates - np.float32(1 / SOURCES)) * np.float32(temperature)
    rows = np.arange(len(labels))
    rng = np.random.default_rng(0)
    result, *_ = train(
        coordinates, labels, rows[:20], rows[20:], head, rng, classes=labels.max() + 1
    )
    return result["test_accuracy"]


def test_softened_probabilities_tend_to_centred_logits(world):
    logits = world[0].astype(np.float64)
    centred = logits - logits.mean(axis=1, keepdims=True)
    errors = []
    for temperature in (200.0, 400.0, 800.0):
        limit = 1 / SOURCES + centred / (SOURCES * temperature)
        exact = np.exp(logits / temperature)
        exact /= exact.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(soften(world[0], temperature), exact, atol=1e-7)
        errors.append(np.abs(exact - limit).max())
    # O(1 / T^2): a quarter at twice the T
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.05)


def test_the_fall_appears_at_a_fixed_rate(world):
    falling = [accuracy(world, SGD, t) for t in (4.0, 16.0, 64.0)]
    assert falling[0] > falling[1] > falling[2]
    assert falling[2] < falling[0] - 0.3


def test_the_fall_vanishes_where_the_same_recipe_gets_inputs_of_one_scale(world):
    level = [accuracy(world, SGD, t, one_scale=True) for t in (4.0, 16.0, 64.0)]
    assert min(level[1:]) >= level[0]


def test_the_fall_vanishes_for_the_head_that_finds_the_scale_itself(world):
    tuned = [accuracy(world, TUNED, t) for t in (1.0, 4.0, 16.0, 128.0)]
    assert tuned[-1] > tuned[0]
    assert tuned[-1] == pytest.approx(accuracy(world, TUNED, centred=True), abs=0.011)
