"""Learning curves as arrays, and their bands."""

import numpy as np
import pytest

from fewshot.heads.head_files import CURVE_COLUMNS
from fewshot.records import write_table
from fewshot.results.curves import bands, read_curves

# Repeat, epoch, then the measures: 100 r + 10 e + n.
ROWS = [
    [repeat, epoch, *(100 * repeat + 10 * epoch + number for number in range(4))]
    for repeat in (0, 1, 2)
    for epoch in (1, 2)
]


def test_measures_have_a_row_an_epoch_and_a_column_a_repeat(tmp_path):
    write_table(tmp_path / "curves.csv", CURVE_COLUMNS, ROWS)
    curves = read_curves(tmp_path / "curves.csv")
    assert list(curves) == ["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
    assert curves["test_loss"].tolist() == [[12, 112, 212], [22, 122, 222]]


def test_bands_by_hand():
    band = bands({"test_loss": np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]])})["test_loss"]
    assert band.mean.tolist() == [2, 5]
    # s = 1, t = 4.303 for two degrees of freedom
    assert band.high.tolist() == pytest.approx([2 + 4.303 / 3**0.5, 5], rel=1e-3)
    assert band.low.tolist() == pytest.approx([2 - 4.303 / 3**0.5, 5], rel=1e-2)


def test_one_repeat_has_no_band():
    band = bands({"test_loss": np.array([[1.0], [2.0]])})["test_loss"]
    assert np.isnan(band.low).all()
    assert band.mean.tolist() == [1, 2]
