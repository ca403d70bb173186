"""Which figures a study calls for, counted by hand."""

from collections import Counter

import pytest
from test_figure_grids import STUDY

from fewshot.study.figure_kinds import KINDS, from_plain, planned_figures, to_plain
from fewshot.study.read import read_study


@pytest.fixture(scope="module")
def study():
    return read_study(STUDY)


def test_figures_of_each_dataset(study):
    kinds = {
        dataset: Counter(each.kind for each in planned_figures(study) if each.dataset == dataset)
        for dataset in ("letters", "digits", "")
    }
    both = ["shots", "layer", "layer_curves", "feature_maps", "excitations", "reliability"]
    both += ["forecast", "classes", "confusion", "map", "map_pictures", *["curves"] * 7]
    letters = ["temperature", "temperature_curves", "comparison", "costs", *["curves"] * 5]
    assert kinds == {
        "letters": Counter([*both, *letters]),
        "digits": Counter([*both, "distillation"]),
        "": Counter(["filters"]),
    }


def test_without_a_gallery_no_figure_shows_images():
    plain, shown = (
        planned_figures(read_study(STUDY | {"gallery": False})),
        planned_figures(read_study(STUDY)),
    )
    left_out = {each.kind for each in shown} - {each.kind for each in plain}
    assert left_out == {"map_pictures", "feature_maps", "excitations"}
    assert plain == [each for each in shown if each.kind not in left_out]


def test_a_dataset_without_coordinates_has_no_map():
    ends = {"letters": {"datasets": ["letters"], "layers": ["fc2"], "shots": [2, 8]}}
    ends["letters"] |= {"backbones": ["vgg16"], "heads": ["end_to_end"]}
    digits = ends["letters"] | {"datasets": ["digits"], "heads": ["tuned"]}
    changes = {"experiments": {**ends, "digits": digits}, "distillation": {}}
    planned = planned_figures(read_study(STUDY | changes))
    maps = {(each.dataset, each.kind) for each in planned if each.kind.startswith("map")}
    assert maps == {("digits", "map"), ("digits", "map_pictures")}


def test_every_file_is_of_one_figure(study):
    files = [each.file for each in planned_figures(study)]
    assert len({*files}) == len(files)
    assert all(file.endswith(".png") for file in files)


def test_single_curves_have_a_figure_a_point_and_those_together_one_for_all(study):
    planned = Counter((each.kind, len(each.points)) for each in planned_figures(study))
    assert planned["curves", 1] == 12 + 7  # see test_figure_grids; without T, logits and end to end
    assert planned["layer_curves", 2] == 2
    assert planned["temperature_curves", 2] == 1


def test_figures_of_a_dataset_stand_together_in_the_order_of_the_kinds(study):
    order, kinds = [*study["datasets"], ""], list(KINDS)
    places = [
        (order.index(each.dataset), kinds.index(each.kind)) for each in planned_figures(study)
    ]
    assert places == sorted(places)


def test_params_hold_figures_as_plain_values(study):
    plain = to_plain(planned_figures(study))
    assert {type(value) for each in plain for value in each} == {str, list}
    assert {type(point) for *_, points in plain for point in points} == {tuple}
    assert from_plain(plain) == planned_figures(study)


RULES = ("plot_tables", "plot_curves", "plot_network", "plot_excitations")
