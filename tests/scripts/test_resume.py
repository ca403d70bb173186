"""An extraction that is killed half-way and started again."""

import json
import os
import signal
import subprocess
import sys
import time

import h5py
import pytest
from settings_of import settings_of

from extract import extract
from fewshot.backbone.activations import read_columns
from weights import weights

pytestmark = pytest.mark.slow

IMAGES, PIECE = 400, 16
LAYERS = {"block1_pool": 4096, "fc2": 256}
RUN = "import json, sys; from extract import extract; extract(**json.loads(sys.argv[1]))"


@pytest.fixture
def arguments(tmp_path, write_images):
    """Arguments of `extract`, but the folder and the index."""
    write_images(tmp_path, IMAGES)
    paths = {
        "weights_path": str(tmp_path / "small.weights.h5"),
        "backbone_path": str(tmp_path / "small.json"),
    }
    weights(settings=settings_of("SmallVGG"), seed=0, **paths)
    return {
        "source_path": str(tmp_path / "source.json"),
        "pool_path": str(tmp_path / "pool.csv"),
        **paths,
        "layers": list(LAYERS),
        "extraction": {
            "batch_size": 8,
            "piece_images": PIECE,
            "precision": "float32",
            "storage": "float16",
            "parts": 1,
        },
        "part": 1,
        "threads": len(os.sched_getaffinity(0)),
        "gpus": 0,
    }


def pieces(folder):
    """Number of whole pieces of each layer."""
    return [len(list(folder.glob(f"{layer}/pieces/*.h5"))) for layer in LAYERS]


def seconds_of_pieces(folder):
    for path in folder.glob("pieces/*.h5"):
        with h5py.File(path) as piece:
            yield piece.attrs["seconds"]


def kill_half_way(arguments, folder):
    """Start an extraction in a process of its own and kill it when some pieces are there."""
    with subprocess.Popen(
        [sys.executable, "-c", RUN, json.dumps(arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None and min(pieces(folder)) < 2:
            time.sleep(0.005)
        process.kill()
    assert process.returncode == -signal.SIGKILL


def test_it_computes_what_is_missing_and_ends_with_the_same_numbers(arguments, tmp_path, capfd):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    index_paths = [folder / "index.json" for folder in (killed, whole)]
    kill_half_way({**arguments, "folder": str(killed), "index_path": str(index_paths[0])}, killed)
    there = min(pieces(killed)) * PIECE
    assert 0 < there < IMAGES
    assert not index_paths[0].exists()
    extract(**arguments, folder=killed, index_path=index_paths[0])
    expected = f"{IMAGES} images: {there} adopted, {IMAGES - there} to compute"
    printed = capfd.readouterr().out
    assert expected in printed
    assert f"{IMAGES - there}/{IMAGES - there} images" in printed
    extract(**arguments, folder=whole, index_path=index_paths[1])
    assert f"{IMAGES} images: 0 adopted, {IMAGES} to compute" in capfd.readouterr().out
    for layer, width in LAYERS.items():
        told = json.loads(index_paths[0].read_text())[layer]["seconds"]
        assert told == pytest.approx(sum(seconds_of_pieces(killed / layer)))
        resumed, undisturbed = (
            read_columns(
                json.loads(path.read_text())[layer]["runs"],
                path.parent / layer / "pieces",
                0,
                width,
            ).tobytes()
            for path in index_paths
        )
        assert resumed == undisturbed
