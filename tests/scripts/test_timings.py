import csv
from pathlib import Path

import numpy as np
import pytest

from fewshot.data.draws import Draws, write_draws
from fewshot.files import write_json
from fewshot.point import KEYS, Point
from fewshot.records import write_table
from fewshot.results import published
from timings import timings

PUBLISHED = Path(published.__file__).with_name("published.csv")
PLACE = Point("caltech256", "vgg16", "fc2", "1", "", "")


@pytest.fixture
def world(tmp_path):
    """Arguments of `timings`: 2 classes, 8 test and 4 training images of each, 2 repeats."""
    places = np.repeat([0] * 8 + [1, 2, 3, 4], 2)[:, None] * [[1, 1]]
    write_draws(Draws(np.array([0, 1] * 12), np.arange(24), places), tmp_path / "draws.csv")
    index = {"fc2": {"width": 4, "seconds": 48.0, "runs": [["a.h5", 0, 24]]}}
    write_json(tmp_path / "part.json", index)
    stages = {"train_end_to_end": "whole", "train_head": "sgd"}
    points = [PLACE._replace(shots=k, head=head) for head in stages.values() for k in (2, 4)]
    places = [("fetch", Point("caltech256", *[""] * 5)), ("compact", PLACE)]
    places += [(stage, p) for stage, head in stages.items() for p in points if p.head == head]
    jobs = [(*place, str(tmp_path / f"{n}.tsv")) for n, place in enumerate(places)]
    for number, (_, _, path) in enumerate(jobs):
        Path(path).write_text(f"s\th:m:s\tmax_rss\n{12 * number}.0\t0:00:00\t{number}.5\n")
    scored = [[*points[1].key, repeat, 1.5] for repeat in range(2)]
    write_table(tmp_path / "accuracy.csv", (*KEYS, "repeat", "scoring_seconds"), scored)
    return {
        "jobs": jobs,
        "accuracy_path": tmp_path / "accuracy.csv",
        "datasets": [
            {
                "dataset": "caltech256",
                "role": "caltech256",
                "points": points,
                "repeats": {"whole": 2, "sgd": 2},
                "index_paths": {"vgg16": [str(tmp_path / "part.json")]},
            }
        ],
        "draws_paths": [str(tmp_path / "draws.csv")],
        "published_path": PUBLISHED,
        "timings_path": tmp_path / "timings.csv",
        "costs_path": tmp_path / "costs.csv",
    }


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_a_job(world):
    Path(world["jobs"][3][2]).unlink()
    timings(**world)
    fetch, compact, first, second, *_ = rows(world["timings_path"])
    assert list(fetch.values()) == ["fetch", "caltech256", "", "", "", "", "", "", "0.5"]
    assert list(compact.values())[-2:] == ["12", "1.5"]
    assert list(first.values()) == [
        *("train_end_to_end", "caltech256", "vgg16", "fc2", "1", "2", "whole", "24", "2.5")
    ]
    assert list(second.values())[-2:] == ["", ""]


def test_costs_with_the_minutes_of_the_original(world):
    timings(**world)
    table = rows(world["costs_path"])
    assert [row["shots"] for row in table] == ["2", "4", "2", "4"]
    # An image took 48 s / 24 to extract and 12 s / 24 to compact.
    assert [row["extraction_seconds"] for row in table[2:]] == ["40", "8"]
    assert [row["compaction_seconds"] for row in table[2:]] == ["10", "2"]
    assert [row["training_seconds"] for row in table] == ["12", "16.5", "24", "30"]
    assert [row["total_seconds"] for row in table] == ["12", "16.5", "74", "40"]
    assert [row["original_minutes"] for row in table] == ["134.538", "161.518", "50", "20"]


def test_sums_over_the_shots_and_what_they_are_to_each_other(world):
    timings(**world)
    table = rows(world["costs_path"])
    assert [row["summed_seconds"] for row in table] == ["12", "28.5", "74", "114"]
    assert [row["times"] for row in table] == ["", "", f"{12 / 74:.6g}", f"{28.5 / 114:.6g}"]


def test_without_a_role_there_are_no_minutes(world):
    world["datasets"][0]["role"] = None
    timings(**world)
    assert {row["original_minutes"] for row in rows(world["costs_path"])} == {""}
