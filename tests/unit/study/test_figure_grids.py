"""Which grid points stand together in a figure, counted by hand."""

from collections import Counter

import pytest

from fewshot.point import Point
from fewshot.study.figure_grids import (
    against,
    cached_points,
    compared_costs,
    curve_points,
    curves_by,
    deepest_points,
    shallowest_point,
)
from fewshot.study.grid import points
from fewshot.study.read import read_study

STUDY = {
    "study": "tiny",
    "datasets": {
        "letters": {"source": "letters.zip", "classes": "folders", "role": "caltech256"},
        "digits": {"source": "digits.zip", "classes": "folders"},
    },
    "backbones": {
        "vgg16": {
            "network": "VGG16",
            "layers": [["block5_pool", "fc1", "fc2", "predictions"]],
            "excitations": "block5_pool",
        },
        "random": {
            "network": "VGG16",
            "weights": "none",
            "layers": ["fc2"],
            "feature_maps": [],
        },
    },
    "draws": {"images_per_class": 24},
    "heads": {
        "sgd": {"solver": "sgd"},
        "tuned": {"solver": "logistic"},
        "end_to_end": {"solver": "end_to_end"},
    },
    "experiments": {
        "shots": {"layers": ["fc2"], "shots": [2, 8, 16]},
        "layers": {"backbones": ["vgg16"], "layers": ["fc2", "fc1"], "shots": [8]},
        "temperature": {
            "datasets": ["letters"],
            "backbones": ["vgg16"],
            "layers": ["predictions"],
            "shots": [8],
            "temperatures": [1, 16],
        },
        "logits": {
            "datasets": ["letters"],
            "backbones": ["vgg16"],
            "layers": ["centred_logits"],
            "shots": [8],
        },
        "baseline": {
            "datasets": ["letters"],
            "backbones": ["vgg16"],
            "layers": ["fc2"],
            "shots": [2, 8],
            "heads": ["end_to_end"],
        },
    },
    "distillation": {
        "soft": {
            "datasets": ["digits"],
            "backbones": ["vgg16"],
            "teacher": {"layer": "fc2", "shots": 16},
            "layers": ["fc1"],
            "shots": [2],
            "head": "tuned",
        }
    },
}


@pytest.fixture(scope="module")
def study():
    return read_study(STUDY)


def test_curves_stand_together_in_the_order_of_the_network(study):
    (grid,) = curves_by(study, "letters", "layer").values()
    assert [point.layer for point in grid] == ["fc1", "fc2"]
    assert {point.head for point in grid} == {"sgd"}
    (name,) = curves_by(study, "letters", "temperature")
    assert name == "vgg16__8-shot__sgd"
    assert curves_by(study, "digits", "temperature") == {}


def test_class_probabilities_are_held_against_penalised_heads_on_what_is_behind(study):
    grid = against(study, "letters", "temperature")
    lines = Counter((point.layer, point.head) for point in grid)
    assert lines == {
        ("predictions", "sgd"): 2,
        ("predictions", "tuned"): 2,
        ("centred_logits", "tuned"): 1,
        ("fc2", "tuned"): 1,
    }
    assert {point.shots for point in grid} == {8}


def test_costs_hold_both_approaches_at_the_same_shots(study):
    grid = Counter((point.head, point.shots) for point in compared_costs(study, "letters"))
    assert grid == {("end_to_end", 2): 1, ("end_to_end", 8): 1, ("sgd", 2): 1, ("sgd", 8): 1}
    assert compared_costs(study, "digits") == []


def test_the_deepest_layer_is_compared(study):
    places = {(p.backbone, p.layer, p.head) for p in deepest_points(study, "letters")}
    heads = ("sgd", "tuned", "end_to_end")
    assert places == {("vgg16", "fc2", head) for head in heads} | {
        ("random", "fc2", head) for head in heads[:2]
    }


def test_curves_are_of_heads_in_epochs(study):
    heads = Counter(point.head for point in curve_points(study, "letters"))
    # sgd: fc2 at 3 shots on two backbones, fc1, 2 temperatures and centred logits at 8.
    assert heads == {"sgd": 6 + 1 + 2 + 1, "end_to_end": 2}


def test_gradients_are_checked_where_heads_read_first(study):
    assert shallowest_point(study)[:4] == ("letters", "vgg16", "fc1", "1")
    # A dataset that no experiment takes has no heads to check.
    unused = {"unused": {"source": "unused.zip", "classes": "folders"}}
    kept = {name: {"datasets": ["letters"], **each} for name, each in STUDY["experiments"].items()}
    smaller = STUDY | {"datasets": unused | STUDY["datasets"], "experiments": kept}
    assert shallowest_point(read_study(smaller))[:4] == ("letters", "vgg16", "fc1", "1")


def test_a_study_end_to_end_alone_is_checked_on_its_own_layer():
    only = {"heads": {"end_to_end": STUDY["heads"]["end_to_end"]}, "distillation": {}}
    grid = {"layers": ["fc2"], "shots": [2], "heads": ["end_to_end"]}
    study = read_study(STUDY | only | {"experiments": {"baseline": grid}})
    assert shallowest_point(study) == Point("letters", "vgg16", "fc2", "1", 2, "end_to_end")


def test_cached_points_are_those_of_heads_that_read_coordinates(study):
    found = cached_points(study, "letters")
    assert {point.head for point in found} == {"sgd", "tuned"}
    assert {*found} < {point for point in points(study) if point.dataset == "letters"}
    assert {point.folder for point in cached_points(study, "digits")} == {
        f"results/digits/{place}/T1" for place in ("vgg16/fc1", "vgg16/fc2", "random/fc2")
    }
