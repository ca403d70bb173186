"""Answers say what the tables say: other numbers, other sentences."""

import numpy as np
import pandas as pd
from made_tables import make_tables, wobbling
from scipy import stats

from fewshot.metrics import MEASURES
from fewshot.page.answers import answers
from fewshot.results.classes import ClassResult
from fewshot.results.contrasts import Contrast
from fewshot.results.depth import Depth
from fewshot.study.figure_grids import AXES, against, depth_points
from fewshot.study.figure_kinds import (
    APPROACHES,
    CLASSES,
    COST,
    DISTILLATION,
    LAYERS,
    SHOTS,
    TEMPERATURE,
)
from fewshot.study.grid import controls, network_order, points
from fewshot.study.sweeps import DEPTH, swept_places

SOLVERS = {"tuned": "logistic", "sgd": "sgd", "whole": "end_to_end"}
BACKBONES = {
    name: {"network": network, "weights": weights, "layers": [["block1", "fc1", "fc2"]]}
    for name, network, weights in (
        ("small", "SmallVGG", "a.h5"),
        ("random", "SmallVGG", "none"),
        ("other", "VGG16", "none"),
    )
}
GRID = {"datasets": ["birds"], "backbones": ["small"], "layers": ["fc2"], "temperatures": [1]}
GRID |= {"shots": [4], "heads": ["tuned"]}


def study_of(*experiments, backbones=BACKBONES):
    return {
        "datasets": {"birds": {"role": None}},
        "backbones": backbones,
        "heads": {name: {"solver": solver} for name, solver in SOLVERS.items()},
        "experiments": {str(n): GRID | each for n, each in enumerate(experiments)},
        "distillation": {},
    }


def tables_of(study, accuracies):
    """Make tables from the accuracies of all grid points, one after the other."""
    accuracy = dict(zip(points(study), map(np.array, accuracies), strict=True))
    groups = {axis: against(study, "birds", axis) for axis in AXES}
    groups[DEPTH] = depth_points(study, "birds")
    curves = {point: dict.fromkeys(MEASURES, values[None]) for point, values in accuracy.items()}
    changes = {"groups": groups, "curves": curves, "controls": controls(study)}
    changes["layers"] = network_order(study)
    return make_tables(accuracy, solvers=SOLVERS, **changes)


def said(section, accuracies, *experiments, backbones=BACKBONES, **tables):
    """List the texts of a section; an accuracy is that of two draws."""
    study = study_of(*experiments, backbones=backbones)
    pairs = [[each, each] if np.isscalar(each) else each for each in accuracies]
    found = answers(study, tables_of(study, pairs)._replace(**tables))
    return [answer.text for answer in found if answer.section == section]


def test_the_highest_accuracy_at_the_most_shots():
    few, many = np.array([0.3, 0.5, 0.4]), np.array([0.7, 0.8, 0.9])
    grid = {"layers": ["fc1", "fc2"], "shots": [2, 8]}
    (text,) = said(SHOTS, (few + 0.3, many - 0.1, few, many), grid)
    low, high = 100 * np.array(stats.t.interval(0.95, 2, 0.8, stats.sem(many)))
    start = "small: of the 2 measured at 8 shots the highest is fc2 · tuned, 80.0 % "
    assert text.startswith(f"{start}[{low:.1f}, {min(high, 100):.1f}]")
    low, _ = 100 * np.array(stats.ttest_rel(many, few).confidence_interval(0.95))
    assert f"from 2 to 8 shots it changes by +40.0 points [{low:.1f}, " in text


def test_a_single_line_is_the_highest_of_no_others():
    (text,) = said(SHOTS, (0.3,), {})
    assert text == "small: at 4 shots the highest is fc2 · tuned, 30.0 % [30.0, 30.0]."


def test_backbones_stand_in_the_order_of_the_study():
    backbones = dict.fromkeys(("small", "large"), BACKBONES["small"])
    study = study_of({"backbones": ["small", "large"]}, backbones=backbones)
    found = answers(study, tables_of(study, [[0.3, 0.3], [0.5, 0.5]]))
    assert [(each.section, each.text.split(":")[0]) for each in found] == [
        (SHOTS, "small"),
        (SHOTS, "large"),
    ]


