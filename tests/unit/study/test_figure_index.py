import copy
import itertools

import pytest

from fewshot.point import Point
from fewshot.study.figure_index import INDEX_COLUMNS, index_rows
from fewshot.study.figure_kinds import COST, Figure, planned_figures
from fewshot.study.read import read_study

SHOTS = [2, 4, 8, 16]
STUDY = {
    "study": "tiny",
    "datasets": {
        "objects": {"source": "a.zip", "classes": "folders", "role": "caltech256"},
        "people": {"source": "b.zip", "classes": "folders", "role": "urban_tribes"},
    },
    "backbones": {
        "vgg16": {"network": "VGG16", "layers": [["block4_pool", "fc2", "predictions"]]},
        "control": {"network": "VGG16", "weights": "none", "layers": ["fc2"]},
    },
    "draws": {"images_per_class": 24},
    "heads": {"sgd": {"solver": "sgd"}, "whole": {"solver": "end_to_end"}},
    "experiments": {
        "shots": {
            **{"backbones": ["vgg16"], "layers": ["block4_pool", "fc2"]},
            **{"shots": SHOTS, "heads": ["sgd"]},
        },
        "control": {"backbones": ["control"], "layers": ["fc2"], "shots": [2, 4], "heads": ["sgd"]},
        "whole": {
            **{"datasets": ["objects"], "backbones": ["vgg16"]},
            **{"layers": ["fc2"], "shots": SHOTS, "heads": ["whole"]},
        },
        "temperature": {
            **{"datasets": ["objects"], "backbones": ["vgg16"], "layers": ["predictions"]},
            **{"shots": [8], "temperatures": [1, 2], "heads": ["sgd"]},
        },
    },
}
FIRST, SECOND = "1: end to end", "2: cached"


def rows(roles=("caltech256", "urban_tribes"), wanted=lambda figure: True):
    config = copy.deepcopy(STUDY)
    for dataset, role in zip(config["datasets"].values(), roles, strict=True):
        dataset["role"] = role
    study = read_study(config)
    figures = [each for each in planned_figures(study) if wanted(each)]
    return [dict(zip(INDEX_COLUMNS, row, strict=True)) for row in index_rows(study, figures)]


def numbered(table):
    return {int(row["figure"]): row for row in table if row["figure"].isdigit()}


def curve(dataset, layer, shots, head):
    return f"figures/{dataset}/curves/vgg16__{layer}__T1__{shots}-shot__{head}.png"


def test_numbers_come_in_order_then_grids_then_the_rest():
    table = rows()
    expected = [*map(str, range(1, 40)), "grid", "grid"]
    assert [row["figure"] for row in table[:41]] == expected
    assert {row["figure"] for row in table[41:]} == {""}


# What the original says of its figures 1 to 16 and 23 to 30.
@pytest.mark.parametrize(
    ("first", "dataset", "head", "measure", "panel"),
    [
        (1, "objects", "whole", "accuracy", "right"),
        (5, "objects", "whole", "loss", "left"),
        (9, "objects", "sgd", "loss", "left"),
        (13, "objects", "sgd", "accuracy", "right"),
        (23, "people", "sgd", "loss", "left"),
        (27, "people", "sgd", "accuracy", "right"),
    ],
)
def test_curves_stand_under_the_numbers_of_the_original(first, dataset, head, measure, panel):
    found = numbered(rows())
    for number, shots in zip(range(first, first + 4), (2, 4, 8, 16), strict=True):
        assert found[number]["file"] == curve(dataset, "fc2", shots, head)
        assert found[number]["dataset"] == dataset
        assert found[number]["approach"] == (FIRST if head == "whole" else SECOND)
        shows = f"test and train {measure} against epoch, {shots} shots ({panel} panel)"
        assert found[number]["shows"] == shows


