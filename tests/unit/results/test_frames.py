import numpy as np
import pytest
from scipy import stats

from fewshot.errors import InputError
from fewshot.files import write_text
from fewshot.point import KEYS, Point
from fewshot.results.frames import means, read_accuracy, read_rows
from fewshot.results.tables import RESULT_COLUMNS, write_table


def _point(shots, temperature="1", dataset="birds"):
    return Point(dataset, "vgg16", "fc2", temperature, shots, "sgd")


def _accuracy(path, points, accuracies=(0.5,)):
    """Write results with the accuracies as repeats of every point, and give their path."""
    results = [
        dict.fromkeys(RESULT_COLUMNS, 1) | {"repeat": repeat, "epochs": "", "test_accuracy": value}
        for repeat, value in enumerate(accuracies)
    ]
    rows = ([*point.key, *row.values()] for point in points for row in results)
    write_table(path, KEYS + RESULT_COLUMNS, rows)
    return path


def test_points_come_in_the_order_asked_for_and_once(tmp_path):
    points = [_point(2), _point(4), _point(8), _point(8, "0.5")]
    path = _accuracy(tmp_path / "accuracy.csv", points, (0.5, 0.75))
    table = read_accuracy(path, [_point(8, "0.5"), _point(2), _point(2)])
    assert table["shots"].tolist() == [8, 8, 2, 2]
    assert table["temperature"].tolist() == [0.5, 0.5, 1.0, 1.0]
    assert table["test_accuracy"].tolist() == [0.5, 0.75] * 2
    assert table["epochs"].isna().all()


@pytest.mark.parametrize("name", ["NA", "007", "nan", "a$b_c"])
def test_names_stay_as_they_are(tmp_path, name):
    points = [_point(2, dataset=name)]
    table = read_accuracy(_accuracy(tmp_path / "accuracy.csv", points), points)
    assert table["dataset"].tolist() == [name]


def test_empty_cells_are_text_or_no_number(tmp_path):
    path = tmp_path / "costs.csv"
    write_text(path, "dataset,role,seconds\nNA,,\n007,urban_tribes,2.5\n")
    table = read_rows(path, ("dataset", "role", "no such column"))
    assert table["dataset"].tolist() == ["NA", "007"]
    assert table["role"].tolist() == ["", "urban_tribes"]
    np.testing.assert_equal(table["seconds"].to_numpy(), [np.nan, 2.5])


def test_missing_point_is_named(tmp_path):
    path = _accuracy(tmp_path / "accuracy.csv", [_point(2)])
    with pytest.raises(
        InputError, match="1 points without a row, the first birds/vgg16/fc2/1/4/sgd"
    ):
        read_accuracy(path, [_point(2), _point(4)])


def test_means_over_repeats_are_those_of_scipy(tmp_path):
    accuracies = [0.1, 0.4, 0.6]
    path = _accuracy(tmp_path / "accuracy.csv", [_point(4), _point(2)], accuracies)
    results = read_accuracy(path, [_point(2), _point(4)])
    assert results["repeat"].tolist() == [0, 1, 2] * 2
    results.loc[results["shots"] == 4, "test_accuracy"] /= 2
    table = means(results)
    assert table["shots"].tolist() == [2, 4]
    for row, values in zip(table.itertuples(), np.outer([1, 0.5], accuracies), strict=True):
        low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
        assert row.test_accuracy_mean == pytest.approx(np.mean(values))
        assert (row.test_accuracy_low, row.test_accuracy_high) == pytest.approx((low, high))
