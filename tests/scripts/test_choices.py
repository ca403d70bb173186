import math

import numpy as np
import pytest
from made_tables import grid, make_draws, summary_cells

from choices import choices
from fewshot.data.draws import TEST, TRAINED, write_draws
from fewshot.files import write_json
from fewshot.heads.predictions import write_predictions
from fewshot.records import read_records, write_table
from fewshot.results.choices import Choice
from fewshot.results.tables import SUMMARY_COLUMNS


def write_right(path, draws, rate):
    """Write predictions that are right on a part of the test images."""
    tests = draws.places.T == 0
    right = np.arange(tests.shape[1]) % 10 < 10 * rate
    right = np.broadcast_to(right, tests.shape)
    columns = np.where(tests, TEST, TRAINED), ~right, ~right, right, right
    kinds = np.int8, np.uint8, np.uint8, np.float32, np.float32
    columns = [each.astype(kind) for each, kind in zip(columns, kinds, strict=True)]
    write_predictions(path, [*zip(*columns, strict=True)])


@pytest.fixture
def rows(tmp_path):
    draws = make_draws(3, 40)
    write_draws(draws, tmp_path / "draws.csv")
    points = grid(layers=("conv", "predictions"), shots=(8, 2), heads=("tuned", "whole"))
    rates = {"conv": 0.9, "predictions": 0.5}
    paths = []
    for place, point in enumerate(points):
        paths.append(tmp_path / f"{place}.h5")
        write_right(paths[-1], draws, rates[point.layer])
    summary = ([*point.key, *summary_cells([rates[point.layer]] * 3)] for point in points)
    write_table(tmp_path / "summary.csv", SUMMARY_COLUMNS, summary)
    write_json(
        tmp_path / "vgg16.json",
        {"layers": {"conv": [7, 7, 512], "logits": [1000]}, "prefix_tokens": 0},
    )
    parts = [{"seconds": 3.0, "runs": [[0, 0, 4]]}, {"seconds": 5.0, "runs": [[0, 4, 6]]}]
    for number, part in enumerate(parts):
        write_json(tmp_path / f"part-{number}.json", {"conv": part})
    lists = [tmp_path / f"part-{number}.json" for number in range(2)]
    choices(
        points=[*map(tuple, points)],
        datasets=["birds"],
        solvers={"tuned": "logistic", "whole": "end_to_end"},
        backbones=["vgg16"],
        layers_read=[
            ("birds", "vgg16", "conv", "conv", lists),
            ("birds", "vgg16", "predictions", "logits", [tmp_path / "missing.json"]),
        ],
        summary_path=tmp_path / "summary.csv",
        predictions_paths=paths,
        draws_paths=[tmp_path / "draws.csv"],
        backbone_paths=[tmp_path / "vgg16.json"],
        choices_path=tmp_path / "choices.csv",
    )
    return read_records(tmp_path / "choices.csv", Choice)


def test_shots_by_shots_with_costs(rows):
    assert [row.shots for row in rows] == [2] * 4 + [8] * 4
    assert [row.rank for row in rows] == [1, 2, 3, 4] * 2
    for row in rows:
        if row.layer == "conv":
            assert row.numbers == 7 * 7 * 512
            assert row.seconds == pytest.approx(8 / 10)
        else:
            assert row.numbers == 1000
            assert math.isnan(row.seconds)


def test_a_cached_head_of_the_better_layer_is_recommended(rows):
    found = [(row.layer, row.head) for row in rows if row.recommended]
    assert found == [("conv", "tuned")] * 2
    assert {row.layer for row in rows if not row.among_best} == {"predictions"}
