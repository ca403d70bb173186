"""The pool from a manifest file."""

from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.records import read_records, write_records
from pool import pool


def manifest(folder, **counts):
    """Write a manifest with so many images of each class, whose parts are as given."""
    rows = [
        ManifestRow(f"{name}/{n}", name, f"{name}{n}", status="ok", group=f"{name}{n}", part=part)
        for name, parts in counts.items()
        for n, part in enumerate(parts)
    ]
    write_records(folder / "manifest.csv", ManifestRow, rows)
    return rows


def drawn(folder, **changes):
    """Draw the pool of a manifest and read it."""
    usual = {"images_per_class": 3, "exclude": [], "seed": 0, "least": 3}
    usual |= {"official": False, "skip_small": False, **changes}
    pool(manifest_path=folder / "manifest.csv", pool_path=folder / "pool.csv", **usual)
    return read_records(folder / "pool.csv", PoolRow)


def test_pool_of_a_manifest(tmp_path):
    rows = manifest(tmp_path, ant=[""] * 4, bee=[""] * 4, cow=[""] * 4)
    read = drawn(tmp_path, exclude=["bee"])
    assert [(row.row, row.class_name, row.label) for row in read] == [
        (0, "ant", 0),
        (1, "cow", 1),
        (2, "ant", 0),
        (3, "cow", 1),
        (4, "ant", 0),
        (5, "cow", 1),
    ]
    assert {row.image for row in read} < {row.image for row in rows}


def test_small_classes_that_are_left_out_are_named(tmp_path, capsys):
    manifest(tmp_path, ant=[""] * 4, bee=[""] * 2, cow=[""] * 5, dog=[""])
    read = drawn(tmp_path, images_per_class="all", exclude=["dog"], skip_small=True)
    assert [row.label for row in read] == [0, 1] * 4 + [1]
    assert capsys.readouterr().out == ("9 images of 2 classes\ntoo small, left out: bee\n")


def test_an_official_split_says_what_it_leaves_out(tmp_path, capsys):
    rows = manifest(tmp_path, ant=["train", "train", "test", "val"], cow=["train", "test", "test"])
    rows[1] = rows[1]._replace(group=rows[2].group)  # a copy of a test image
    rows[6] = rows[6]._replace(status="rejected", group="")
    write_records(tmp_path / "manifest.csv", ManifestRow, rows)
    read = drawn(tmp_path, images_per_class="all", least=1, official=True)
    expected = [("ant/2", "test"), ("cow/1", "test"), ("ant/0", "train"), ("cow/0", "train")]
    assert [(row.image, row.part) for row in read] == expected
    assert capsys.readouterr().out.splitlines()[1:] == [
        "1 images of the part train are left out: a copy, or their group, is tested",
        "1 images of the part test can't be used: see manifest.csv",
    ]
