import csv

import numpy as np
import pytest

from fewshot.errors import InputError
from fewshot.files import write_text
from fewshot.heads.head_files import RESULT_COLUMNS, read_results
from fewshot.point import Point
from fewshot.records import write_table
from fewshot.results.judged import Measure
from fewshot.results.statistics import Layout
from fewshot.results.tables import (
    ACCURACY_COLUMNS,
    SUMMARY_COLUMNS,
    judged_cells,
    read_summary,
    summarise,
    take_points,
)

TESTS = np.array([[True, True, False, False], [False, False, True, True]])
RIGHT = Measure(np.array([[1, 0, 0, 0], [0, 0, 1, 1]]), TESTS / 2, is_fraction=True)
SIDES = Layout(np.arange(4), TESTS, ~TESTS, 0.5)
RESULTS = [dict.fromkeys(RESULT_COLUMNS, "1") | {"test_loss": loss} for loss in ("2", "4")]


def test_summary_is_read_by_grid_point(tmp_path):
    points = [Point("a", "b", "c", t, 2, "sgd") for t in ("1", "0.5")]
    cells = summarise(RESULTS, {"test_accuracy": RIGHT}, SIDES, 0.125)
    write_table(tmp_path / "summary.csv", SUMMARY_COLUMNS, [[*p.key, *cells] for p in points])
    summary = read_summary(tmp_path / "summary.csv")
    assert list(summary) == points
    assert summary[points[1]]["test_accuracy_mean"] == pytest.approx(0.75)
    assert summary[points[1]]["repeats"] == 2
    assert np.isnan(summary[points[1]]["test_top5_accuracy_mean"])


def test_points_are_taken_in_the_order_asked_for():
    table = dict(zip("abc", "123", strict=True))
    assert [*take_points(table, ["c", "a"]).items()] == [("c", "3"), ("a", "1")]


def test_a_missing_point_is_named():
    point = Point("birds", "vgg16", "fc2", "1", 4, "sgd")
    wanted = "1 points without a row, the first birds/vgg16/fc2/1/4/sgd"
    with pytest.raises(InputError, match=wanted):
        take_points({point._replace(shots=2): 0}, [point._replace(shots=2), point])


def test_summary_by_hand():
    cells = summarise(RESULTS, {"test_accuracy": RIGHT}, SIDES, 0.125)
    summary = dict(zip(SUMMARY_COLUMNS[6:], cells, strict=True))
    assert summary["repeats"] == "2"
    assert float(summary["test_accuracy_mean"]) == pytest.approx(0.75)
    assert float(summary["test_accuracy_std"]) == pytest.approx(0.5 / 2**0.5)
    # Between draws alone: t = 12.706 for one degree of freedom, s / sqrt 2 = 1.
    assert float(summary["test_loss_low"]) == pytest.approx(3 - 12.706, rel=1e-3)
    assert summary["train_accuracy_low"] == summary["train_accuracy_high"] == "1"
    assert summary["calibrated_loss_mean"] == ""
    assert summary["ece"] == "0.125"


def test_repeats_have_what_their_predictions_say():
    judged = {"test_accuracy": RIGHT, "test_class_accuracy": RIGHT}
    rows = [*judged_cells(RESULTS, judged)]
    assert [len(row) for row in rows] == [len(ACCURACY_COLUMNS) - 6] * 2
    names = ACCURACY_COLUMNS[6:]
    assert [row[names.index("test_class_accuracy")] for row in rows] == ["0.5", "1"]
    assert {row[names.index("test_top5_accuracy")] for row in rows} == {""}


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",".join(RESULT_COLUMNS) + "\n",
        "repeat,accuracy\n0,0.5\n",
        ",".join(RESULT_COLUMNS) + "\n0,20",
    ],
    ids=repr,
)
def test_damaged_result_is_refused_by_name(tmp_path, text):
    path = tmp_path / "sgd.csv"
    write_text(path, text)
    with pytest.raises(InputError, match=r"sgd\.csv"):
        read_results(path)


def test_table_keeps_odd_names(tmp_path):
    path = tmp_path / "table.csv"
    write_table(path, ["name"], [['a,"b"'], ["é$"]])
    with open(path, encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["name"], ['a,"b"'], ["é$"]]