def test_figures_with_several_lines_or_panels():
    found = numbered(rows())
    shots = [f"figures/{name}/accuracy_against_shots.png" for name in ("objects", "people")]
    assert [found[n]["file"] for n in (17, 18, 31)] == [shots[0], *shots]
    assert [found[n]["approach"] for n in (17, 18, 31)] == [FIRST, SECOND, SECOND]
    for first, file in (
        (19, "objects/curves/by_layer__vgg16__2-shot__sgd"),
        (32, "people/curves/by_layer__vgg16__2-shot__sgd"),
        (36, "objects/curves/by_temperature__vgg16__8-shot__sgd"),
    ):
        files = {found[number]["file"] for number in range(first, first + 4)}
        assert files == {f"figures/{file}.png"}
    words = [found[number]["shows"].split(" against")[0] for number in range(19, 23)]
    assert words == ["train accuracy", "train loss", "test accuracy", "test loss"]
    assert words == [found[number]["shows"].split(" against")[0] for number in range(32, 36)]
    words = [found[number]["shows"].split(" against")[0] for number in range(36, 40)]
    assert words == ["train accuracy", "test accuracy", "train loss", "test loss"]


def test_grids_show_the_first_backbone():
    grids = [row["file"] for row in rows() if row["figure"] == "grid"]
    assert grids == [f"figures/{name}/vgg16_feature_maps.png" for name in ("objects", "people")]


def test_every_figure_is_listed_and_none_twice_without_a_number():
    table = rows()
    others = [row["file"] for row in table if not row["figure"]]
    assert len({*others}) == len(others)
    files = {row["file"] for row in table}
    assert files == {f"figures/{each.file}" for each in planned_figures(read_study(STUDY))}
    assert not {*others} & {row["file"] for row in table if row["figure"]}
    costs = next(row for row in table if row["file"].endswith("costs.png"))
    assert costs["category"] == COST


def test_curves_together_stand_in_the_section_of_what_they_compare():
    sections = {
        row["file"].split("/")[-1].split("__")[0]: row["category"]
        for row in rows()
        if "/curves/" in row["file"]
    }
    assert sections == {
        "by_layer": "Layers",
        "by_temperature": "Temperature",
        **dict.fromkeys(["vgg16", "control"], "Learning curves"),
    }


def test_what_a_study_does_not_draw_has_no_file():
    cached = {"shots", "curves"}
    found = numbered(
        rows(
            (None, "urban_tribes"),
            lambda each: each.kind in cached and each.dataset == "people",
        )
    )
    assert sorted(n for n in found if found[n]["file"]) == [*range(23, 32)]
    assert found[1]["shows"].startswith("not in this study: Caltech-256, test and train accuracy")
    assert (found[1]["dataset"], found[32]["dataset"]) == ("", "people")
    assert found[32]["shows"].startswith("not in this study: Urban Tribes")


def test_a_study_without_a_role_answers_no_number():
    table = rows((None, None))
    assert not [row for row in table[:41] if row["file"]]
    assert {row["approach"] for row in table} == {"", "end to end", "cached"}
    without = {**STUDY, "datasets": {n: {**d, "role": None} for n, d in STUDY["datasets"].items()}}
    assert len(table) == 41 + len(planned_figures(read_study(without)))


@pytest.mark.parametrize("order", list(itertools.permutations(["block5_pool", "fc1", "fc2"])))
def test_the_deepest_layer_answers_in_the_order_of_the_network(order):
    backbones = {"vgg16": {"network": "VGG16", "layers": [list(order)]}}
    experiments = {"shots": {"layers": list(order), "shots": [2, 4], "heads": ["sgd"]}}
    study = read_study({**STUDY, "backbones": backbones, "experiments": experiments})
    points = [Point("objects", "vgg16", layer, "1", 2, "sgd") for layer in sorted(order)]
    figures = [Figure("curves", each.layer, "objects", "vgg16", [each]) for each in points]
    table = [dict(zip(INDEX_COLUMNS, row, strict=True)) for row in index_rows(study, figures)]
    assert numbered(table)[9]["file"] == f"figures/{order[-1]}"
