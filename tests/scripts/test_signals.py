"""Long stages are stopped by SIGTERM, as at a time limit, and started again."""

import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import time

import numpy as np
import pytest
from served import serving
from settings_of import settings_of

from extract import extract
from fetch import fetch
from fewshot.backbone.activations import read_columns
from fewshot.data.draws import draw_repeats, write_draws
from fewshot.data.pool import PoolRow
from fewshot.heads.head_files import read_results
from fewshot.records import read_records
from train_end_to_end import train_end_to_end
from weights import weights

pytestmark = pytest.mark.slow

IMAGES, PIECE, LAYER, WIDTH = 1000, 16, "block1_pool", 4096
RUN = """
import json, sys
from fewshot.job import job
from {name} import {name}
with job(sys.argv[1], 2):
    {name}(**json.loads(sys.argv[2]))
"""
HEAD = {"epochs": 3, "batch_size": 8, "learning_rate": 0.01, "momentum": 0.9, "augment": False}


@pytest.fixture(scope="module")
def world(tmp_path_factory, write_images):
    """Arguments that both stages take: images and a network."""
    folder = tmp_path_factory.mktemp("world")
    write_images(folder, IMAGES)
    paths = {
        "weights_path": str(folder / "small.weights.h5"),
        "backbone_path": str(folder / "small.json"),
    }
    weights(settings=settings_of("SmallVGG"), seed=0, **paths)
    return {
        "source_path": str(folder / "source.json"),
        "pool_path": str(folder / "pool.csv"),
        **paths,
        "threads": 2,
        "gpus": 0,
    }


@pytest.fixture
def extraction(world):
    """Arguments of `extract`, but the folder and the index."""
    settings = {"precision": "float32", "storage": "float16", "parts": 1}
    settings |= {"batch_size": 8, "piece_images": PIECE}
    return {**world, "layers": [LAYER], "extraction": settings, "part": 1}


@pytest.fixture
def training(world, tmp_path):
    """Arguments of `train_end_to_end`."""
    pool = read_records(world["pool_path"], PoolRow)
    draws = draw_repeats(pool, test=20, repeats=2, seed=0)
    write_draws(draws, tmp_path / "draws.csv")
    outputs = {"results_path": "a.csv", "curves_path": "a.curves.csv", "weights_path": "a.h5"}
    outputs |= {"predictions_path": "a.predictions.h5"}
    return {
        **world,
        "backbone_weights_path": world["weights_path"],
        "draws_path": str(tmp_path / "draws.csv"),
        "layer": "fc2",
        "shots": 8,
        "head": HEAD,
        "seed": 0,
        "precision": "float32",
        "predictions": "all",
        **{name: str(tmp_path / "out" / file) for name, file in outputs.items()},
    }


