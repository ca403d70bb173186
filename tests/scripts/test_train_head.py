"""Heads of all repeats of a grid point: their tables, and weights that give the same numbers."""

import csv
import subprocess
import sys

import h5py
import numpy as np
import pytest
from scipy.special import softmax

from fewshot.backbone.coordinates import write_coordinates
from fewshot.data.draws import Draws, read_draws, write_draws
from fewshot.errors import InputError
from fewshot.heads.predictions import read_predictions
from train_head import train_head

CLASSES, TESTS, SHOTS, REPEATS = 4, 3, 5, 3
SGD = {"solver": "sgd", "epochs": 6, "batch_size": 8, "learning_rate": 0.01, "momentum": 0.9}
HEADS = {"sgd": SGD, "tuned": {"solver": "logistic"}, "ridge": {"solver": "ridge"}}


@pytest.fixture(
    params=[20, 5]
)  # numbers, of 16 training images: coefficients are fewer, or weights
def features(tmp_path, request):
    """Save a pool's coordinates and draws; give its features, which are narrow enough to be both."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), TESTS + SHOTS)
    features = rng.standard_normal((CLASSES, request.param))[labels]
    features = (features + rng.standard_normal(features.shape)).astype(np.float32)
    write_coordinates(features, tmp_path / "coordinates.h5", tmp_path / "coordinates.json")
    # The pool deals out one image of every class in turn; 0 is a test image, k the k-th shot.
    ranks = np.array([0] * TESTS + list(range(1, SHOTS + 1)))
    draws = np.empty((len(labels), REPEATS), np.int64)
    for repeat in range(REPEATS):
        for label in range(CLASSES):
            draws[label::CLASSES, repeat] = rng.permutation(ranks)
    write_draws(Draws(labels, np.arange(len(labels)), draws), tmp_path / "draws.csv")
    return features


def run(folder, head, shots=4, seed=0, name="head"):
    train_head(
        coordinates_path=folder / "coordinates.h5",
        index_path=folder / "coordinates.json",
        draws_path=folder / "draws.csv",
        shots=shots,
        head=head,
        seed=seed,
        predictions="all",
        results_path=folder / f"{name}.csv",
        curves_path=folder / f"{name}.curves.csv",
        weights_path=folder / f"{name}.h5",
        predictions_path=folder / f"{name}.predictions.h5",
    )
    return table(folder / f"{name}.csv"), table(folder / f"{name}.curves.csv")


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def without_seconds(rows):
    return [{**row, "seconds": ""} for row in rows]


def cross_entropy(scores, labels):
    scores = scores - scores.max(axis=1, keepdims=True)
    scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return -np.mean(scores[np.arange(len(labels)), labels])


def squared_error(scores, labels):
    return np.mean((scores - np.eye(CLASSES)[labels]) ** 2)


def weights_of(file, repeat, inputs):
    if "weights" in file:
        return file["weights"][repeat]
    return inputs[file["rows"][repeat]].T @ file["coefficients"][repeat]


@pytest.mark.parametrize("name", HEADS)
def test_weights_give_the_results_of_every_repeat(tmp_path, features, name):
    results, _ = run(tmp_path, HEADS[name])
    labels, _, draws = read_draws(tmp_path / "draws.csv")
    loss = squared_error if name == "ridge" else cross_entropy
    assert [row["repeat"] for row in results] == ["0", "1", "2"]
    with h5py.File(tmp_path / "head.h5") as file:
        width = features.shape[1]
        form, lines = ("weights", width) if width < 16 else ("coefficients", 4 * CLASSES)
        assert file.keys() == {"rows", "bias", form}
        assert file[form].shape == (REPEATS, lines, CLASSES)
        for repeat, result in enumerate(results):
            rows, test = file["rows"][repeat], draws[:, repeat] == 0
            assert sorted(draws[rows, repeat]) == sorted([1, 2, 3, 4] * CLASSES)
            inputs = features if name == "sgd" else features - features[rows].mean(axis=0)
            weights = weights_of(file, repeat, inputs)
            for part, chosen in (("train", rows), ("test", test)):
                scores = inputs[chosen] @ weights + file["bias"][repeat]
                accuracy = np.mean(scores.argmax(axis=1) == labels[chosen])
                assert float(result[f"{part}_accuracy"]) == pytest.approx(accuracy)
                expected = loss(scores, labels[chosen])
                assert float(result[f"{part}_loss"]) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", HEADS)
def test_predictions_are_those_of_the_weights_on_all_images_but_the_training_images(
    tmp_path, features, name
):
    results, _ = run(tmp_path, HEADS[name])
    labels, _, draws = read_draws(tmp_path / "draws.csv")
    said = read_predictions(tmp_path / "head.predictions.h5")
    np.testing.assert_array_equal(said.role, np.select([draws == 0, draws == 5], [2, 1], 0).T)
    with h5py.File(tmp_path / "head.h5") as file:
        for repeat, result in enumerate(results):
            rows, others = file["rows"][repeat], said.role[repeat] > 0
            inputs = features if name == "sgd" else features - features[rows].mean(axis=0)
            weights = weights_of(file, repeat, inputs)
            scores = (inputs[others] @ weights + file["bias"][repeat]).astype(float)
            np.testing.assert_array_equal(said.named[repeat, others], scores.argmax(axis=1))
            shares = softmax(scores / float(result["calibration"]), axis=1)
            expected = shares[np.arange(len(shares)), labels[others]]
            # Test images have the temperatures of their halves: few images are unused.
            unused = said.role[repeat, others] == 1
            found = said.given[repeat, others]
            np.testing.assert_allclose(found[unused], expected[unused], atol=1e-4)
            right = said.rank[repeat, draws[:, repeat] == 0] == 0
            assert float(result["test_accuracy"]) == pytest.approx(right.mean())


def test_curves_have_a_row_an_epoch_and_end_with_the_result(tmp_path, features):
    results, curves = run(tmp_path, SGD)
    assert [(row["repeat"], row["epoch"]) for row in curves] == [
        (str(repeat), str(epoch)) for repeat in range(REPEATS) for epoch in range(1, 7)
    ]
    for repeat, result in enumerate(results):
        last = curves[6 * repeat + 5]
        for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
            assert float(last[name]) == pytest.approx(float(result[name]), rel=1e-6)


def test_heads_without_epochs_have_a_penalty_and_no_curves(tmp_path, features):
    results, curves = run(tmp_path, HEADS["ridge"])
    assert curves == []
    assert all(row["epochs"] == "" and float(row["l2"]) > 0 for row in results)


def test_the_seed_alone_decides_the_order_of_images(tmp_path, features):
    losses = [[row["train_loss"] for row in run(tmp_path, SGD, seed=seed)[0]] for seed in (0, 0, 1)]
    assert losses[0] == losses[1]
    assert all(a != b for a, b in zip(losses[0], losses[2], strict=True))


def test_another_repeat_changes_none_of_the_others(tmp_path, features):
    three, _ = run(tmp_path, SGD)
    write_draws(read_draws(tmp_path / "draws.csv").first(2), tmp_path / "draws.csv")
    two, _ = run(tmp_path, SGD)
    assert len(three) == 3
    assert without_seconds(two) == without_seconds(three[:2])


def test_a_head_with_fewer_repeats_has_the_first_ones(tmp_path, features):
    three, curves = run(tmp_path, SGD)
    two, shorter = run(tmp_path, {**SGD, "repeats": 2})
    assert without_seconds(two) == without_seconds(three[:2])
    assert shorter == curves[: 2 * 6]
    with h5py.File(tmp_path / "head.h5") as file:
        assert [len(file[name]) for name in file] == [2, 2, 2]


def test_more_shots_than_the_pool_has(tmp_path, features):
    with pytest.raises(InputError, match=r"has 5 training images.* Received: shots=6\."):
        run(tmp_path, SGD, shots=6)
    assert list(tmp_path.glob("head*")) == []


def test_heads_start_without_any_library_that_is_slow_to_import():
    slow = {"tensorflow", "keras", "jax", "torch", "pandas", "sklearn", "matplotlib"}
    code = f"import sys, train_head; print(sorted({slow} & set(sys.modules)))"
    printed = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed == "[]\n"
