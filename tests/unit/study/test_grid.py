"""The grid of a study: its points, its students, and what they have in common."""

import yaml
from studies import changed

from fewshot.point import Point
from fewshot.study.digests import LIBRARY
from fewshot.study.forward_passes import passes
from fewshot.study.grid import (
    controls,
    deepest_layers,
    experiment_points,
    heads_where,
    lines_along,
    network_order,
    points,
    students,
    to_student,
)
from fewshot.study.read import read_study

ROOT = LIBRARY.parents[1]


def load(path):
    return yaml.safe_load((ROOT / path).read_text())


def test_students_and_their_teacher_are_points_of_the_grid():
    taught = {"teacher": {"layer": "fc2", "shots": 16}, "layers": ["fc1"], "shots": [1, 2]}
    study = read_study(changed("distillation", {"soft": {**taught, "head": "tuned"}}))
    first, second = students(study)
    assert first.alone == Point("letters", "vgg16", "fc1", "1", 1, "tuned")
    assert second.alone == first.alone._replace(shots=2)
    assert first.labelled == first.alone._replace(shots=16)
    assert first.teacher == first.labelled._replace(layer="fc2")
    assert first.temperatures == [1, 2, 4, 8, 16]
    assert (first.hard_weight, first.transfer) == (0.1, "pool")
    assert first.file(".csv") == "results/letters/vgg16/fc1/T1/1-shot/soft.distilled.csv"
    assert to_student(first.plain()) == first
    assert not {*map(type, first.plain())} & {Point}
    grid = points(study)
    assert len(grid) == 2 * 2 + 2 + 1  # the teacher is one of the experiment's
    assert all(student.alone in grid for student in students(study))


def test_points_are_unique_and_shared_ones_appear_once():
    config = changed("experiments/layers", {"layers": ["fc1", "fc2"], "shots": [16]})
    config["experiments"]["temperature"] = {
        "layers": ["predictions"],
        "shots": [2],
        "temperatures": [1.0, 2, 0.5],
        "heads": ["tuned"],
    }
    study = read_study(config)
    shared = Point("letters", "vgg16", "fc2", "1", 16, "sgd")
    assert shared in experiment_points(study, "shots")
    assert shared in experiment_points(study, "layers")
    grid = points(study)
    assert len(grid) == 2 * 2 + 2 + 3  # shots x heads, fc1 alone is new, three temperatures
    assert grid[:2] == [
        ("letters", "vgg16", "fc2", "1", 2, "sgd"),
        ("letters", "vgg16", "fc2", "1", 2, "tuned"),
    ]
    assert [point.temperature for point in grid[-3:]] == ["1", "2", "0.5"]
    assert grid == points(study)


def test_the_study_of_the_original():
    study = read_study(load("config.yaml"))
    assert passes(study, "vgg16") == {
        "block3_pool+block4_pool+block5_pool+fc2+logits": [
            "block3_pool",
            "block4_pool",
            "block5_pool",
            "fc2",
            "logits",
        ]
    }
    # shots 2 x 4, layers 2 x 4 of which fc2 is shared, 5 temperatures, two heads each; logits of
    # one head; end to end 4; students' layer at 2 and 16 shots, at 8 it is there
    assert len(points(study)) == 2 * (8 + 6 + 5) + 1 + 4 + 4


def test_the_demo_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = read_study(load("profiles/demo/study.yaml"))
    # shots 2 x 2 x 4 x 2, control 2 x 4, layers 2 x 5 new x 2, temperatures 5 x 2, logits,
    # end to end 4, students' layer at 1, 2 and 16 shots of 2
    assert len(points(study)) == 32 + 8 + 20 + 10 + 1 + 4 + 6


def test_layers_come_in_the_order_of_the_study_and_class_scores_last():
    study = read_study(changed("backbones/vgg16/layers", [["fc2", "predictions"], "block5_pool"]))
    order = ["fc2", "predictions", "block5_pool", "logits", "centred_logits"]
    assert network_order(study) == order
    grid = [Point("letters", "vgg16", layer, "1", 2, "sgd") for layer in order]
    assert deepest_layers(study, grid) == {"vgg16": "block5_pool"}


def test_a_control_is_the_same_network_with_random_weights():
    config = changed("backbones/random", {"network": "VGG16", "weights": "none", "layers": ["fc2"]})
    config["backbones"]["other"] = {"network": "VGG19", "weights": "none", "layers": ["fc2"]}
    assert controls(read_study(config)) == [("vgg16", "random")]
    assert controls(read_study(changed("study", "alone"))) == []


def test_heads_are_found_by_what_their_solver_is():
    study = read_study(changed("heads/ridge", {"solver": "ridge"}))
    assert heads_where(study, lambda solver: solver.penalised) == ["tuned", "ridge"]
    assert heads_where(study, lambda solver: solver.in_epochs) == ["sgd"]


def test_lines_have_the_order_of_their_axis_and_more_than_one_point():
    base = Point("letters", "vgg16", "predictions", "2", 8, "sgd")
    soft = [base._replace(temperature=t, head=head) for t in ("16", "2", "10") for head in "ab"]
    lines = lines_along([*soft, base], "temperature", [])
    assert [[point.temperature for point in line] for line in lines] == [["2", "10", "16"]] * 2
    assert [line[0].head for line in lines] == ["a", "b"]
    layers = [base._replace(layer=layer) for layer in ("fc2", "fc1", "fc2")]
    (line,) = lines_along([*layers[:2], layers[0]._replace(shots=2)], "layer", ["fc1", "fc2"])
    assert line == [layers[1], layers[0]]
    (line,) = lines_along([base._replace(shots=k) for k in (16, 2)], "shots", [])
    assert [point.shots for point in line] == [2, 16]
