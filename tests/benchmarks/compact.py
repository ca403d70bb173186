"""Compaction of a wide layer, beside the product of the matrix alone. Takes about a minute.

The width is that of block4_pool, in pieces as `extract` leaves them; 0.6 GB of them go to the folder
for temporary files. Beside it NumPy forms X X^T of activations that are in memory already, once,
which reads nothing, factors nothing and writes nothing.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from table import Row, peak_memory, seconds_of, show  # noqa: E402

from compact import compact  # noqa: E402
from fewshot.backbone.activations import PieceWriter, layer_reader  # noqa: E402
from fewshot.files import write_json  # noqa: E402

LAYER, IMAGES, WIDTH, PIECE, BATCH = "block4_pool", 3000, 100_352, 1000, 50


def write_activations(folder):
    """Write pieces of random numbers behind a ReLU, and the list of them."""
    rng = np.random.default_rng(0)
    runs = []
    for start in range(0, IMAGES, PIECE):
        images = [f"{row:064x}" for row in range(start, start + PIECE)]
        pieces = Path(folder, LAYER, "pieces")
        with PieceWriter(pieces, "recipe", images, WIDTH, "float16", BATCH) as writer:
            for _ in range(0, PIECE, BATCH):
                rows = rng.standard_normal((BATCH, WIDTH), np.float32)
                writer.append(np.maximum(rows, 0, out=rows))
        runs.append([writer.name, 0, PIECE])
    write_json(Path(folder, "part.json"), {LAYER: {"width": WIDTH, "runs": runs}})


def rows():
    """Yield seconds and memory."""
    with tempfile.TemporaryDirectory() as folder:
        write_activations(folder)
        own = seconds_of(
            compact,
            index_paths=[f"{folder}/part.json"],
            layer=LAYER,
            temperature=None,
            centred=False,
            folder=folder,
            coordinates_path=f"{folder}/coordinates.h5",
            index_path=f"{folder}/coordinates.json",
        )
        memory = peak_memory()
        read, _, width = layer_reader([f"{folder}/part.json"], LAYER, folder)
        activations = read(0, width)
    other = seconds_of(lambda: activations @ activations.T)
    what = f"compact: {IMAGES:,} images x {WIDTH:,}"
    yield Row(what, own, "s", "NumPy, X X^T alone", other, memory)


if __name__ == "__main__":
    show(rows())
