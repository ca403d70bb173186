"""The program in its folder: alone, elsewhere, and stopped; processes of their own.

The environment has the packages of a predictor's requirements and nothing else.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest
from bare_environment import clean, make_environment
from made_predictor import CLASSES
from PIL import Image

from fewshot.predictor.check import read_check
from fewshot.predictor.folder import CHECK

MANY = 10_000
# Runs a program and tells the peak memory of its process in MB.
PEAK = r"""
import atexit, re, runpy, sys
from pathlib import Path
def peak():
    # Not ru_maxrss, which begins with that of the process that started this one.
    found = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]
    print("peak", int(found) // 1024, file=sys.stderr)
atexit.register(peak)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
# Keras as another version could be, or one that somebody has patched.
OTHERWISE = {
    "epsilon": """
import keras
plain = keras.layers.BatchNormalization.__init__
def changed(self, *args, **options):
    plain(self, *args, **options)
    self.epsilon *= 3
keras.layers.BatchNormalization.__init__ = changed
""",
    "activation": """
import keras
keras.layers.ReLU.call = lambda self, inputs: keras.ops.leaky_relu(inputs, 0.02)
""",
}


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    return make_environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture
def moved(made, tmp_path):
    shutil.copytree(made, tmp_path / "taken away")
    return tmp_path / "taken away"


@pytest.fixture
def photos(made, tmp_path):
    """The pictures of the check as files."""
    (tmp_path / "photos").mkdir()
    for number, data in enumerate(read_check(made / CHECK).files):
        (tmp_path / f"photos/{number:02}.jpg").write_bytes(data)
    return tmp_path / "photos"


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder with many small images, in truth links to one."""
    folder = tmp_path_factory.mktemp("many")
    rough = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    Image.fromarray(rough).save(folder / "00000.png")
    for number in range(1, MANY):
        os.link(folder / "00000.png", folder / f"{number:05}.png")
    return folder


def run(python, folder, *words, **added):
    return subprocess.run(
        [python, folder / "predict.py", *words],
        capture_output=True,
        env=clean(HOME=str(folder.parent / "home"), **added),
        text=True,
        check=False,
        cwd="/",
    )


def files(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*"))


def test_the_environment_knows_nothing_of_this_project(python):
    for module in ("fewshot", "snakemake", "pandas", "sklearn", "matplotlib"):
        done = subprocess.run([python, "-c", f"import {module}"], env=clean(), capture_output=True)
        assert b"ModuleNotFoundError" in done.stderr, module


def test_a_folder_that_was_moved_names_images_with_its_packages_alone(
    python, made, moved, photos, tmp_path
):
    before = files(tmp_path)
    done = run(python, moved, photos, "--all")
    assert done.returncode == 0, done.stderr
    last = [line.split(",")[-len(CLASSES) :] for line in done.stdout.splitlines()]
    found = [row for row in last if re.fullmatch(r"[0-9.e-]+", row[0])]
    expected = read_check(made / CHECK).probabilities
    assert np.array(found, float) == pytest.approx(expected, abs=1e-3)
    # No bytecode, no settings of Keras in the home, nothing beside the images.
    assert files(tmp_path) == before
    assert not any("Warning" in line for line in done.stderr.splitlines())


@pytest.mark.parametrize("change", OTHERWISE)
def test_a_keras_that_computes_otherwise_is_refused(python, moved, photos, tmp_path, change):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(OTHERWISE[change])
    settings = {"KERAS_HOME": os.devnull, "PYTHONPATH": str(tmp_path / "site")}
    done = run(python, moved, photos, **settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert "The network must compute here what it did where it was made (check.npz)" in done.stderr
    assert re.search(r"probabilities up to 0\.\d+ apart where 0\.001 are allowed", done.stderr)
    assert "Traceback" not in done.stderr


def edit(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


REFUSED = {
    "interpolation": (
        ("predictor.json", '"interpolation": "bicubic"', '"interpolation": "bilinear"'),
        "Images must be decoded here as where the predictor was made (check.npz)",
    ),
    "blue first": (
        (
            "fewshot/data/images.py",
            "return image if framing is None else to_square(image, framing)",
            "image = Image.merge('RGB', image.split()[::-1])\n"
            "    return image if framing is None else to_square(image, framing)",
        ),
        "Images must be decoded here as where the predictor was made (check.npz)",
    ),
    "another version of the folder": (
        ("predictor.json", '"format": 1', '"format": 2'),
        "format in predictor.json must be 1, the only one known. Received: 2 in ",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_somebody_changed_is_refused_with_its_message(python, moved, photos, name):
    (file, old, new), message = REFUSED[name]
    edit(moved / file, old, new)
    done = run(python, moved, photos)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert ". Hint: " in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_model_that_was_cut_off_is_refused_with_its_message(python, moved, photos):
    os.truncate(moved / "model.keras", 10**6)
    done = run(python, moved, photos)
    assert (done.returncode, done.stdout) == (2, "")
    assert "model.keras must be the file that predictor.json was written for" in done.stderr


def test_without_its_packages_it_says_how_to_get_them(python, moved, photos):
    # -S: the site's packages are not found.
    done = subprocess.run(
        [python, "-S", moved / "predict.py", photos], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "python -m pip install -r requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_disk_that_is_full_is_said(python, moved, photos):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [python, moved / "predict.py", photos], stdout=full, stderr=subprocess.PIPE, env=clean()
        )
    assert done.returncode == 2
    assert b"must find its place. Received: [Errno 28] No space left on device. Hint" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_help_takes_no_network(python, moved):
    began = time.monotonic()
    done = run(python, moved, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--least-sure N" in done.stdout
    assert time.monotonic() - began < 5


def test_many_images_take_no_more_memory_than_few(python, moved, photos, many, tmp_path):
    peaks = []
    for folder, count in ((photos, 11), (many, MANY)):
        out, page = tmp_path / "out.csv", tmp_path / "page.html"
        done = subprocess.run(
            [python, "-c", PEAK, moved / "predict.py", folder, "-o", out, "--html", page],
            capture_output=True,
            env=clean(),
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert page.read_text().count("<img ") == count
        peaks.append(int(re.search(r"peak (\d+)", done.stderr)[1]))
    # Some 500 bytes an image. Their pixels would take 30 MB, and the page, a table and a sheet of
    # which either is kept, as much again.
    assert peaks[1] - peaks[0] < 20


@contextlib.contextmanager
def started(python, moved, many, tmp_path, **streams):
    process = subprocess.Popen(
        [python, moved / "predict.py", many, *streams.pop("words")],
        env=clean(),
        stderr=subprocess.PIPE,
        **streams,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_stopped_leaves_nothing_half_written(python, moved, many, tmp_path, number):
    words = ["-o", tmp_path / "out.csv", "--html", tmp_path / "page.html"]
    before = files(tmp_path)
    with started(python, moved, many, tmp_path, words=words) as process:
        deadline = time.monotonic() + 120
        while not [*tmp_path.glob(".partial-out.csv-*/out.csv")] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(files(tmp_path)) > len(before)
        time.sleep(0.5)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert b"Stopped. No file is half-written." in said
    assert b"Traceback" not in said
    assert files(tmp_path) == before


def test_whoever_reads_the_table_may_stop(python, moved, many, tmp_path):
    streams = {"words": ["--batch-size", "64"], "stdout": subprocess.PIPE}
    with started(python, moved, many, tmp_path, **streams) as process:
        assert process.stdout.readline().startswith(b"file,class,")
        process.stdout.close()
        said = process.stderr.read()
        process.wait(timeout=60)
    assert process.returncode == 141  # as if SIGPIPE had ended it
    assert b"Traceback" not in said
    assert b"Error" not in said
