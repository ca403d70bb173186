"""The description of a predictor: what is written is read again, and what others write is refused."""

import json
import math
import os

import pytest
import yaml
from made_predictor import describe, description

from fewshot.data import framing
from fewshot.errors import InputError
from fewshot.predictor.folder import (
    DESCRIPTION,
    INTERPOLATIONS,
    MODEL,
    RESIZES,
    check_digests,
    read_description,
    refuse_other_study,
    write_description,
)
from fewshot.study.digests import LIBRARY


@pytest.fixture
def folder(tmp_path):
    """A folder with files that a description is of; what is in them does not matter here."""
    for name in (MODEL, "check.npz"):
        (tmp_path / name).write_bytes(name.encode())
    describe(tmp_path)
    return tmp_path


def test_what_is_written_is_read_again(folder):
    written = description(folder) | {"licence": None, "unknown to this version": [{"x": 1.5}]}
    write_description(folder, written)
    assert read_description(folder) == written
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [MODEL, "check.npz", DESCRIPTION]
    )


def test_nan_is_written_as_null_for_json_has_none(folder):
    row = {"above": 0.5, "accuracy": math.nan, "low": math.nan, "high": math.nan, "share": 0.0}
    describe(folder, trust=[row], measured={"low": math.nan, "by": (1, math.nan)})
    found = read_description(folder)
    assert found["trust"][0]["accuracy"] is None
    assert found["measured"] == {"low": None, "by": [1, None]}


def test_the_framings_of_the_decoder_and_of_the_schema_are_those_that_may_be_described():
    assert {*INTERPOLATIONS} == {*framing._METHODS}
    schema = yaml.safe_load((LIBRARY.parents[1] / "rules/config.schema.yaml").read_text())
    keys = schema["properties"]["backbones"]["additionalProperties"]["properties"]
    # None is the network's own.
    assert {*RESIZES, None} == {*keys["resize"]["enum"]}
    assert {*INTERPOLATIONS, None} == {*keys["interpolation"]["enum"]}


WRONG = {
    "format": [2, "1", True, None],
    "name": ["", 5, "x" * 10_001, "\ud800", None],
    "classes": [[], ["one"], ["a", "a"], ["a", ""], ["a", 1], "ab", ["a", "\udcff"], {"a": 1}],
    "framing": [
        {},
        [],
        *(
            {"image_size": 32, "resize": "crop", "interpolation": "bicubic", "crop_fraction": 1} | w
            for w in (
                {"image_size": 10**9},
                {"image_size": 0},
                {"image_size": 32.0},
                {"image_size": True},
                {"resize": "/etc/passwd"},
                {"resize": ["crop"]},
                {"interpolation": None},
                {"crop_fraction": 1e-9},
                {"crop_fraction": "1"},
            )
        ),
    ],
    "max_megapixels": [0, -1, 10**9, "250", None],
    "tolerance": [0, -1e-3, 0.5, "0.001", None, True],
    "trust": [{}, [1], [{"above": 2}], [{"above": 0, "accuracy": "high"}], [{"accuracy": 1}], None],
    "sha256": [{}, {"model": "x" * 64, "check": "0" * 64}, {"model": 1, "check": 2}, "../x", None],
}


@pytest.mark.parametrize("key", WRONG)
def test_a_field_that_is_wrong_is_named_to_whoever_writes_and_reads(folder, key):
    right = description(folder)
    for value in WRONG[key]:
        text = json.dumps(right | {key: value})
        (folder / DESCRIPTION).write_text(text)
        with pytest.raises(InputError, match=rf"^{key} in {DESCRIPTION} must be "):
            read_description(folder)
        with pytest.raises(InputError, match=rf"^{key} in {DESCRIPTION} must be "):
            write_description(folder, right | {key: value})
    del right[key]
    (folder / DESCRIPTION).write_text(json.dumps(right))
    with pytest.raises(InputError, match=rf"^{key} in "):
        read_description(folder)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "-1e999", "9" * 5000])
def test_numbers_that_are_none_are_within_no_bounds(folder, number):
    path = folder / DESCRIPTION
    path.write_text(path.read_text().replace('"tolerance": 0.001', f'"tolerance": {number}'))
    with pytest.raises(InputError, match=r"tolerance|must be a readable file"):
        read_description(folder)


@pytest.mark.parametrize(
    "data",
    [b"", b"[1]", b"null", b"{", b"\xff\xfe\0", b"[" * 10**6, b'{"a":' * 10**5, b"PK\3\4", b'"x"'],
    ids=range(9),
)
def test_a_file_that_is_no_description_is_refused(folder, data):
    (folder / DESCRIPTION).write_bytes(data)
    with pytest.raises(InputError, match=rf"^{DESCRIPTION} must .* Received: .* Hint: copy"):
        read_description(folder)


def test_a_description_of_many_bytes_is_not_taken_into_memory(folder):
    with open(folder / DESCRIPTION, "wb") as file:
        file.truncate(2**40)  # takes no room on the disk
    with pytest.raises(InputError, match="more than 67108864 bytes"):
        read_description(folder)


def test_a_folder_without_a_description_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match="No such file"):
            read_description(path)


def test_names_with_escapes_show_as_text_in_a_message(folder):
    (folder / DESCRIPTION).write_text(json.dumps({"format": "\x1b[2J\n\u202e<b>"}))
    with pytest.raises(InputError) as raised:
        read_description(folder)
    assert "\x1b" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_another_model_or_check_is_told_by_its_digest(folder):
    check_digests(folder, read_description(folder))
    for name in (MODEL, "check.npz"):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[:-1])
        with pytest.raises(InputError, match=rf"^{name} must be the file that predictor.json was"):
            check_digests(folder, read_description(folder))
        (folder / name).write_bytes(data)
    (folder / MODEL).unlink()
    with pytest.raises(InputError, match="No such file"):
        check_digests(folder, read_description(folder))


@pytest.mark.parametrize("name", [DESCRIPTION, MODEL, "check.npz"])
def test_a_pipe_and_a_device_are_refused_and_not_waited_for(folder, name):
    said = read_description(folder)
    (folder / name).unlink()
    os.mkfifo(folder / name)
    for _ in range(2):
        with pytest.raises(InputError, match=rf"^{name} must be .*no regular file"):
            check_digests(folder, said if name != DESCRIPTION else read_description(folder))
        (folder / name).unlink()
        (folder / name).symlink_to("/dev/zero")


def test_what_another_study_has_made_is_not_made_anew(folder):
    refuse_other_study(folder, "birds")  # no study has made it
    describe(folder, study="birds")
    refuse_other_study(folder, "birds")
    with pytest.raises(InputError, match=r"of the study birds\. Hint: give it another name"):
        refuse_other_study(folder, "letters")
    (folder / DESCRIPTION).write_text("damaged")
    refuse_other_study(folder, "letters")
