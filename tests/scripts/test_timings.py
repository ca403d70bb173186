import csv
from pathlib import Path

import numpy as np
import pytest
from plot_costs import plot_costs

from fewshot.data.draws import Draws, write_draws
from fewshot.errors import InputError
from fewshot.files import write_json
from fewshot.results import published
from timings import timings

PUBLISHED = Path(published.__file__).with_name("published.csv")
PLACE = {"dataset": "caltech256", "backbone": "vgg16", "layer": "fc2", "temperature": "1"}


@pytest.fixture
def world(tmp_path):
    """Arguments of `timings`: 2 classes, 8 test and 4 training images of each, 2 repeats."""
    places = np.repeat([0] * 8 + [1, 2, 3, 4], 2)[:, None] * [[1, 1]]
    write_draws(Draws(np.array([0, 1] * 12), places), tmp_path / "draws.csv")
    index = {"fc2": {"width": 4, "seconds": 48.0, "runs": [["a.h5", 0, 24]]}}
    write_json(tmp_path / "part.json", index)
    stages = {"train_end_to_end": "whole", "train_head": "sgd"}
    points = [{**PLACE, "shots": k, "head": head} for head in stages.values() for k in (2, 4)]
    jobs = [{"stage": "fetch", "dataset": "caltech256"}, {"stage": "compact", **PLACE}]
    jobs += [{"stage": stage, **p} for stage, h in stages.items() for p in points if p["head"] == h]
    for number, job in enumerate(jobs):
        job["path"] = str(tmp_path / f"{number}.tsv")
        Path(job["path"]).write_text(f"s\th:m:s\tmax_rss\n{12 * number}.0\t0:00:00\t{number}.5\n")
    return {
        "jobs": jobs,
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
    Path(world["jobs"][3]["path"]).unlink()
    timings(**world)
    fetch, compact, first, second, *_ = rows(world["timings_path"])
    assert list(fetch.values()) == ["fetch", "caltech256", "", "", "", "", "", "", "0.5"]
    assert list(compact.values())[-2:] == ["12", "1.5"]
    assert list(first.values()) == [
        *("train_end_to_end", "caltech256", "vgg16", "fc2", "1", "2", "whole", "24", "2.5")
    ]
    assert list(second.values())[-2:] == ["", ""]


def test_costs_with_the_minutes_of_the_report(world):
    timings(**world)
    table = rows(world["costs_path"])
    assert [row["shots"] for row in table] == ["2", "4", "2", "4"]
    # An image took 48 s / 24 to extract and 12 s / 24 to compact.
    assert [row["extraction_seconds"] for row in table[2:]] == ["40", "8"]
    assert [row["compaction_seconds"] for row in table[2:]] == ["10", "2"]
    assert [row["training_seconds"] for row in table] == ["12", "18", "24", "30"]
    assert [row["total_seconds"] for row in table] == ["12", "18", "74", "40"]
    assert [row["report_minutes"] for row in table] == ["134.538", "161.518", "50", "20"]


def test_without_a_role_there_are_no_minutes_and_a_figure(world, tmp_path):
    world["datasets"][0]["role"] = None
    timings(**world)
    assert {row["report_minutes"] for row in rows(world["costs_path"])} == {""}
    files = {name: tmp_path / f"costs.{name}" for name in ("png", "svg", "txt")}
    arguments = {"costs_path": world["costs_path"], "caption_path": files["txt"]}
    arguments |= {"png_path": files["png"], "svg_path": files["svg"]}
    plot_costs(dataset="caltech256", **arguments)
    assert all(path.stat().st_size for path in files.values())
    # 30 s end to end beside 114 s
    assert "0.26 times as fast as whole" in files["txt"].read_text()
    with pytest.raises(InputError, match="Received: birds"):
        plot_costs(dataset="birds", **arguments)
