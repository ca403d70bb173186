"""Pictures for the tests that run a network, and the demo, at which tests in two folders look."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from projects import command, copy_project

from fewshot.data.pool import PoolRow
from fewshot.files import write_json
from fewshot.records import write_records


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """Run the demo, once in a session, in a copy of the project and return its report's folder."""
    project = copy_project(tmp_path_factory.mktemp("demo") / "few shots")
    done = command(project, "--profile", "profiles/demo", "--cores", "2")
    assert done.returncode == 0, done.stdout
    return project / "reports/demo"


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
