"""Extraction on an NVIDIA GPU: the stage beside the network, the decoding and the disk alone.

On a machine with an NVIDIA GPU and Python 3.11 to 3.13, without this project's environment:

    python -m venv gpu && gpu/bin/pip install "jax[cuda12]" keras numpy pillow h5py
    gpu/bin/python tests/benchmarks/gpu.py

It takes about five minutes and 10 GB in the temporary folder (TMPDIR), whose disk is measured.
Wanted on an H100 with 16 cores: VGG16 fc2 in bfloat16 at 5,000 images/s, five layers at 1,000.
`gpu.py IMAGES WIDE_IMAGES` takes other numbers of images, as to try it on a CPU: `gpu.py 16 16`.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
from extraction import ROOT, write_photographs
from table import Row, seconds_of, show

IMAGES, WIDE_IMAGES, FILES = 40_000, 8_000, 2_000
SIZE, EDGES, PIECE = 224, (300, 200), 1024
LAYERS = {"fc2": ["fc2"], "five layers": ["block3_pool", "block4_pool", "block5_pool", "fc2"]}
LAYERS["five layers"].append("logits")


def describe(folder):
    """Leave weights and description of VGG16 at random weights."""
    from settings_of import settings_of

    from fewshot.files import read_json
    from weights import weights

    paths = {"weights_path": folder / "vgg16.weights.h5", "backbone_path": folder / "vgg16.json"}
    weights(settings=settings_of("VGG16"), seed=0, **paths)
    return read_json(paths["backbone_path"]), paths["weights_path"]


def measure(layers, images, folder, backbone, weights_path):
    """Images a second of the stage, of the network, of the decoding and of the disk, each alone."""
    from fewshot.backbone.batches import choose_batch
    from fewshot.backbone.devices import check_gpu, use_precision
    from fewshot.backbone.extraction import compute_pieces, make_store
    from fewshot.backbone.networks import build_reader
    from fewshot.data.decoding import Decoder
    from fewshot.data.framing import Framing

    settings = {"precision": use_precision("bfloat16"), "storage": "float16"}
    on_gpu, threads = check_gpu(0), len(os.sched_getaffinity(0))
    photographs, framing = folder / f"{len(layers)} {images}", Framing.of(backbone)
    rows = write_photographs(photographs, EDGES, min(FILES, images), images)
    with tempfile.TemporaryDirectory(dir=folder) as out:
        stores = [make_store(layer, backbone, settings, out) for layer in layers]
        batch = choose_batch(backbone, stores, on_gpu)
        reader = build_reader(backbone, layers, weights_path, **settings)

        def stage(wanted):
            compute_pieces(
                lambda: reader,
                wanted,
                stores,
                root=photographs,
                framing=framing,
                batch_size=batch,
                piece_images=PIECE,
                threads=threads,
                on_gpu=on_gpu,
                began=time.monotonic(),
            )

        def decode():
            batches = [rows[i : i + batch] for i in range(0, images, batch)]
            with Decoder(batches, photographs, framing, batch, threads, 1) as decoder:
                for _ in decoder:
                    pass

        few = images // 8  # what is compiled, and processes that start, do not count
        more = seconds_of(stage, rows) - seconds_of(stage, rows[:few])
        yield "the stage", (images - few) / more
    yield f"the network, batches of {batch} on the device", forward_alone(reader, batch)
    yield f"{threads} decoding processes", images / seconds_of(decode)
    width = sum(store.width for store in stores)
    yield "a plain write and fsync", images / seconds_of(write_plainly, folder, images, width)


def forward_alone(reader, batch, rounds=20):
    """Images a second of the network on a batch that stays on the device."""
    import jax

    state = [
        [variable.value for variable in variables]
        for variables in (reader.trainable_variables, reader.non_trainable_variables)
    ]
    run = jax.jit(lambda state, x: reader.stateless_call(*state, x, training=False)[0])
    pixels = jax.device_put(np.zeros((batch, SIZE, SIZE, 3), np.uint8))
    jax.block_until_ready(run(state, pixels))
    rounds = rounds if jax.default_backend() != "cpu" else 1
    start = time.perf_counter()
    jax.block_until_ready([run(state, pixels) for _ in range(rounds)][-1])
    return rounds * batch / (time.perf_counter() - start)


def write_plainly(folder, images, width):
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        rows = np.ones((32, width), np.float16)
        for _ in range(-(-images // 32)):
            file.write(rows)
        os.fsync(file.fileno())


def rows(images=IMAGES, wide_images=WIDE_IMAGES):
    """Measure, and yield a row of the table for what each is beside."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        backbone, weights_path = describe(folder)
        counts = zip(LAYERS.items(), (images, wide_images), strict=True)
        for (name, layers), count in counts:
            measured = measure(layers, count, folder, backbone, weights_path)
            _, own = next(measured)
            for beside, other in measured:
                yield Row(f"VGG16 {name}, bfloat16", own, "images/s", beside, other)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests/workflow"), str(ROOT / "scripts")]
    show(rows(*map(int, sys.argv[1:])))
