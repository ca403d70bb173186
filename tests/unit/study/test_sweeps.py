"""Which grid points make a sweep over blocks, and where each stands, by hand."""

import pytest
from studies import changed
from test_figure_grids import STUDY

from fewshot.point import Point
from fewshot.study.figure_grids import against, curves_by, depth_points
from fewshot.study.read import read_study
from fewshot.study.sweeps import is_sweep, name_sweep, sweeps, swept_places

BLOCKS = ["block5_pool", "block2_pool", "block3_pool"]  # not in the order of the network


def study_of(experiments, **changes):
    """Fill in a study of the network VGG16, whose blocks are block1_pool to block5_pool."""
    layers = [[*BLOCKS, "block1_conv1", "fc1", "fc2", "predictions"]]
    backbone = {"network": "VGG16", "layers": layers, "feature_maps": []}
    backbones = {"vgg16": backbone, **changes.pop("backbones", {})}
    own = {name: {"backbones": ["vgg16"]} | each for name, each in experiments.items()}
    changes |= {"experiments": own, "backbones": backbones, "distillation": {}}
    return read_study(STUDY | changes)


def test_blocks_are_numbered_from_the_image_on():
    study = study_of({"layers": {"layers": [*BLOCKS, "fc2"], "shots": [8]}})
    found = [(*place.point[2:], *place[1:]) for place in swept_places(study, "letters")]
    assert found == [
        (f"block{number}_pool", "1", 8, head, "", number, 5)
        for head in ("sgd", "tuned")
        for number in (2, 3, 5)
    ]


def test_two_blocks_are_no_sweep_nor_layers_that_are_none():
    for layers in (BLOCKS[:2], ["block1_conv1", "fc1", "fc2"]):
        study = study_of({"layers": {"layers": layers, "shots": [8]}})
        assert swept_places(study, "letters") == []


def test_experiments_make_a_sweep_together_at_the_same_shots_alone():
    apart = {layer: {"layers": [layer], "shots": [8]} for layer in BLOCKS[:2]}
    third = {"third": {"layers": [BLOCKS[2]], "shots": [2]}}
    assert swept_places(study_of(apart | third), "letters") == []
    third["third"]["shots"] = [2, 8]
    found = depth_points(study_of(apart | third), "letters")
    assert {(point.layer, point.shots) for point in found} == {(layer, 8) for layer in BLOCKS}


def test_heads_that_run_the_network_stand_in_none():
    only = {"layers": BLOCKS, "shots": [8], "heads": ["end_to_end"]}
    assert swept_places(study_of({"layers": only}), "letters") == []


def test_other_datasets_have_sweeps_of_their_own():
    study = study_of({"layers": {"datasets": ["digits"], "layers": BLOCKS, "shots": [8]}})
    assert depth_points(study, "letters") == []
    assert {point.dataset for point in depth_points(study, "digits")} == {"digits"}


@pytest.mark.parametrize(
    ("layer", "name"), [("stage8@cls", "blocks@cls"), ("block5_pool", "blocks")]
)
def test_a_sweep_has_the_name_that_a_study_gives_it(layer, name):
    point = Point("birds", "net", layer, "1", 8, "tuned")
    assert name_sweep(point) == point._replace(layer=name)


def test_poolings_are_sweeps_apart():
    layers = ("stage1@mean", "stage1@cls", "stage2@mean", "stage2@cls")
    points = [Point("birds", "net", layer, "1", 8, "tuned") for layer in layers]
    found = {name.layer: [point.layer for point in own] for name, own in sweeps(points).items()}
    assert found == {"blocks@mean": [*layers[::2]], "blocks@cls": [*layers[1::2]]}


def test_layers_of_which_depth_says_all_are_not_drawn_twice():
    alone = study_of({"layers": {"layers": BLOCKS, "shots": [8]}})
    assert against(alone, "letters", "layer") == []
    # Learning curves of blocks are drawn nowhere else.
    (curves,) = curves_by(alone, "letters", "layer").values()
    assert {point.layer for point in curves} == {*BLOCKS}
    mixed = study_of({"layers": {"layers": [*BLOCKS, "fc2"], "shots": [8]}})
    assert {point.layer for point in against(mixed, "letters", "layer")} == {*BLOCKS, "fc2"}


def test_a_sweep_at_several_shots_stands_against_shots_only_without_another_experiment():
    sweep = {"sweep": {"layers": BLOCKS, "shots": [2, 8]}}
    found = against(study_of(sweep), "letters", "shots")
    assert {point.layer for point in found} == {*BLOCKS}
    both = study_of(sweep | {"shots": {"layers": ["fc2"], "shots": [2, 8]}})
    assert {point.layer for point in against(both, "letters", "shots")} == {"fc2"}
    other = {"network": "VGG16", "weights": "none", "layers": ["fc2"], "feature_maps": []}
    control = {"control": {"backbones": ["random"], "layers": ["fc2"], "shots": [2, 8]}}
    found = against(study_of(sweep | control, backbones={"random": other}), "letters", "shots")
    assert {point.layer for point in found} == {*BLOCKS, "fc2"}


def test_a_sweep_is_found_among_grid_points():
    study = study_of({"layers": {"layers": BLOCKS, "shots": [8]}})
    points = depth_points(study, "letters")
    assert is_sweep(study, points[:3])
    assert not is_sweep(study, points[:2])


def test_a_line_against_shots_is_whole_where_a_sweep_has_one_of_its_points():
    blocks = [f"block{number}_pool" for number in range(1, 6)]
    config = changed("backbones/vgg16/layers", [[*blocks, "fc2"]])
    config["experiments"] = {
        "shots": {"layers": ["block3_pool", "fc2"], "shots": [2, 8, 16]},
        "blocks": {"layers": blocks, "shots": [8]},
        "twice": {"layers": blocks, "shots": [2, 8]},
    }
    study = read_study(config)
    drawn = {(point.layer, point.shots) for point in against(study, "letters", "shots")}
    assert drawn == {(layer, n) for layer in ("block3_pool", "fc2") for n in (2, 8, 16)}
    del config["experiments"]["shots"]
    drawn = {
        (point.layer, point.shots) for point in against(read_study(config), "letters", "shots")
    }
    assert drawn == {(layer, n) for layer in blocks for n in (2, 8)}
