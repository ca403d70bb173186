"""Compaction of a wide layer: peak memory and seconds, printed. Takes about half a minute.

Run by `make bench`. The size is that of block4_pool for 4,000 images, in pieces as `extract`
leaves them; 0.8 GB of them go to the folder for temporary files.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from compact import compact  # noqa: E402
from fewshot.backbone.activations import PieceWriter  # noqa: E402
from fewshot.files import write_json  # noqa: E402

IMAGES, WIDTH, PIECE, BATCH = 4000, 100_352, 1000, 50


def write_activations(folder):
    """Pieces of random numbers behind a ReLU, and the list of them."""
    rng = np.random.default_rng(0)
    runs = []
    for start in range(0, IMAGES, PIECE):
        images = [f"{row:064x}" for row in range(start, start + PIECE)]
        pieces = Path(folder, "block4_pool", "pieces")
        with PieceWriter(pieces, "recipe", images, WIDTH, "float16", BATCH) as writer:
            for _ in range(0, PIECE, BATCH):
                rows = rng.standard_normal((BATCH, WIDTH), np.float32)
                writer.append(np.maximum(rows, 0, out=rows))
        runs.append([writer.name, 0, PIECE])
    index = {"block4_pool": {"width": WIDTH, "runs": runs}}
    write_json(Path(folder, "part.json"), index)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        write_activations(temporary)
        start = time.perf_counter()
        compact(
            index_paths=[f"{temporary}/part.json"],
            layer="block4_pool",
            temperature=None,
            folder=temporary,
            coordinates_path=f"{temporary}/coordinates.h5",
            index_path=f"{temporary}/coordinates.json",
        )
        seconds = time.perf_counter() - start
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limit = 2 * 8 * IMAGES**2 + 1e9
    print(f"{IMAGES} images of width {WIDTH}, {os.cpu_count()} cores: {seconds:.1f} s")
    print(f"peak memory {peak / 1e9:.2f} GB, {peak / limit:.2f} of n x n doubles twice and 1 GB")
