"""Activations of several parts become one table of coordinates, in little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from compact import compact
from fewshot.backbone.activations import PieceWriter
from fewshot.backbone.coordinates import read_coordinates
from fewshot.errors import InputError
from fewshot.files import write_json

RUN = """
import json, sys
from compact import compact
compact(**json.loads(sys.argv[1]))
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def write_pieces(folder, shares):
    """Save rows as one piece a share, and a list of it as `extract` leaves them."""
    index_paths = []
    for number, rows in enumerate(shares):
        images = [f"{number:032x}{row:032x}" for row in range(len(rows))]
        width = rows.shape[1]
        with PieceWriter(
            folder / "fc2" / "pieces", "recipe", images, width, rows.dtype, 100
        ) as writer:
            for start in range(0, len(rows), 100):
                writer.append(rows[start : start + 100])
        index = {"fc2": {"width": width, "runs": [[writer.name, 0, len(rows)]]}}
        index_paths.append(str(folder / f"part-{number}.json"))
        write_json(Path(index_paths[-1]), index)
    return index_paths


def arguments(folder, index_paths, temperature=None):
    return {
        "index_paths": index_paths,
        "layer": "fc2",
        "temperature": temperature,
        "centred": False,
        "folder": str(folder),
        "coordinates_path": str(folder / "coordinates.h5"),
        "index_path": str(folder / "coordinates.json"),
    }


def result(folder, rows):
    paths = folder / "coordinates.h5", folder / "coordinates.json"
    return read_coordinates(*paths, np.arange(rows)).astype(np.float64)


@pytest.mark.parametrize("width", [10, 6000])
def test_inner_products_of_the_rows_of_all_parts(tmp_path, width):
    rows = np.random.default_rng(0).standard_normal((30, width)).astype(np.float16)
    compact(**arguments(tmp_path, write_pieces(tmp_path, np.split(rows, [3, 17]))))
    coordinates = result(tmp_path, 30)
    assert coordinates.shape == (30, min(width, 30))
    exact = rows.astype(np.float64) @ rows.T.astype(np.float64)
    np.testing.assert_allclose(coordinates @ coordinates.T, exact, atol=1e-5 * exact.max())


def test_probabilities_at_a_temperature(tmp_path):
    logits = np.log(np.array([[1.0, 4.0], [9.0, 1.0], [1.0, 1.0]], np.float32))
    compact(**arguments(tmp_path, write_pieces(tmp_path, [logits]), temperature=2.0))
    # Odds of 4 and 9 to 1 become 2 and 3 to 1.
    expected = [[1 / 3, 2 / 3], [3 / 4, 1 / 4], [1 / 2, 1 / 2]]
    np.testing.assert_allclose(result(tmp_path, 3), expected, rtol=1e-6)


def test_the_same_activations_give_the_same_index(tmp_path):
    rows = np.random.default_rng(0).standard_normal((30, 60)).astype(np.float32)
    given = arguments(tmp_path, write_pieces(tmp_path, [rows]))
    texts = []
    for _ in range(2):
        compact(**given)
        texts.append((tmp_path / "coordinates.json").read_text())
    assert texts[0] == texts[1]
    rows[0, 0] += 1
    compact(**arguments(tmp_path, write_pieces(tmp_path, [rows])))
    assert (tmp_path / "coordinates.json").read_text() != texts[0]


def test_a_missing_piece_leaves_no_coordinates(tmp_path):
    given = arguments(tmp_path, write_pieces(tmp_path, [np.ones((3, 4), np.float32)]))
    next((tmp_path / "fc2" / "pieces").iterdir()).unlink()
    with pytest.raises(InputError, match=r"as it was written\. Received: .*\.h5"):
        compact(**given)
    assert not (tmp_path / "coordinates.h5").exists()
    assert not (tmp_path / "coordinates.json").exists()


def test_memory_holds_the_gram_matrix_twice_and_no_more_than_a_gigabyte_beside_it(tmp_path):
    images, width = 1000, 20_000
    rows = np.random.default_rng(0).standard_normal((images, width), np.float32)
    given = arguments(tmp_path, write_pieces(tmp_path, [rows.astype(np.float16)]))
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(given)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    peak = 1024 * int(done.stdout.split()[-2])
    assert peak < 2 * 8 * images**2 + 1e9
    assert result(tmp_path, images).shape == (images, images)
