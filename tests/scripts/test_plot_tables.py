from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from made_tables import make_draws, summary_cells
from PIL import Image

from compare import compare
from contrasts import contrasts
from fewshot.data.draws import TEST, TRAINED, write_draws
from fewshot.errors import InputError
from fewshot.heads.predictions import write_predictions
from fewshot.point import Point
from fewshot.records import write_records, write_rows, write_table
from fewshot.results import published
from fewshot.results.calibration import Reliability
from fewshot.results.study_tables import RECORDS, TABLES
from fewshot.results.tables import SUMMARY_COLUMNS
from fewshot.results.timings import Cost
from fewshot.study.figure_kinds import Figure, to_plain
from plot_tables import plot_tables

DATASET = "a$b_c$"
POINT = Point(DATASET, "vgg16", "fc2", "1", 2, "sgd")
SOFT = POINT._replace(layer="predictions")
FIGURES = [
    Figure("shots", "shots.png", DATASET, points=[POINT, POINT._replace(shots=4)]),
    Figure("layer", "layer.png", DATASET, points=[POINT, POINT._replace(layer="fc1")]),
    Figure("temperature", "t.png", DATASET, points=[SOFT, SOFT._replace(temperature="2")]),
    Figure("comparison", "comparison.png", DATASET),
    Figure("costs", "costs.png", DATASET),
]
LABELS = {
    "shots": {"shots (training images a class)", "test accuracy (%)", "chance: 1/2 = 50 %"},
    "layer": {"layer, in the order of the network", "test accuracy (%)", "chance: 1/2 = 50 %"},
    "temperature": {"T (temperature of the class probabilities)", "chance: 1/2 = 50 %"},
    "comparison": {"fewshot: sgd on vgg16 fc2", "original, cached"},
    "costs": {"end to end: whole on vgg16 fc2", "cached: sgd on vgg16 fc2"},
}


def make(folder, accuracies=((0.5, 0.75), (0.5, 0.5)), figures=FIGURES):
    """Write the tables of a study and return the arguments of `plot_tables`."""
    results = {
        point: values
        for figure in (*FIGURES[:1], *figures)
        for point, values in zip(figure.points, accuracies, strict=False)
    }
    summary = ([*point.key, *summary_cells(values)] for point, values in results.items())
    write_table(folder / "summary.csv", SUMMARY_COLUMNS, summary)
    bins = [Reliability(*POINT, 8, each, each, each, each) for each in (0.25, 0.75)]
    write_rows(folder / "calibration.csv", Reliability._fields, bins)
    draws = make_draws(2, 2)
    write_draws(draws, folder / "draws.csv")
    predictions_paths = [_predict(folder, point, draws, each) for point, each in results.items()]
    costs = [
        Cost(DATASET, "", *line, shots, 2, np.nan, 1.0, 1.0, 1.0, 3.0, 3.0, times, np.nan, np.nan)
        for line, times in (
            (("end to end", "vgg16", "fc2", "1", "whole"), np.nan),
            (("cached", "vgg16", "fc2", "1", "sgd"), 1.0),
        )
        for shots in (2, 4)
    ]
    write_rows(folder / "costs.csv", Cost._fields, costs)
    paths = {
        f"{name}_path": folder / f"{name}.csv" for name in ("summary", "comparison", "surpassed")
    }
    compare(
        datasets=[(DATASET, "caltech256", [POINT])],
        approaches={"sgd": "cached"},
        published_path=Path(published.__file__).with_name("published.csv"),
        **paths,
    )
    for name in RECORDS.keys() - {"contrasts"}:
        write_records(folder / f"{name}.csv", RECORDS[name], [])
    facts = {"solvers": {"sgd": "sgd"}, "layers": ["fc1", "fc2", "predictions"]}
    contrasts(
        figures=to_plain(figures),
        in_epochs=[],
        controls=[],
        datasets=[DATASET],
        points=[*map(tuple, results)],
        predictions_paths=predictions_paths,
        curves_paths=[],
        distillation_path=None,
        comparison_path=folder / "comparison.csv",
        draws_paths=[folder / "draws.csv"],
        contrasts_path=folder / "contrasts.csv",
        **facts,
    )
    return {
        "figures": to_plain(figures),
        "png_paths": [folder / "figures" / figure.file for figure in figures],
        "table_paths": {
            name: None if name == "distillation" else folder / f"{name}.csv" for name in TABLES
        },
        "thumbnails_paths": [],
        "draws_paths": [folder / "draws.csv"],
        "roles": {DATASET: "caltech256"},
        **facts,
    }


def _predict(folder, point, draws, accuracies):
    """Write predictions that are right on the first images of each repeat."""
    tests = draws.places.T == 0
    order = np.cumsum(tests, axis=1) - 1
    right = order < np.array(accuracies)[:, None] * tests.sum(axis=1, keepdims=True)
    path = folder / f"{point.name}.predictions.h5"
    columns = np.where(tests, TEST, TRAINED), ~right, ~right, right, right
    kinds = np.int8, np.uint8, np.uint8, np.float32, np.float32
    columns = [each.astype(kind) for each, kind in zip(columns, kinds, strict=True)]
    write_predictions(path, [*zip(*columns, strict=True)])
    return path


def captions(world):
    plot_tables(**world)
    return [path.with_suffix(".txt").read_text() for path in world["png_paths"]]


def test_figures_are_drawn_and_labelled(tmp_path):
    world = make(tmp_path)
    plot_tables(**world)
    for figure, path in zip(FIGURES, world["png_paths"], strict=True):
        pixels = np.asarray(Image.open(path).convert("L"))
        assert min(pixels.shape) > 400
        assert pixels.std() > 10
        svg = ElementTree.parse(path.with_suffix(".svg"))
        texts = {element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")}
        assert LABELS[figure.kind] <= texts
        assert any(DATASET in (text or "") for text in texts)


def test_other_results_give_other_captions(tmp_path):
    first = captions(make(tmp_path))
    other = captions(make(tmp_path, ((0.9, 0.92), (0.5, 0.51))))
    # The caption of the comparison has only what a line surpasses, that of costs knows none.
    assert [one != two for one, two in zip(first, other, strict=True)] == [True] * 3 + [False] * 2


def test_the_original_is_spoken_of_where_a_dataset_has_its_role(tmp_path):
    world = make(tmp_path, figures=FIGURES[:3])
    assert "The original is highest at T 2" in captions(world)[2]
    assert not any("riginal" in text for text in captions(world | {"roles": {DATASET: None}}))


@pytest.mark.parametrize("number", range(3))
def test_one_point_is_no_line(tmp_path, number):
    lone = FIGURES[number]._replace(points=FIGURES[number].points[:1])
    world = make(tmp_path, figures=[lone])
    with pytest.raises(InputError, match="needs a line with more than one value of"):
        plot_tables(**world)
    assert not world["png_paths"][0].exists()


def test_a_point_without_a_result_is_named(tmp_path):
    world = make(tmp_path)
    more = FIGURES[0]._replace(points=[*FIGURES[0].points, POINT._replace(shots=8)])
    with pytest.raises(InputError, match=r"a\$b_c\$/vgg16/fc2/1/8/sgd"):
        plot_tables(**world | {"figures": to_plain([more]), "png_paths": world["png_paths"][:1]})
    assert not world["png_paths"][0].exists()
