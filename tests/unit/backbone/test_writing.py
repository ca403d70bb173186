"""Pieces written by processes: all rows, in their order, and nothing that is not whole."""

import errno
import os
import re
import time

import numpy as np
import pytest

from fewshot.backbone.activations import COLUMNS, find_pieces, open_piece
from fewshot.backbone.extraction import Store
from fewshot.backbone.writing import AHEAD, Disk
from fewshot.errors import InputError

WIDTHS = {"a": 9000, "b": 5, "c": 70_000}
BATCH = 4
# Rows of the batches of three pieces; more than may wait.
PIECES = ((4, 4, 3), (4, 4, 4, 4, 4, 2), (1,))


@pytest.fixture
def stores(tmp_path):
    dtypes = {"a": "float16", "b": "float32", "c": "float16"}
    return [
        Store(layer, tmp_path / layer / "pieces", f"recipe{layer}", width, dtypes[layer])
        for layer, width in WIDTHS.items()
    ]


def rows_of(store, first, count):
    """A row for each image, which tells by itself which it is."""
    return (np.arange(first, first + count)[:, None] + np.arange(store.width) % 7).astype(
        store.dtype
    )


def write_all(disk, stores):
    first = 0
    for batches in PIECES:
        images = [f"{number:064x}" for number in range(first, first + sum(batches))]
        for number, count in enumerate(batches):
            # Whole batches, of which the last rows do not count.
            activations = [rows_of(store, first, BATCH) for store in stores]
            disk.write(activations, count, None if number else (images, time.monotonic()))
            for rows in activations:  # which are the caller's again
                rows[:] = -1
            first += count
    return first


@pytest.mark.parametrize("processes", [1, 2, 8])
def test_every_row_lies_where_it_belongs(stores, processes):
    with Disk(stores, BATCH, processes) as disk:
        assert len(disk._writers) == min(processes, 2)  # 158 kB an image
        images = write_all(disk, stores)
        disk.finish()
        assert disk.seconds > 0
    for store in stores:
        found = find_pieces(store.folder, store.recipe)
        assert len(found) == images == 34
        assert len({name for name, _ in found.values()}) == len(PIECES)
        for name in {name for name, _ in found.values()}:
            with open_piece(store.folder / name) as (activations, names):
                first = int(names[0], 16)
                expected = rows_of(store, first, len(names))
                np.testing.assert_array_equal(activations[:], expected)
                assert activations.dtype == store.dtype
        assert {path.suffix for path in store.folder.iterdir()} == {".h5"}


def test_a_piece_that_lacks_rows_never_appears(stores, tmp_path):
    with Disk(stores, BATCH, 2) as disk:
        activations = [rows_of(store, 0, BATCH) for store in stores]
        disk.write(activations, BATCH, ([f"{n:064x}" for n in range(6)], time.monotonic()))
        disk.finish()
        assert not list(tmp_path.rglob("pieces/*.h5"))
        assert len(list(tmp_path.rglob(".partial-*"))) == 3
    # Nor does anything else stay.
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not list(tmp_path.rglob(".partial-*"))


def write_again_and_again(disk, stores):
    """Pieces of one batch, one more than may wait before the first is asked for."""
    for _ in range(AHEAD + 2):
        images = [f"{number:064x}" for number in range(BATCH)]
        activations = [rows_of(store, 0, BATCH) for store in stores]
        disk.write(activations, BATCH, (images, time.monotonic()))


def test_an_error_is_raised_a_few_batches_later_at_most(stores, tmp_path):
    (tmp_path / "c").write_bytes(b"")  # where a folder is to be
    error = re.escape(os.strerror(errno.ENOTDIR))
    with Disk(stores, BATCH, 1) as disk, pytest.raises(OSError, match=error):
        write_again_and_again(disk, stores)
    assert not list(tmp_path.rglob(".partial-*"))


def test_a_piece_that_is_damaged_before_it_is_in_its_place_does_not_get_there(stores, tmp_path):
    """One bit of a chunk is turned after it was written and before the file is closed."""
    store = stores[0]._replace(width=2_000_000)  # more than HDF5 holds back
    rows = rows_of(store, 0, BATCH)
    chunks = [rows[:, i : i + COLUMNS].tobytes() for i in range(0, store.width, COLUMNS)]
    with Disk([store], BATCH, 1) as disk:
        images = [f"{number:064x}" for number in range(2 * BATCH)]
        disk.write([rows], BATCH, (images, time.monotonic()))
        disk._writers[0]._waiting[0].result()
        (partial,) = tmp_path.rglob("*.h5")
        with open(partial, "r+b") as file:
            data = file.read()
            place = max(map(data.find, chunks))
            file.seek(place)
            file.write(bytes([data[place] ^ 1]))
        disk.write([rows], BATCH)
        with pytest.raises(InputError, match=r"must be .*\.h5"):
            disk.finish()
    assert not list(tmp_path.rglob("*.h5"))
