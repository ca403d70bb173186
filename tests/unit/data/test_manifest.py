"""The manifest: a row for every file."""

import hashlib
import os

from PIL import Image

from fewshot.data.manifest import ManifestRow, list_images, list_left_out, scan_images
from fewshot.records import read_records, write_records


def place(root, *names, content=b"x"):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def listed(root, classes):
    return [(e.image, e.class_name, e.reason) for e in list_images(root, classes)]


def test_folders_name_the_classes_at_any_depth(tmp_path):
    place(tmp_path, "dog/1.jpg", "cat/deep/er/2.png", "cat/1.jpg", "cat/RENAME2")
    assert listed(tmp_path, "folders") == [
        ("cat/1.jpg", "cat", ""),
        ("cat/RENAME2", "cat", ""),
        ("cat/deep/er/2.png", "cat", ""),
        ("dog/1.jpg", "dog", ""),
    ]


def test_prefixes_name_the_classes(tmp_path):
    place(tmp_path, "biker_group_pic1.jpg", "all/goth_2.jpg", "plain.jpg", "_3.jpg")
    assert listed(tmp_path, "prefix") == [
        ("_3.jpg", "", "no class before an underscore"),
        ("all/goth_2.jpg", "goth", ""),
        ("biker_group_pic1.jpg", "biker", ""),
        ("plain.jpg", "", "no class before an underscore"),
    ]


def test_only_litter_is_left_out(tmp_path):
    place(tmp_path, "cat/1.jpg", "cat/Thumbs.db", ".DS_Store", "cat/.ipynb_checkpoints/1.jpg")
    place(tmp_path, "readme.txt", "__MACOSX/cat/1.jpg", "cat/._1.jpg")
    (tmp_path / "ibis" / "nested").mkdir(parents=True)
    assert listed(tmp_path, "folders") == [
        ("cat/1.jpg", "cat", ""),
        ("ibis", "ibis", "class folder without a file"),
        ("readme.txt", "", "no class folder"),
    ]


def test_links_are_followed_but_not_in_circles_and_pipes_not_opened(tmp_path):
    place(tmp_path, "root/cat/1.jpg", "elsewhere/dog.jpg")
    cat = tmp_path / "root" / "cat"
    (tmp_path / "root" / "dog").symlink_to(tmp_path / "elsewhere")
    (cat / "back").symlink_to(tmp_path / "root")
    (cat / "broken.jpg").symlink_to("nowhere.jpg")
    os.mkfifo(cat / "pipe.jpg")
    assert listed(tmp_path / "root", "folders") == [
        ("cat/1.jpg", "cat", ""),
        ("cat/back", "cat", "link to a folder above it"),
        ("cat/broken.jpg", "cat", "not a regular file"),
        ("cat/pipe.jpg", "cat", "not a regular file"),
        ("dog/dog.jpg", "dog", ""),
    ]


def test_links_to_themselves_and_folders_that_link_to_each_other(tmp_path):
    place(tmp_path, "a/1.jpg", "b/2.jpg")
    (tmp_path / "loop").symlink_to("loop")
    for one, other in ("ab", "ba"):
        (tmp_path / one / "there").symlink_to(tmp_path / other)
    assert listed(tmp_path, "folders") == [
        ("a/1.jpg", "a", ""),
        ("a/there/2.jpg", "a", ""),
        ("a/there/there", "a", "link to a folder above it"),
        ("b/2.jpg", "b", ""),
        ("b/there/1.jpg", "b", ""),
        ("b/there/there", "b", "link to a folder above it"),
        ("loop", "", "Too many levels of symbolic links"),
    ]


def test_of_many_folders_that_link_to_each_other_no_endless_list_is_made(tmp_path):
    names = [f"{number:02}" for number in range(14)]
    for name in names:
        place(tmp_path, f"{name}/1.jpg")
        for other in names:
            (tmp_path / name / f"to {other}").symlink_to(tmp_path / other)
    rows = listed(tmp_path, "folders")
    # Of each folder its image, and through each of 14 links an image, or one link refused.
    images = [image for image, _, reason in rows if not reason]
    assert len(images) == 14 * 14
    assert len(rows) < 14 * 14 * 16


def test_a_name_that_is_no_text_is_refused(tmp_path):
    place(tmp_path, "cat/1.jpg")
    os.rename(tmp_path / "cat" / "1.jpg", os.fsencode(tmp_path) + b"/cat/\xff.jpg")
    assert listed(tmp_path, "folders") == [("cat/\\xff.jpg", "cat", "name is not UTF-8")]


def test_class_folders_whose_names_are_no_text_are_refused(tmp_path):
    place(tmp_path, "cat/1.jpg", "dog/1.jpg")
    root = os.fsencode(tmp_path)
    os.rename(root + b"/dog", root + b"/d\xe9g")
    os.mkdir(root + b"/\xff")
    expected = [("\\xff", "\\xff"), ("cat/1.jpg", "cat"), ("d\\xe9g/1.jpg", "d\\xe9g")]
    found = list_images(tmp_path, "folders")
    assert [(entry.image, entry.class_name) for entry in found] == expected
    refused = ["name is not UTF-8", "", "name is not UTF-8"]
    assert [entry.reason for entry in found] == refused
    write_records(tmp_path / "manifest.csv", ManifestRow, scan_images(tmp_path, found, 1))
    read = read_records(tmp_path / "manifest.csv", ManifestRow)
    assert [row.image for row in read] == [image for image, _ in expected]


def test_folders_that_no_class_is_read_from_are_listed(tmp_path):
    place(tmp_path, "cat/1.jpg", ".NET/1.jpg", "__MACOSX/1.jpg", "cat/.deep/1.jpg", ".DS_Store")
    os.mkdir(os.fsencode(tmp_path) + b"/.\xff")
    assert list_left_out(tmp_path) == [".NET", ".\\xff", "__MACOSX"]


def test_rows_say_what_a_file_holds(tmp_path):
    for name, edge in (("cat/1.png", 9), ("cat/2.png", 5)):
        (tmp_path / "cat").mkdir(exist_ok=True)
        Image.new("L", (edge, 4), edge).save(tmp_path / name)
    place(tmp_path, "cat/3.jpg", content=b"<html></html>")
    place(tmp_path, "cat/4.jpg", content=b"")
    os.truncate(tmp_path / "cat" / "4.jpg", 65 * 2**20)
    rows = list(scan_images(tmp_path, list_images(tmp_path, "folders"), 2))
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
    assert header == "image,class,sha256,bytes,width,height,mode,dhash,status,group,reason"
