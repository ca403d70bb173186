import math

import pytest
from made_tables import grid

from fewshot.results.choices import Choice
from fewshot.results.depth import Depth, depth_rows
from fewshot.results.timings import Timing

POINTS = grid(layers=("stage1@mean", "stage2@mean"), shots=(8,), heads=("tuned",))
EXTRACTION = {("birds", "vgg16", f"stage{number}@mean"): 40.0 for number in (1, 2)}


def choice(point, accuracy):
    ends = accuracy, accuracy - 0.1, accuracy + 0.1
    return Choice(*point, 1, 3, *ends, *[math.nan] * 5, 384, 0.5, 1, 0)


def timing(stage, point, seconds):
    return Timing(stage, *point, seconds, 100.0)


@pytest.fixture
def rows():
    compacted = [point._replace(shots="", head="") for point in POINTS]
    timings = [
        *(timing("compact", point, 3.0 + n) for n, point in enumerate(compacted)),
        # Of another head on the same layer.
        timing("train_head", POINTS[1]._replace(head="ridge"), 99.0),
        timing("train_head", POINTS[0], 7.0),
    ]
    places = [(tuple(point), "mean", n, 12) for n, point in enumerate(POINTS, start=1)]
    choices = [choice(point, 0.5 + 0.2 * n) for n, point in enumerate(POINTS)]
    return depth_rows(places, choices[::-1], timings, EXTRACTION)


def test_a_row_has_what_was_found_and_what_it_took(rows):
    ends = pytest.approx((0.5, 0.4, 0.6))
    assert rows[0] == Depth(*POINTS[0], "mean", 1, 12, *rows[0][9:12], 384, 40.0, 3.0, 7.0)
    assert rows[0][9:12] == ends
    assert rows[0].point == POINTS[0]
    assert rows[0].seconds == 40 + 3 + 7


def test_a_time_that_is_not_known_is_none_and_neither_is_the_sum(rows):
    assert rows[1].compaction_seconds == 4.0
    assert math.isnan(rows[1].training_seconds)
    assert math.isnan(rows[1].seconds)


def test_rows_stand_in_the_order_of_the_places(rows):
    assert [row.block for row in rows] == [1, 2]
