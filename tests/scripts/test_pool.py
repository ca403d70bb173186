"""The pool from a manifest file."""

from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.records import read_records, write_records
from pool import pool


def test_pool_of_a_manifest(tmp_path):
    rows = [
        ManifestRow(f"{name}/{n}", name, f"{name}{n}", status="ok", group=f"{name}{n}")
        for name in ("ant", "bee", "cow")
        for n in range(4)
    ]
    write_records(tmp_path / "manifest.csv", ManifestRow, rows)
    pool(
        manifest_path=tmp_path / "manifest.csv",
        images_per_class=3,
        exclude=["bee"],
        seed=0,
        pool_path=tmp_path / "pool.csv",
    )
    read = read_records(tmp_path / "pool.csv", PoolRow)
    assert [(row.row, row.class_name, row.label) for row in read] == [
        (0, "ant", 0),
        (1, "cow", 1),
        (2, "ant", 0),
        (3, "cow", 1),
        (4, "ant", 0),
        (5, "cow", 1),
    ]
    assert {row.image for row in read} < {row.image for row in rows}
