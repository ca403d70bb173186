"""Jobs: what Snakemake takes for a thousand small heads, and a scan beside decoding alone.

The heads are trained by Snakemake, two at a time, and once more by one process: the difference of
their processor seconds is what a job costs beside its own work. Takes four minutes on two cores.
"""

import io
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/workflow")]

from extraction import write_photographs  # noqa: E402
from projects import copy_project, draw_classes, run, write_study  # noqa: E402
from table import Row, show  # noqa: E402

from fewshot.data.manifest import ManifestRow, scan_images  # noqa: E402
from train_head import train_head  # noqa: E402

LAYERS, SHOTS = ["block3_pool", "block4_pool", "block5_pool"], [1, 2, 3, 4, 5]
SOLVERS = ({"solver": "sgd", "epochs": 3}, {"solver": "logistic"}, {"solver": "ridge"})
HEADS = 1005
SIZE, FILES, IMAGES = (400, 300), 200, 2000
SETTINGS = {"epochs": 3, "batch_size": 32, "learning_rate": 0.01, "momentum": 0.9}


def make_study(heads):
    """Study of so many grid points, of which 15 share a head: the next multiple of that."""
    own = {f"h{number}": SOLVERS[number % len(SOLVERS)] for number in range(-(-heads // 15))}
    backbone = {"network": "SmallVGG", "weights": "characters", "feature_maps": []}
    return {
        "study": "many",
        "datasets": {"shapes": {"source": "data/shapes", "classes": "folders"}},
        "backbones": {"small": backbone | {"layers": [LAYERS]}},
        "draws": {"test": 2, "images_per_class": 7, "repeats": 2},
        "heads": own,
        "experiments": {"shots": {"layers": LAYERS, "shots": SHOTS}},
    }


def processor_seconds(do):
    """Processor seconds of a call, those of processes that it starts and that end included."""
    whose = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    before = sum(sum(resource.getrusage(who)[:2]) for who in whose)
    do()
    return sum(sum(resource.getrusage(who)[:2]) for who in whose) - before


def train_alone(project, study):
    """Train every head of the study in this process."""
    for name, head in study["heads"].items():
        for layer in LAYERS:
            for shots in SHOTS:
                place = project / "results/shapes/small" / layer / "T1"
                kinds = ("results", "curves", "weights", "predictions")
                train_head(
                    coordinates_path=place / "coordinates.h5",
                    index_path=place / "coordinates.json",
                    draws_path=project / "results/shapes/draws.csv",
                    shots=shots,
                    head=SETTINGS | head,
                    seed=0,
                    predictions="all",
                    **{f"{kind}_path": project / f"alone/{name}.{kind}" for kind in kinds},
                )


def head_rows(folder, heads):
    project, study = copy_project(folder / "project"), make_study(heads)
    draw_classes(project / "data/shapes", 7)
    write_study(project, study)
    heads = len(study["heads"]) * len(LAYERS) * len(SHOTS)
    run(project, "--until", "compact", "draw")
    until = "--until", "train_head"
    whole = processor_seconds(lambda: run(project, *until))
    began = time.perf_counter()
    start = processor_seconds(lambda: run(project, *until))
    wall = time.perf_counter() - began
    (project / "alone").mkdir()
    with redirect_stdout(io.StringIO()):  # what else goes to a log
        own = processor_seconds(lambda: train_alone(project, study))
    overhead = (whole - start - own) / heads
    yield Row(f"a job of {heads} heads, less its own work", overhead, "CPU s", "that", own / heads)
    yield Row(f"a run of {heads} jobs that are done", wall, "s")


def decode_alone(path):
    with Image.open(path) as image:
        image.load()


def scan_row(folder):
    pool_rows = write_photographs(folder, SIZE, FILES, IMAGES)
    listed = [ManifestRow(row.image, row.class_name) for row in pool_rows]
    began = time.perf_counter()
    assert all(image.row.status == "ok" for image in scan_images(folder, listed, 2))
    scanned = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(decode_alone, [folder / row.image for row in listed], chunksize=8))
    rates = IMAGES / (scanned - began), IMAGES / (time.perf_counter() - scanned)
    return Row("scan, 400 x 300, two processes", rates[0], "images/s", "decoding alone", rates[1])


def rows(heads=HEADS):
    """Yield a `Row` for each."""
    with tempfile.TemporaryDirectory() as temporary:
        yield scan_row(Path(temporary, "photographs"))
        yield from head_rows(Path(temporary), heads)


if __name__ == "__main__":
    show(rows(*map(int, sys.argv[1:])))
