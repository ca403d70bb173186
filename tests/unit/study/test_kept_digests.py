"""Digests that are kept are those of the code that is there."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from fewshot.files import write_json
from fewshot.study.digests import code_digest
from fewshot.study.kept_digests import script_digests

NAMES = ("train", "draw", "fewshot/metrics")


@pytest.fixture
def code(tmp_path):
    """Return a folder of two scripts with a package, and where digests are kept."""
    package = tmp_path / "scripts/fewshot"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "metrics.py").write_text("best = 1")
    (package.parent / "train.py").write_text("from fewshot.metrics import best")
    (package.parent / "draw.py").write_text("")
    return package.parent, tmp_path / "kept/digests.json"


def copied(scripts):
    """A process parses a file once, wherever it has changed since: so each call has files of its own."""
    return Path(shutil.copytree(scripts, tempfile.mkdtemp(dir=scripts.parent), dirs_exist_ok=True))


def found(code):
    scripts, kept = copied(code[0]), code[1]
    return script_digests(scripts, kept, ("fewshot/metrics",), scripts / "fewshot")


def told(code):
    """Digests without any that are kept."""
    scripts = copied(code[0])
    return {
        name: code_digest(scripts / f"{name}.py", library=scripts / "fewshot") for name in NAMES
    }


def test_they_are_those_of_each_script(code):
    assert found(code) == found(code) == told(code)


def test_nothing_is_parsed_where_nothing_has_changed(code):
    """What is kept is taken: here it was changed, together with its digest."""
    found(code)
    _, kept = code
    values = json.loads(kept.read_text())
    write_json(kept, values | {"digests": {"train": "kept"}})
    assert found(code) == {"train": "kept"}


@pytest.mark.parametrize("name", ["draw.py", "fewshot/metrics.py", "fewshot/__init__.py"])
def test_every_edit_is_seen(code, name):
    before = found(code)
    path = code[0] / name
    path.write_text(path.read_text() + "\nedited = 1")
    assert found(code) == told(code) != before


def test_a_file_that_comes_goes_or_moves_is_seen(code):
    scripts, _ = code
    found(code)
    (scripts / "fewshot/deep").mkdir()
    (scripts / "fewshot/deep/__init__.py").write_text("")
    (scripts / "train.py").write_text("from fewshot.deep import metrics")
    assert found(code) == told(code)
    shutil.copy(scripts / "fewshot/metrics.py", scripts / "fewshot/deep/metrics.py")
    assert found(code) == told(code)
    (scripts / "fewshot/deep/metrics.py").unlink()
    assert found(code) == told(code)


def test_what_is_kept_may_be_damaged_or_impossible_to_write(code):
    scripts, kept = code
    found(code)
    kept.write_text(kept.read_text()[:-9])
    assert found(code) == told(code)
    assert found((scripts, "/proc/none/x.json")) == told(code)
