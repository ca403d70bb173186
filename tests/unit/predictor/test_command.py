"""The command: what it writes where, what it says, and with which status it ends."""

import csv
import functools
import io
import os
import shutil
import signal
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from made_predictor import CLASSES
from PIL import Image

from fewshot.data.images import read_image
from fewshot.predictor.check import read_check
from fewshot.predictor.command import main
from fewshot.predictor.folder import CHECK
from fewshot.predictor.loading import load_predictor

COLUMNS = ["file", "class", "probability", "runner_up", "runner_up_probability"]


@pytest.fixture(scope="module")
def load():
    """Load each predictor once for each size of batches, as one command does."""
    return functools.cache(load_predictor)


@pytest.fixture
def run(made, load, tmp_path, monkeypatch, capfdbinary):
    """Return a function that runs the command in a folder of its own."""
    monkeypatch.setattr("fewshot.predictor.command.load_predictor", load)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.chdir(tmp_path)

    def run(*words, stdin=b""):
        stream = io.BytesIO(stdin) if isinstance(stdin, bytes) else stdin
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=stream))
        status = main(made, [*map(str, words)])
        out, err = capfdbinary.readouterr()
        return SimpleNamespace(status=status, out=out, err=err.decode(), rows=table(out))

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


def table(data):
    text = data.decode(errors="surrogateescape")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def photos(made, tmp_path):
    """The pictures of the check as files; one more is no image."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, data in enumerate(read_check(made / CHECK).files):
        (folder / f"{number:02}.jpg").write_bytes(data)
    return folder


def test_images_are_named_as_the_check_says(run, made, photos):
    done = run("photos", "--all")
    expected = read_check(made / CHECK).probabilities
    assert done.status == 0
    assert [*done.rows[0]] == [*COLUMNS, *CLASSES]
    assert [row["file"] for row in done.rows] == [f"photos/{n:02}.jpg" for n in range(11)]
    found = np.array([[float(row[name]) for name in CLASSES] for row in done.rows])
    assert found == pytest.approx(expected, abs=1e-5)
    for row, probabilities in zip(done.rows, expected, strict=True):
        second, first = np.argsort(probabilities)[-2:]
        assert (row["class"], row["runner_up"]) == (CLASSES[first], CLASSES[second])
        assert float(row["probability"]) == pytest.approx(probabilities[first], abs=1e-5)
        assert float(row["runner_up_probability"]) == pytest.approx(probabilities[second], abs=1e-5)
    assert "11/11 images" in done.err
    assert "Images named: 11. Of all test images 81 % [70, 90] were right." in done.err


def test_a_file_receives_the_table_and_nothing_else_is_written(run, photos, tmp_path):
    streamed = run("photos").out
    done = run("photos", "-o", "out.csv")
    assert (done.status, done.out) == (0, b"")
    assert (tmp_path / "out.csv").read_bytes() == streamed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "photos"]


def test_below_a_probability_a_class_is_left_open(run, photos):
    sure = run("photos").rows
    done = run("photos", "--min-probability", "0.9")
    above = [float(row["probability"]) >= 0.9 for row in sure]
    assert 0 < sum(above) < 11
    assert [row["class"] != "?" for row in done.rows] == above
    assert [row["probability"] for row in done.rows] == [row["probability"] for row in sure]
    part = f"Images named with 0.9 or more: {sum(above)} of 11 ({100 * sum(above) / 11:.0f} %)"
    assert f"{part}. Of test images named with 0.9 or more 97 % [95, 99] were right" in done.err


def test_what_can_not_be_read_is_listed_at_the_end_and_all_else_is_named(run, photos, tmp_path):
    whole = run("photos").rows
    (photos / "05 broken.jpg").write_bytes((photos / "05.jpg").read_bytes()[:-40])
    (tmp_path / "notes.txt").write_text("hello")
    (photos / "\x1b[31m\n\u202ex.jpg").write_bytes(b"")
    done = run("photos", "notes.txt", "-", "gone/*.jpg", stdin=b"missing.jpg\n")
    assert done.status == 1
    assert done.rows == whole
    listed = done.err[done.err.index("5 could not be read:") :].splitlines()[1:]
    assert [line.split(": ")[0].strip() for line in listed] == [
        *("missing.jpg", "gone/*.jpg", "photos/\\x1b[31m\\n\\u202ex.jpg"),
        *("photos/05 broken.jpg", "notes.txt"),
    ]
    assert "empty file" in listed[2]
    assert "not an image of a known format" in listed[4]
    assert "\x1b" not in done.err


def test_names_that_are_odd_come_back_as_they_are(run, photos):
    names = ["new\nline.jpg", 'a "b",c.jpg', "=1+1.jpg", "\u202ex.jpg", os.fsdecode(b"\xff.jpg")]
    for name in names:
        shutil.copy(photos / "00.jpg", photos / name)
    done = run(*(photos / name for name in names))
    assert done.status == 0
    assert [row["file"] for row in done.rows] == [str(photos / name) for name in names]
    assert len({row["probability"] for row in done.rows}) == 1


def test_images_to_label_next_are_the_least_sure_without_copies(run, photos):
    rows = run("photos", "--all").rows
    ordered = sorted(rows, key=lambda row: float(row["probability"]))
    # A copy of each, and one more of the surest that is saved again.
    for path in sorted(photos.iterdir()):
        shutil.copy(path, photos / f"copy of {path.name}")
    with open(ordered[-1]["file"], "rb") as file:
        read_image(file.read()).save(photos / "saved again.png")
    done = run("photos", "--least-sure", "4", "--all", "--html", "page.html")
    names = [
        row["file"].removeprefix("photos/copy of ").removeprefix("photos/") for row in done.rows
    ]
    assert names == [row["file"].removeprefix("photos/") for row in ordered[:4]]
    for found, row in zip(done.rows, ordered, strict=False):
        assert {**found, "file": ""} == {**row, "file": ""}
    with open("page.html", encoding="utf-8") as page:
        assert page.read().count("<img ") == 4
    everything = run("photos", "--least-sure", "1000").rows
    assert len(everything) == 11


def test_the_contact_sheet_has_every_image_under_its_class(run, photos):
    done = run("photos", "--html", "page.html", "--min-probability", "0.6")
    with open("page.html", encoding="utf-8") as page:
        text = page.read()
    assert text.count("<img ") == len(done.rows) == 11
    assert text.count('<h2 id="class-') == len({row["class"] for row in done.rows})
    order = [text.index(f">{row['file']}<") for row in sorted(done.rows, key=place)]
    assert order == sorted(order)


def place(row):
    names = [*CLASSES, "?"]
    return names.index(row["class"]), -float(row["probability"])


def test_a_wrong_use_ends_with_status_2_and_a_way_out(run, photos, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/a.txt").write_text("x")
    (tmp_path / "circle").mkdir()
    (tmp_path / "circle/back").symlink_to(tmp_path / "circle")
    wrong = {
        ("nowhere",): "Received: nowhere: no such file or folder. Hint: give files of images",
        ("new\nline.jpg",): "Received: new\\nline.jpg: no such file or folder",
        ("empty",): "There must be images to name. Received: none, 0 other files",
        ("texts",): "There must be images to name. Received: none, 1 other files",
        ("circle",): "Received: circle/back: link to a folder above it",
        ("-",): "There must be images to name",
        (): "Images to name must be given. Received: none.",
        ("photos", "-o", "gone/out.csv"): "The folder of -o must be there",
        ("photos", "--least-sure", "0"): "--least-sure must be a whole number of 1 or more",
        ("photos", "--min-probability", "2"): "--min-probability must be a number from 0 to 1",
        ("photos", "--colour"): "unrecognized arguments: --colour",
    }
    for words, text in wrong.items():
        done = run(*words)
        assert (done.status, done.out) == (2, b""), words
        assert text in done.err, words
        assert done.err.count("\n") == 1, words


def test_a_text_file_alone_is_an_image_that_can_not_be_read(run, tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    done = run("notes.txt")
    assert (done.status, done.rows) == (1, [])
    assert "Images named: 0." in done.err
    assert "notes.txt: not an image of a known format" in done.err


def test_a_predictor_that_is_refused_writes_nothing(made, run, photos, tmp_path):
    shutil.copytree(made, tmp_path / "other")
    (tmp_path / "other/model.keras").unlink()
    assert main(tmp_path / "other", ["photos", "-o", "out.csv", "--html", "page.html"]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "photos"]


def test_many_images_take_no_more_memory_than_few(run, tmp_path):
    rough = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    Image.fromarray(rough).save(tmp_path / "small.png")
    peaks = []
    for count in (50, 50, 250):  # the first loads the predictor
        folder = tmp_path / f"{len(peaks)}"
        folder.mkdir()
        for number in range(count):
            os.link(tmp_path / "small.png", folder / f"{number:03}.png")
        tracemalloc.start()
        done = run(folder, "--batch-size", "8", "-o", "out.csv", "--html", "page.html")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert done.status == 0, done.err
        assert (tmp_path / "page.html").read_text(encoding="utf-8").count("<img ") == count
    # Of an image its path and the place of its tile, some 600 bytes. Its pixels have 3,072.
    print((peaks[2] - peaks[1]) / 200)
    assert (peaks[2] - peaks[1]) / 200 < 1000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_stopped_ends_with_the_number_of_the_signal(run, number):
    done = run("-", stdin=SimpleNamespace(read=lambda: signal.raise_signal(number)))
    assert (done.status, done.out, done.err) == (
        128 + number,
        b"",
        "Stopped. No file is half-written.\n",
    )
