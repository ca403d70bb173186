"""Batches begun ahead give what predict_on_batch gives, bit for bit."""

import importlib.util
import os
import subprocess
import sys

import pytest

from fewshot.backbone.forward import in_flight

PROGRAM = """
import sys
import keras
import numpy as np
from fewshot.backbone.forward import Forward

keras.utils.set_random_seed(0)
images = keras.Input((16, 16, 3), dtype="uint8")
seen = keras.layers.Conv2D(8, 3)(keras.ops.cast(images, "float32"))
seen = keras.layers.BatchNormalization()(seen)
seen = keras.layers.Dropout(0.5)(seen)
model = keras.Model(images, [seen, keras.layers.Dense(5)(keras.layers.Flatten()(seen))])
model.compile(jit_compile=False)
rng, taken = np.random.default_rng(0), []
batches = [rng.integers(0, 256, (4, 16, 16, 3), np.uint8) for _ in range(7)]
expected = [model.predict_on_batch(batch) for batch in batches]
place = np.zeros((int(sys.argv[1]), 4, 16, 16, 3), np.uint8)

def overwritten():
    # As a decoder does: a place is used again when as many more batches are asked for.
    for number, batch in enumerate(batches):
        taken.append(number)
        place[number % len(place)] = batch
        yield place[number % len(place)]

forward, outputs = Forward(model, len(place)), []
for number, output in enumerate(forward.over(overwritten())):
    assert len(taken) == min(number + len(place), len(batches))
    outputs.append([array.copy() for array in output])
assert len(outputs) == len(expected)
for output, want in zip(outputs, expected):
    assert [array.dtype for array in output] == [np.float32] * 2
    assert all(np.array_equal(a, b) for a, b in zip(output, want, strict=True))
assert forward.seconds > 0
"""


@pytest.mark.parametrize("held", [1, 3])
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_same_bits_however_many_are_begun(backend, held):
    if not importlib.util.find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    variables = {"KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROGRAM, str(held)]
    subprocess.run(command, env={**os.environ, **variables}, check=True)


def test_a_cpu_is_given_one_at_a_time():
    assert in_flight(on_gpu=False) == 1
    assert in_flight(on_gpu=True) > 1
