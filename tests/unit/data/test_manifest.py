"""The manifest: a row for every image."""

import hashlib
import os

import pytest
from PIL import Image

from fewshot.data.manifest import ManifestRow, scan_images
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
    os.truncate(tmp_path / "cat" / "4.jpg", 65 * 2**20)
    listed = [ManifestRow(f"cat/{name}", "cat") for name in ("1.png", "2.png", "3.jpg", "4.jpg")]
    rows = [row for row, _ in scan_images(tmp_path, listed, 2)]
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
    assert rows[2].reason.startswith("not an image")
    assert rows[2].sha256 == hashlib.sha256(b"<html></html>").hexdigest()
    assert (rows[3].bytes, rows[3].sha256) == (65 * 2**20, "")
    assert rows[3].reason == f"more than the limit of {64 * 2**20} bytes"


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
    ],
)
def test_what_stands_in_for_an_image_is_rejected_by_its_kind(tmp_path, data, expected):
    place(tmp_path, "cat/1.jpg", content=data)
    ((row, turned),) = scan_images(tmp_path, [ManifestRow("cat/1.jpg", "cat")], 1)
    assert (row.status, turned) == ("rejected", [])
    assert row.reason.startswith("not an image of a known format: ")
    assert expected in row.reason
