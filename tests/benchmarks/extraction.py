"""Extraction: the stage beside decoding alone, beside the disk alone, and beside model.predict.

- A network that costs next to nothing, two decoding processes: the stage beside these alone.
- The first layer of the smallest MobileNet, which on two cores takes about as long as decoding: the
  stage beside decoding and network one after the other, each alone on all cores.
- The five layers of VGG16 read whole from such a network: the stage beside a plain write with fsync
  of the same bytes. All without the start of processes and of Keras.
- VGG16, fc2: images/s of the stage beside `model.predict` on preprocessed images in memory, both
  without building and loading the network.

The stage of another checkout is measured in turns with this one where the environment variable
FEWSHOT_OTHER names its folder of scripts.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image
from table import Row, seconds_of, show

ROOT = Path(__file__).parents[2]
OWN, OTHER = str(ROOT / "scripts"), os.environ.get("FEWSHOT_OTHER")
sys.path[:0] = [str(ROOT / "tests/workflow"), OWN]

PROCESSES, BATCH, TURNS, WIDE_TURNS = 2, 32, 3, 5
# Images of a short and of a long run: by their difference the start of processes does not count.
SMALL = (400, 300)
SIZES = {SMALL: (320, 2560), (4000, 3000): (64, 160)}
FILES = {SMALL: 200, (4000, 3000): 8}
FIRST_WIDTH, PIXEL_WIDTH = 8, 3
STEP = 8  # pixels, of which one is read
WIDTHS = (28 * 28 * 256, 14 * 14 * 512, 7 * 7 * 512, 4096, 1000)
PIECE = 384
WIDE_IMAGES = PIECE, 4 * PIECE
VGG_IMAGES, VGG_BATCH, VGG_TURNS = 32, 16, 2


def write_photographs(folder, size, files, count):
    """Write JPEG files, and list a pool in which each comes as often as it takes."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(files):
        rough = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8))
        path = folder / f"{number}.jpg"
        rough.resize(size, Image.Resampling.BICUBIC).save(path, quality=90)
    return list_photographs(folder, files, count)


def list_photographs(folder, files, count):
    from fewshot.data.pool import PoolRow

    rows = []
    for number in range(files):
        path = folder / f"{number}.jpg"
        digest = sha256(path.read_bytes()).hexdigest()
        rows.append(PoolRow(number, path.name, "a", 0, digest, digest))
    return (rows * math.ceil(count / files))[:count]


def in_turns(counts, *calls, turns=TURNS, taken=np.min):
    """Images a second of each call(images) between two numbers of images, in turns."""
    shorter, longer = (
        taken([[seconds_of(call, count) for call in calls] for _ in range(turns)], axis=0)
        for count in counts
    )
    return (counts[1] - counts[0]) / (longer - shorter)


def decode_alone(rows, folder, size, images):
    from fewshot.data.decoding import Decoder
    from fewshot.data.framing import Framing

    batches = [rows[i : i + BATCH] for i in range(0, images, BATCH)]
    with Decoder(batches, folder, Framing(size), BATCH, PROCESSES, held=1) as decoder:
        for _ in decoder:
            pass


