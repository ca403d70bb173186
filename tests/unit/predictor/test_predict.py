"""The program in its folder: alone, elsewhere, and stopped; processes of their own.

The environment has the packages of a predictor's requirements and nothing else.
"""

import contextlib
import io
import os
import pty
import re
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest
from bare_environment import PACKAGES, clean, make_environment
from made_predictor import CLASSES, build_hub_network, write_predictor
from PIL import Image

from fewshot.predictor.check import read_check
from fewshot.predictor.folder import CHECK, KERAS_HUB

MANY = 10_000  # so many that the program is still at work when it is stopped


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


def test_an_older_pillow_is_said_to_be_one_that_must_be_another(python, moved, photos, tmp_path):
    (tmp_path / "site/PIL").mkdir(parents=True)
    (tmp_path / "site/PIL/__init__.py").touch()  # has nothing that came later
    done = run(python, moved, photos, PYTHONPATH=str(tmp_path / "site"))
    assert done.returncode == 1
    assert "Received: cannot import name " in done.stderr
    assert "python -m pip install -r requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_backend_is_named_where_it_is_not_there(python, moved, photos):
    done = run(python, moved, photos, KERAS_BACKEND="torch")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Received: No module named 'torch', with KERAS_BACKEND=torch. Hint: " in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_streams_may_be_closed(python, moved, photos, tmp_path, closed):
    words = f"'{python}' '{moved}/predict.py' '{photos}/00.jpg'"
    run_it = {"shell": True, "capture_output": True, "env": clean(), "check": False, "text": True}
    done = subprocess.run(f"{words} {closed}", **run_it)
    assert done.returncode == 0, done.stderr
    # What is meant for a person is no row of the table.
    rows = done.stdout.splitlines()
    assert len(rows) in ((0,) if closed == ">&-" else (2, 3))
    assert "Images named" not in done.stdout
    assert "Traceback" not in done.stderr


def test_a_terminal_is_shown_names_and_not_driven_by_them(python, moved, photos, tmp_path):
    shutil.copy(photos / "00.jpg", tmp_path / "\x1b[2Jx.jpg")
    terminal, its_end = pty.openpty()
    with contextlib.closing(io.FileIO(terminal)) as screen:
        done = subprocess.run(
            [python, moved / "predict.py", tmp_path / "\x1b[2Jx.jpg"],
            stdout=its_end,
            stderr=subprocess.PIPE,
            env=clean(),
            check=False,
        )
        os.close(its_end)
        said = screen.read(10**5)
    assert done.returncode == 0, done.stderr
    assert b"/\\x1b[2Jx.jpg," in said
    assert b"\x1b" not in said


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


def test_who_is_stopped_leaves_nothing_half_written(python, moved, many, tmp_path):
    words = ["-o", tmp_path / "out.csv", "--html", tmp_path / "page.html"]
    before = files(tmp_path)
    with started(python, moved, many, tmp_path, words=words) as process:
        deadline = time.monotonic() + 120
        while not [*tmp_path.glob(".partial-out.csv-*/out.csv")] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(files(tmp_path)) > len(before)
        time.sleep(0.5)
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
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


@pytest.fixture(scope="module")
def of_hub(tmp_path_factory):
    """A predictor whose network is KerasHub's."""
    folder = tmp_path_factory.mktemp("predictors")
    write_predictor(folder / "vit", build_hub_network(folder))
    return folder / "vit"


def test_a_network_of_kerashub_names_images_with_its_packages_alone(of_hub, photos, tmp_path):
    python = make_environment(tmp_path / "environment", (*PACKAGES, KERAS_HUB))
    done = run(python, of_hub, photos, "--all")
    assert done.returncode == 0, done.stderr
    last = [line.split(",")[-len(CLASSES) :] for line in done.stdout.splitlines()]
    found = [row for row in last if re.fullmatch(r"[0-9.e-]+", row[0])]
    expected = read_check(of_hub / CHECK).probabilities
    assert np.array(found, float) == pytest.approx(expected, abs=1e-3)


def test_without_kerashub_it_says_that_it_needs_it(python, of_hub, photos):
    done = run(python, of_hub, photos)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Keras, KerasHub and TensorFlow or JAX must be installed" in done.stderr
    assert "Received: No module named 'keras_hub'" in done.stderr
