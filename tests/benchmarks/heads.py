"""Heads beside Keras: seconds and ratios, printed. Takes about ten minutes on two cores.

Run by `make bench`. The size is that of the original's largest task: 257 classes, 16 shots, 8 test
images. Features are made up, with the scale and the sparsity of activations behind a ReLU.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from fewshot.backbone.compact import coordinates_of  # noqa: E402
from fewshot.backbone.coordinates import write_coordinates  # noqa: E402
from fewshot.data.draws import Draws, write_draws  # noqa: E402
from fewshot.heads.train import train  # noqa: E402

CLASSES, SHOTS, TESTS, EPOCHS = 257, 16, 8, 200
SGD = {
    "solver": "sgd",
    "epochs": EPOCHS,
    "batch_size": 32,
    "learning_rate": 1e-3,
    "momentum": 0.9,
}
START = """
import sys; sys.path.insert(0, "scripts")
from train_head import train_head
folder = sys.argv[1]
train_head(coordinates_path=f"{folder}/c.h5", index_path=f"{folder}/c.json",
           draws_path=f"{folder}/draws.csv", shots=2, seed=0, head=%r,
           results_path=f"{folder}/r.csv", curves_path=f"{folder}/u.csv",
           weights_path=f"{folder}/w.h5", predictions="all",
           predictions_path=f"{folder}/p.h5")
"""


def make_features(per_class, width, rng):
    """Noisy copies of a class's own pattern: about a third of the numbers are zero."""
    labels = np.tile(np.arange(CLASSES), per_class)
    patterns = rng.standard_normal((CLASSES, width), np.float32)
    features = rng.standard_normal((len(labels), width), np.float32)
    features += 0.5 * patterns[labels] + 0.4
    return np.maximum(features, 0, out=features), labels


def timed(function, *arguments, **named):
    start = time.perf_counter()
    value = function(*arguments, **named)
    return time.perf_counter() - start, value


def bench_process(rng):
    """An sgd job of one repeat at 2 shots, from process start to end."""
    features, labels = make_features(2 + TESTS, 4096, rng)
    coordinates = coordinates_of(lambda a, b: features[:, a:b], len(features), 4096)
    draws = np.repeat([*[0] * TESTS, 1, 2], CLASSES)[:, None]
    with tempfile.TemporaryDirectory() as folder:
        write_coordinates(coordinates, f"{folder}/c.h5", f"{folder}/c.json")
        write_draws(Draws(labels, np.arange(len(labels)), draws), f"{folder}/draws.csv")
        command = [sys.executable, "-c", START % SGD, folder]
        seconds = [timed(subprocess.run, command, cwd=ROOT, check=True)[0] for _ in range(5)]
    print(f"sgd, 514 training images, {EPOCHS} epochs, whole process: {np.median(seconds):.2f} s")


def keras_epoch(features, labels, train_rows, test_rows, epochs):
    """Seconds an epoch of fit, and of fit with validation on the test images."""
    import keras

    x, y = features[train_rows], labels[train_rows]
    tests = features[test_rows], labels[test_rows]
    seconds = []
    for named in ({}, {"validation_data": tests}):
        model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(CLASSES, "softmax")])
        model.compile(
            optimizer=keras.optimizers.SGD(SGD["learning_rate"], SGD["momentum"]),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            jit_compile=False,  # the faster of the two on a CPU
        )
        arguments = {"batch_size": SGD["batch_size"], "verbose": 0, **named}
        model.fit(x[:64], y[:64], **arguments)
        seconds.append(timed(model.fit, x, y, epochs=epochs, **arguments)[0] / epochs)
    return seconds


def bench_layer(width, keras_epochs, rng):
    """200 epochs with compaction, beside as many of Keras on the features themselves."""
    features, labels = make_features(SHOTS + TESTS, width, rng)
    order = np.arange(len(labels))
    test_rows, train_rows = order[: TESTS * CLASSES], order[TESTS * CLASSES :]
    compacting, coordinates = timed(
        coordinates_of, lambda a, b: np.ascontiguousarray(features[:, a:b]), len(features), width
    )
    training, (result, *_) = timed(
        train, coordinates, labels, train_rows, test_rows, SGD, rng, classes=CLASSES
    )
    tuning, (tuned, *_) = timed(
        train,
        coordinates,
        labels,
        train_rows,
        test_rows,
        {"solver": "logistic"},
        rng,
        classes=CLASSES,
    )
    fit, fit_validated = keras_epoch(features, labels, train_rows, test_rows, keras_epochs)
    own = compacting + training
    print(f"width {width}, {len(train_rows)} images, batch {SGD['batch_size']}, {EPOCHS} epochs:")
    print(f"  compaction {compacting:.1f} s, sgd {training:.1f} s ({result['test_accuracy']:.3f})")
    print(f"  tuned, penalty search included: {tuning:.1f} s ({tuned['test_accuracy']:.3f})")
    for name, epoch in (("fit", fit), ("fit with validation", fit_validated)):
        total = EPOCHS * epoch
        print(
            f"  Keras {name}: {epoch:.3f} s an epoch, {total:.0f} s: {total / own:.1f} times ours"
        )


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores")
    generator = np.random.default_rng(0)
    bench_process(generator)
    bench_layer(4096, 10, generator)
    bench_layer(100352, 1, generator)
