import base64
import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.files import read_json, write_json
from fewshot.records import read_records, write_records
from fewshot.results.classes import Confusion
from fewshot.results.images import JudgedImage
from fewshot.results.neighbours import Neighbour, Placed
from thumbnails import thumbnails

COUNT = 9
SHOWN = (0, 1, 2, 5, 7, 8)  # wrong, near it, taken for, on the map, and two in dispute


def judged(row, **changes):
    values = {
        **{"dataset": "birds", "row": row.row, "image": row.image, "class_name": row.class_name},
        **{"tested": 2, "right": 1.0, "confidence": 0.9, "right_by_all": 1.0, "judged": 9},
        **{"probability": 0.9 - row.row / 100, "taken_for": "", "suspicion": 9},
    }
    return JudgedImage(**values | changes)


@pytest.fixture
def world(tmp_path, write_images):
    """Pictures of nine images, the last in dispute and not in the pool; arguments, and the rows."""
    rows = write_images(tmp_path, COUNT)
    manifest = []
    for row in rows:
        with Image.open(tmp_path / "images" / row.image) as image:
            width, height = image.size
        manifest.append(
            ManifestRow(row.image, row.class_name, row.sha256, 1, width, height, status="ok")
        )
    for row in (7, 8):
        manifest[row] = manifest[row]._replace(status="disputed", group="g", reason="same picture")
    pool = rows[:7]
    images = [judged(row) for row in pool]
    images[0] = judged(rows[0], right=0.0, taken_for=rows[2].class_name)
    tables = {
        "images": (JudgedImage, images),
        "confusion": (Confusion, [Confusion("birds", "a", "c", 2, 0.5)]),
        "map": (Placed, [Placed("birds", 5, 0.5, 0.5, 1), Placed("fish", 3, 0.5, 0.5, 1)]),
        "neighbours": (Neighbour, [Neighbour("birds", 0, 0, 1, 1, 0.5)]),
        "manifest": (ManifestRow, manifest),
        "pool": (PoolRow, pool),
    }
    for name, (record, content) in tables.items():
        write_records(tmp_path / f"{name}.csv", record, content)
    return {
        "dataset": "birds",
        **{f"{name}_path": tmp_path / f"{name}.csv" for name in tables},
        "source_path": tmp_path / "source.json",
        "thumbnails_path": tmp_path / "thumbnails.json",
    }, rows


def test_images_that_are_shown_have_a_thumbnail_and_no_others(world, tmp_path):
    arguments, rows = world
    thumbnails(**arguments)
    made = read_json(arguments["thumbnails_path"])
    assert {*made} == {rows[row].image for row in SHOWN}
    for name, text in made.items():
        thumbnail = Image.open(io.BytesIO(base64.b64decode(text)))
        with Image.open(tmp_path / "images" / name) as image:
            original = image.convert("RGB").resize(thumbnail.size)
            larger = max(image.size)
            expected = [max(1, round(96 * edge / larger)) for edge in image.size]
        assert [*thumbnail.size] == expected
        assert np.abs(np.asarray(thumbnail, float) - np.asarray(original, float)).mean() < 8


def test_names_of_files_are_kept_as_they_are(world, tmp_path):
    arguments, rows = world
    name = "$(touch X) <b>\n'\u202e.png"
    shutil.move(tmp_path / "images" / rows[5].image, tmp_path / "images" / name)
    for table in ("images", "manifest", "pool"):
        record = {"images": JudgedImage, "manifest": ManifestRow, "pool": PoolRow}[table]
        old = read_records(arguments[f"{table}_path"], record)
        new = [row._replace(image=name) if row.image == rows[5].image else row for row in old]
        write_records(arguments[f"{table}_path"], record, new)
    thumbnails(**arguments)
    assert name in json.loads(arguments["thumbnails_path"].read_text(encoding="utf-8"))


def test_an_image_that_is_another_now_is_refused(world, tmp_path):
    arguments, rows = world
    shutil.copy(tmp_path / "images" / rows[1].image, tmp_path / "images" / rows[5].image)
    with pytest.raises(InputError, match="the one that was scanned"):
        thumbnails(**arguments)
    assert not arguments["thumbnails_path"].exists()


def test_a_dataset_of_which_nothing_is_known_has_no_thumbnails(world):
    arguments, _ = world
    for name, record in (
        ("images", JudgedImage),
        ("confusion", Confusion),
        ("map", Placed),
        ("manifest", ManifestRow),
    ):
        write_records(arguments[f"{name}_path"], record, [])
    write_json(arguments["source_path"], {"root": "nowhere"})
    thumbnails(**arguments)
    assert read_json(arguments["thumbnails_path"]) == {}
