from pathlib import Path

import numpy as np
import pytest
from made_tables import summarise_accuracy

from fewshot.point import Point
from fewshot.results import published
from fewshot.results.comparison import first_above, own_rows, published_rows, surpassed_rows

PATH = Path(published.__file__).with_name("published.csv")
APPROACHES = {"tuned": "", "whole": "end to end"}


@pytest.mark.parametrize(
    ("shots", "means", "lows", "level", "expected"),
    [
        # Half way from 40 to 60, so half way from 4 to 16 in log2: 8.
        ([4, 16], [40, 60], [30, 55], 50, (16, 16, 8.0)),
        ([1, 2, 4], [10, 20, 30], [5, 15, 25], 22.5, (4, 4, 2**1.25)),
        ([1, 2, 4], [10, 20, 30], [5, 15, 19], 19.5, (2, None, 2**0.95)),
        ([2, 4, 8], [50, 40, 60], [45, 35, 55], 44, (2, 2, None)),
        ([2, 4], [10, 20], [5, 15], 20, (None, None, None)),
        ([2, 4], [10, 20], [np.nan, np.nan], 15, (4, None, 2**1.5)),
    ],
    ids=["half way", "quarter", "never sure", "from the first", "not above", "one repeat"],
)
def test_crossing_by_hand(shots, means, lows, level, expected):
    crossing = first_above(shots, means, lows, level)
    assert crossing[:2] == expected[:2]
    assert crossing.crossing == (expected[2] and pytest.approx(expected[2]))


def results(dataset="caltech256", start=0.4, temperature="1"):
    """Accuracy that grows by 0.1 from 1 shot to 2 and to 4; three repeats 0.01 apart."""
    points = [
        Point(dataset, "vgg16", "fc2", temperature, shots, head)
        for shots in (4, 2, 1)
        for head in APPROACHES
    ]
    steps = {1: 0, 2: 1, 4: 2}
    repeats = 0.01 * np.arange(3)
    return summarise_accuracy(
        {point: start + 0.1 * steps[point.shots] + repeats for point in points}
    )


def test_own_rows_by_hand():
    rows = own_rows(results(), APPROACHES, "caltech256")
    assert [row.training_images for row in rows] == [1, 2, 4] * 2
    assert rows[0].method == "fewshot: tuned on vgg16 fc2"
    assert [row.approach for row in rows[::3]] == ["cached", "end to end"]
    first = rows[0]
    assert first.accuracy == pytest.approx(41)  # of 40, 41 and 42 %
    assert first.std == pytest.approx(1)
    # t = 4.303 for two degrees of freedom
    assert first.high - first.accuracy == pytest.approx(4.303 / 3**0.5, rel=1e-3)
    assert first.repeats == 3


def test_temperature_is_part_of_the_name():
    assert (
        own_rows(results(temperature="2"), APPROACHES, "")[0].method
        == "fewshot: tuned on vgg16 fc2 at T 2"
    )


def test_published_rows_have_what_is_given_as_bars():
    rows = published_rows(PATH, "caltech256", "caltech256")
    (bo,) = [r for r in rows if r.method == "Bo et al. 2013" and r.training_images == 30]
    assert (bo.low, bo.high) == pytest.approx((47.8, 48.2))
    cached = [row for row in rows if row.approach == "cached"]
    assert [row.accuracy for row in cached] == [40.9, 43.38, 61.9, 63.18]
    assert np.isnan(cached[0].low)


def surpassed(rows):
    return {(row.reference_accuracy, row.line): row for row in surpassed_rows(rows, PATH)}


def test_what_this_study_and_the_original_surpass():
    rows = own_rows(results(), APPROACHES, "caltech256")
    found = surpassed(rows + published_rows(PATH, "caltech256", "caltech256"))
    assert sorted({level for level, _ in found}) == pytest.approx([48, 50.2, 55.2])
    here = found[48.0, "fewshot: tuned on vgg16 fc2"]
    # 41, 51 and 61 %, all with an interval of 2.5
    assert (here.first_shots, here.sure_shots) == (2, 2)
    assert here.crossing == pytest.approx(2**0.7)
    assert here.claimed is None
    # 43.2 % at 4 and 51.6 % at 8 images a class
    there = found[48.0, "original, end to end"]
    assert there.crossing == pytest.approx(2 ** (2 + 4.8 / 8.4))
    assert (there.first_shots, there.sure_shots) == (8, None)
    claims = {line: row.claimed for (level, line), row in found.items() if 50 < level < 51}
    assert (claims["original, cached"], claims["original, end to end"]) == (6, 12)


def test_urban_tribes_are_held_against_their_own_references():
    rows = own_rows(results("urban_tribes"), APPROACHES, "urban_tribes")
    found = surpassed(rows + published_rows(PATH, "urban_tribes", "urban_tribes"))
    assert {level for level, _ in found} == {46, 71}
    assert found[71, "fewshot: tuned on vgg16 fc2"].first_shots is None


def test_a_dataset_that_stands_in_surpasses_nothing():
    rows = own_rows(results("armenian"), APPROACHES, "caltech256")
    assert surpassed(rows + published_rows(PATH, "armenian", "caltech256")) == {}
