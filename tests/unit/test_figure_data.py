import numpy as np
import pytest
from scipy import stats

from fewshot.errors import InputError
from fewshot.figure_data import (
    count_classes,
    means,
    read_accuracy,
    read_curves,
    read_summary,
    select_points,
)
from fewshot.results import (
    KEYS,
    RESULT_COLUMNS,
    SUMMARY_COLUMNS,
    point_key,
    summarise,
    write_table,
)

ROW = {"test_accuracy": "0.5", "train_accuracy": "1", "test_loss": "2", "train_loss": "0"}


def _point(shots, temperature=1, dataset="birds"):
    return {
        "dataset": dataset,
        "backbone": "vgg16",
        "layer": "fc2",
        "temperature": temperature,
        "shots": shots,
        "head": "sgd",
    }


def _summary(path, points):
    write_table(path, SUMMARY_COLUMNS, ([*point_key(p), *summarise([ROW])] for p in points))
    return read_summary(path)


def test_classes_are_counted_once_each(tmp_path):
    path = tmp_path / "draws.csv"
    path.write_text("row,label,repeat_0\n0,0,0\n1,1,0\n2,2,1\n3,0,1\n")
    assert count_classes(path) == 3


def test_points_come_in_the_order_asked_for_and_once(tmp_path):
    summary = _summary(tmp_path / "summary.csv", [_point(2), _point(4), _point(8), _point(8, 0.5)])
    table = select_points(summary, [_point(8, "0.50"), _point(2, 1.0), _point("2")])
    assert table["shots"].tolist() == [8, 2]
    assert table["temperature"].tolist() == [0.5, 1.0]
    assert table["test_accuracy_mean"].tolist() == [0.5, 0.5]
    assert table["test_accuracy_low"].isna().all()


@pytest.mark.parametrize("name", ["NA", "007", "nan", "a$b_c"])
def test_names_stay_as_they_are(tmp_path, name):
    summary = _summary(tmp_path / "summary.csv", [_point(2, dataset=name)])
    assert select_points(summary, [_point(2, dataset=name)])["dataset"].tolist() == [name]


def test_missing_point_is_named(tmp_path):
    summary = _summary(tmp_path / "summary.csv", [_point(2)])
    with pytest.raises(
        InputError, match="1 points without a row, the first birds/vgg16/fc2/1/4/sgd"
    ):
        select_points(summary, [_point(2), _point(4)])


def test_means_over_repeats_are_those_of_scipy(tmp_path):
    path, values = tmp_path / "accuracy.csv", [[0.1, 0.4, 0.5], [0.9, 0.9, 0.6]]
    rows = []
    for shots, accuracies in zip((4, 2), values, strict=True):
        for repeat, accuracy in enumerate(accuracies):
            result = dict.fromkeys(RESULT_COLUMNS, 1) | {"repeat": repeat, "epochs": ""}
            row = result | {"test_accuracy": accuracy}
            rows.append([*point_key(_point(shots)), *row.values()])
    write_table(path, KEYS + RESULT_COLUMNS, rows)
    results = read_accuracy(path, [_point(2), _point(4)])
    assert results["repeat"].tolist() == [0, 1, 2] * 2
    table = means(results)
    assert table["shots"].tolist() == [2, 4]
    for row, accuracies in zip(table.itertuples(), values[::-1], strict=True):
        low, high = stats.t.interval(0.95, 2, np.mean(accuracies), stats.sem(accuracies))
        assert row.test_accuracy_mean == pytest.approx(np.mean(accuracies))
        assert (row.test_accuracy_low, row.test_accuracy_high) == pytest.approx((low, high))


def test_curves_of_a_head_without_epochs_are_empty(tmp_path):
    path = tmp_path / "tuned.curves.csv"
    path.write_text("repeat,epoch,train_loss,train_accuracy,test_loss,test_accuracy\n")
    assert read_curves(path).empty
