"""A study is checked as a whole, filled in and turned into its grid."""

import copy
import subprocess
import sys

import pytest
import yaml
from jsonschema import Draft202012Validator

from fewshot.study.digests import LIBRARY
from fewshot.study.forward_passes import pass_of, passes, stored_layer
from fewshot.study.read import (
    ConfigError,
    experiment_points,
    head_repeats,
    points,
    read_study,
    students,
)

ROOT = LIBRARY.parents[1]
MINIMAL = {
    "study": "tiny",
    "datasets": {"letters": {"source": "letters.zip", "classes": "folders"}},
    "backbones": {"vgg16": {"network": "VGG16", "layers": ["fc2", ["fc1", "predictions"]]}},
    "draws": {"images_per_class": 24},
    "heads": {"sgd": {"solver": "sgd"}, "tuned": {"solver": "logistic"}},
    "experiments": {"shots": {"layers": ["fc2"], "shots": [2, 16]}},
}
TAUGHT = {
    "teacher": {"layer": "fc2", "shots": 16},
    "layers": ["fc1"],
    "shots": [2],
    "head": "tuned",
}


def changed(path, value):
    """Return the minimal config with one value set; ``...`` removes it."""
    config = copy.deepcopy(MINIMAL)
    *parents, last = path.split("/")
    place = config
    for key in parents:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return config


def errors(config):
    with pytest.raises(ConfigError) as caught:
        read_study(config)
    header, *lines = str(caught.value).splitlines()
    assert header.startswith(f"The config has {len(lines)} error")
    return lines


def load(path):
    return yaml.safe_load((ROOT / path).read_text())


def test_defaults():
    study = read_study(MINIMAL)
    assert study["datasets"]["letters"] == {
        "source": "letters.zip",
        "sha256": None,
        "classes": "folders",
        "exclude": [],
        "role": None,
        "max_rejected_fraction": 0.01,
        "copy_bits": 1,
    }
    assert study["backbones"]["vgg16"] == {
        "network": "VGG16",
        "weights": "imagenet",
        "include_top": True,
        "image_size": None,
        "layers": [["fc2"], ["fc1", "predictions"]],
        "feature_maps": None,
        "excitations": None,
    }
    assert study["draws"] == {
        "test_per_class": 8,
        "images_per_class": 24,
        "repeats": 5,
        "seed": 0,
    }
    assert study["heads"] == {
        "sgd": {
            "solver": "sgd",
            "epochs": 200,
            "batch_size": 32,
            "learning_rate": 0.001,
            "momentum": 0.9,
        },
        "tuned": {"solver": "logistic"},
    }
    assert study["experiments"]["shots"] == {
        "datasets": ["letters"],
        "backbones": ["vgg16"],
        "layers": ["fc2"],
        "shots": [2, 16],
        "temperatures": [1],
        "heads": ["sgd", "tuned"],
    }
    assert study["distillation"] == {}
    assert study["extraction"] == {
        "batch_size": 32,
        "precision": "float32",
        "storage": "float16",
        "parts": 1,
        "piece_images": 1024,
    }


def test_the_baseline_has_its_own_epochs_and_trains_only_where_it_is_named():
    config = changed("heads/end_to_end", {"solver": "end_to_end"})
    config["experiments"]["baseline"] = {"layers": ["fc2"], "shots": [2], "heads": ["end_to_end"]}
    study = read_study(config)
    assert study["heads"]["end_to_end"] == {
        "solver": "end_to_end",
        "epochs": 11,
        "batch_size": 32,
        "learning_rate": 0.001,
        "momentum": 0.9,
        "augment": False,
    }
    assert study["experiments"]["shots"]["heads"] == ["sgd", "tuned"]
    assert [point["head"] for point in points(study)] == ["sgd", "tuned"] * 2 + ["end_to_end"]


def test_students_and_their_teacher_are_points_of_the_grid():
    taught = {"teacher": {"layer": "fc2", "shots": 16}, "layers": ["fc1"], "shots": [1, 2]}
    study = read_study(changed("distillation", {"soft": {**taught, "head": "tuned"}}))
    place = {"dataset": "letters", "backbone": "vgg16", "temperature": "1", "head": "tuned"}
    assert [student["alone"] for student in students(study)] == [
        {**place, "layer": "fc1", "shots": shots} for shots in (1, 2)
    ]
    first = students(study)[0]
    assert first["labelled"] == {**place, "layer": "fc1", "shots": 16}
    assert first["teacher"] == {**place, "layer": "fc2", "shots": 16}
    assert first["temperatures"] == [1, 2, 4, 8, 16]
    assert (first["hard_weight"], first["transfer"]) == (0.1, "pool")
    grid = points(study)
    assert len(grid) == 2 * 2 + 2 + 1  # the teacher is one of the experiment's
    assert all(student["alone"] in grid for student in students(study))


