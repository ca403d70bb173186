"""What decides a pool and its draws, by hand."""

import pytest
from studies import TAUGHT, changed

from fewshot.study.protocol import draw_arguments, largest_shots, pool_arguments
from fewshot.study.read import read_study


@pytest.fixture
def config():
    """Two datasets; only the first has a teacher, of 16 shots, and only the second 4 shots."""
    config = changed("draws", {"images_per_class": "all", "repeats": 3, "seed": 7})
    config["datasets"]["signs"] = {**config["datasets"]["letters"], "exclude": ["dot"]}
    for dataset in config["datasets"].values():
        dataset["parts"] = "folders"
    config["experiments"]["shots"] |= {"shots": [1, 2], "datasets": ["letters"]}
    config["experiments"]["signs"] = {"layers": ["fc2"], "shots": [4], "datasets": ["signs"]}
    config["distillation"] = {"soft": {**TAUGHT, "datasets": ["letters"]}}
    return config


def test_a_teacher_counts_among_the_shots_of_its_dataset(config):
    study = read_study(config)
    assert (largest_shots(study, "letters"), largest_shots(study, "signs")) == (16, 4)
    del config["experiments"]["signs"]
    assert largest_shots(read_study(config), "signs") == 1


@pytest.mark.parametrize(
    ("test", "least", "shots"), [(8, 4 + 8, 1), ("rest", 4 + 1, 4), ("official", 4, 4)]
)
def test_where_all_images_are_read_a_class_must_have_those_needed(config, test, least, shots):
    config["draws"]["test"] = test
    study = read_study(config)
    pool = {"images_per_class": "all", "exclude": ["dot"], "seed": 7, "skip_small": False}
    expected = {**pool, "least": least, "official": test == "official"}
    assert pool_arguments(study, "signs") == expected
    draws = {"test": test, "test_at_most": None, "repeats": 3, "seed": 7, "shots": shots}
    assert draw_arguments(study, "signs") == draws


def test_a_number_of_images_is_what_each_class_must_have(config):
    config["draws"] |= {"images_per_class": 40, "skip_small_classes": True}
    arguments = pool_arguments(read_study(config), "letters")
    assert (arguments["least"], arguments["skip_small"]) == (40, True)
