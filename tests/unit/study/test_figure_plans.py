"""What plans of figures take from a study, by hand. All figures together: test_figure_kinds."""

import pytest
from test_figure_grids import STUDY

from fewshot.study.figure_plans import (
    compared,
    every_dataset,
    filters,
    of_datasets,
    shown_datasets,
    shows_features,
    shows_map,
    taught,
    views,
)
from fewshot.study.read import read_study


@pytest.fixture(scope="module")
def study():
    return read_study(STUDY)


def test_a_dataset_without_grid_points_has_no_figure(study):
    planned = [*of_datasets("{dataset}/x.png", taught, study)]
    assert [each["file"] for each in planned] == ["digits/x.png"]
    assert [(point.layer, point.shots) for point in planned[0]["points"]] == [("fc1", 2)]


def test_every_dataset_or_those_that_are_wanted_have_a_figure(study):
    files = [each["file"] for each in every_dataset("{dataset}/x.png")(study)]
    assert files == ["letters/x.png", "digits/x.png"]
    wanted = every_dataset("{dataset}/x.png", lambda study, dataset: dataset == "digits")
    assert [*wanted(study)] == [{"file": "digits/x.png", "dataset": "digits"}]


def test_a_dataset_that_no_experiment_takes_has_no_figure():
    shots = {"layers": ["fc2"], "shots": [2], "datasets": ["digits"]}
    unused = read_study(STUDY | {"experiments": {"shots": shots}})
    files = [each["file"] for each in every_dataset("{dataset}/x.png")(unused)]
    assert files == ["digits/x.png"]


def test_what_has_a_role_is_compared(study):
    assert compared(study, "letters")
    assert compared(study, "digits") == []


def test_without_a_gallery_no_dataset_is_shown(study):
    plain = study | {"gallery": False}
    assert (shown_datasets(study), shown_datasets(plain)) == (["letters", "digits"], [])
    assert (shows_map(study, "digits"), shows_map(plain, "digits")) == (True, False)
    assert [*views("x", shows_features)(plain)] == []
    assert [*filters(plain)] == [*filters(study)]


def test_views_and_filters_are_of_backbones_that_want_them(study):
    assert [each["file"] for each in views("maps", shows_features)(study)] == [
        "letters/vgg16_maps.png",
        "digits/vgg16_maps.png",
    ]
    assert [*filters(study)] == [{"file": "vgg16_filters.png", "backbone": "vgg16"}]
