"""Coordinates on disk: any rows of them, and nothing but what the index describes."""

import hashlib
import json

import h5py
import numpy as np
import pytest

from fewshot.backbone.coordinates import read_coordinates, write_coordinates
from fewshot.errors import InputError

COORDINATES = np.random.default_rng(0).standard_normal((400, 90)).astype(np.float32)


@pytest.fixture
def paths(tmp_path):
    paths = tmp_path / "coordinates.h5", tmp_path / "coordinates.json"
    write_coordinates(COORDINATES, *paths)
    return paths


@pytest.mark.parametrize(
    "rows",
    [[0], [399], range(400), [0, 1, 2, 7, 8, 399], range(1, 400, 2), [180, 181, 182, 183, 184]],
)
def test_rows_are_those_that_were_written(paths, rows):
    read = read_coordinates(*paths, np.array(rows))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, COORDINATES[np.array(rows)])


def test_index_describes_the_numbers(paths):
    index = json.loads(paths[1].read_text())
    assert (index["images"], index["numbers"]) == COORDINATES.shape
    assert index["sha256"] == hashlib.sha256(COORDINATES.tobytes()).hexdigest()


@pytest.mark.parametrize("columns", [1, 20_000])
def test_narrow_and_wide_coordinates(tmp_path, columns):
    wanted = np.arange(3.0 * columns, dtype=np.float32).reshape(3, columns)
    paths = tmp_path / "c.h5", tmp_path / "c.json"
    write_coordinates(wanted, *paths)
    np.testing.assert_array_equal(read_coordinates(*paths, np.array([0, 2])), wanted[[0, 2]])


@pytest.mark.parametrize("damage", ["absent", "cut", "no mark", "flipped bit", "other shape"])
def test_what_the_index_does_not_describe_is_refused(paths, damage):
    path, index_path = paths
    if damage == "absent":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-1000])
    elif damage == "no mark":
        with h5py.File(path, "a") as file:
            del file.attrs["complete"]
    elif damage == "flipped bit":
        data = bytearray(path.read_bytes())
        data[data.index(COORDINATES[200].tobytes())] ^= 1
        path.write_bytes(data)
    else:
        write_coordinates(COORDINATES[:399], path, index_path.with_name("other.json"))
    with pytest.raises(InputError, match=r"Received: .*coordinates\.h5.*Hint: rm -f .*\.h5, then"):
        read_coordinates(path, index_path, np.arange(300))
