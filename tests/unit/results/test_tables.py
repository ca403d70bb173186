import csv

import numpy as np
import pytest
from scipy import stats

from fewshot.errors import InputError
from fewshot.files import write_text
from fewshot.point import KEYS, Point
from fewshot.results.tables import (
    RESULT_COLUMNS,
    SUMMARY_COLUMNS,
    mean_interval,
    read_accuracies,
    read_results,
    read_summary,
    summarise,
    take_points,
    write_table,
)


# Quantiles of Student's t at 0.975, as printed in statistical tables.
@pytest.mark.parametrize(
    ("repeats", "quantile"), [(2, 12.706), (3, 4.303), (5, 2.776), (11, 2.228)]
)
def test_interval_has_the_width_of_the_t_tables(repeats, quantile):
    values = np.arange(repeats, dtype=float)
    mean, std, low, high = mean_interval(values)
    half = quantile * values.std(ddof=1) / np.sqrt(repeats)
    assert mean == (repeats - 1) / 2
    assert std == pytest.approx(values.std(ddof=1))
    assert high - mean == pytest.approx(half, rel=1e-3)
    assert mean - low == pytest.approx(half, rel=1e-3)


def test_interval_agrees_with_scipy_along_the_last_axis():
    values = np.random.default_rng(0).normal(size=(4, 7))
    _, _, low, high = mean_interval(values)
    reference = stats.ttest_1samp(values, 0, axis=1).confidence_interval(0.95)
    np.testing.assert_allclose(low, reference.low)
    np.testing.assert_allclose(high, reference.high)


def test_one_repeat_has_a_mean_and_no_interval():
    mean, *others = mean_interval([[0.5], [0.25]])
    assert mean.tolist() == [0.5, 0.25]
    assert np.isnan(others).all()


def test_infinite_loss_makes_no_warning_and_no_interval():
    mean, _, low, high = mean_interval([1.0, np.inf])
    assert mean == np.inf
    assert np.isnan([low, high]).all()


def test_accuracies_and_summary_are_read_by_grid_point(tmp_path):
    points = [Point("a", "b", "c", t, 2, "sgd") for t in ("1", "0.5")]
    results = [dict.fromkeys(RESULT_COLUMNS, "1") | {"test_accuracy": a} for a in ("0.2", "0.4")]
    rows = [[*point.key, *row.values()] for point in points for row in results]
    write_table(tmp_path / "accuracy.csv", KEYS + RESULT_COLUMNS, rows)
    accuracies = read_accuracies(tmp_path / "accuracy.csv")
    assert {point: values.tolist() for point, values in accuracies.items()} == {
        point: [0.2, 0.4] for point in points
    }
    rows = [[*point.key, *summarise(results)] for point in points]
    write_table(tmp_path / "summary.csv", SUMMARY_COLUMNS, rows)
    summary = read_summary(tmp_path / "summary.csv")
    assert list(summary) == points
    assert summary[points[1]]["test_accuracy_mean"] == pytest.approx(0.3)
    assert summary[points[1]]["repeats"] == 2


def test_points_are_taken_in_the_order_asked_for():
    table = dict(zip("abc", "123", strict=True))
    assert [*take_points(table, ["c", "a"]).items()] == [("c", "3"), ("a", "1")]


def test_a_missing_point_is_named():
    point = Point("birds", "vgg16", "fc2", "1", 4, "sgd")
    wanted = "1 points without a row, the first birds/vgg16/fc2/1/4/sgd"
    with pytest.raises(InputError, match=wanted):
        take_points({point._replace(shots=2): 0}, [point._replace(shots=2), point])


def test_summary_by_hand():
    rows = [
        {"test_accuracy": a, "train_accuracy": "1", "test_loss": "2", "train_loss": ""}
        for a in ("0.4", "0.5", "0.6")
    ]
    summary = dict(zip(SUMMARY_COLUMNS[6:], summarise(rows), strict=True))
    assert summary["repeats"] == "3"
    assert float(summary["test_accuracy_mean"]) == pytest.approx(0.5)
    assert float(summary["test_accuracy_std"]) == pytest.approx(0.1)
    assert float(summary["test_accuracy_low"]) == pytest.approx(
        0.5 - 4.3027 * 0.1 / 3**0.5, abs=1e-5
    )
    assert summary["train_accuracy_low"] == summary["train_accuracy_high"] == "1"
    assert summary["train_loss_mean"] == ""


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
