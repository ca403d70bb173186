"""Which figures a study calls for, counted by hand."""

from collections import Counter

import pytest

from fewshot.study.planned_figures import (
    against,
    compared_costs,
    curves_by,
    deepest_points,
    figures,
    shallowest_place,
)
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


def test_figures_of_each_dataset(study):
    kinds = {
        dataset: Counter(each["kind"] for each in figures(study) if each["dataset"] == dataset)
        for dataset in ("letters", "digits", "")
    }
    both = ["shots", "layer", "layer_curves", "feature_maps", "excitations", "curves"]
    letters = ["temperature", "temperature_curves", "comparison", "costs"]
    assert kinds == {
        "letters": Counter([*both, *letters]),
        "digits": Counter([*both, "distillation"]),
        "": Counter(["filters"]),
    }


def test_every_file_is_of_one_figure(study):
    files = [each["file"] for each in figures(study)]
    assert len({*files}) == len(files)
    assert all(file.startswith("reports/tiny/figures/") for file in files)


def test_curves_stand_together_in_the_order_of_the_network(study):
    (grid,) = curves_by(study, "letters", "layer").values()
    assert [point["layer"] for point in grid] == ["fc1", "fc2"]
    assert {point["head"] for point in grid} == {"sgd"}
    (name,) = curves_by(study, "letters", "temperature")
    assert name == "vgg16__8-shot__sgd"
    assert curves_by(study, "digits", "temperature") == {}


def test_class_probabilities_are_held_against_penalised_heads_on_what_is_behind(study):
    grid = against(study, "letters", "temperature")
    lines = Counter((point["layer"], point["head"]) for point in grid)
    assert lines == {
        ("predictions", "sgd"): 2,
        ("predictions", "tuned"): 2,
        ("centred_logits", "tuned"): 1,
        ("fc2", "tuned"): 1,
    }
    assert {point["shots"] for point in grid} == {8}


def test_costs_hold_both_approaches_at_the_same_shots(study):
    grid = Counter((point["head"], point["shots"]) for point in compared_costs(study, "letters"))
    assert grid == {("end_to_end", 2): 1, ("end_to_end", 8): 1, ("sgd", 2): 1, ("sgd", 8): 1}
    assert compared_costs(study, "digits") == []


def test_the_deepest_layer_is_compared(study):
    places = {(p["backbone"], p["layer"], p["head"]) for p in deepest_points(study, "letters")}
    heads = ("sgd", "tuned", "end_to_end")
    assert places == {("vgg16", "fc2", head) for head in heads} | {
        ("random", "fc2", head) for head in heads[:2]
    }


def test_gradients_are_checked_where_heads_read_first(study):
    place = {"backbone": "vgg16", "layer": "fc1", "temperature": "1"}
    assert shallowest_place(study) == {"dataset": "letters", **place}
    # A dataset that no experiment takes has no heads to check.
    unused = {"unused": {"source": "unused.zip", "classes": "folders"}}
    kept = {name: {"datasets": ["letters"], **each} for name, each in STUDY["experiments"].items()}
    smaller = STUDY | {"datasets": unused | STUDY["datasets"], "experiments": kept}
    assert shallowest_place(read_study(smaller)) == {"dataset": "letters", **place}
