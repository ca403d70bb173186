"""All blocks of a DINOv2 in one forward pass beside its last layer alone. Takes a minute or two.

Images are random, and in memory already; so are the network's weights.
"""

import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from table import Row, peak_memory, show  # noqa: E402

SIZE, BATCH, BATCHES = 224, 32, 3
SMALL = {  # DINOv2 small
    **{"patch_size": 14, "num_layers": 12, "hidden_dim": 384, "num_heads": 6},
    **{"intermediate_dim": 1536, "position_embedding_shape": [SIZE, SIZE]},
}
BACKBONE = {
    **{"network": "DINOV2Backbone", "include_top": False, "image_size": SIZE},
    "hub": {
        **{"class_name": "DINOV2Backbone", "arguments": SMALL},
        **{"scale": [1 / 58] * 3, "offset": [-2.0] * 3},
    },
}
LAST = ["layernorm@cls"]
SWEEP = [f"stage{n}@{pooling}" for n in range(1, 13) for pooling in ("mean", "cls")] + LAST


def rows():
    """Yield images/s of both; they take turns, so that what disturbs one disturbs the other."""
    from fewshot.backbone.networks import build_network, compiled_by_xla, read_layers

    network = build_network(BACKBONE)
    images = np.random.default_rng(0).integers(0, 256, (BATCH, SIZE, SIZE, 3)).astype("float32")
    readers = [read_layers(network, layers) for layers in (LAST, SWEEP)]
    seconds = [[], []]
    for reader in readers:
        reader.compile(jit_compile=compiled_by_xla())
        reader.predict_on_batch(images)
    for _ in range(BATCHES):
        for times, reader in zip(seconds, readers, strict=True):
            began = time.monotonic()
            reader.predict_on_batch(images)
            times.append(time.monotonic() - began)
    last, sweep = (BATCH / np.median(times) for times in seconds)
    what = "forward pass: DINOv2 small, all 12 blocks pooled in two ways"
    yield Row(what, sweep, "images/s", f"the same, {LAST[0]} alone", last, peak_memory())


if __name__ == "__main__":
    show(rows())
