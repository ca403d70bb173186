"""A study is checked as a whole and filled in."""

import copy
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator
from studies import MINIMAL, changed

from fewshot.study.digests import LIBRARY
from fewshot.study.grid import points
from fewshot.study.read import ConfigError, read_schema, read_study

ROOT = LIBRARY.parents[1]


def errors(config):
    with pytest.raises(ConfigError) as caught:
        read_study(config)
    header, *lines = str(caught.value).splitlines()
    assert header.startswith(f"The config has {len(lines)} error")
    return lines


def test_defaults():
    study = read_study(MINIMAL)
    assert study["datasets"]["letters"] == {
        "source": "letters.zip",
        "sha256": None,
        "folder": None,
        "name_encoding": None,
        "classes": "folders",
        "parts": None,
        "group": None,
        "exclude": [],
        "licence": None,
        "role": None,
        "max_megapixels": 250,
        "max_rejected_fraction": 0.01,
        "copy_bits": 1,
    }
    assert study["backbones"]["vgg16"] == {
        "network": "VGG16",
        "weights": "imagenet",
        "sha256": None,
        "licence": None,
        "include_top": True,
        "image_size": None,
        "resize": None,
        "crop_fraction": None,
        "interpolation": None,
        "layers": [["fc2"], ["fc1", "predictions"]],
        "feature_maps": None,
        "excitations": None,
    }
    assert study["draws"] == {
        "test": 8,
        "test_at_most": None,
        "images_per_class": 24,
        "skip_small_classes": False,
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
    assert study["distillation"] == study["predictors"] == {}
    assert study["extraction"] == {
        "batch_size": None,
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
    assert [point.head for point in points(study)] == ["sgd", "tuned"] * 2 + ["end_to_end"]


def test_the_config_is_left_as_it_is():
    config = copy.deepcopy(MINIMAL)
    study = read_study(config)
    study["experiments"]["shots"]["temperatures"].append(2)
    assert config == MINIMAL
    assert read_study(config)["experiments"]["shots"]["temperatures"] == [1]


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


def test_the_schema_describes_every_key():
    schema, _ = read_schema()
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


@pytest.mark.parametrize(("network", "layer"), [("VGG16", "fc2"), ("dinov2_small", "blocks@cls")])
def test_a_study_is_read_without_a_heavy_import(network, layer):
    config = changed("backbones/vgg16", {"network": network, "layers": [layer]})
    config["experiments"]["shots"]["layers"] = [layer]
    code = f"import sys, fewshot.study.read as read; read.read_study({config}); print(*sys.modules)"
    path = {"PYTHONPATH": str(ROOT / "scripts")}
    run = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert "fewshot.study.read" in loaded, run.stderr
    assert not loaded & {"numpy", "pandas", "keras", "keras_hub", "tensorflow", "snakemake"}


def test_a_key_of_an_older_study_is_read_under_its_name_of_now():
    config = changed("draws/test_per_class", 6)
    before = copy.deepcopy(config)
    assert read_study(config) == read_study(changed("draws/test", 6))
    assert config == before
    config["draws"]["test"] = 6
    (error,) = errors(config)
    assert "test_per_class: unknown key" in error
    assert "it is called test now" in error


def test_what_to_exclude_is_composed_as_names_of_classes_are():
    study = read_study(changed("datasets/letters/exclude", ["u\u0308"]))
    assert study["datasets"]["letters"]["exclude"] == ["\u00fc"]
