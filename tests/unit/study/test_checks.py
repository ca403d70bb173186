"""What a schema cannot see: each mistake is one line, with the way out."""

import pytest
from studies import TAUGHT, changed

from fewshot.study.grid import head_repeats
from fewshot.study.read import ConfigError, read_study


def errors(config):
    with pytest.raises(ConfigError) as caught:
        read_study(config)
    header, *lines = str(caught.value).splitlines()
    assert header.startswith(f"The config has {len(lines)} error")
    return lines


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
        ("datasets/letters/classes", 3, "classes: must be text or a mapping. *Received: 3"),
        ("datasets/letters/source", "http://x.org/a.tar", "source: a download must come by https"),
        ("datasets/letters/source", "file:///a.tar", "source: a download must come by https"),
        ("datasets/letters/sha256", "abc", "sha256: must be made of 64 lower-case hexadecimal"),
        ("datasets/letters/max_rejected_fraction", 2, "max_rejected_fraction: must be at most 1"),
        ("datasets/letters/copy_bits", 9, "copy_bits: must be at most 8"),
        ("backbones/vgg16/network", "vgg16", "network: unknown network. *did you mean VGG16?"),
        (
            "backbones/vgg16/weights",
            "characters",
            "weights: VGG16 has no weights that were learned",
        ),
        (
            "backbones/vgg16/weights",
            7,
            "weights: must be text or null. Received: 7. *none (random)",
        ),
        ("backbones/vgg16/weights", "imagnet", "weights: no such file. *did you mean imagenet?"),
        ("backbones/vgg16/layers", ["fc2", ["fc1", "fc2"]], "a layer is read by one pass. *fc2"),
        ("backbones/vgg16/layers", [["fc2", "a/b"]], "vgg16.layers[0][1]: must be made of"),
        ("backbones/vgg16/layers", [["fc2"], "logits", "predictions"], "read by one pass. *logits"),
        ("backbones/vgg16/include_top", False, "layers: class scores need the top"),
        ("backbones/vgg16/resize", "stretch", "resize: must be one of squash, crop, pad"),
        ("backbones/vgg16/interpolation", "bicubc", "*did you mean bicubic?"),
        ("backbones/vgg16/crop_fraction", 0, "crop_fraction: must be at least 0.5"),
        ("backbones/vgg16/crop_fraction", 0.9, "is taken with resize: crop alone. *: not given."),
        ("draws/images_per_class", 20, "8 test images and 16 shots need 24 images a class. *20"),
        (
            "draws/test",
            "rst",
            "draws.test: must be a whole number or rest or official. *mean rest?",
        ),
        ("draws/test", 0, "draws.test: must be at least 1"),
        ("draws/images_per_class", "al", "must be a whole number or all. *did you mean all?"),
        ("draws/test_at_most", 9, "test_at_most: only the rest has a limit. Received: test: 8"),
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


@pytest.mark.parametrize(
    ("test", "enough", "said"),
    [
        (8, 24, "8 test images and 16 shots need 24 images a class"),
        ("rest", 17, "a test image and 16 shots need 17 images a class"),
        ("official", 16, "16 shots need 16 training images a class"),
    ],
)
def test_what_is_tested_beside_the_shots_must_be_in_the_pool(test, enough, said):
    config = changed("draws/test", test)
    config["datasets"]["letters"]["parts"] = "folders"
    for count in (enough, "all"):
        config["draws"]["images_per_class"] = count
        assert read_study(config)["draws"]["images_per_class"] == count
    config["draws"]["images_per_class"] = enough - 1
    (line,) = errors(config)
    assert f"experiments.shots.shots: {said}. Received" in line


@pytest.mark.parametrize(
    "said",
    [
        {"parts": "folders"},
        {"classes": {"splits": "split.json"}},
        {"classes": {"table": "labels.csv", "part": "set"}},
    ],
)
def test_an_official_split_must_be_written_somewhere(said):
    config = changed("draws/test", "official")
    assert errors(config) == [
        "draws.test: dataset letters does not say where the parts of its split are written. "
        "Received: test: official. Hint: set its parts: folders, part or splits of its classes, or "
        "another test."
    ]
    config["datasets"]["letters"] |= said
    assert read_study(config)["draws"]["test"] == "official"


@pytest.mark.parametrize("kind", ["datasets", "backbones", "heads", "experiments", "distillation"])
def test_names_that_differ_only_in_case_are_refused(kind):
    config = changed("distillation", {"soft": TAUGHT})
    name = next(iter(config[kind]))
    config[kind][name.title()] = config[kind][name]
    assert errors(config) == [
        f"{kind}.{name.title()}: names must differ in more than case. "
        f"Received: {name} and {name.title()}. Hint: give it another name."
    ]


def test_a_folder_that_has_another_use_is_that_in_any_case():
    config = changed("datasets/Backbones", {"source": "a.zip", "classes": "prefix"})
    (line,) = errors(config)
    assert line.startswith("datasets.Backbones: results/backbones/ has another use")


@pytest.mark.parametrize(
    ("head", "taken"),
    [
        ({"solver": "logistic", "epoch": 3}, "known here: solver, repeats."),
        ({"solver": "ridge", "batch": 3}, "known here: solver, repeats."),
        ({"solver": "sgd", "epoch": 3}, "did you mean epochs?"),
        ({"solver": "sgd", "augmnt": True}, "batch_size, learning_rate, momentum, repeats."),
        ({"solver": "end_to_end", "augmnt": True}, "did you mean augment?"),
    ],
)
def test_a_hint_lists_only_keys_that_the_solver_takes(head, taken):
    (line,) = errors(changed("heads/other", head))
    assert line.startswith("heads.other.")
    assert line.endswith(taken)


@pytest.mark.parametrize("key", [1, None, True, 1.5])
def test_a_key_that_is_no_text_is_an_unknown_key(key):
    config = changed("draws/seed", 0)
    config["draws"][key] = 2
    (line,) = errors(config)
    assert f"unknown key. Received: {key}: 2. Hint: known here: test" in line
