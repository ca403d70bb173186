"""The words of the command: what they mean, and what is said of wrong ones."""

import os

import pytest
from PIL import Image

from fewshot.errors import InputError
from fewshot.predictor.options import read_options


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Folder of the predictor; the working folder is another."""
    (tmp_path / "home").mkdir()
    (tmp_path / "here/folder").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "here/photo.jpg")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "home"


def test_what_is_not_said_has_its_default(home):
    options = read_options(["photos"], home)
    assert vars(options) == {
        **{"images": ["photos"], "output": None, "html": None, "all": False, "batch_size": 32},
        **{"min_probability": None, "least_sure": None},
    }


def test_words_are_read(home):
    words = "- a.jpg b --all -o out.csv --html out.html --min-probability .9 --least-sure 20"
    options = read_options([*words.split(), "--batch-size", "8"], home)
    assert vars(options) == {
        **{"images": ["-", "a.jpg", "b"], "output": "out.csv", "html": "out.html", "all": True},
        **{"batch_size": 8, "min_probability": 0.9, "least_sure": 20},
    }


def test_a_file_may_begin_with_a_dash_behind_two(home):
    assert read_options(["--", "-x.jpg"], home).images == ["-x.jpg"]


WRONG = {
    "": "Images to name must be given. Received: none. Hint: python predict.py photo.jpg, or",
    "--html x.html": "Images to name must be given",
    "a --colour": "The command must have words that it knows. Received: unrecognized arguments: --c",
    "a --min 0.5": "unrecognized arguments: --min 0.5",
    "a -o": "argument -o/--output: expected one argument",
    "a --least-sure 0": "--least-sure must be a whole number of 1 or more. Received: --least-sure 0.",
    "a --least-sure 1.5": "--least-sure must be a whole number",
    "a --min-probability 2": "--min-probability must be a number from 0 to 1. Received: --min-prob",
    "a --min-probability nan": "--min-probability must be a number from 0 to 1",
    "a --min-probability 90%": "--min-probability must be a number from 0 to 1",
    "a --batch-size 0": "--batch-size must be a whole number from 1 to 4096",
    "a --batch-size 100000": "--batch-size must be a whole number from 1 to 4096",
    "a -o gone/out.csv": "The folder of -o must be there. Received: gone/out.csv. Hint: mkdir gone,",
    "a --html gone/x.html": "The folder of --html must be there",
    "a -o photo.jpg/x": "The folder of -o must be there",
    "a -o folder": "-o must be a new file or one of its kind. Received: folder.",
    "a -o photo.jpg": "-o must be a new file or one of its kind. Received: photo.jpg.",
    "a --html /dev/null": "--html must be a new file or one of its kind",
    "a -o x --html folder/../x": "-o and --html must be different files",
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_word_is_said_with_a_way_out(home, words):
    with pytest.raises(InputError) as raised:
        read_options(words.split(), home)
    assert WRONG[words] in str(raised.value)
    assert ". Hint: " in str(raised.value)


@pytest.mark.parametrize("name", ["model.keras", "predictor.json", "model.onnx", "saved_model"])
def test_files_of_the_predictor_are_not_written_over(home, name, monkeypatch):
    monkeypatch.chdir(home)
    with pytest.raises(InputError, match="must be a new file"):
        read_options(["a", "-o", name], home)
    read_options(["a", "-o", "out.csv"], home)
    (home / "out.csv").write_text("of the last time")
    read_options(["a", "-o", "out.csv"], home)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_can_not_be_written_is_named(home):
    os.chmod("folder", 0o555)
    with pytest.raises(InputError, match="must be one that can be written"):
        read_options(["a", "-o", "folder/out.csv"], home)


def test_help_says_what_there_is(home, capsys):
    with pytest.raises(SystemExit) as ended:
        read_options(["--help"], home)
    assert ended.value.code == 0
    out = capsys.readouterr().out
    for word in ("--all", "--min-probability", "--least-sure", "--html", "--batch-size", "-o"):
        assert word in out