def fares(name, accuracy, taken_for="", share=0.0):
    point = "birds", "small", "fc2", "1", 4, "tuned"
    return ClassResult(*point, name, 2, 4, accuracy, accuracy - 0.1, 0.9, 0.5, taken_for, share)


def test_the_hardest_class_is_named():
    classes = [fares("wren", 0.5), fares("red\nkite", 0.4, "buzzard", 0.35)]
    other = fares("ibis", 0.1)._replace(dataset="fish")
    assert said(CLASSES, (0.3,), {}, classes=[*classes, other]) == [
        "Hardest is red\\nkite: 40.0 % [30.0, 90.0] of its test images are named rightly, 35 % are "
        "taken for buzzard."
    ]
    assert said(CLASSES, (0.3,), {}, classes=classes[:1]) == [
        "Hardest is wren: 50.0 % [40.0, 90.0] of its test images are named rightly."
    ]


def test_an_interval_that_holds_zero_is_said_to():
    (text,) = said(SHOTS, ([0.4, 0.6], [0.6, 0.5]), {"shots": [2, 4]})
    assert "zero lies inside: not told apart" in text


def test_one_draw_has_its_interval():
    assert said(SHOTS, ([0.4], [0.6]), {"shots": [2, 4]}) == [
        "small: at 4 shots the highest is fc2 · tuned, 60.0 %; from 2 to 4 shots it changes by "
        "+20.0 points [20.0, 20.0]."
    ]


def test_pretrained_is_held_against_the_same_network_alone():
    grids = ({"backbones": ["small", "other"]}, {"backbones": ["random"], "shots": [2, 4]})
    _, text = said(SHOTS, (0.8, 0.2, 0.1, 0.3), *grids)
    assert text == (
        "small less random, the same network with random weights, at 4 shots: +50.0 points "
        "[50.0, 50.0] on fc2 (tuned)."
    )


def test_a_study_of_random_networks_alone_compares_none():
    backbones = {"random": BACKBONES["random"]}
    assert len(said(SHOTS, (0.3,), {"backbones": ["random"]}, backbones=backbones)) == 1


def test_approaches_are_compared_on_the_same_layer():
    grids = ({"shots": [2, 4], "heads": ["whole", "sgd"]}, {"layers": ["fc1"], "heads": ["sgd"]})
    assert said(APPROACHES, (0.5, 0.4, 0.5, 0.5, 0.9), *grids) == [
        "End to end (whole) less cached (sgd) on fc2 of small: at 2 shots +10.0 points "
        "[10.0, 10.0]; at 4 shots +0.0 points [0.0, 0.0] (zero lies inside: not told apart)."
    ]


def test_layers_are_compared_in_the_order_of_the_network_at_the_most_shots():
    grid = {"layers": ["fc2", "fc1"], "shots": [2, 4]}
    assert said(LAYERS, (0.9, 0.7, 0.1, 0.5), grid) == [
        "small: 4-shot · tuned is highest on fc2 of 2 layers, 70.0 % [70.0, 70.0]; fc2 less fc1 "
        "+20.0 points [20.0, 20.0]."
    ]
    assert not said(LAYERS, (0.9,), {})


def test_each_head_has_its_layers():
    grid = {"layers": ["block1", "fc1", "fc2"], "heads": ["tuned", "sgd"]}
    (text,) = said(LAYERS, (0.2, 0.1, 0.7, 0.2, 0.6, 0.3), grid)
    assert "fc1 less block1 +50.0 points [50.0, 50.0]; fc2 less fc1 -10.0 points" in text
    assert "4-shot · sgd is highest on fc2 of 3 layers, 30.0 %" in text


def test_temperatures_are_compared_head_by_head():
    grid = {"layers": ["predictions"], "temperatures": [1, 2, 16], "heads": ["sgd", "tuned"]}
    assert said(TEMPERATURE, (0.6, 0.5, 0.5, 0.7, 0.2, 0.8), grid) == [
        "small: 4-shot · sgd on predictions: -40.0 points [-40.0, -40.0] from T 1 to T 16, highest "
        "at T 1. 4-shot · tuned on predictions: +30.0 points [30.0, 30.0] from T 1 to T 16, "
        "highest at T 16."
    ]


def costs(*rows):
    columns = ["layer", "approach", "head", "shots", "summed_seconds", "times"]
    place = {"dataset": "birds", "backbone": "small", "temperature": "1"}
    return pd.DataFrame(rows, columns=columns).assign(**place)


