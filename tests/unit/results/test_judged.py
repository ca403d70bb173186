"""Measures of test images, against scikit-learn on the same predictions."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss, top_k_accuracy_score

from fewshot.data.draws import TEST, TRAINED, UNUSED
from fewshot.heads.predictions import Predictions, predict, write_predictions
from fewshot.results.judged import judge, read_right

CLASSES, IMAGES = 12, 240


@pytest.fixture(scope="module")
def repeats():
    """Scores, roles and predictions of two repeats, classes of different sizes."""
    rng = np.random.default_rng(0)
    labels = np.sort(rng.integers(0, CLASSES, IMAGES) * rng.integers(0, 2, IMAGES))
    labels[-CLASSES:] = np.arange(CLASSES)
    found = []
    for _ in range(2):
        scores = rng.normal(size=(IMAGES, CLASSES)).astype(np.float32)
        scores[np.arange(IMAGES), labels] += 1
        roles = rng.choice([TRAINED, UNUSED, TEST], IMAGES, p=[0.2, 0.3, 0.5]).astype(np.int8)
        roles[-CLASSES:] = TEST
        columns, temperature = predict(scores, labels, np.arange(IMAGES), roles, kept="all")
        found.append((scores / temperature, roles == TEST, columns))
    return labels, found


def test_measures(repeats):
    labels, found = repeats
    predictions = Predictions(*map(np.stack, zip(*(each[2] for each in found), strict=True)))
    measures = {name: each.by_repeat() for name, each in judge(predictions, labels).items()}
    for repeat, (logits, tests, _) in enumerate(found):
        own, shares = labels[tests], np.exp(logits[tests].astype(float))
        shares /= shares.sum(axis=1, keepdims=True)
        named, every = shares.argmax(axis=1), np.arange(CLASSES)
        expected = {
            "test_accuracy": accuracy_score(own, named),
            "test_class_accuracy": balanced_accuracy_score(own, named),
            "test_top5_accuracy": top_k_accuracy_score(own, shares, k=5, labels=every),
            "calibrated_loss": log_loss(own, shares, labels=every),
        }
        assert {name: values[repeat] for name, values in measures.items()} == pytest.approx(
            expected, rel=1e-5
        )


def test_few_classes_have_no_top_five(repeats):
    labels, found = repeats
    predictions = Predictions(*(np.stack([each]) for each in found[0][2]))
    assert "test_top5_accuracy" not in judge(predictions, labels % 10)


def test_training_images_are_never_right(repeats, tmp_path):
    labels, found = repeats
    write_predictions(tmp_path / "p.h5", [each[2] for each in found])
    right = read_right(tmp_path / "p.h5")
    for repeat, (logits, _, columns) in enumerate(found):
        expected = (logits.argmax(axis=1) == labels) & (columns[0] != TRAINED)
        np.testing.assert_array_equal(right[repeat], expected)
