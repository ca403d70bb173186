import math

import numpy as np
import pytest
from made_tables import grid
from test_families import FAMILIES, TRUE

from fewshot.results.forecast import (
    Forecast,
    Line,
    extrapolate,
    find_lines,
    forecast_rows,
    wanted_row,
)

SHOTS = np.array([1, 2, 4, 8, 16])
(POINT,) = grid()
POINT = POINT._replace(shots=1)


def line(accuracy, shots=SHOTS, half=0.02):
    """Make a line of (repeats, shots) accuracies."""
    accuracy = np.atleast_2d(accuracy)
    mean = accuracy.mean(axis=0)
    return Line(POINT, np.asarray(shots), accuracy, mean - half, mean + half)


@pytest.mark.parametrize(
    "curve",
    [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [0.9, 0.8, 0.7, 0.6, 0.5], [0.02, 0.05, 0.03, 0.04, 0.5]],
)
def test_odd_curves_have_forecasts_between_0_and_1(curve):
    with np.errstate(all="raise"):
        numbers = np.array(extrapolate(line(np.array([curve, curve], float)), np.array([32])))
    assert ((numbers >= 0) & (numbers <= 1)).all()
    assert numbers[0] >= curve[-1]  # no family falls


@pytest.mark.parametrize(("repeats", "family"), [(5, 0), (5, 2), (10, 1), (1, 2)])
def test_the_band_holds_what_comes(repeats, family):
    """Of 200 studies of a known curve, whose repeats scatter by 3 points and all shots alike by 1."""
    generator = np.random.default_rng(repeats + family)
    every = np.array([*SHOTS, 32])
    truth = FAMILIES[family](every, *TRUE[family])
    held, error = 0, 0
    for _ in range(200):
        scatter = 0.03 * generator.standard_normal((repeats, len(every)))
        scatter += 0.01 * generator.standard_normal((repeats, 1))
        values = truth + scatter
        half = 1.96 * math.hypot(0.03, 0.01)  # of one repeat, over its images
        accuracy, low, high = extrapolate(line(values[:, :-1], half=half), np.array([32]))
        held += (low <= values[:, -1].mean() <= high).item()
        error += abs(accuracy - truth[-1]).item()
    assert held >= 0.9 * 200
    # No farther from the truth than a measurement of as many repeats, and a point.
    assert error / 200 < math.hypot(0.03, 0.01) / math.sqrt(repeats) + 0.01


def test_rows_go_to_twice_the_shots_and_test_themselves_backwards():
    own = line([FAMILIES[2](SHOTS, *TRUE[2])] * 2)
    rows = forecast_rows(own)
    assert [(row.up_to, row.shots) for row in rows] == [
        (4, 8), (8, 16), (16, 19), (16, 23), (16, 27), (16, 32)
    ]  # fmt: skip
    measured = dict(zip(SHOTS.tolist(), own.accuracy[0].tolist(), strict=True))
    for row in rows:
        assert row.point == POINT._replace(shots=row.shots)
        assert row.low <= row.accuracy <= row.high
        base = measured[row.up_to]
        gains = (row.accuracy - base, row.low - base, row.high - base)
        assert (row.gain, row.gain_low, row.gain_high) == pytest.approx(gains)
    assert [row.came for row in rows[:2]] == [measured[8], measured[16]]
    assert all(math.isnan(row.came) for row in rows[2:])
    assert str(forecast_rows(own)) == str(rows)


def test_a_back_test_knows_nothing_of_what_came():
    own = line([FAMILIES[2](SHOTS, *TRUE[2])] * 2)
    other = own._replace(accuracy=own.accuracy.copy())
    other.accuracy[:, -1] = 0.1
    first, second = (forecast_rows(each)[1] for each in (own, other))
    assert first.came != second.came
    assert first[:-1] == second[:-1]


def test_two_numbers_of_shots_have_no_forecast():
    assert forecast_rows(line([[0.5, 0.6]], shots=[2, 4])) == []
    points = grid(shots=(2, 4))
    ends = {"test_accuracy_low": 0.1, "test_accuracy_high": 0.9}
    assert find_lines({p: [0.5, 0.6] for p in points}, dict.fromkeys(points, ends)) == []


def test_lines_are_of_one_choice_each_by_shots():
    points = grid(layers=("fc1", "fc2"), shots=(8, 2, 4))
    summary = {
        point: {"test_accuracy_low": point.shots / 10 - 0.1, "test_accuracy_high": 1.0}
        for point in points
    }
    accuracies = {point: [point.shots / 10, point.shots / 10 + 0.1] for point in points}
    first, second = find_lines(accuracies, summary)
    assert (first.point.layer, second.point.layer) == ("fc1", "fc2")
    assert first.shots.tolist() == [2, 4, 8]
    np.testing.assert_allclose(first.accuracy, [[0.2, 0.4, 0.8], [0.3, 0.5, 0.9]])
    np.testing.assert_allclose(first.low, [0.1, 0.3, 0.7])


def forecast_at(shots, accuracy, low, high, up_to=8):
    gains = (math.nan,) * 3
    return Forecast(*POINT._replace(shots=shots), up_to, accuracy, low, high, *gains, math.nan)


def test_the_wanted_accuracy_is_found_where_it_was_measured_or_forecast():
    own = line([[0.4, 0.5, 0.6]], shots=[2, 4, 8], half=0.05)
    rows = [forecast_at(16, 0.7, 0.62, 0.78)]
    found = wanted_row(own, rows, 0.55)
    # Straight in log2 shots: the mean crosses halfway between 4 and 8, the upper ends at 4.
    assert (found.up_to, found.accuracy) == (8, 0.55)
    assert found[-3:] == pytest.approx((2**2.5, 4, 8))
    found = wanted_row(own, rows, 0.65)
    # The upper ends are .65 at 8 shots; the lower ones end at .62.
    assert found[-3:-1] == pytest.approx((2**3.5, 8))
    assert math.isnan(found.late)
    assert all(map(math.isnan, wanted_row(own, rows, 0.95)[-3:]))
    assert wanted_row(own, rows, 0.3).shots == 2
