import itertools

import pytest
from fewshot.figures.index import INDEX_COLUMNS, index_rows

HEADS = {"sgd": "sgd", "whole": "end_to_end"}
LAYERS = ["block4_pool", "fc2", "logits", "predictions"]
ROLES = {"objects": "caltech256", "people": "urban_tribes"}
FIRST, SECOND = "1: end to end", "2: cached"


def point(dataset="objects", backbone="vgg16", layer="fc2", temperature="1", shots=2, head="sgd"):
    keys = ("dataset", "backbone", "layer", "temperature", "shots", "head")
    return dict(zip(keys, (dataset, backbone, layer, temperature, shots, head), strict=True))


POINTS = [
    *(
        point(dataset=d, layer=x, shots=s)
        for d in ROLES
        for x in ("block4_pool", "fc2")
        for s in (2, 4, 8, 16)
    ),
    *(point(shots=s, head="whole") for s in (2, 4, 8, 16)),
    *(point(layer="predictions", temperature=t, shots=8) for t in ("1", "2")),
    point(layer="logits", shots=8),
    *(point(backbone="control", layer="fc2", shots=s) for s in (2, 4)),
]


def figure(kind, dataset="objects", backbone=""):
    file = f"reports/x/figures/{dataset}/{backbone}{kind}" + ("" if kind == "curves" else ".png")
    return {
        **{"kind": kind, "category": f"about {kind}", "dataset": dataset},
        **{"backbone": backbone, "file": file},
    }


FIGURES = [
    *(figure(kind, dataset) for dataset in ROLES for kind in ("curves", "shots", "layer")),
    *(figure("layer_curves", dataset, "vgg16") for dataset in ROLES),
    figure("temperature_curves", "objects", "vgg16"),
    *(figure("feature_maps", d, b) for d in ROLES for b in ("vgg16", "control")),
    figure("costs"),
]


def rows(points=POINTS, figures=FIGURES, roles=ROLES):
    return index_rows(points, HEADS, LAYERS, roles, figures)


def numbered(table):
    return {int(row["figure"]): row for row in table if row["figure"].isdigit()}


def curve(dataset, layer, shots, head):
    folder = f"reports/x/figures/{dataset}/curves"
    return f"{folder}/vgg16__{layer}__T1__{shots}-shot__{head}.png"


def test_numbers_come_in_order_then_grids_then_the_rest():
    table = rows()
    expected = [*map(str, range(1, 40)), "grid", "grid"]
    assert [row["figure"] for row in table[:41]] == expected
    assert {row["figure"] for row in table[41:]} == {""}
    assert all({*row} == {*INDEX_COLUMNS} for row in table)


# What the report says of its figures 1 to 16 and 23 to 30.
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
def test_curves_stand_under_the_numbers_of_the_report(first, dataset, head, measure, panel):
    found = numbered(rows())
    for number, shots in zip(range(first, first + 4), (2, 4, 8, 16), strict=True):
        assert found[number]["file"] == curve(dataset, "fc2", shots, head)
        assert found[number]["dataset"] == dataset
        assert found[number]["approach"] == (FIRST if head == "whole" else SECOND)
        shows = f"test and train {measure} against epoch, {shots} shots ({panel} panel)"
        assert found[number]["shows"] == shows


def test_figures_with_several_lines_or_panels():
    found = numbered(rows())
    shots = "reports/x/figures/{}/shots.png"
    assert [found[n]["file"] for n in (17, 18, 31)] == [
        shots.format(name) for name in ("objects", "objects", "people")
    ]
    assert [found[n]["approach"] for n in (17, 18, 31)] == [FIRST, SECOND, SECOND]
    for first, file in (
        (19, "objects/vgg16layer_curves"),
        (32, "people/vgg16layer_curves"),
        (36, "objects/vgg16temperature_curves"),
    ):
        files = {found[number]["file"] for number in range(first, first + 4)}
        assert files == {f"reports/x/figures/{file}.png"}
    words = [found[number]["shows"].split(" against")[0] for number in range(19, 23)]
    assert words == ["train accuracy", "train loss", "test accuracy", "test loss"]
    assert words == [found[number]["shows"].split(" against")[0] for number in range(32, 36)]
    words = [found[number]["shows"].split(" against")[0] for number in range(36, 40)]
    assert words == ["train accuracy", "test accuracy", "train loss", "test loss"]


def test_grids_show_the_first_backbone():
    grids = [row["file"] for row in rows() if row["figure"] == "grid"]
    assert grids == [f"reports/x/figures/{d}/vgg16feature_maps.png" for d in ROLES]


def test_every_figure_is_listed_and_none_twice_without_a_number():
    table = rows()
    others = [row["file"] for row in table if not row["figure"]]
    assert len(set(others)) == len(others)
    files = {row["file"] for row in table}
    assert {each["file"] for each in FIGURES if each["kind"] != "curves"} <= files
    assert len([file for file in files if "/curves/" in file]) == len(POINTS)
    assert not {*others} & {row["file"] for row in table if row["figure"]}
    costs = next(row for row in table if row["file"].endswith("costs.png"))
    assert costs["category"] == "about costs"


def test_what_a_study_does_not_draw_has_no_file():
    without = [each for each in POINTS if each["head"] == "sgd" and each["dataset"] == "objects"]
    table = rows(without, [each for each in FIGURES if each["kind"] in ("curves", "shots")], ROLES)
    found = numbered(table)
    assert sorted(n for n in found if found[n]["file"]) == [*range(9, 17), 18]
    assert found[1]["shows"].startswith("not in this study: Caltech-256, test and train accuracy")
    assert found[1]["dataset"] == "objects"
    assert found[31]["shows"].startswith("not in this study: Urban Tribes")


def test_a_study_without_a_role_answers_no_number():
    table = rows(roles={})
    assert not [row for row in table[:41] if row["file"]]
    assert {row["approach"] for row in table} == {"", "end to end", "cached"}
    assert len(table) == 41 + len(POINTS) + len([f for f in FIGURES if f["kind"] != "curves"])


@pytest.mark.parametrize("order", list(itertools.permutations(["a", "b", "c"])))
def test_the_deepest_layer_answers_in_the_order_of_the_network(order):
    points = [point(layer=layer) for layer in "abc"]
    table = index_rows(points, HEADS, order, ROLES, [figure("curves")])
    assert numbered(table)[9]["file"] == curve("objects", order[-1], 2, "sgd")
