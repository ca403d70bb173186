"""Extraction beside model.predict: images/s of both, printed. Takes some minutes on two cores.

Run by `make bench`. `model.predict` is given preprocessed images that are in memory already; the
stage reads JPEG files, decodes and resizes them, runs the network and writes five layers.
"""

import os
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/workflow")]

from settings_of import settings_of  # noqa: E402

from extract import extract  # noqa: E402
from fewshot.data.pool import PoolRow  # noqa: E402
from fewshot.files import write_json  # noqa: E402
from fewshot.records import write_records  # noqa: E402
from weights import weights  # noqa: E402

LAYERS = ["block3_pool", "block4_pool", "block5_pool", "fc2", "logits"]
BATCH, COUNT = 32, 256


def write_photographs(folder, count):
    """JPEG files of the size of Caltech-256's, and a pool of them."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(count):
        rough = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8))
        path = Path(folder, f"{number}.jpg")
        rough.resize((400, 300), Image.Resampling.BICUBIC).save(path, quality=90)
        digest = sha256(path.read_bytes()).hexdigest()
        rows.append(PoolRow(number, path.name, "a", 0, digest, digest))
    write_records(f"{folder}/pool.csv", PoolRow, rows)
    write_json(Path(folder, "source.json"), {"root": str(folder)})


def bench(precision, count, folder):
    """Images a second of predict and of the whole stage, imports left out of both."""
    import keras

    policy = "float32" if precision == "float32" else f"mixed_{precision}"
    keras.config.set_dtype_policy(policy)
    model = keras.applications.VGG16(weights=None)
    keras.config.set_dtype_policy("float32")
    model.load_weights(f"{folder}/vgg16.weights.h5")
    images = np.random.default_rng(0).normal(0, 60, (count, 224, 224, 3)).astype(np.float32)
    rates = {}
    for name, jit in (("predict", False), ("predict, XLA", True)):
        model.compile(jit_compile=jit)
        model.predict(images[:BATCH], batch_size=BATCH, verbose=0)
        start = time.perf_counter()
        model.predict(images, batch_size=BATCH, verbose=0)
        rates[name] = count / (time.perf_counter() - start)
    start = time.perf_counter()
    extract(
        source_path=f"{folder}/source.json",
        pool_path=f"{folder}/pool.csv",
        backbone_path=f"{folder}/vgg16.json",
        weights_path=f"{folder}/vgg16.weights.h5",
        layers=LAYERS,
        extraction={
            "batch_size": BATCH,
            "precision": precision,
            "storage": "float16",
            "parts": 1,
            "piece_images": 1024,
        },
        part=1,
        folder=f"{folder}/{precision}",
        index_path=f"{folder}/{precision}/index.json",
        threads=os.cpu_count(),
        gpus=0,
    )
    rates["whole stage, building and loading the network included"] = count / (
        time.perf_counter() - start
    )
    print(f"VGG16, {precision}, batch {BATCH}, {count} images, {os.cpu_count()} cores:")
    for name, rate in rates.items():
        print(
            f"  {name}: {rate:.2f} images/s, {rate / max(list(rates.values())[:2]):.2f} of predict"
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        write_photographs(temporary, COUNT)
        weights(
            settings=settings_of("VGG16"),
            seed=0,
            weights_path=f"{temporary}/vgg16.weights.h5",
            backbone_path=f"{temporary}/vgg16.json",
        )
        for chosen in sys.argv[1:] or ["float32", "bfloat16"]:
            bench(chosen, COUNT, temporary)
