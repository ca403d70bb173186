"""HDF5 files: complete, and not one bit changes without being noticed."""

import fcntl
import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

from fewshot.errors import InputError
from fewshot.hdf5 import add_dataset, open_hdf5, read_rows, whole_hdf5

TABLE = np.random.default_rng(0).standard_normal((20, 30)).astype(np.float32)
NAMES = np.array([f"{number:064x}" for number in range(20)], "S64")


def write(path):
    with whole_hdf5(path) as file:
        add_dataset(file, "table", TABLE.shape, TABLE.dtype, (6, 1000))[:] = TABLE
        add_dataset(file, "names", NAMES.shape, NAMES.dtype, NAMES.shape)[:] = NAMES
        file.attrs["seconds"] = 1.5


def read(path):
    with open_hdf5(path, ["table", "names"]) as (table, names):
        return read_rows(table), read_rows(names), float(table.file.attrs["seconds"])


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "a.h5")
    return tmp_path / "a.h5"


def test_what_was_written_is_read(path):
    table, names, seconds = read(path)
    np.testing.assert_array_equal(table, TABLE)
    np.testing.assert_array_equal(names, NAMES)
    assert seconds == 1.5
    with h5py.File(path) as file:
        assert file["table"].chunks == (6, 30)
        assert file["table"].fletcher32
        assert file["names"].fletcher32


@pytest.mark.slow
def test_every_single_bit_is_guarded(path):
    """Flip one bit of every byte: reading is refused by name, or gives what was written."""
    whole = path.read_bytes()
    refused = 0
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        try:
            table, names, seconds = read(path)
        except InputError as error:
            refused += "a.h5" in str(error)
            continue
        np.testing.assert_array_equal(table, TABLE)
        np.testing.assert_array_equal(names, NAMES)
        assert seconds == 1.5
    # What is left are bytes between the parts of the file, which hold nothing.
    assert refused > TABLE.nbytes + NAMES.nbytes


def test_a_block_that_fails_leaves_nothing(tmp_path):
    def fail():
        with whole_hdf5(tmp_path / "a.h5") as file:
            add_dataset(file, "table", TABLE.shape, TABLE.dtype, TABLE.shape)
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_never_completed_is_refused(path):
    with h5py.File(path, "a") as file:
        file.attrs["complete"] = False
    with pytest.raises(InputError, match=r"a\.h5 \(not complete\)\. Hint: rm -f .*a\.h5, then run"):
        read(path)


def test_a_dataset_that_is_not_there_is_told(path):
    with pytest.raises(InputError, match=r"a\.h5 .*other"), open_hdf5(path, ["other"]):
        pass


def in_another_process(body, path):
    """Run code where h5py, imported first, takes locks, and return what it says on errors."""
    code = f"import h5py, sys; from fewshot.hdf5 import open_hdf5\n{body}"
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


def test_readers_take_no_lock(path):
    with open(path, "rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        assert "unable to lock file" in in_another_process("h5py.File(sys.argv[1])", path)
        assert in_another_process("open_hdf5(sys.argv[1], ['table']).__enter__()", path) == ""


def test_what_the_system_lacks_is_not_blamed_on_the_file(path):
    body = "\n".join(
        [
            "import resource",
            "from fewshot.errors import InputError",
            "h5py.File(sys.argv[1], locking=False).close()",
            "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
            "try:",
            "    open_hdf5(sys.argv[1], ['table']).__enter__()",
            "except InputError as error:",
            "    print(error, file=sys.stderr)",
        ]
    )
    told = in_another_process(body, path)
    assert "must be readable" in told
    assert "Too many open files" in told
    assert "rm " not in told
