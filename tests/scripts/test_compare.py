import csv
from pathlib import Path

import numpy as np
import pytest
from plot_comparison import plot_comparison

from compare import compare
from fewshot.data.draws import Draws, write_draws
from fewshot.errors import InputError
from fewshot.results import published
from fewshot.results.tables import KEYS, RESULT_COLUMNS, point_key, write_table

PUBLISHED = Path(published.__file__).with_name("published.csv")


@pytest.fixture
def world(tmp_path):
    """Arguments of `compare`: a dataset of the report and one that stands in, 49 to 71 %."""
    keys = {"backbone": "vgg16", "layer": "fc2", "temperature": "1", "head": "sgd"}
    names = ("caltech256", "armenian")
    points = [{**keys, "dataset": name, "shots": shots} for name in names for shots in (2, 4)]
    results = [
        [*point_key(point), repeat, "", "", 0, 1, 1, 0.3 + 0.1 * point["shots"] + 0.01 * repeat, 1]
        for point in points
        for repeat in (-1, 0, 1)
    ]
    write_table(tmp_path / "accuracy.csv", KEYS + RESULT_COLUMNS, results)
    places = np.repeat([0] * 8 + [1, 2, 3, 4], 2)[:, None]
    write_draws(Draws(np.array([0, 1] * 12), places), tmp_path / "draws.csv")
    return {
        "datasets": [
            {"dataset": name, "role": "caltech256", "points": points[2 * i : 2 * i + 2]}
            for i, name in enumerate(names)
        ],
        "solvers": {"sgd": "sgd"},
        "accuracy_path": tmp_path / "accuracy.csv",
        "published_path": PUBLISHED,
        "comparison_path": tmp_path / "comparison.csv",
        "passes_path": tmp_path / "passes.csv",
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
    assert (bo[1]["images_per_class"], bo[1]["accuracy"], bo[1]["high"]) == ("30", "48", "48.2")
    passes = rows(world["passes_path"])
    assert {row["dataset"] for row in passes} == {"caltech256"}
    # 50 -/+ 2.5 % at 2 shots, 70 -/+ 2.5 % at 4
    assert [passes[0][key] for key in ("first_shots", "sure_shots", "crossing")] == ["2", "4", ""]


def test_figures_with_captions(world, tmp_path):
    compare(**world)
    said = {}
    for name in ("caltech256", "armenian"):
        files = {ending: tmp_path / f"{name}.{ending}" for ending in ("png", "svg", "txt")}
        plot_comparison(
            dataset=name,
            comparison_path=world["comparison_path"],
            passes_path=world["passes_path"],
            draws_path=tmp_path / "draws.csv",
            png_path=files["png"],
            svg_path=files["svg"],
            caption_path=files["txt"],
        )
        assert min(path.stat().st_size for path in files.values()) > 100
        said[name] = files["txt"].read_text()
    assert "fewshot: sgd on vgg16 fc2 from 2 shots, its interval from 4" in said["caltech256"]
    assert "of 8 test images a class (16 in all), has" in said["caltech256"]
    assert "stands in for Caltech-256" in said["armenian"]


def test_a_missing_point_leaves_no_tables(world):
    world["datasets"][0]["points"][0]["shots"] = 8
    with pytest.raises(InputError, match="caltech256/vgg16/fc2/1/8/sgd"):
        compare(**world)
    assert not world["comparison_path"].exists()
