"""Kinds of files: what Pillow writes is known by its first bytes, whatever its name."""

import io

import pytest
from PIL import Image

from fewshot.data.file_kinds import START, is_image, unread_kind
from fewshot.data.images import FORMATS


@pytest.mark.parametrize("kind", FORMATS)
def test_images_are_known_by_their_content(kind):
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, kind)
    assert is_image("RENAME2", data.getvalue()[:START])


@pytest.mark.parametrize(
    "name", ["1.JPG", "a/b.jpeg", "IMG_1.HEIC", "x.tiff", "photo.dng", "1.jxl", "a.svg"]
)
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
    "pointer": b"version https://git-lfs.github.com/spec/v1",
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_no_images(name):
    assert not is_image(name, OTHERS[name])


def test_what_stands_in_for_an_image_is_called_by_its_name():
    assert "git lfs pull" in unread_kind(b"version https://git-lfs.github.com/spec/v1\n")
    assert "HEIC" in unread_kind(b"\0\0\0\x18ftypheic")
    assert unread_kind(b"<html>") == unread_kind(b"") == ""


# First bytes by the formats' specifications, or as file(1) knows them.
UNREAD = [
    ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    ("HEIC", b"\0\0\0\x18ftyphevc"),
    ("HEIC", b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"),
    ("JPEG XL", b"\xff\x0a\xfa\x1f"),
    ("JPEG XL", b"\0\0\0\x0cJXL \r\n\x87\n"),
    ("RAW", b"\0\0\0\x18ftypcrx \0\0\0\1"),
    ("RAW", b"II*\0\x10\0\0\0CR\2\0"),
    ("RAW", b"II\x1a\0\0\0HEAPCCDR"),
    ("RAW", b"FUJIFILMCCD-RAW 0201"),
    ("RAW", b"IIRO\x08\0\0\0"),
    ("RAW", b"IIU\0\x18\0\0\0"),
    ("RAW", b"FOVb"),
    ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ("SVG", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- Inkscape -->\n<svg:svg/>"),
    ("SVG", b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'svg11.dtd'><svg/>"),
    ("Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:0"),
]


@pytest.mark.parametrize(("expected", "start"), UNREAD)
def test_kinds_that_are_not_read_are_named(expected, start):
    assert unread_kind(start).split(",")[0].removeprefix("a ").startswith(expected)


def test_avif_under_the_name_of_its_container_is_read():
    assert unread_kind(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf") == ""


@pytest.mark.parametrize("name", ["1.NEF", "a/b.dng", "1.arw", "1.cr2", "1.pef"])
def test_a_tiff_is_raw_by_its_name(name):
    for start in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        assert "RAW" in unread_kind(start, name)
        assert unread_kind(start, "1.tif") == unread_kind(start) == ""
    # Someone has called a JPEG so.
    assert unread_kind(b"\xff\xd8\xff", name) == ""