def compute_alone(reader, size, images):
    batch = np.zeros((BATCH, size, size, 3), np.uint8)
    for _ in range(images // BATCH):
        reader.predict_on_batch(batch)


def staged(reader, widths, rows, folder, size, piece_images, images):
    """Decode, run a model and write what it says, in a folder that is removed."""
    from fewshot.backbone.extraction import Store, compute_pieces
    from fewshot.data.framing import Framing

    with tempfile.TemporaryDirectory(dir=folder) as out:
        stores = [
            Store(str(n), Path(out, str(n)), "r", width, "float16")
            for n, width in enumerate(widths)
        ]
        compute_pieces(
            lambda: reader,
            rows[:images],
            stores,
            root=folder,
            framing=Framing(size),
            batch_size=BATCH,
            piece_images=piece_images,
            threads=PROCESSES,
            on_gpu=False,
            began=time.monotonic(),
        )


def compiled(images, outputs):
    """Make the model that the stage runs, and have it run once."""
    import keras
    from keras import ops

    finite = ops.stack([ops.all(ops.isfinite(each), axis=1) for each in outputs], axis=1)
    reader = keras.Model(images, [*outputs, finite])
    reader.compile(jit_compile=False)
    reader.predict_on_batch(np.zeros((BATCH, *images.shape[1:]), np.uint8))
    return reader


def few_pixels(size):
    """The mean of some pixels, which costs next to nothing."""
    import keras
    from keras import ops

    images = keras.Input((size, size, 3), dtype="uint8")
    said = ops.cast(images[:, ::STEP, ::STEP], "float32")
    return compiled(images, [ops.cast(ops.mean(said, axis=(1, 2)), "float16")])


def first_layer(size):
    """The first layer of the smallest MobileNet, pooled, at random weights."""
    import keras
    from keras import ops

    images = keras.Input((size, size, 3), dtype="uint8")
    network = keras.applications.MobileNet((size, size, 3), alpha=0.25, weights=None)
    said = network.get_layer("conv1")(ops.cast(images, "float32"))
    return compiled(images, [ops.cast(ops.mean(said, axis=(1, 2)), "float16")])


def five_layers(size):
    """The pixels, again and again, as wide as five layers of VGG16."""
    import keras
    from keras import ops

    images = keras.Input((size, size, 3), dtype="uint8")
    flat = ops.reshape(ops.cast(images, "float16"), (-1, size * size * 3))
    repeats = [math.ceil(width / flat.shape[1]) for width in WIDTHS]
    outputs = [
        ops.tile(flat, (1, times))[:, :width] for width, times in zip(WIDTHS, repeats, strict=True)
    ]
    return compiled(images, outputs)


def write_plainly(images, folder):
    """Write as many bytes as five layers have, a file a layer and piece, each with fsync."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        for piece in range(images // PIECE):
            for width in WIDTHS:
                rows = np.ones((BATCH, width), np.float16)
                with open(f"{out}/{piece}-{width}", "wb", buffering=0) as file:
                    for _ in range(PIECE // BATCH):
                        file.write(rows)
                    os.fsync(file.fileno())


def vgg16(precision, scripts, folder):
    """Images a second of the stage of a checkout and of predict, in a process of its own."""
    command = [sys.executable, __file__, "vgg16", precision, scripts, folder]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _vgg16(precision, folder):
    """Tell the rates of the stage whose scripts are first on the path, and of predict."""
    from settings_of import settings_of

    from weights import weights

    folder = Path(folder)
    weights_path, backbone_path = folder / "vgg16.weights.h5", folder / "vgg16.json"
    if not backbone_path.exists():
        settings = settings_of("VGG16")
        weights(settings=settings, seed=0, weights_path=weights_path, backbone_path=backbone_path)
    _extract(folder, precision, VGG_BATCH)  # Keras is imported, files are in memory
    counts = VGG_BATCH, VGG_BATCH + VGG_IMAGES
    (stage,) = in_turns(counts, partial(_extract, folder, precision), turns=VGG_TURNS)
    print(json.dumps({"stage": stage, "predict": _predict(precision, weights_path)}))


def _extract(folder, precision, images):
    from extract import extract
    from fewshot.data.pool import PoolRow
    from fewshot.files import write_json
    from fewshot.records import write_records

    photographs = Path(tempfile.mkdtemp(dir=folder), "photographs")
    rows = write_photographs(photographs, (400, 300), images, images)
    write_records(photographs / "pool.csv", PoolRow, rows)
    write_json(photographs / "source.json", {"root": str(photographs)})
    settings = {"batch_size": VGG_BATCH, "precision": precision, "storage": "float16", "parts": 1}
    extract(
        source_path=photographs / "source.json",
        pool_path=photographs / "pool.csv",
        backbone_path=folder / "vgg16.json",
        weights_path=folder / "vgg16.weights.h5",
        layers=["fc2"],
        extraction={**settings, "piece_images": 1024},
        part=1,
        folder=photographs / "out",
        index_path=photographs / "out/index.json",
        threads=PROCESSES,
        gpus=0,
    )


def _predict(precision, weights_path):
    import keras

    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    whole = keras.applications.VGG16(weights=None)
    whole.load_weights(weights_path)
    model = keras.Model(whole.input, whole.get_layer("fc2").output)
    model.compile(jit_compile=False)
    images = np.random.default_rng(0).normal(0, 60, (VGG_IMAGES, 224, 224, 3)).astype(np.float32)
    model.predict(images[:VGG_BATCH], batch_size=VGG_BATCH, verbose=0)
    return VGG_IMAGES / seconds_of(model.predict, images, batch_size=VGG_BATCH, verbose=0)


def rows():
    """Measure, and yield a row of the table for each pair."""
    with tempfile.TemporaryDirectory() as temporary:
        size, reader = 224, few_pixels(224)
        for edges, counts in SIZES.items():
            folder = Path(temporary, f"{edges[0]}")
            pool = write_photographs(folder, edges, FILES[edges], counts[1])
            own, alone = in_turns(
                counts,
                partial(staged, reader, [PIXEL_WIDTH], pool, folder, size, counts[1]),
                partial(decode_alone, pool, folder, size),
            )
            what = f"extraction: a mean of pixels, JPEGs of {edges[0]} x {edges[1]}"
            yield Row(what, own, "images/s", f"{PROCESSES} decoding processes alone", alone)
        reader, edges = first_layer(size), SMALL
        counts, folder = SIZES[edges], Path(temporary, f"{edges[0]}")
        pool = list_photographs(folder, FILES[edges], counts[1])
        own, *alone = in_turns(
            counts,
            partial(staged, reader, [FIRST_WIDTH], pool, folder, size, counts[1]),
            partial(decode_alone, pool, folder, size),
            partial(compute_alone, reader, size),
        )
        what = f"extraction: a first layer, JPEGs of {edges[0]} x {edges[1]}"
        one_after_other = 1 / np.sum(1 / np.array(alone))
        yield Row(what, own, "images/s", "decoding, then the network", one_after_other)
        size, folder = 32, Path(temporary, "small")
        pool = write_photographs(folder, (32, 32), WIDE_IMAGES[1], WIDE_IMAGES[1])
        reader = five_layers(size)
        own, plain, network = in_turns(
            WIDE_IMAGES,
            partial(staged, reader, WIDTHS, pool, folder, size, PIECE),
            partial(write_plainly, folder=folder),
            partial(compute_alone, reader, size),
            turns=WIDE_TURNS,
            taken=np.mean,  # a disk has no pace of its own to which the fastest run is nearest
        )
        what = f"extraction: five layers, {sum(WIDTHS)} float16 an image"
        yield Row(what, own, "images/s", "plain write and fsync", plain)
        yield Row(what, own, "images/s", "the network, then that", 1 / (1 / plain + 1 / network))
        for precision in ("float32", "bfloat16"):
            own = vgg16(precision, OWN, temporary)
            what = f"extraction: VGG16 fc2, {precision}, building and loading left out"
            yield Row(what, own["stage"], "images/s", "model.predict", own["predict"])
            if OTHER:
                other = vgg16(precision, OTHER, temporary)
                yield Row(what, own["stage"], "images/s", f"as {OTHER}", other["stage"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["vgg16"]:
        precision, scripts, folder = sys.argv[2:]
        sys.path.insert(0, scripts)
        _vgg16(precision, folder)
    else:
        show(rows())
