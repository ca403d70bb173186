"""What holds of the tables, weights and figures of any study, on those of the tiny one."""

import csv
import itertools

import h5py
import numpy as np
import pytest
import yaml
from PIL import Image
from projects import CLASSES, HEADS
from told_numbers import stray_numbers

from fewshot.heads.predictions import read_predictions
from fewshot.study.read import read_study

COLUMNS = (
    "dataset,backbone,layer,temperature,shots,head,repeat,epochs,l2,"
    "train_loss,train_accuracy,test_loss,test_accuracy,seconds,"
    "scoring_seconds,calibration,test_class_accuracy,test_top5_accuracy,calibrated_loss"
)
GRID = {
    *itertools.product(["block5_pool"], ["1"], ["1", "2"], ["sgd", "tuned", "ridge"]),
    ("block4_pool", "1", "2", "ridge"),
    ("predictions", "1", "2", "ridge"),
    ("predictions", "2", "2", "ridge"),
}


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def weights_files(project):
    files = project.glob("results/shapes/small/*/T*/*-shot/*.h5")
    return sorted(path for path in files if not path.name.endswith(".predictions.h5"))


def training_rows(path):
    with h5py.File(path) as file:
        return file["rows"][:]


def test_accuracy_has_a_row_for_each_repeat_of_each_grid_point(finished):
    table = finished / "reports/tiny/accuracy.csv"
    assert table.read_text().splitlines()[0] == COLUMNS
    rows = read(table)
    found = [(row["layer"], row["temperature"], row["shots"], row["head"]) for row in rows]
    assert len(rows) == 2 * HEADS
    assert {*found} == GRID
    assert [row["repeat"] for row in rows] == ["0", "1"] * HEADS
    for row in rows:
        assert (row["epochs"] == "3", row["l2"] == "") == (row["head"] == "sgd",) * 2
        for measure in ("train_accuracy", "test_accuracy"):
            right = (
                float(row[measure]) * len(CLASSES) * int(row["shots"] if "train" in measure else 2)
            )
            assert right == pytest.approx(round(right))


def test_summary_is_the_mean_over_repeats(finished):
    accuracy = read(finished / "reports/tiny/accuracy.csv")
    summary = read(finished / "reports/tiny/summary.csv")
    assert len(summary) == HEADS
    for row, pair in zip(summary, zip(accuracy[::2], accuracy[1::2], strict=True), strict=True):
        values = [float(each["test_accuracy"]) for each in pair]
        assert float(row["test_accuracy_mean"]) == pytest.approx(sum(values) / 2)


def test_no_image_trains_and_tests_in_one_repeat(finished):
    pool = read(finished / "results/shapes/pool.csv")
    draws = read(finished / "results/shapes/draws.csv")
    assert {row["class"] for row in pool} == {*CLASSES}
    files = weights_files(finished)
    assert len(files) == HEADS
    for path in files:
        shots = int(path.parent.name.removesuffix("-shot"))
        for repeat, rows in enumerate(training_rows(path)):
            tested = {int(row["row"]) for row in draws if row[f"repeat_{repeat}"] == "0"}
            assert len(tested) == 2 * len(CLASSES)
            assert not tested & {*rows}
            pictures = {pool[row]["sha256"] for row in rows}
            assert not pictures & {pool[row]["sha256"] for row in tested}
            labels = sorted(pool[row]["class"] for row in rows)
            assert labels == sorted([*CLASSES] * shots)


def test_predictions_are_of_all_but_training_images_and_give_the_accuracy(finished):
    draws = np.loadtxt(finished / "results/shapes/draws.csv", int, delimiter=",", skiprows=1)
    labels, groups, places = draws[:, 1], draws[:, 2], draws[:, 3:]
    for path in weights_files(finished):
        results = read(path.with_suffix(".csv"))
        said = read_predictions(path.with_suffix(".predictions.h5"))
        for repeat, rows in enumerate(training_rows(path)):
            known = np.isin(groups, groups[rows])
            np.testing.assert_array_equal(said.role[repeat] == 0, known)
            tests = places[:, repeat] == 0
            np.testing.assert_array_equal(said.role[repeat] == 2, tests)
            right = said.named[repeat] == labels
            np.testing.assert_array_equal(right[~known], said.rank[repeat, ~known] == 0)
            assert float(results[repeat]["test_accuracy"]) == pytest.approx(right[tests].mean())


def test_one_shot_is_part_of_two(finished):
    pairs = [
        (path, path.parents[1] / "2-shot" / path.name)
        for path in weights_files(finished)
        if path.parent.name == "1-shot"
    ]
    assert len(pairs) == 3
    for one, two in pairs:
        for fewer, more in zip(training_rows(one), training_rows(two), strict=True):
            assert {*fewer} < {*more}


def test_repeats_differ(finished):
    first, second = training_rows(weights_files(finished)[0])
    assert {*first} != {*second}


def test_curves_end_where_the_results_are(finished):
    paths = [*finished.glob("results/shapes/small/block5_pool/T1/*-shot/sgd.csv")]
    assert len(paths) == 2
    for path in paths:
        curves = read(path.with_suffix(".curves.csv"))
        assert [row["epoch"] for row in curves] == ["1", "2", "3"] * 2
        for result, last in zip(read(path), curves[2::3], strict=True):
            for measure in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
                assert float(result[measure]) == pytest.approx(float(last[measure]))


def test_figures_show_something(finished):
    folder = finished / "reports/tiny/figures/shapes"
    names = [f"accuracy_against_{axis}" for axis in ("layer", "shots", "temperature")]
    names += [f"curves/small__block5_pool__T1__{shots}-shot__sgd" for shots in (1, 2)]
    others = ("reliability", "forecast", "classes", "confusion", "map", "map_pictures")
    every = sorted(folder / f"{name}.png" for name in (*names, *others))
    assert sorted(folder.rglob("*.png")) == every
    for name in names:
        with Image.open(folder / f"{name}.png") as picture:
            assert min(picture.size) > 200
            assert len(np.unique(np.asarray(picture.convert("L")))) > 20
        assert "<path" in (folder / f"{name}.svg").read_text()
        assert "chance: 1/4 = 25 %" in (folder / f"{name}.svg").read_text()


def test_class_names_are_never_run(finished):
    assert list(finished.rglob("pool.csv"))  # it does find files
    assert not list(finished.rglob("X"))


def test_every_number_of_the_page_stands_in_a_table(finished):
    study = read_study(yaml.safe_load((finished / "study.yaml").read_text(encoding="utf-8")))
    told, stray = stray_numbers(finished / "reports/tiny/report.html", study, [len(CLASSES)])
    assert told > 30
    assert stray == []
