"""The manifest: a row for every image."""

import hashlib
import os
from itertools import chain

import numpy as np
import pytest
from PIL import Image

from fewshot.data.manifest import ManifestRow, scan_images
from fewshot.errors import InputError
from fewshot.records import read_records, write_records


def place(root, *names, content=b"x"):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_rows_say_what_a_file_holds(tmp_path):
    for name, edge in (("cat/1.png", 9), ("cat/2.png", 5)):
        (tmp_path / "cat").mkdir(exist_ok=True)
        Image.new("L", (edge, 4), edge).save(tmp_path / name)
    place(tmp_path, "cat/3.jpg", content=b"<html></html>")
    place(tmp_path, "cat/4.jpg", content=b"")
    os.truncate(tmp_path / "cat" / "4.jpg", 129 * 2**20)
    listed = [ManifestRow(f"cat/{name}", "cat") for name in ("1.png", "2.png", "3.jpg", "4.jpg")]
    rows = [image.row for image in scan_images(tmp_path, listed, 2)]
    data = (tmp_path / "cat" / "1.png").read_bytes()
    assert rows[0] == ManifestRow(
        image="cat/1.png",
        class_name="cat",
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        width=9,
        height=4,
        mode="L",
        dhash="0" * 32,
        status="ok",
        group="",
        part="",
        reason="",
    )
    assert [row.status for row in rows] == ["ok", "ok", "rejected", "rejected"]
    assert rows[2].reason == "not an image of a known format: a page of a web site, " + (
        "such as one that asks to sign in"
    )
    assert rows[2].sha256 == hashlib.sha256(b"<html></html>").hexdigest()
    assert (rows[3].bytes, rows[3].sha256) == (129 * 2**20, "")
    assert rows[3].reason == f"more than the limit of {128 * 2**20} bytes"


def test_processes_find_what_one_thread_finds_in_the_same_order(tmp_path):
    for edge in (5, 9):
        Image.effect_noise((edge, 40), 90).save(tmp_path / f"{edge}.png")
    place(tmp_path, "page.jpg", content=b"<html></html>")
    Image.new("L", (2000, 1001)).save(tmp_path / "large.png")
    names = ["5.png", "page.jpg", "9.png", "missing.png", "large.png"]
    listed = [ManifestRow(names[number % 5], f"{number}") for number in range(203)]
    expected = [*chain.from_iterable(scan_images(tmp_path, [row], 2, 2) for row in listed)]
    assert [*scan_images(tmp_path, listed, 2, 2)] == expected
    statuses = [image.row.status for image in expected[:5]]
    assert statuses == ["ok", "rejected", "ok", "rejected", "rejected"]


def test_odd_names_survive_the_file(tmp_path):
    names = ['a "b", c.jpg', "a;$(touch X)\n.jpg", "a\r.jpg", "ü 鳥.jpg"]
    rows = [ManifestRow(name, "cat", bytes=7, dhash=f"{1:032x}") for name in names]
    write_records(tmp_path / "manifest.csv", ManifestRow, rows)
    read = read_records(tmp_path / "manifest.csv", ManifestRow)
    assert read == [row._replace(bytes="7") for row in rows]
    header = (tmp_path / "manifest.csv").read_text().partition("\n")[0]
    assert header == "image,class,sha256,bytes,width,height,mode,dhash,status,group,part,reason"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull brings"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC, save it as JPEG"),
        (b"\xff\x0a" + bytes(99), "JPEG XL, save it as JPEG"),
        (b"FUJIFILMCCD-RAW 0201", "RAW of a camera: develop it"),
        (b"<?xml version='1.0'?>\n<svg/>", "SVG, a drawing"),
        (bytes(128) + b"DICM", "a DICOM image"),
        (b"8BPS\0\1", "a PSD"),
        (b"PK\3\4" + bytes(99), "an archive"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0\0\0\x18ftypmp42", "a film"),
        (b'{"error": 404}', "a message"),
    ],
)
def test_what_stands_in_for_an_image_is_rejected_by_its_kind(tmp_path, data, expected):
    place(tmp_path, "cat/1.jpg", content=data)
    ((row, turned, profile, bits),) = scan_images(tmp_path, [ManifestRow("cat/1.jpg", "cat")], 1)
    assert (row.status, turned, profile, bits) == ("rejected", (), "", 16)
    assert row.reason.startswith("not an image of a known format: ")
    assert expected in row.reason


def test_a_tiff_that_is_called_raw_is_not_decoded(tmp_path):
    for name in ("1.dng", "1.tif"):
        Image.new("RGB", (9, 9)).save(tmp_path / name, "TIFF")
    listed = [ManifestRow(name, "cat") for name in ("1.dng", "1.tif")]
    raw, tiff = (image.row for image in scan_images(tmp_path, listed, 1))
    assert "RAW of a camera: develop it" in raw.reason
    assert tiff.status == "ok"


def test_the_limit_of_pixels_is_the_studys(tmp_path):
    Image.new("L", (2000, 1001)).save(tmp_path / "1.png")
    listed = [ManifestRow("1.png", "cat")]
    statuses = {most: next(scan_images(tmp_path, listed, 1, most)).row for most in (2, 2.002, None)}
    assert statuses[2].reason == (
        "2000 x 1001 pixels, more than the limit of 2000000: see datasets.<name>.max_megapixels"
    )
    assert statuses[2.002].status == statuses[None].status == "ok"


def test_what_is_to_be_known_of_an_image(tmp_path):
    pixels = np.full((4, 4), 4095, np.uint16)
    Image.fromarray(pixels).save(tmp_path / "1.png", icc_profile=b"rubbish")
    (found,) = scan_images(tmp_path, [ManifestRow("1.png", "cat")], 1)
    assert (found.row.status, found.bits, found.profile) == ("ok", 12, "unusable")


def test_more_images_than_memory_holds_are_refused_before_one_is_read():
    told = r"^The manifest of 1000000000000 images must fit into memory\. Received: 2,000,000\.0 GB needed"
    with pytest.raises(InputError, match=told):
        next(scan_images("nowhere", range(10**12), 1))
