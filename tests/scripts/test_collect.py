import csv

import numpy as np
import pytest

from collect import collect
from fewshot.data.draws import Draws, write_draws
from fewshot.errors import InputError
from fewshot.files import write_text
from fewshot.heads.head_files import RESULT_COLUMNS
from fewshot.heads.predictions import predict, write_predictions
from fewshot.records import write_table

CLASSES, IMAGES, REPEATS = 12, 144, 2
POINTS = [("birds", "vgg16", "fc2", "1", 2, head) for head in ("sgd", "tuned")]
LABELS = np.arange(IMAGES) % CLASSES


def make_draws():
    """Draw half of the images for tests, two of each class to train on."""
    rng = np.random.default_rng(0)
    places = np.empty((IMAGES, REPEATS), int)
    for repeat in range(REPEATS):
        for label in range(CLASSES):
            places[label::CLASSES, repeat] = rng.permutation([0] * 6 + [1, 2, 3, 4, 5, 6])
    return Draws(LABELS, np.arange(IMAGES), places)


@pytest.fixture
def world(tmp_path):
    """What two heads left, the second of one repeat; arguments of `collect`, and the scores."""
    draws, rng = make_draws(), np.random.default_rng(1)
    write_draws(draws, tmp_path / "draws.csv")
    names, scores = ("sgd", "tuned"), {}
    for name, repeats in zip(names, (2, 1), strict=True):
        own = [
            rng.normal(size=(IMAGES, CLASSES)) + 2 * np.eye(CLASSES)[LABELS] for _ in range(repeats)
        ]
        scores[name], predictions, rows = own, [], []
        for repeat, each in enumerate(own):
            roles = draws.roles(repeat, draws.training_rows(repeat, 2))
            said, calibration = predict(each, LABELS, draws.groups, roles, kept="all")
            predictions.append(said)
            right = np.mean((each.argmax(axis=1) == LABELS)[draws.test_rows(repeat)])
            rows.append([repeat, 200, "", 0.1, 1, 2.0 + 2 * repeat, right, 1.5, "", calibration])
        write_predictions(tmp_path / f"{name}.predictions.h5", predictions)
        write_table(tmp_path / f"{name}.csv", RESULT_COLUMNS, rows)
    tables = ("accuracy", "summary", "calibration")
    arguments = {
        "points": POINTS,
        "datasets": ["birds"],
        "result_paths": [tmp_path / f"{name}.csv" for name in names],
        "predictions_paths": [tmp_path / f"{name}.predictions.h5" for name in names],
        "draws_paths": [tmp_path / "draws.csv"],
        **{f"{table}_path": tmp_path / f"{table}.csv" for table in tables},
    }
    return arguments, draws, scores


def _rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_accuracy_has_a_row_a_repeat(world):
    arguments, draws, scores = world
    collect(**arguments)
    rows = _rows(arguments["accuracy_path"])
    assert [(row["head"], row["repeat"]) for row in rows] == [
        ("sgd", "0"),
        ("sgd", "1"),
        ("tuned", "0"),
    ]
    every = [*scores["sgd"], *scores["tuned"]]
    for row, own, repeat in zip(rows, every, (0, 1, 0), strict=True):
        tests = draws.test_rows(repeat)
        order = np.argsort(-own[tests], axis=1)[:, :5]
        found = (order == LABELS[tests][:, None]).any(axis=1).mean()
        assert float(row["test_top5_accuracy"]) == pytest.approx(found)
        assert float(row["test_class_accuracy"]) == pytest.approx(float(row["test_accuracy"]))
        assert float(row["calibrated_loss"]) > 0


def test_summary_has_a_row_a_point(world):
    arguments, *_ = world
    collect(**arguments)
    sgd, tuned = _rows(arguments["summary_path"])
    accuracies = [float(row["test_accuracy"]) for row in _rows(arguments["accuracy_path"])]
    assert (sgd["head"], sgd["repeats"], tuned["repeats"]) == ("sgd", "2", "1")
    assert float(sgd["test_accuracy_mean"]) == pytest.approx(np.mean(accuracies[:2]))
    assert float(sgd["test_accuracy_std"]) == pytest.approx(np.std(accuracies[:2], ddof=1))
    # Of the loss draws alone are known: t = 12.706 for one degree of freedom, s / sqrt 2 = 1.
    assert float(sgd["test_loss_high"]) == pytest.approx(3 + 12.706, rel=1e-3)
    assert tuned["test_loss_low"] == tuned["test_accuracy_std"] == ""
    for row in (sgd, tuned):
        low, mean, high = (float(row[f"test_accuracy_{part}"]) for part in ("low", "mean", "high"))
        assert 0 < low < mean < high < 1
        assert 0 < float(row["ece"]) < 0.3


def test_calibration_has_bins_of_all_test_images(world):
    arguments, *_ = world
    collect(**arguments)
    rows = _rows(arguments["calibration_path"])
    for head, images, bins in (("sgd", 144, 10), ("tuned", 72, 7)):
        own = [row for row in rows if row["head"] == head]
        assert len(own) == bins
        assert sum(int(row["predictions"]) for row in own) == images


def test_damaged_result_leaves_no_tables(world):
    arguments, *_ = world
    write_text(arguments["result_paths"][1], "")
    with pytest.raises(InputError, match=r"tuned\.csv"):
        collect(**arguments)
    assert not any(arguments[f"{name}_path"].exists() for name in ("accuracy", "summary"))