def start(name, arguments, log):
    """Start a stage in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN.format(name=name), str(log), json.dumps(arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def stop(name, arguments, log, is_time):
    """Start a stage in a process of its own and stop it when it is time; return its log."""
    with start(name, arguments, log) as process:
        while process.poll() is None and not is_time():
            time.sleep(0.005)
        began = time.monotonic()
        process.terminate()
        process.wait(60)
    assert time.monotonic() - began < 20  # Slurm waits for 30 s before it kills
    assert process.returncode == 128 + signal.SIGTERM
    told = log.read_text()
    assert told.endswith("Error: stopped by SIGTERM. What is whole stays for the next run.\n")
    assert "Traceback" not in told
    return told


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def partial(folder):
    """List temporary folders, while they come and go."""
    walked = os.walk(folder)
    return [name for _, names, _ in walked for name in names if name.startswith(".partial-")]


def activations(folder):
    runs = json.loads((folder / "index.json").read_text())[LAYER]["runs"]
    return read_columns(runs, folder / LAYER / "pieces", 0, WIDTH)


def test_an_extraction_keeps_whole_pieces_and_goes_on_from_there(extraction, tmp_path, capfd):
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    paths = {"folder": str(stopped), "index_path": str(stopped / "index.json")}

    def is_time():
        # Two pieces are there and another is being written.
        return len(list(stopped.glob("*/pieces/*.h5"))) >= 2 and partial(stopped)

    stop("extract", {**extraction, **paths}, tmp_path / "job.log", is_time)
    assert partial(stopped) == []
    there = PIECE * len(files(stopped))
    assert 0 < there < IMAGES
    extract(**extraction, **paths)
    assert (
        f"{IMAGES} images: {there} adopted, {IMAGES - there} to compute" in capfd.readouterr().out
    )
    extract(**extraction, folder=whole, index_path=whole / "index.json")
    np.testing.assert_array_equal(activations(stopped), activations(whole))


def test_training_end_to_end_leaves_nothing_and_starts_anew(training, tmp_path):
    log = tmp_path / "job.log"
    long = {**training, "head": {**HEAD, "epochs": 1000}}

    def is_time():
        return log.exists() and "epoch 2: " in log.read_text()

    told = stop("train_end_to_end", long, log, is_time)
    assert "epoch 1000: " not in told
    assert not (tmp_path / "out").exists()
    train_end_to_end(**training)
    assert [row["epochs"] for row in read_results(training["results_path"])] == ["3", "3"]


def test_while_keras_is_loaded(extraction, tmp_path):
    log = tmp_path / "job.log"
    arguments = {**extraction, "folder": str(tmp_path / "out"), "index_path": str(tmp_path / "i")}

    def is_time():
        return log.exists() and "to compute" in log.read_text()

    told = stop("extract", arguments, log, is_time)
    assert "images/s" not in told
    assert files(tmp_path) == [log]


def fetching(place, body):
    """Give the arguments of `fetch` for an archive that comes from a mirror."""
    return {
        "source": "https://nowhere.invalid/photos.tar",
        "sha256": hashlib.sha256(body).hexdigest(),
        "images_path": str(place / "images"),
        "source_path": str(place / "source.json"),
    }


def test_a_download_that_stands_still(tmp_path, monkeypatch):
    log, place = tmp_path / "job.log", tmp_path / "results"
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("FEWSHOT_MIRROR", f"http://127.0.0.1:{server.getsockname()[1]}")

        # The connection is accepted by the system, and nobody answers.
        def is_time():
            return log.exists() and "downloading" in log.read_text()

        told = stop("fetch", fetching(place, b""), log, is_time)
    assert told.startswith("downloading http://127.0.0.1")
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_download_goes_on_from_where_it_was_stopped(tmp_path, monkeypatch, number):
    log, place, packed = tmp_path / "job.log", tmp_path / "results", io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("cat/1.jpg")
        member.size = 3_000_000
        archive.addfile(member, io.BytesIO(os.urandom(member.size)))
    body = packed.getvalue()
    partial_archive = place / ".photos.tar.part"
    with serving(photos__tar=body) as server:
        monkeypatch.setenv("FEWSHOT_MIRROR", server.url)
        server.faults.append(("stall", 2_000_000))

        def is_time():
            return partial_archive.exists() and partial_archive.stat().st_size > 0

        arguments = fetching(place, body)
        if number == signal.SIGTERM:
            stop("fetch", arguments, log, is_time)
        else:
            with start("fetch", arguments, log) as process:
                while process.poll() is None and not is_time():
                    time.sleep(0.005)
                process.kill()
        there = partial_archive.stat().st_size
        assert 0 < there <= 2_000_000
        assert {path.name for path in place.iterdir()} == {
            ".photos.tar.part",
            ".photos.tar.part.json",
        }
        server.stalls.set()
        fetch(**arguments)
        assert [each.get("Range") for each in server.asked] == [None, f"bytes={there}-"]
    assert (place / "images/cat/1.jpg").stat().st_size == 3_000_000
    assert {path.name for path in place.glob("[!.]*")} == {"images", "source.json"}
    assert not partial_archive.exists()
