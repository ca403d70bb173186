import numpy as np
import pandas as pd
import pytest
from made_tables import grid, make_tables, wobbling

from fewshot.data.draws import Draws, write_draws
from fewshot.errors import InputError
from fewshot.files import write_json, write_text
from fewshot.records import write_records, write_rows, write_table
from fewshot.results.contrasts import Contrast
from fewshot.results.study_tables import RECORDS, TABLES, read_study_tables
from fewshot.results.tables import SUMMARY_COLUMNS


def test_a_contrast_is_found_by_its_points():
    points = grid(layers=("fc1", "fc2"), shots=(2, 8))
    tables = make_tables(wobbling(points, (0.1, 0.4, 0.2, 0.9)))
    gain = tables.contrast("shots", points[3], points[2])
    assert (gain.at, gain.mean) == ("vgg16 · fc2 · tuned", pytest.approx(0.7))
    assert tables.contrast("layer", points[3], points[1]).mean == pytest.approx(0.5)
    assert tables.contrast("shots", points[2], points[3]) is None  # the other way round
    assert tables.contrast("control", points[3], points[2]) is None
    assert tables.contrast("shots", points[0], points[0]) is None
    assert tables.contrast("shots", *(p._replace(dataset="fish") for p in points[3:1:-1])) is None


def test_answers_are_those_of_a_dataset_and_question():
    tables = make_tables(wobbling(grid(shots=(2, 4, 8)), (0.1, 0.2, 0.3)))
    assert [each.a for each in tables.answers("birds", "next shots")] == ["4-shot", "8-shot"]
    assert tables.answers("birds", "layer") == tables.answers("fish", "shots") == []


def test_rows_of_a_dataset_and_none():
    table = pd.DataFrame({"dataset": ["birds", "fish"], "seconds": [1.0, 2.0]})
    tables = make_tables({})._replace(costs=table)
    assert tables.of("fish", "costs")["seconds"].tolist() == [2.0]
    with pytest.raises(InputError, match="ants, but the table has birds, fish"):
        tables.of("ants", "costs")


def test_tables_are_read_together(tmp_path):
    (point,) = grid()
    numbers = [2, *[0.5] * (len(SUMMARY_COLUMNS) - 7)]
    write_table(tmp_path / "summary.csv", SUMMARY_COLUMNS, [[*point.key, *numbers]])
    contrast = Contrast(
        "birds", "shots", "8-shot", "2-shot", "here", 0.5, 0.25, 0.75, 0.01, 0.02, 2
    )
    write_rows(tmp_path / "contrasts.csv", Contrast._fields, [contrast])
    write_text(tmp_path / "calibration.csv", "dataset,shots,confidence\n007,2,0.5\n")
    write_text(tmp_path / "costs.csv", "dataset,role,shots\n007,,2\n")
    rows = np.arange(3)
    write_draws(Draws(rows, rows, np.zeros((3, 1), dtype=int)), tmp_path / "draws.csv")
    for name in RECORDS.keys() - {"contrasts"}:
        write_records(tmp_path / f"{name}.csv", RECORDS[name], [])
    write_json(tmp_path / "thumbnails.json", {"a.png": "JPEG"})
    absent = ("distillation", "comparison", "surpassed")
    tables = read_study_tables(
        {name: None if name in absent else tmp_path / f"{name}.csv" for name in TABLES},
        thumbnails_paths=[tmp_path / "thumbnails.json"],
        draws_paths=[tmp_path / "draws.csv"],
        solvers={"tuned": "logistic"},
        roles={"birds": None},
        layers=["fc2"],
    )
    assert tables.summary[point]["repeats"] == 2
    assert tables.contrasts == [contrast]
    assert tables.costs.to_dict("list") == {"dataset": ["007"], "role": [""], "shots": [2]}
    assert (tables.choices, tables.images) == ([], [])
    assert tables.thumbnails == {"birds": {"a.png": "JPEG"}}
    assert (tables.distillation, tables.comparison, tables.surpassed) == (None, None, None)
    assert tables.tasks["birds"].classes == 3
