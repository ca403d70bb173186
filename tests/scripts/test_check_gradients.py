"""The gradient check of a study: its table, from pieces in several parts to four rows."""

import csv

import numpy as np
import pytest

from check_gradients import check_gradients
from fewshot.backbone.activations import PieceWriter, list_runs
from fewshot.backbone.compact import coordinates_of
from fewshot.backbone.coordinates import write_coordinates
from fewshot.data.draws import Draws, write_draws
from fewshot.errors import InputError
from fewshot.files import write_json

CLASSES, IMAGES, WIDTH = 12, 6, 90


@pytest.fixture
def world(tmp_path):
    """Save a pool's activations in three pieces of two parts, its coordinates and draws."""
    rng = np.random.default_rng(0)
    count = CLASSES * IMAGES
    activations = np.maximum(rng.standard_normal((count, WIDTH)), 0).astype(np.float16)
    folder, places = tmp_path / "block/pieces", []
    for rows in np.array_split(np.arange(count), 3):
        names = [f"{row:064x}" for row in rows]
        with PieceWriter(folder, "r", names, WIDTH, "float16", 8) as piece:
            piece.append(activations[rows])
        places += [(piece.name, row) for row in range(len(rows))]
    parts = []
    for number, rows in enumerate(np.array_split(np.arange(count), 2)):
        runs = list_runs([places[row] for row in rows])
        parts.append(tmp_path / f"part-{number}.json")
        write_json(parts[-1], {"block": {"width": WIDTH, "runs": runs}})
    wide = activations.astype(np.float32)
    coordinates = coordinates_of(lambda start, stop: wide[:, start:stop], count, WIDTH)
    write_coordinates(coordinates, tmp_path / "c.h5", tmp_path / "c.json")
    draws = np.stack([rng.permutation(IMAGES) for _ in range(CLASSES)], axis=1).reshape(-1, 1)
    labels = np.tile(np.arange(CLASSES), IMAGES)
    write_draws(Draws(labels, np.arange(len(labels)), draws), tmp_path / "draws.csv")
    return {
        "dataset": "birds",
        "backbone": "vgg16",
        "layer": "block",
        "seed": 0,
        "folder": tmp_path,
        "index_paths": parts,
        "coordinates_path": tmp_path / "c.h5",
        "index_path": tmp_path / "c.json",
        "draws_path": tmp_path / "draws.csv",
        "gradients_path": tmp_path / "gradients.csv",
    }


def test_the_table_has_four_gradients_that_are_right(world):
    check_gradients(**world)
    with open(world["gradients_path"], newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["checked"] for row in rows] == [
        "head weights",
        "head bias",
        "distillation weights",
        "through compaction",
    ]
    assert {(row["dataset"], row["backbone"], row["layer"]) for row in rows} == {
        ("birds", "vgg16", "block")
    }
    # 10 of the classes with 4 images each are enough.
    assert [int(row["compared"]) for row in rows] == [200, 10, 200, 200]
    for row in rows:
        assert 0 < float(row["mean_difference"]) <= float(row["largest_difference"]) < 1e-8
        assert float(row["largest_gradient"]) > 1e-3
        assert float(row["limit"]) == 1e-7


def test_coordinates_of_other_activations_are_refused_and_leave_no_table(world):
    rng = np.random.default_rng(1)
    other = rng.standard_normal((CLASSES * IMAGES, 20)).astype(np.float32)
    write_coordinates(other, world["coordinates_path"], world["index_path"])
    with pytest.raises(InputError, match="through compaction off by"):
        check_gradients(**world)
    assert not world["gradients_path"].exists()
