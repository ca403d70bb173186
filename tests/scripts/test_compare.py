import csv
from pathlib import Path

import pytest

from compare import compare
from fewshot.errors import InputError
from fewshot.point import KEYS, Point
from fewshot.results import published
from fewshot.results.tables import SUMMARY_COLUMNS, write_table

PUBLISHED = Path(published.__file__).with_name("published.csv")


@pytest.fixture
def world(tmp_path):
    """Arguments of `compare`: a dataset of the original and one that stands in, 50 and 70 %."""
    names = ("caltech256", "armenian")
    points = [Point(name, "vgg16", "fc2", "1", k, "sgd") for name in names for k in (2, 4)]
    numbers = dict.fromkeys(SUMMARY_COLUMNS[len(KEYS) :], 1) | {"repeats": 3}
    rows = []
    for point in points:
        mean = 0.3 + 0.1 * point.shots
        measured = {"mean": mean, "std": 0.01, "low": mean - 0.025, "high": mean + 0.025}
        cells = numbers | {f"test_accuracy_{part}": value for part, value in measured.items()}
        rows.append([*point.key, *cells.values()])
    write_table(tmp_path / "summary.csv", SUMMARY_COLUMNS, rows)
    return {
        "datasets": [
            (name, "caltech256", [tuple(point) for point in points[2 * i : 2 * i + 2]])
            for i, name in enumerate(names)
        ],
        "approaches": {"sgd": "cached"},
        "summary_path": tmp_path / "summary.csv",
        "published_path": PUBLISHED,
        "comparison_path": tmp_path / "comparison.csv",
        "surpassed_path": tmp_path / "surpassed.csv",
    }


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tables_by_hand(world):
    compare(**world)
    own = [row for row in rows(world["comparison_path"]) if row["source"] == "this study"]
    assert [row["accuracy"] for row in own] == ["50", "70"] * 2
    assert [row["std"] for row in own] == ["1"] * 4
    bo = [row for row in rows(world["comparison_path"]) if row["method"] == "Bo et al. 2013"]
    assert len(bo) == 2 * 4
    assert (bo[1]["training_images"], bo[1]["accuracy"], bo[1]["high"]) == ("30", "48", "48.2")
    surpassed = rows(world["surpassed_path"])
    assert {row["dataset"] for row in surpassed} == {"caltech256"}
    # 50 -/+ 2.5 % at 2 shots, 70 -/+ 2.5 % at 4
    assert [surpassed[0][key] for key in ("first_shots", "sure_shots", "crossing")] == [
        "2",
        "4",
        "",
    ]


def test_a_missing_point_leaves_no_tables(world):
    world["datasets"][0][2][0] = ("caltech256", "vgg16", "fc2", "1", 8, "sgd")
    with pytest.raises(InputError, match="caltech256/vgg16/fc2/1/8/sgd"):
        compare(**world)
    assert not world["comparison_path"].exists()
