"""What tests in several folders share, and how tests are dealt out to workers."""

import fcntl
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from projects import EVERY_RULE, command, copy_project, run, write_study
from xdist.scheduler import LoadScopeScheduling

from fewshot.data.pool import PoolRow
from fewshot.files import write_json
from fewshot.records import write_records

# Those that take longest start first.
FIRST = (
    *("slurm", "test_photographs", "test_kill", "test_damage", "test_disk_full", "test_demo"),
    "test_hostile_names",
)


class ByFile(LoadScopeScheduling):
    """Keeps the tests of a file on one worker, for they share fixtures; all of Slurm share one."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return "slurm" if file.startswith("tests/slurm/") else file


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    items.sort(key=_place)


def _place(item):
    folder = item.path.parent.name
    name = "slurm" if folder == "slurm" else item.path.stem
    if name in FIRST:
        return FIRST.index(name)
    # Short ones come last: they fill what time is left on every worker.
    return len(FIRST) + (folder not in ("workflow", "peers"))


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Return a function that makes what all workers of a run share: by the first, others wait."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def once(name, make):
        """Give the folder `name` that `make` fills."""
        folder, outcome = root / name, root / f"{name}.outcome"
        with open(root / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not outcome.exists():
                outcome.write_text("failed where it was made: see the first test that needed it")
                make(folder)
                outcome.write_text("")
        assert outcome.read_text() == "", name
        return folder

    return once


@pytest.fixture(scope="session")
def demo(once):
    """Run the demo, once in a run, in a copy of the project and return its report's folder."""

    def make(folder):
        project = copy_project(folder / "few shots")
        done = command(project, "--profile", "profiles/demo", "--cores", "2")
        assert done.returncode == 0, done.stdout

    return once("demo", make) / "few shots/reports/demo"


@pytest.fixture(scope="session")
def every(once):
    """Run a small study with every rule once: for copies of it, and not to be changed."""

    def make(folder):
        project = copy_project(folder / "few shots")
        write_study(project, EVERY_RULE)
        run(project)

    return once("every", make) / "few shots"


@pytest.fixture(scope="session")
def write_images():
    """Return `_write_images`."""
    return _write_images


def _write_images(folder, count):
    """Save pictures of different sizes below 128 pixels, PNG and JPEG, and a pool of them.

    Parameters
    ----------
    folder : Path
        Receives images/, source.json and pool.csv.
    count : int
        At most 1,009. They are not in the order of their names.

    Returns
    -------
    list of PoolRow
    """
    rng = np.random.default_rng(0)
    rows = []
    for number in range(count):
        rough = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        size = tuple(map(int, rng.integers(33, 121, 2)))
        kind = ("png", "jpg")[number % 2]
        path = Path(folder, "images", f"{number * 37 % 1009:04}.{kind}")
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC).save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        label = number % 3
        rows.append(PoolRow(number, path.name, "abc"[label], label, digest, digest))
    write_records(folder / "pool.csv", PoolRow, rows)
    write_json(folder / "source.json", {"root": str(folder / "images")})
    return rows
