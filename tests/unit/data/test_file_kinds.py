"""Kinds of files: what Pillow writes is known by its first bytes, whatever its name."""

import io

import pytest
from PIL import Image

from fewshot.data.file_kinds import START, is_image, unread_kind
from fewshot.data.images import FORMATS


@pytest.mark.parametrize("kind", [*FORMATS, "AVIF"])
def test_images_are_known_by_their_content(kind):
    data = io.BytesIO()
    try:
        Image.new("RGB", (40, 30), "red").save(data, kind)
    except (KeyError, OSError):
        pytest.skip(f"this Pillow writes no {kind}")
    assert is_image("RENAME2", data.getvalue()[:START])


@pytest.mark.parametrize("name", ["1.JPG", "a/b.jpeg", "IMG_1.HEIC", "x.tiff", "photo.dng"])
def test_images_are_known_by_their_names(name):
    assert is_image(name, b"")


OTHERS = {
    "labels.csv": b"image,class\n",
    "LICENSE": b"MIT",
    "README.md": b"# BM\n",
    "BMW": b"BMW and others, a list of cars of the years",
    "1.xml": b"<annotation/>",
    "IMG_1.MOV": b"\0\0\0\x14ftypqt  \0\0\0\0qt  ",
    "IMG_1.AAE": b"<?xml version",
    "clip.mp4": b"\0\0\0\x18ftypmp42",
    "sound.wav": b"RIFF\0\0\0\0WAVEfmt ",
    "inner.zip": b"PK\3\4",
    "empty": b"",
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_no_images(name):
    assert not is_image(name, OTHERS[name])


def test_what_stands_in_for_an_image_is_called_by_its_name():
    assert "git lfs pull" in unread_kind(b"version https://git-lfs.github.com/spec/v1\n")
    assert "HEIC" in unread_kind(b"\0\0\0\x18ftypheic")
    assert "AVIF" in unread_kind(b"\0\0\0\x18ftypavif")
    assert unread_kind(b"<html>") == unread_kind(b"") == ""
