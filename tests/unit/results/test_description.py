"""What is said of a predictor: what it is made of, and how its study measured it."""

import hashlib
import json

import numpy as np
import pytest

from fewshot.data.draws import TEST, Draws
from fewshot.data.pool import PoolRow
from fewshot.heads.final import FinalHead
from fewshot.heads.fitted import Head
from fewshot.heads.predictions import Predictions
from fewshot.point import Point
from fewshot.results.description import describe_measurement, describe_predictor
from fewshot.results.statistics import lay_out, two_way
from fewshot.results.trust import THRESHOLDS
from fewshot.study.predictors import Predictor

POINT = Point("birds", "vgg16", "fc2", "1", 1, "tuned")
SETTINGS = {
    "study": "sea",
    "draws": {"seed": 0},
    "extraction": {"precision": "bfloat16"},
    "data": {"source": "birds.zip", "licence": "CC BY 4.0", "max_megapixels": 250},
    "backbones": {"vgg16": {"network": "VGG16", "weights": "imagenet", "licence": None}},
    "heads": {"tuned": {"solver": "logistic"}},
}
POOL = [
    PoolRow(row, f"{row}.jpg", "ab"[row % 2], row % 2, f"{row:064}", str(row)) for row in range(5)
]


def describe(shots, rows, settings=SETTINGS):
    head = FinalHead(Head(np.array(rows), np.zeros(2), np.ones((len(rows), 2))), 1.5)
    predictor = Predictor("mine", "birds", shots, (), (POINT,))
    return describe_predictor(predictor, POINT, settings, {"weights": "f" * 64}, POOL, head)


def test_it_says_what_it_is_made_of():
    said = describe("all", range(5))
    assert said["classes"] == ["a", "b"]
    assert said["head"] == {
        **{"name": "tuned", "solver": "logistic", "shots": "all"},
        **{"images": 5, "by_class": [3, 2], "calibration": 1.5},
    }
    assert said["backbone"] == {"name": "vgg16", **SETTINGS["backbones"]["vgg16"]}
    assert said["data"] == {"source": "birds.zip", "licence": "CC BY 4.0"}
    assert (said["name"], said["study"], said["dataset"]) == ("mine", "sea", "birds")
    assert (said["layer"], said["temperature"], said["precision"]) == ("fc2", "1", "bfloat16")
    assert json.loads(json.dumps(said)) == said


def test_digests_tell_training_images_and_settings():
    said = describe(1, [0, 3])["sha256"]
    images = json.dumps([POOL[0].sha256, POOL[3].sha256]).encode()
    assert said["training_images"] == hashlib.sha256(images).hexdigest()
    assert said["weights"] == "f" * 64
    assert said["training_images"] != describe(1, [0, 1])["sha256"]["training_images"]
    other = describe(1, [0, 3], {**SETTINGS, "draws": {"seed": 1}})["sha256"]
    assert other["study"] != said["study"]
    assert other["training_images"] == said["training_images"]


def test_it_says_how_the_study_measured_it():
    labels = np.arange(24) % 4
    order = np.stack([np.roll(np.arange(24) // 4, 4 * each) for each in range(3)], axis=1)
    draws = Draws(labels, np.arange(24), np.where(order < 3, 0, order - 2))
    role = np.stack([draws.roles(each, draws.training_rows(each, 1)) for each in range(3)])
    rng = np.random.default_rng(0)
    named = np.where(rng.random(role.shape) < 0.7, draws.labels, (draws.labels + 1) % 4)
    probability = rng.uniform(0.3, 1, role.shape)
    rank = (named != draws.labels).astype(int)
    predictions = Predictions(role, named, rank, probability, probability)
    layout = lay_out(draws, 1)
    mean = two_way(rank == 0, layout, fraction=True)
    summary = {
        **{"test_accuracy_mean": mean.mean, "test_accuracy_low": mean.low},
        **{"test_accuracy_high": mean.high, "ece": 0.04},
    }
    said = describe_measurement(POINT, summary, predictions, draws, ["a", "b", "c", "d"])
    assert said["measured"] == {
        **{"shots": 1, "repeats": 3, "calibration_error": 0.04},
        "test_images": int(layout.tests.any(axis=0).sum()),
        **{"accuracy": mean.mean, "low": mean.low, "high": mean.high},
    }
    tests = role == TEST
    for label, row in enumerate(said["by_class"]):
        own = tests & (draws.labels == label)
        assert row["class_name"] == "abcd"[label]
        assert row["accuracy"] == pytest.approx((rank == 0)[own].mean())
        assert "shots" not in row
    assert [row["above"] for row in said["trust"]] == [*THRESHOLDS]
    assert said["trust"][0]["accuracy"] == pytest.approx((rank == 0)[tests].mean())
