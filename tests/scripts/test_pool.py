"""The pool from a manifest file."""

from fewshot.data.manifest import COLUMNS, write_manifest
from fewshot.data.pool import read_pool
from pool import pool


def test_pool_of_a_manifest(tmp_path):
    rows = [
        {**dict.fromkeys(COLUMNS, ""), "image": f"{name}/{n}", "class": name, "status": "ok"}
        | {"sha256": f"{name}{n}", "group": f"{name}{n}"}
        for name in ("ant", "bee", "cow")
        for n in range(4)
    ]
    write_manifest(rows, tmp_path / "manifest.csv")
    pool(
        manifest_path=tmp_path / "manifest.csv",
        images_per_class=3,
        exclude=["bee"],
        seed=0,
        pool_path=tmp_path / "pool.csv",
    )
    read = read_pool(tmp_path / "pool.csv")
    assert [(row["row"], row["class"], row["label"]) for row in read] == [
        (0, "ant", 0),
        (1, "cow", 1),
        (2, "ant", 0),
        (3, "cow", 1),
        (4, "ant", 0),
        (5, "cow", 1),
    ]
    assert {row["image"] for row in read} < {row["image"] for row in rows}
