"""Heads of every solver: what they return can be computed again from the features."""

import numpy as np
import pytest

from fewshot.backbone.compact import coordinates_of
from fewshot.heads.fitted import head_weights
from fewshot.heads.train import SOLVE, train
from fewshot.metrics import MEASURES
from fewshot.study.solvers import SOLVERS

CLASSES, TESTS = 6, 10
SGD = {"solver": "sgd", "epochs": 5, "batch_size": 8, "learning_rate": 1e-3, "momentum": 0.9}
HEADS = {"sgd": SGD, "tuned": {"solver": "logistic"}, "ridge": {"solver": "ridge"}}


def task(shots, width):
    """Features of a pool, their labels, the training and the test rows."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), shots + TESTS)
    features = rng.standard_normal((CLASSES, width))[labels]
    features = np.maximum(features + rng.standard_normal(features.shape), 0).astype(np.float32)
    rows = rng.permutation(len(labels) // CLASSES)[:, None] * CLASSES + np.arange(CLASSES)
    return features, labels, rows[:shots].ravel(), rows[shots:].ravel()


def fit(features, labels, train_rows, test_rows, head, seed=0):
    coordinates = coordinates_of(lambda start, stop: features[:, start:stop], *features.shape)
    rng = np.random.default_rng(seed)
    return train(coordinates, labels, train_rows, test_rows, head, rng, classes=CLASSES)


def test_every_solver_that_reads_coordinates_is_trained_by_a_function_of_its_own():
    assert {*SOLVE} == {name for name, solver in SOLVERS.items() if not solver.runs_network}
    assert {*SOLVE} == {head["solver"] for head in HEADS.values()}


def measured(scores, labels, solver):
    """Loss and accuracy: squared error for ridge, otherwise cross-entropy."""
    if solver == "ridge":
        loss = np.mean((scores - np.eye(CLASSES)[labels]) ** 2)
    else:
        shifted = scores - scores.max(axis=1, keepdims=True)
        shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -np.mean(shifted[np.arange(len(labels)), labels])
    return [loss, np.mean(scores.argmax(axis=1) == labels)]


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize(("shots", "width"), [(1, 20), (1, 400), (4, 20), (4, 400)])
def test_weights_on_the_features_give_the_results(name, shots, width):
    features, labels, train_rows, test_rows = task(shots, width)
    result, _, head, _ = fit(features, labels, train_rows, test_rows, HEADS[name])
    features = features.astype(np.float64)
    if name != "sgd":
        features -= features[train_rows].mean(axis=0)
    weights, _ = head_weights(features, head, centred=False)
    scores = features @ weights + head.bias
    expected = [
        value
        for rows in (train_rows, test_rows)
        for value in measured(scores[rows], labels[rows], HEADS[name]["solver"])
    ]
    np.testing.assert_allclose([result[key] for key in MEASURES], expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", HEADS)
def test_nothing_is_learnt_from_test_images(name):
    features, labels, train_rows, test_rows = task(4, 20)
    _, _, expected, _ = fit(features, labels, train_rows, test_rows, HEADS[name])
    features[test_rows] *= 3
    labels[test_rows] = 0
    _, _, found, _ = fit(features, labels, train_rows, test_rows, HEADS[name])
    for name, array in expected.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize(("shots", "width"), [(40, 5), (60, 20), (300, 50)])
def test_more_images_than_numbers_give_what_the_way_of_fewer_gives(name, shots, width):
    # Numbers that are all 0 change nothing but the way: by inner products of images, not of numbers.
    features, labels, *rows = task(shots, width)
    padded = np.zeros((len(features), shots * CLASSES + 1), np.float32)
    padded[:, :width] = features
    (short, *_, scores), (long, *_, its) = (
        train(each, labels, *rows, HEADS[name], np.random.default_rng(0), classes=CLASSES)
        for each in (features, padded)
    )
    np.testing.assert_allclose(scores, its, atol=2e-3 * np.abs(its).max())
    for measure in ("train_accuracy", "test_accuracy"):
        assert short[measure] == long[measure]


@pytest.mark.parametrize("name", HEADS)
def test_easy_classes_are_told_apart(name):
    features, labels, train_rows, test_rows = task(4, 400)
    assert fit(features, labels, train_rows, test_rows, HEADS[name])[0]["test_accuracy"] > 0.95


def test_sgd_has_a_row_an_epoch_and_the_last_is_its_result():
    result, curves, *_ = fit(*task(4, 20), SGD)
    assert curves.shape == (SGD["epochs"], 4)
    assert [result[key] for key in MEASURES] == pytest.approx(curves[-1].tolist())
    assert (result["epochs"], result["l2"]) == (SGD["epochs"], None)
    assert result["seconds"] > 0


@pytest.mark.parametrize("name", ["tuned", "ridge"])
def test_the_others_have_a_penalty_and_no_epochs(name):
    result, curves, *_ = fit(*task(4, 20), HEADS[name])
    assert curves.shape == (0, 4)
    assert result["epochs"] is None
    assert result["l2"] > 0


def test_sgd_follows_its_random_order_and_the_others_have_none():
    for name, head in HEADS.items():
        first, again, other = (fit(*task(4, 20), head, seed)[2] for seed in (0, 0, 1))
        np.testing.assert_array_equal(first.bias, again.bias)
        assert np.array_equal(first.bias, other.bias) == (name != "sgd")


@pytest.mark.parametrize("name", HEADS)
def test_features_that_say_nothing_leave_chance(name):
    features, labels, train_rows, test_rows = task(4, 20)
    result, *_ = fit(np.ones_like(features), labels, train_rows, test_rows, HEADS[name])
    assert result["test_accuracy"] == pytest.approx(1 / CLASSES)
    assert np.isfinite([result[key] for key in MEASURES]).all()