def test_the_config_is_left_as_it_is():
    config = copy.deepcopy(MINIMAL)
    study = read_study(config)
    study["experiments"]["shots"]["temperatures"].append(2)
    assert config == MINIMAL
    assert read_study(config)["experiments"]["shots"]["temperatures"] == [1]


@pytest.mark.parametrize("none", ["none", None])
def test_weights_none_is_text(none):
    study = read_study(changed("backbones/vgg16/weights", none))
    assert study["backbones"]["vgg16"]["weights"] == "none"


def test_whole_numbers_are_int():
    study = read_study(changed("experiments/shots/shots", [2.0, 4]))
    assert [repr(shots) for shots in study["experiments"]["shots"]["shots"]] == ["2", "4"]


def test_all_errors_at_once():
    config = copy.deepcopy(MINIMAL)
    config["heads"]["tuned"]["solvr"] = "ridge"
    config["draws"]["repeats"] = 0
    config["backbones"]["vgg16"]["network"] = "VGG61"
    config["datasets"]["web"] = {"source": "http://example.org/a.tar", "classes": "folder"}
    config["experiments"]["layers"] = {"layers": ["fc3"], "shots": [32], "heads": ["tined"]}
    del config["study"]
    lines = errors(config)
    assert {line.split(":")[0] for line in lines} == {
        "study",
        "heads.tuned.solvr",
        "draws.repeats",
        "backbones.vgg16.network",
        "datasets.web.source",
        "datasets.web.classes",
        "experiments.layers.layers",
        "experiments.layers.shots",
        "experiments.layers.heads",
    }
    assert all(". Received: " in line and ". Hint: " in line for line in lines)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("stady", 1, "stady: unknown key. Received: stady: 1. Hint: did you mean study?"),
        ("heads/sgd/epoch", 9, "heads.sgd.epoch: unknown key. *did you mean epochs?"),
        ("heads/tuned/epochs", 9, "epochs: is taken by the solvers sgd and end_to_end alone"),
        ("heads/sgd/augment", True, "heads.sgd.augment: is taken by solver end_to_end alone"),
        ("heads/sgd/solver", "SDG", "heads.sgd.solver: must be one of sgd, *did you mean sgd?"),
        ("heads/sgd/learning_rate", "1e-3", "learning_rate: must be a number. *1.0e-3"),
        ("heads/sgd/learning_rate", float("nan"), "learning_rate: must be a number"),
        ("heads/sgd/momentum", 1, "heads.sgd.momentum: must be below 1"),
        ("heads/sgd/epochs", True, "heads.sgd.epochs: must be a whole number"),
        ("study", "my study", "study: must be made of letters*Received: 'my study'"),
        ("study", "tiny\n", "study: must be made of letters"),
        ("study", ..., "study: required key is missing. Received: nothing"),
        ("datasets", {}, "datasets: must not be empty"),
        ("datasets", [1], "datasets: must be a mapping"),
        ("datasets/backbones", {"source": "a.zip", "classes": "prefix"}, "backbones: *another use"),
        ("datasets/letters/classes", 3, "classes: must be one of folders, prefix. *Received: 3"),
        ("datasets/letters/source", "http://x.org/a.tar", "source: a download must come by https"),
        ("datasets/letters/source", "file:///a.tar", "source: a download must come by https"),
        ("datasets/letters/sha256", "abc", "sha256: must be made of 64 lower-case hexadecimal"),
        ("datasets/letters/max_rejected_fraction", 2, "max_rejected_fraction: must be at most 1"),
        ("datasets/letters/copy_bits", 9, "copy_bits: must be at most 8"),
        ("backbones/vgg16/network", "vgg16", "network: unknown network. *did you mean VGG16?"),
        ("backbones/vgg16/network", "SmallVGG", "weights: SmallVGG has no download"),
        ("backbones/vgg16/weights", "imagnet", "weights: no such file. *did you mean imagenet?"),
        ("backbones/vgg16/layers", ["fc2", ["fc1", "fc2"]], "a layer is read by one pass. *fc2"),
        ("backbones/vgg16/layers", [["fc2", "a/b"]], "vgg16.layers[0][1]: must be made of"),
        ("backbones/vgg16/layers", [["fc2"], "logits", "predictions"], "read by one pass. *logits"),
        ("backbones/vgg16/include_top", False, "layers: class scores need the top"),
        ("draws/images_per_class", 20, "8 test images and 16 shots need 24 images a class. *20"),
        ("experiments/shots/shots", [2, 2], "experiments.shots.shots: must list nothing twice"),
        ("experiments/shots/shots", [2, 0], "experiments.shots.shots[1]: must be at least 1"),
        (
            "experiments/shots/layers",
            ["fc3"],
            "not read this layer. *vgg16.layers, or did you mean fc",
        ),
        ("experiments/shots/datasets", ["leters"], "datasets: *did you mean letters?"),
        ("experiments/shots/backbones", ["vgg19"], "backbones: *did you mean vgg16?"),
        ("experiments/shots/heads", ["tunned"], "heads: *did you mean tuned?"),
        ("experiments/shots/temperatures", [2], "only predictions take temperatures other than 1"),
        ("experiments/shots/temperatures", [0], "temperatures[0]: must be above 0"),
        ("datasets/letters/role", "caltech", "role: must be one of *did you mean caltech256?"),
        ("backbones/vgg16/excitations", "fc3", "excitations: *does not read *did you mean fc"),
        ("backbones/vgg16/feature_maps", ["a/b"], "feature_maps[0]: must be made of"),
        ("distillation", {"soft": {**TAUGHT, "head": "sgd"}}, "head: *sgd, of solver sgd*tuned"),
        ("distillation", {"soft": {**TAUGHT, "head": "tund"}}, "head: *did you mean tuned?"),
        ("distillation", {"soft": {**TAUGHT, "layers": ["fc3"]}}, "layers: *did you mean fc"),
        ("distillation", {"soft": {**TAUGHT, "shots": [17]}}, "8 test images and 17 shots need"),
        ("distillation", {"soft": {**TAUGHT, "hard_weight": 2}}, "must be at most 1"),
        (
            "distillation",
            {"soft": {**TAUGHT, "teacher": {"layer": "fc2", "shots": 17}}},
            "distillation.soft.teacher.shots: 8 test images and 17 shots need 25",
        ),
        ("extraction", {"precision": "float23"}, "extraction.precision: *did you mean float32?"),
    ],
)
def test_one_mistake_is_one_line(path, value, expected):
    (line,) = errors(changed(path, value))
    start, *later = expected.split("*")
    assert start in line
    assert all(part in line for part in later)