def test_times_are_those_of_all_shots_on_one_layer():
    table = costs(
        ("fc2", "end to end", "whole", 2, 5.0, np.nan),
        ("fc2", "end to end", "whole", 4, 20.0, np.nan),
        ("fc2", "end to end", "other", 4, 70.0, np.nan),
        ("fc2", "cached", "sgd", 2, 1.0, 5.0),
        ("fc2", "cached", "sgd", 4, 2.0, 10.0),
        ("fc1", "cached", "sgd", 4, 100.0, np.nan),
    )
    assert said(COST, (0.3,), {}, costs=table) == [
        "One repeat at all shots on fc2 of small takes 20 s end to end (whole) and 2 s cached "
        "(sgd), extraction included. The first is 10 times the second."
    ]


def test_unmeasured_times_are_not_told():
    table = costs(
        ("fc2", "end to end", "whole", 2, np.nan, np.nan), ("fc2", "cached", "sgd", 2, 1.0, np.nan)
    )
    assert said(COST, (0.3,), {}, costs=table) == []
    assert said(COST, (0.3,), {}, costs=table.assign(dataset="fish")) == []


def test_students_have_their_section():
    study = study_of({})
    tables = tables_of(study, [[0.3, 0.3]])
    taught = {"teacher": {"layer": "fc2", "shots": 4}, "datasets": ["birds"], "transfer": "pool"}
    axes = {"backbones": ["small"], "layers": ["fc1"], "shots": [2], "temperatures": [1]}
    study["distillation"] = {"taught": {**taught, **axes, "head": "tuned", "hard_weight": 0.1}}
    lift = Contrast("birds", "lift", "taught at T 1", "alone", "", 0.1, 0.1, 0.1, 0.0, 0.0, 2)
    both = [lift, lift._replace(question="over_labelled")]
    found = answers(study, tables._replace(contrasts=both))
    (text,) = [answer.text for answer in found if answer.section == DISTILLATION]
    assert text.startswith("taught, taught over the pool: of 1 students")


def test_each_answer_stands_under_its_dataset():
    study = study_of({"datasets": ["birds", "fish"]})
    study["datasets"]["fish"] = {"role": None}
    tables = make_tables(wobbling(points(study), (0.3, 0.5)), solvers=SOLVERS)
    tables = tables._replace(tasks=dict.fromkeys(study["datasets"], tables.tasks["birds"]))
    found = answers(study, tables)
    assert [(each.dataset, each.section) for each in found] == [
        ("birds", SHOTS),
        ("fish", SHOTS),
    ]


BLOCKS = [f"block{number}_pool" for number in range(1, 5)]


def said_of_layers(accuracies, layers, **grid):
    """List the texts on layers of a network that is read at all of its blocks but the last."""
    backbones = {"small": BACKBONES["small"] | {"layers": [[*BLOCKS, "fc2"]]}}
    experiment = {"layers": layers} | grid
    study = study_of(experiment, backbones=backbones)
    rows = [
        Depth(*place.point, *place[1:], 0, 0, 0, 256, 1, 1, 1)
        for place in swept_places(study, "birds")
    ]
    return said(LAYERS, accuracies, experiment, backbones=backbones, depth=rows)


def test_the_best_block_of_each_sweep_is_named_with_what_it_gains_over_the_last():
    (text,) = said_of_layers((0.3, 0.8, 0.5, 0.6), BLOCKS)
    assert text == (
        "small: blocks · 4-shot · tuned: best block block2_pool, 2 of 5, 80.0 % [80.0, 80.0]; less "
        "block4_pool +20.0 points [20.0, 20.0]."
    )


def test_of_several_shots_the_most_are_told_and_a_layer_behind_the_blocks_beside_them():
    accuracies = np.arange(1, 11) / 20  # of each layer at 2 shots and at 8
    depth, layers = said_of_layers(accuracies, [*BLOCKS, "fc2"], shots=[2, 8])
    assert depth.startswith(
        "small: blocks · 8-shot · tuned: best block block4_pool, 4 of 5, 40.0 %"
    )
    assert depth.endswith("; it is the last.")
    assert layers.startswith("small: 8-shot · tuned is highest on fc2 of 5 layers, 50.0 %")
