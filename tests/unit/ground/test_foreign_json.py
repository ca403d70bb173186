"""JSON from elsewhere: what is large, deep, ambiguous or no number is refused in little memory."""

import json
import os
import resource

import pytest

from fewshot.errors import InputError
from fewshot.foreign_json import MAX_BYTES, MAX_DEPTH, parse_foreign_json, read_foreign_json


def test_an_object_is_read(tmp_path):
    value = {"a": [1, 2.5, None, True, "ä"], "b": {"c": -1e-3}}
    (tmp_path / "a.json").write_text(json.dumps(value))
    assert read_foreign_json(tmp_path / "a.json") == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "Expecting value"),
        (b"<html>", "Expecting value"),
        (b'{"a": 1', "Expecting"),
        (b"[1]", "a list"),
        (b"null", "a NoneType"),
        (b'{"a": 1, "a": 2}', "a key is there twice"),
        (b'{"a": {"b": 1, "b": 1}}', "a key is there twice"),
        (b'{"a": NaN}', "NaN is no finite number"),
        (b'{"a": -Infinity}', "-Infinity is no finite number"),
        (b'{"a": 1e999}', "1e999 is no finite number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "Exceeds the limit"),
        (b'{"a": "\xff"}', "invalid start byte"),
        (b'{"a": ' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "too deep"),
        (b'{"a": ' + b"[" * 999 + b"]" * 999 + b"}", "too deep"),
        (b'{"a": ' * 10**6, "too deep"),
        (b"[" * 10**6 + b"]" * 10**6, "too deep"),
    ],
)
def test_what_is_not_plain_is_refused(text, words):
    with pytest.raises(InputError, match=rf"plain object of JSON\. Received: a\.json \(.*{words}"):
        parse_foreign_json(text, "a.json")


def test_a_file_of_100_megabytes_is_not_read(tmp_path):
    path = tmp_path / "config.json"
    with open(path, "wb") as file:
        file.write(b'{"a": "')
        os.truncate(path, 100 * 2**20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=f"of {100 * 2**20} bytes, not at most {MAX_BYTES}"):
        read_foreign_json(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 2**10  # KiB


@pytest.mark.parametrize("is_inside", [True, False])
def test_a_link_is_followed_within_the_folder_alone(tmp_path, is_inside):
    folder = tmp_path / "net"
    (folder / "blobs").mkdir(parents=True)
    target = (folder / "blobs" if is_inside else tmp_path) / "real.json"
    target.write_text('{"a": 1}')
    (folder / "config.json").symlink_to(target)
    if is_inside:
        assert read_foreign_json(folder / "config.json") == {"a": 1}
        return
    words = r"must lie in it\. Received: .*config\.json, a link to .*real\.json.*cp -rL"
    with pytest.raises(InputError, match=words):
        read_foreign_json(folder / "config.json")


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "config.json")
    (tmp_path / "folder.json").mkdir()
    for name in ("config.json", "folder.json", "missing.json"):
        with pytest.raises(InputError, match=rf"must be there\. Received: .*{name}"):
            read_foreign_json(tmp_path / name)
