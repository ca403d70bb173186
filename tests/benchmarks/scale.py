"""Stages that hold a row for each image, at a tenth of a million of them and at a fifth of that.

A thousand classes, five repeats, no pictures: manifests and predictions are made up, and what is
measured are the stages themselves, each in a process of its own. Takes about two minutes. A stage
whose cost is in proportion to the images has a ratio of 0.2.
"""

import multiprocessing
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from table import Row, peak_memory, show  # noqa: E402

from collect import collect  # noqa: E402
from draw import draw  # noqa: E402
from fewshot.data.copies import mark_copies  # noqa: E402
from fewshot.data.draws import TRAINED, read_draws  # noqa: E402
from fewshot.data.manifest import ManifestRow  # noqa: E402
from fewshot.heads.head_files import RESULT_COLUMNS  # noqa: E402
from fewshot.heads.predictions import write_predictions  # noqa: E402
from fewshot.point import Point  # noqa: E402
from fewshot.records import read_records, write_records, write_table  # noqa: E402
from fewshot.results.choices import Choice  # noqa: E402
from mistakes import mistakes  # noqa: E402
from pool import pool  # noqa: E402

SIZES, CLASSES, REPEATS, SHOTS = (20_000, 100_000), 1000, 5, (4, 8)
COPIED = 0.02  # of the images
DATASET = "made"
POINTS = [Point(DATASET, "net", "pooled", "1", shots, "tuned") for shots in SHOTS]


def make_manifest(folder, images):
    """Write what a scan finds, copies not marked yet."""
    rng = np.random.default_rng(images)
    hashes = [int.from_bytes(rng.bytes(16)) for _ in range(images)]
    copied = rng.choice(images - CLASSES, round(COPIED * images), replace=False) + CLASSES
    for row in copied.tolist():
        hashes[row] = hashes[row - CLASSES] ^ 1  # of the same class, one bit apart
    found = [
        ManifestRow(
            *(f"class_{row % CLASSES:04}/{row:08}.jpg", f"class_{row % CLASSES:04}"),
            *(rng.bytes(32).hex(), 23_000, 400, 300, "RGB", f"{value:032x}", "ok"),
        )
        for row, value in enumerate(hashes)
    ]
    write_records(folder / "scanned.csv", ManifestRow, found)


def make_heads(folder, images):
    """Write what heads say, right on seven images of ten, and that one of them is recommended."""
    draws, rng = read_draws(folder / "draws.csv"), np.random.default_rng(images)
    for point in POINTS:
        said = []
        for repeat, (train, _) in enumerate(draws.parts(point.shots)):
            roles = draws.roles(repeat, train)
            rank = np.where(rng.random(len(roles)) < 0.7, 0, rng.integers(1, CLASSES, len(roles)))
            named = np.where(rank, rng.integers(0, CLASSES, len(roles)), draws.labels)
            sure = rng.random((2, len(roles)), np.float32)
            columns = (roles, named.astype(np.uint16), rank.astype(np.uint16), *sure)
            said.append(tuple(np.where(roles == TRAINED, 0, each) for each in columns))
        write_predictions(folder / f"{point.shots}.h5", said)
        rows = [[repeat, "", 1e-3, *[0.7] * 4, 1, "", 1] for repeat in range(REPEATS)]
        write_table(folder / f"{point.shots}.csv", RESULT_COLUMNS, rows)
    numbers = (1, REPEATS, 0.7, 0.6, 0.8, *[np.nan] * 5, 768, 0.001, 1, 1)
    write_records(folder / "choices.csv", Choice, [Choice(*point, *numbers) for point in POINTS])


def mark(folder):
    """Find copies, as `scan` does when all files are read."""
    found = mark_copies(read_records(folder / "scanned.csv", ManifestRow), turned={})
    write_records(folder / "manifest.csv", ManifestRow, found)


def choose(folder):
    """Draw the pool."""
    pool(
        manifest_path=folder / "manifest.csv",
        images_per_class="all",
        exclude=(),
        seed=0,
        least=max(SHOTS) + 1,
        official=False,
        skip_small=False,
        pool_path=folder / "pool.csv",
    )


def part(folder):
    """Draw test and training images."""
    draw(
        pool_path=folder / "pool.csv",
        test="rest",
        test_at_most=None,
        shots=max(SHOTS),
        repeats=REPEATS,
        seed=0,
        draws_path=folder / "draws.csv",
    )


def of_heads(folder):
    """Name what both tables of heads read."""
    return {
        "points": POINTS,
        "datasets": [DATASET],
        "predictions_paths": [folder / f"{shots}.h5" for shots in SHOTS],
        "draws_paths": [folder / "draws.csv"],
    }


def gather(folder):
    """Collect the results of two heads."""
    collect(
        **of_heads(folder),
        result_paths=[folder / f"{shots}.csv" for shots in SHOTS],
        **{f"{name}_path": folder / f"{name}.csv" for name in ("accuracy", "summary")},
        calibration_path=folder / "calibration.csv",
    )


def judge(folder):
    """Say which classes and images they get wrong."""
    mistakes(
        **of_heads(folder),
        choices_path=folder / "choices.csv",
        pools_paths=[folder / "pool.csv"],
        **{f"{name}_path": folder / f"{name}.csv" for name in ("classes", "confusion", "images")},
    )


def measured(stage, folder):
    """Run a stage in this process: processor seconds, and its memory in GB."""
    start = time.process_time()
    stage(folder)
    return time.process_time() - start, peak_memory()


STAGES = {  # after what makes their inputs
    "copies": (mark, make_manifest),
    "pool": (choose, None),
    "draw, 5 repeats, test: rest": (part, None),
    "collect, 2 heads": (gather, make_heads),
    "mistakes": (judge, None),
}


def rows():
    """Yield processor seconds of each stage at both sizes."""
    costs = {}
    context = multiprocessing.get_context("spawn")  # a fork would start with our memory
    for images in SIZES:
        with (
            tempfile.TemporaryDirectory() as folder,
            ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as processes,
        ):
            for name, (stage, prepare) in STAGES.items():
                if prepare:
                    processes.submit(prepare, Path(folder), images).result()
                costs[name, images] = processes.submit(measured, stage, Path(folder)).result()
    few, many = SIZES
    for name in STAGES:
        (other, _), (own, memory) = costs[name, few], costs[name, many]
        what = f"{name}: {many:,} images of {CLASSES:,} classes"
        yield Row(what, own, "CPU s", f"{few:,} images", other, memory)


if __name__ == "__main__":
    show(rows())