def test_a_role_is_played_once():
    config = changed("datasets/letters/role", "caltech256")
    config["datasets"]["others"] = {**config["datasets"]["letters"]}
    (line,) = errors(config)
    assert "a role is played by one dataset. Received: caltech256 by letters, others" in line


def test_a_head_has_no_more_repeats_than_the_study():
    config = changed("heads/tuned/repeats", 5)
    assert read_study(config)["heads"]["tuned"] == {"solver": "logistic", "repeats": 5}
    assert head_repeats(read_study(config)) == {"sgd": 5, "tuned": 5}
    config["draws"]["repeats"] = 3
    assert errors(config) == [
        "heads.tuned.repeats: the study has 3 repeats. Received: 5. "
        "Hint: give 3 or fewer, or raise draws.repeats."
    ]
    config["heads"]["tuned"]["repeats"] = 2
    assert head_repeats(read_study(config)) == {"sgd": 3, "tuned": 2}


def test_the_baseline_stands_below_the_class_scores():
    config = changed("heads/end_to_end", {"solver": "end_to_end"})
    config["experiments"]["shots"] |= {"layers": ["logits"], "heads": ["end_to_end"]}
    (line,) = errors(config)
    assert "stands on a layer below the class scores. Received: end_to_end on logits" in line


def test_names_that_yaml_takes_for_numbers():
    (line,) = errors(changed("heads", {256: {"solver": "ridge"}}))
    assert "heads[256]: must be text" in line
    assert "quote it" in line


@pytest.mark.parametrize("config", [{}, {"study": "tiny"}])
def test_missing_keys_are_listed_together(config):
    missing = {"study", "datasets", "backbones", "draws", "heads", "experiments"} - set(config)
    assert {line.split(":")[0] for line in errors(config)} == missing


def test_a_broken_part_starts_no_other_errors():
    config = changed("datasets/letters", None)
    config["experiments"]["shots"]["datasets"] = ["letters"]
    config["backbones"]["other"] = {"network": "VGG19", "layers": ["fc1"]}
    config["experiments"]["shots"]["backbones"] = "vgg16"
    paths = [line.split(":")[0] for line in errors(config)]
    assert sorted(paths) == ["datasets.letters", "experiments.shots.backbones"]


def test_an_address_may_lack_its_digest_which_fetch_then_tells():
    study = read_study(changed("datasets/letters/source", "https://example.org/a.tar"))
    assert study["datasets"]["letters"]["sha256"] is None


