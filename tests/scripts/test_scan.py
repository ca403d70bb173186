"""A folder as people have them: what can be used is, the rest is named with a reason."""

import numpy as np
import pytest
from PIL import Image

from fewshot.data.images import MAX_PIXELS
from fewshot.data.manifest import ManifestRow
from fewshot.errors import InputError
from fewshot.files import write_json
from fewshot.records import read_records
from fewshot.study.read import read_schema
from scan import scan


@pytest.fixture
def root(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (10, 10, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((120, 90), Image.Resampling.BICUBIC).save(path)
    return tmp_path / "photos"


def scanned(root, max_rejected_fraction=0.5, classes="folders", **others):
    source, manifest = root.parent / "source.json", root.parent / "manifest.csv"
    write_json(source, {"root": str(root), "sha256": None, "files": 0})
    scan(
        source_path=source,
        classes=classes,
        **others,
        manifest_path=manifest,
        max_rejected_fraction=max_rejected_fraction,
        copy_bits=1,
        threads=2,
    )
    return {row.image: (row.status, row.reason) for row in read_records(manifest, ManifestRow)}


def rows_of(root):
    return read_records(root.parent / "manifest.csv", ManifestRow)


def test_good_bad_and_copied_images(root, capsys):
    photo = (root / "cat/1.jpg").read_bytes()
    (root / "cat/truncated.jpg").write_bytes(photo[: len(photo) // 2])
    (root / "cat/empty.jpg").write_bytes(b"")
    (root / "dog/page.jpg").write_text("<html>not found</html>")
    (root / "dog/again.jpg").write_bytes(photo)
    Image.open(root / "dog/1.jpg").save(root / "dog/smaller.jpg", quality=75)
    rows = scanned(root)
    assert list(rows) == sorted(rows)
    assert {image for image, (status, _) in rows.items() if status == "rejected"} == {
        "cat/truncated.jpg",
        "cat/empty.jpg",
        "dog/page.jpg",
    }
    assert "truncated" in rows["cat/truncated.jpg"][1]
    assert rows["cat/empty.jpg"][1] == "empty file"
    assert rows["dog/again.jpg"] == ("disputed", "same picture as cat/1.jpg of class cat")
    assert rows["cat/1.jpg"] == ("disputed", "same picture as dog/again.jpg of class dog")
    pair = [rows["dog/1.jpg"], rows["dog/smaller.jpg"]]
    assert ("ok", "") in pair
    assert {status for status, _ in pair} == {"ok", "copy"}
    printed = capsys.readouterr().out
    assert "rejected: cat/empty.jpg (empty file)" in printed
    assert "9 files: 3 rejected, 1 copies, 2 disputed" in printed


def test_too_many_bad_images_leave_no_manifest_and_are_named(root, capsys):
    for number in range(12):
        (root / f"cat/bad{number:02}.jpg").write_bytes(b"")
    assert scanned(root, 12 / 16)["cat/bad00.jpg"][0] == "rejected"
    (root.parent / "manifest.csv").unlink()
    with pytest.raises(
        InputError, match=r"12 of 16 rejected: cat/bad00.jpg .*bad09.*, ..."
    ) as error:
        scanned(root, 0.7)
    assert "bad10" not in str(error.value)
    assert "rejected: cat/bad11.jpg (empty file)" in capsys.readouterr().out
    assert not (root.parent / "manifest.csv").exists()


def test_a_dataset_without_an_image(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(InputError, match="none among 0 files below"):
        scanned(tmp_path / "photos", 1)
    (tmp_path / "photos" / "loose.jpg").write_bytes(b"")
    with pytest.raises(InputError, match=r"none among 1 files.*loose\.jpg \(no class folder\)"):
        scanned(tmp_path / "photos", 1)


def test_other_files_and_empty_folders_neither_count_nor_stand_in_the_manifest(root, capsys):
    for name in ("labels.csv", "LICENSE", "cat/1.xml", "cat/1.MOV", "notes/a.txt", "cat/Icon\r"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"\0\0\0\x14ftypqt  ")
    (root / "ibis").mkdir()
    assert {*scanned(root, 0)} == {"cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg"}
    printed = capsys.readouterr().out
    assert "no image by name or content: 1 no ending, 1 .mov, 1 .xml, 1 .csv, 1 .txt: " in printed
    assert "left out, folders without an image: ibis, notes\n" in printed
    assert "4 files: 0 rejected" in printed


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0 cut off", b"version https://git-lfs", b""])
def test_what_has_the_name_of_an_image_and_is_none_counts_as_rejected(root, data):
    (root / "cat/3.jpg").write_bytes(data)
    with pytest.raises(InputError, match=r"1 of 5 rejected: cat/3\.jpg \("):
        scanned(root, 0)


def test_what_is_excluded_comes_before_the_limit(root, capsys):
    for name in ("ibis/1.jpg", "ibis/2.jpg", "notes/a.txt"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"")
    with pytest.raises(InputError, match="2 of 6 rejected"):
        scanned(root, 0)
    assert scanned(root, 0, exclude=["ibis", "notes"])["ibis/1.jpg"][0] == "rejected"
    assert "rejected: ibis/1.jpg (empty file)\n" in capsys.readouterr().out
    with pytest.raises(InputError, match=r"can be excluded. Received: 'ibi'. Hint: did you mean"):
        scanned(root, 0, exclude=["ibi"])


def test_folders_of_an_official_split_stop_the_scan_until_they_are_named(root):
    for part in ("train", "valid"):
        (root.parent / "split" / part).mkdir(parents=True)
    for name in ("cat", "dog"):
        for number, part in (("1", "train"), ("2", "valid")):
            (root.parent / "split" / part / name).mkdir()
            target = root.parent / "split" / part / name / f"{number}.jpg"
            (root / name / f"{number}.jpg").rename(target)
    with pytest.raises(
        InputError, match=r"Received: train, valid, with cat, dog below.*parts: fol"
    ):
        scanned(root.parent / "split")
    scanned(root.parent / "split", 0, parts="folders")
    found = {(row.image, row.class_name, row.part) for row in rows_of(root)}
    assert found == {
        ("train/cat/1.jpg", "cat", "train"),
        ("train/dog/1.jpg", "dog", "train"),
        ("valid/cat/2.jpg", "cat", "val"),
        ("valid/dog/2.jpg", "dog", "val"),
    }


@pytest.mark.parametrize("classes", ["folders", "prefix"])
def test_where_no_class_can_be_told_the_way_out_is(root, classes):
    for number, name in enumerate(("cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg")):
        (root / name).rename(root / f"{name[:3]}.{number}.jpg")
    (root / "labels.csv").write_text("image,class\n" + "".join(f"dog.{n},x\n" for n in (2, 3)))
    with pytest.raises(InputError, match=r"none among 4.*\{pattern: .*or a table, perhaps labels"):
        scanned(root, 1, classes=classes)
    scanned(root, 0, classes={"pattern": r"(?P<class>\w+)\."})
    assert [row.class_name for row in rows_of(root)] == ["cat", "cat", "dog", "dog"]
    scanned(root, 0, classes={"table": "labels.csv"})
    assert [(row.image, row.class_name) for row in rows_of(root)] == [
        ("dog.2.jpg", "x"),
        ("dog.3.jpg", "x"),
    ]


def test_rows_of_a_table_without_an_image_count_as_rejected(root):
    (root / "labels.csv").write_text("image,class\ncat/1,cat\ncat/2,cat\ncat/3,cat\n")
    with pytest.raises(InputError, match=r"1 of 3 rejected: cat/3 \(no such image\)"):
        scanned(root, 0, classes={"table": "labels.csv"})


def test_versions_of_a_picture_are_one_group_as_the_user_says_and_turned_ones_by_their_look(root):
    for name in ("cat", "dog"):
        image = Image.open(root / name / "1.jpg")
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(root / name / "mirrored.png")
        image.transpose(Image.Transpose.ROTATE_90).save(root / name / "turned.png")
        image.rotate(15).save(root / name / "1.rf.a.png")
        image.rotate(-15).save(root / name / "1.rf.b.png")
    scanned(root)
    groups = {row.image: row.group for row in rows_of(root)}
    looks = {row.group for row in rows_of(root) if "rf" not in row.image}
    assert len({*groups.values()}) == 8
    assert len(looks) == 4
    assert groups["cat/1.jpg"] == groups["cat/mirrored.png"] == groups["cat/turned.png"]
    scanned(root, group=r"(?P<group>.+/\d+)\.")
    groups = {row.image: row.group for row in rows_of(root)}
    assert len({*groups.values()}) == 4
    assert groups["dog/1.jpg"] == groups["dog/1.rf.a.png"] == groups["dog/turned.png"]
    statuses = {row.image: row.status for row in rows_of(root)}
    assert sorted(statuses.values()) == ["copy"] * 4 + ["ok"] * 8
    assert statuses["dog/1.rf.b.png"] == "ok"


def test_the_log_tells_of_images_that_are_used_but_perhaps_not_as_they_were_meant(root, capsys):
    deep = np.random.default_rng(1).integers(0, 4096, (90, 120)).astype(np.uint16)
    Image.fromarray(deep).save(root / "cat/deep.png")
    Image.open(root / "cat/1.jpg").rotate(20).save(root / "cat/odd.png", icc_profile=b"rubbish")
    statuses = {status for status, _ in scanned(root, 0).values()}
    assert statuses == {"ok"}
    printed = capsys.readouterr().out
    assert (
        "1 images keep 12 bits in 16: they are read as numbers of 16 bits, so nearly black"
        in printed
    )
    assert "multiply these by 16 and save them again: cat/deep.png\n" in printed
    assert "1 images with a colour profile that is damaged" in printed


def test_the_limit_of_pixels_is_named_by_its_key(root):
    Image.new("RGB", (2000, 1000)).save(root / "cat/large.png")
    assert scanned(root, 0)["cat/large.png"] == ("ok", "")
    message = (
        r"cat/large.png \(2000 x 1000 pixels, more .* 1500000: see datasets.<name>.max_megapix"
    )
    with pytest.raises(InputError, match=message):
        scanned(root, 0, max_megapixels=1.5)


def test_an_archive_of_archives_has_a_way_out(root):
    (root.parent / "zips").mkdir()
    (root.parent / "zips/cat.zip").write_bytes(b"PK\3\4")
    with pytest.raises(InputError, match=r"none among 0.*Hint: cat.zip is an archive: unpack it"):
        scanned(root.parent / "zips")


def test_the_limit_of_pixels_is_the_schemas_default_and_half_its_most():
    datasets = read_schema()[0]["properties"]["datasets"]["additionalProperties"]
    key = datasets["properties"]["max_megapixels"]
    # Pillow itself refuses what has twice as many.
    assert (1e6 * key["default"], 1e6 * key["maximum"]) == (MAX_PIXELS, 2 * MAX_PIXELS)
