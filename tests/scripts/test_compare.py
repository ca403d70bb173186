import csv
from pathlib import Path

import pytest
from made_tables import summary_cells

from compare import compare
from fewshot.errors import InputError
from fewshot.point import Point
from fewshot.records import write_table
from fewshot.results import published
from fewshot.results.tables import SUMMARY_COLUMNS

PUBLISHED = Path(published.__file__).with_name("published.csv")
NAMES = ("caltech256", "armenian")
POINTS = [Point(name, "vgg16", "fc2", "1", shots, "sgd") for name in NAMES for shots in (2, 4)]


@pytest.fixture
def world(tmp_path):
    """Arguments of `compare`: the original's dataset and one that stands in, 49 to 71 %."""
    summary = []
    for point in POINTS:
        accuracies = [0.3 + 0.1 * point.shots + part for part in (-0.01, 0, 0.01)]
        summary.append([*point.key, *summary_cells(accuracies)])
    write_table(tmp_path / "summary.csv", SUMMARY_COLUMNS, summary)
    return {
        "datasets": [
            (name, "caltech256", POINTS[2 * i : 2 * i + 2]) for i, name in enumerate(NAMES)
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
    comparison = rows(world["comparison_path"])
    own = [row for row in comparison if row["source"] == "this study"]
    assert [row["accuracy"] for row in own] == ["50", "70"] * 2
    assert [row["std"] for row in own] == ["1"] * 4
    bo = [row for row in comparison if row["method"] == "Bo et al. 2013"]
    assert len(bo) == 2 * 4
    assert (bo[1]["training_images"], bo[1]["accuracy"], bo[1]["high"]) == ("30", "48", "48.2")
    surpassed = rows(world["surpassed_path"])
    assert {row["dataset"] for row in surpassed} == {"caltech256"}
    # 50 -/+ 2.5 % at 2 shots, 70 -/+ 2.5 % at 4
    first = surpassed[0]
    assert (first["first_shots"], first["sure_shots"], first["crossing"]) == ("2", "4", "")


def test_a_missing_point_leaves_no_tables(world):
    world["datasets"][0][2][0] = POINTS[0]._replace(shots=8)
    with pytest.raises(InputError, match="caltech256/vgg16/fc2/1/8/sgd"):
        compare(**world)
    assert not world["comparison_path"].exists()