def test_a_bad_digest_is_refused():
    config = changed("datasets/letters/source", "https://example.org/a.tar")
    config["datasets"]["letters"]["sha256"] = "abc"
    (line,) = errors(config)
    assert "64 lower-case hexadecimal digits" in line


def test_a_bad_name_hides_no_other_errors():
    config = changed("backbones/bad name", {"network": "VGG61", "layers": ["fc3"]})
    paths = [line.split(":")[0] for line in errors(config)]
    assert paths == ["backbones.bad name", "backbones.bad name.network", "experiments.shots.layers"]


def test_points_are_unique_and_shared_ones_appear_once():
    config = changed("experiments/layers", {"layers": ["fc1", "fc2"], "shots": [16]})
    config["experiments"]["temperature"] = {
        "layers": ["predictions"],
        "shots": [2],
        "temperatures": [1.0, 2, 0.5],
        "heads": ["tuned"],
    }
    study = read_study(config)
    shared = {"dataset": "letters", "backbone": "vgg16", "layer": "fc2", "temperature": "1"}
    assert {**shared, "shots": 16, "head": "sgd"} in experiment_points(study, "shots")
    assert {**shared, "shots": 16, "head": "sgd"} in experiment_points(study, "layers")
    grid = points(study)
    assert len(grid) == 2 * 2 + 2 + 3  # shots x heads, fc1 alone is new, three temperatures
    assert [tuple(point.values()) for point in grid[:2]] == [
        ("letters", "vgg16", "fc2", "1", 2, "sgd"),
        ("letters", "vgg16", "fc2", "1", 2, "tuned"),
    ]
    assert [point["temperature"] for point in grid[-3:]] == ["1", "2", "0.5"]
    assert grid == points(study)


def test_passes_store_logits_for_predictions():
    study = read_study(changed("backbones/vgg16/layers", ["fc2", ["fc1", "predictions", "logits"]]))
    assert passes(study, "vgg16") == {"fc2": ["fc2"], "fc1+logits": ["fc1", "logits"]}
    assert pass_of(study, "vgg16", "predictions") == "fc1+logits"
    assert pass_of(study, "vgg16", "fc2") == "fc2"
    assert pass_of(study, "vgg16", "centred_logits") == "fc1+logits"
    assert stored_layer("logits") == "logits"


def test_an_experiment_may_read_the_logits_behind_predictions():
    study = read_study(changed("experiments/shots/layers", ["logits"]))
    assert pass_of(study, "vgg16", "logits") == "fc1+logits"


def test_long_pass_names_are_cut():
    layers = [f"block{number}_convolution" for number in range(10)]
    study = read_study(changed("backbones/vgg16/layers", ["fc2", layers]))
    other = read_study(changed("backbones/vgg16/layers", ["fc2", layers[:9]]))
    (_, name), (_, fewer) = passes(study, "vgg16"), passes(other, "vgg16")
    assert name.startswith("block0_convolution+9-more-")
    assert len(name.removeprefix("block0_convolution+9-more-")) == 8
    assert fewer.startswith("block0_convolution+8-more-")


def test_the_schema_describes_every_key():
    schema = load("rules/config.schema.yaml")
    Draft202012Validator.check_schema(schema)

    def undescribed(part, path):
        for key, item in part.get("properties", {}).items():
            if "description" not in item:
                yield f"{path}.{key}"
            yield from undescribed(item, f"{path}.{key}")
        if part.get("type") == "object":
            inner = part["additionalProperties"]
            if inner:
                yield from undescribed(inner, f"{path}.*")

    assert list(undescribed(schema, "")) == []


def test_the_report_study():
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
    demo = load("profiles/demo/study.yaml")
    weights = tmp_path / demo["backbones"]["small_vgg"]["weights"]
    weights.parent.mkdir(parents=True)
    weights.touch()
    monkeypatch.chdir(tmp_path)
    study = read_study(demo)
    # shots 2 x 2 x 4 x 2, control 2 x 4, layers 2 x 5 new x 2, temperatures 5 x 2, logits,
    # end to end 4, students' layer at 1, 2 and 16 shots of 2
    assert len(points(study)) == 32 + 8 + 20 + 10 + 1 + 4 + 6


def test_the_study_needs_no_heavy_import():
    code = "import sys, fewshot.study.read; print(*sys.modules)"
    path = {"PYTHONPATH": str(ROOT / "scripts")}
    run = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert "fewshot.study.read" in loaded
    assert not loaded & {"numpy", "pandas", "keras", "tensorflow", "snakemake"}
