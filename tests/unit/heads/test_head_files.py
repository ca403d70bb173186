import csv

import numpy as np

from fewshot.data.draws import Draws
from fewshot.heads.head_files import CURVE_COLUMNS, RESULT_COLUMNS, HeadFiles
from fewshot.heads.predictions import read_predictions

RESULT = dict.fromkeys(RESULT_COLUMNS[1:-2], 0.5)


def test_files_have_all_repeats(tmp_path):
    places = np.array([[0, 1], [1, 0], [2, 2]])
    files = HeadFiles(Draws(np.array([0, 1, 0]), np.arange(3), places), "all")
    scores = np.array([[1, 0], [0, 1], [0, 1]], np.float32)
    for repeat in range(2):
        own = np.flatnonzero(places[:, repeat] == 1)
        files.add(RESULT, np.full((2, 4), float(repeat)), {"rows": own, "bias": np.ones(2)}, scores)
    paths = {name: tmp_path / name for name in ("results", "curves", "weights", "predictions")}
    files.write(**{f"{name}_path": path for name, path in paths.items()})
    results, curves = (
        [*csv.DictReader(paths[name].read_text().splitlines())] for name in ("results", "curves")
    )
    assert (tuple(results[0]), tuple(curves[0])) == (RESULT_COLUMNS, CURVE_COLUMNS)
    assert [row["repeat"] for row in results] == ["0", "1"]
    assert all(float(row["calibration"]) > 0 for row in results)
    assert [(row["repeat"], row["epoch"]) for row in curves] == [
        ("0", "1"),
        ("0", "2"),
        ("1", "1"),
        ("1", "2"),
    ]
    predictions = read_predictions(paths["predictions"])
    assert predictions.role.tolist() == [[2, 0, 1], [0, 2, 1]]
    assert predictions.rank.tolist() == [[0, 0, 1], [0, 0, 1]]
