"""What a schema cannot see of datasets: each mistake is one line, before any job."""

import pytest
from studies import changed

from fewshot.study.dataset_checks import dataset_errors
from fewshot.study.read import ConfigError, read_study


def errors(config):
    with pytest.raises(ConfigError) as caught:
        read_study(config)
    return str(caught.value).splitlines()[1:]


PATTERN = {"pattern": r"(?P<class>.+)_\d+\.\w+"}


@pytest.mark.parametrize(
    "keys",
    [
        {"classes": PATTERN, "parts": "folders", "group": "(?P<group>[0-9]+)"},
        {"classes": {"table": "labels.csv", "image": "id", "part": "fold"}, "folder": "images/all"},
        {"classes": {"splits": "split.json"}, "group": "(?P<group>.+)_"},
        {"classes": "prefix", "parts": "folders"},
    ],
)
def test_what_can_be_said(keys):
    config = changed("datasets/letters", {"source": "letters.zip", **keys})
    assert keys.items() <= read_study(config)["datasets"]["letters"].items()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"classes": "folder"}, "classes: must be folders, prefix or a mapping*did you mean folde"),
        ({"classes": {}}, "classes: must have one of pattern, table and splits. Received: none"),
        ({"classes": {**PATTERN, "table": "a.csv"}}, "Received: pattern and table"),
        ({"classes": {"patern": "x"}}, "classes.patern: unknown key*did you mean pattern?"),
        ({"classes": {"pattern": "("}}, "pattern: must be a regular expression*unterminated"),
        ({"classes": {"pattern": "(.+)_"}}, "pattern: must have a group (?P<class>...)*cla"),
        ({"classes": {"pattern": "(?P<group>.+)_"}}, "pattern: must have a group (?P<class>...)"),
        ({"classes": {"pattern": 3}}, "classes.pattern: must be text"),
        ({"classes": {"pattern": ""}}, "pattern: must not be empty"),
        ({"classes": {**PATTERN, "image": "id"}}, "image: names a column of a table*remove it"),
        ({"group": "[0-9]+"}, "letters.group: must have a group (?P<group>...)"),
        ({"group": "(?P<group>"}, "letters.group: must be a regular expression"),
        (
            {"classes": {"table": "a.csv", "group": "site"}, "group": "(?P<group>.)"},
            "group: groups come from one place",
        ),
        ({"classes": {"table": "a.csv"}, "parts": "folders"}, "parts: parts come from the file"),
        ({"parts": "folder"}, "parts: must be one of folders*did you mean folders?"),
        ({"folder": "../images"}, "folder: must lie in the source"),
        ({"folder": "/images"}, "folder: must lie in the source"),
    ],
)
def test_one_mistake_is_one_line(keys, expected):
    config = changed("datasets/letters", {"source": "letters.zip", "classes": "folders", **keys})
    (line,) = errors(config)
    start, *later = expected.split("*")
    assert start in line
    assert all(part in line for part in later)


@pytest.mark.parametrize("form", ["table", "splits"])
def test_a_file_of_labels_that_is_not_there_is_missed_before_any_job(tmp_path, monkeypatch, form):
    monkeypatch.chdir(tmp_path)
    keys = {"source": "photos", "classes": {form: "labels"}}
    config = changed("datasets/letters", keys)
    assert read_study(config)  # the folder may be missing, too, which is said by the fetch
    (tmp_path / "photos/deep").mkdir(parents=True)
    (line,) = errors(config)
    assert f"letters.classes.{form}: no such file. Received: labels. Hint: put it into pho" in line
    for place in (".", "photos", "photos/deep"):
        (tmp_path / place / "labels").touch()
        assert read_study(config)
        (tmp_path / place / "labels").unlink()
    absolute = {**keys, "classes": {form: str(tmp_path / "labels")}}
    assert list(dataset_errors({"datasets": {"letters": absolute}}))
