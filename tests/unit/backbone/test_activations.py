"""Pieces of activations on disk: written once, found again, refused when not whole."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from fewshot.backbone.activations import (
    COLUMNS,
    PieceWriter,
    computing_digest,
    computing_seconds,
    digest,
    find_pieces,
    list_runs,
    read_columns,
)
from fewshot.errors import InputError
from fewshot.study.digests import LIBRARY
from fewshot.study.networks import APPLICATIONS, HUB, OWN

RECIPE = "0123456789abcdef"


def image_names(first, count):
    return [f"{number:064x}" for number in range(first, first + count)]


def write_piece(folder, images, rows, recipe=RECIPE, batch_rows=2):
    with PieceWriter(folder, recipe, images, rows.shape[1], rows.dtype, batch_rows) as writer:
        for start in range(0, len(rows), batch_rows):
            writer.append(rows[start : start + batch_rows])
    return Path(folder, writer.name)


def numbers(rows, width):
    return np.random.default_rng(rows).standard_normal((rows, width)).astype(np.float16)


def test_columns_of_rows_in_the_order_asked_for(tmp_path):
    width = COLUMNS + 10
    first, second = numbers(5, width), numbers(4, width)
    a = write_piece(tmp_path, image_names(0, 5), first).name
    b = write_piece(tmp_path, image_names(5, 4), second).name
    runs = [[b, 1, 2], [a, 0, 5], [b, 3, 1]]
    expected = np.concatenate([second[1:3], first, second[3:]])
    for start, stop in ((0, width), (COLUMNS - 3, COLUMNS + 3), (width - 1, width)):
        block = read_columns(runs, tmp_path, start, stop)
        assert block.dtype == np.float32
        np.testing.assert_array_equal(block, expected[:, start:stop])


def test_found_by_image_and_recipe(tmp_path):
    images = image_names(0, 5)
    name = write_piece(tmp_path, images[:3], numbers(3, 7)).name
    write_piece(tmp_path, images[3:], numbers(2, 7), recipe="another recipe")
    assert find_pieces(tmp_path, RECIPE) == {
        image: (name, row) for row, image in enumerate(images[:3])
    }
    assert find_pieces(tmp_path / "absent", RECIPE) == {}


def test_of_two_pieces_with_the_same_image_one_is_taken_always(tmp_path):
    images = image_names(0, 3)
    names = [write_piece(tmp_path, images[i:], numbers(3 - i, 7)).name for i in (0, 1)]
    assert find_pieces(tmp_path, RECIPE)[images[2]][0] == min(names)


def test_same_images_and_recipe_give_the_same_name(tmp_path):
    images = image_names(0, 3)
    name = write_piece(tmp_path, images, numbers(3, 7)).name
    assert name == write_piece(tmp_path, images, numbers(3, 7)).name
    assert name != write_piece(tmp_path, images[::-1], numbers(3, 7)).name
    assert name != write_piece(tmp_path, images, numbers(3, 7), recipe="another").name


def test_a_piece_appears_when_it_is_complete(tmp_path):
    images = image_names(0, 4)
    with PieceWriter(tmp_path, RECIPE, images, 7, "float16", 2) as writer:
        writer.append(numbers(2, 7))
        assert find_pieces(tmp_path, RECIPE) == {}
        writer.append(numbers(2, 7))
    assert len(find_pieces(tmp_path, RECIPE)) == 4


def test_an_error_on_the_way_leaves_nothing(tmp_path):
    def fail():
        with PieceWriter(tmp_path, RECIPE, image_names(0, 4), 7, "float16", 2) as writer:
            writer.append(numbers(2, 7))
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_piece_with_rows_missing_is_not_written(tmp_path):
    def stop_early():
        with PieceWriter(tmp_path, RECIPE, image_names(0, 4), 7, "float16", 2) as writer:
            writer.append(numbers(2, 7))

    with pytest.raises(ValueError, match="Received: 2 of 4"):
        stop_early()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["absent", "empty", "cut", "no mark", "fewer images"])
def test_what_is_no_whole_piece_is_refused(tmp_path, damage):
    path = write_piece(tmp_path, image_names(0, 4), numbers(4, 7))
    if damage == "absent":
        path.unlink()
    elif damage in ("empty", "cut"):
        path.write_bytes(path.read_bytes()[: 0 if damage == "empty" else 1000])
    else:
        with h5py.File(path, "a") as file:
            if damage == "no mark":
                del file.attrs["complete"]
            else:
                del file["images"]
                file["images"] = np.array(image_names(0, 3), "S64")
    remedy = rf"{path.name}.*Hint: rm -rf {path} {tmp_path.parents[1]}/passes, then run again"
    with pytest.raises(InputError, match=remedy):
        read_columns([[path.name, 0, 4]], tmp_path, 0, 7)


def test_a_flipped_bit_is_noticed(tmp_path):
    rows = numbers(4, 700)
    path = write_piece(tmp_path, image_names(0, 4), rows)
    data = bytearray(path.read_bytes())
    data[data.index(rows[2].tobytes()) + 100] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=rf"as it was written\. Received: .*{path.name}"):
        read_columns([[path.name, 0, 4]], tmp_path, 0, 700)


def test_a_piece_keeps_the_seconds_since_its_work_began(tmp_path):
    images, rows = image_names(0, 2), numbers(2, 7)
    began = time.monotonic() - 100
    with PieceWriter(tmp_path, RECIPE, images, 7, "float16", 2, began) as writer:
        writer.append(rows)
    assert 100 < computing_seconds([[writer.name, 0, 2]], tmp_path) < 110
    quick = write_piece(tmp_path, image_names(2, 2), rows)
    assert 0 < computing_seconds([[quick.name, 0, 2]], tmp_path) < 10


def test_rows_bear_their_share_of_the_seconds_of_their_pieces(tmp_path):
    names = []
    for first, count, seconds in ((0, 4, 8.0), (4, 2, 3.0)):
        path = write_piece(tmp_path, image_names(first, count), numbers(count, 7))
        with h5py.File(path, "a") as file:
            file.attrs["seconds"] = seconds
        names.append(path.name)
    # 1 + 1 of 4 rows that took 8 s, and both of 2 rows that took 3 s.
    runs = [[names[0], 0, 1], [names[1], 0, 2], [names[0], 3, 1]]
    assert computing_seconds(runs, tmp_path) == 2 + 3 + 2
    assert computing_seconds([], tmp_path) == 0


def test_runs_join_what_is_consecutive_alone():
    places = [("a", 3), ("a", 4), ("b", 5), ("b", 4), ("b", 5), ("a", 6)]
    assert list_runs(places) == [["a", 3, 2], ["b", 5, 1], ["b", 4, 2], ["a", 6, 1]]
    assert list_runs([]) == []


def test_digest_tells_values_apart_but_not_the_order_of_keys():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    values = [(1,), ("1",), (1, 2), ([1, 2],), (12,), (None,), ()]
    assert len({digest(*value) for value in values}) == len(values)
    assert re.fullmatch("[0-9a-f]{16}", digest("x"))


@pytest.fixture
def copied(tmp_path):
    return Path(shutil.copytree(LIBRARY, tmp_path / "fewshot", ignore=lambda *_: {"__pycache__"}))


def recipe(library, source=OWN):
    """Ask a copy of the library how it would name activations."""
    ask = (
        "from fewshot.backbone.activations import computing_digest; "
        f"print(computing_digest({source!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=library.parent, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_activations_are_named_by_what_decides_them(copied):
    assert recipe(copied) == computing_digest(OWN)
    for name in (
        "data/images",
        "backbone/networks",
        "backbone/sources/small_vgg",
        "backbone/pooling",
    ):
        path = copied / f"{name}.py"
        text = path.read_text()
        path.write_text(f"{text}\n# nothing\n")
        assert recipe(copied) == computing_digest(OWN)
        path.write_text(f"{text}\nedited = 1\n")
        assert recipe(copied) != computing_digest(OWN)
        path.write_text(text.replace('ops.cast(images, "float32")', 'ops.cast(images, "float16")'))
        assert (recipe(copied) == computing_digest(OWN)) == (name != "backbone/networks")
        path.write_text(text)
    for name in (
        "errors",
        "files",
        *(f"backbone/{n}" for n in ("imagenet", "weight_files", "extraction", "sources/keras_hub")),
    ):
        path = copied / f"{name}.py"
        path.write_text(f"{path.read_text()}\nedited = 1\n")
    assert recipe(copied) == computing_digest(OWN)


def test_a_moved_module_leaves_activations_as_they_are_named(copied):
    (copied / "backbone/sources/small_vgg.py").rename(copied / "data/a_small_network.py")
    for path in copied.rglob("*.py"):
        text = path.read_text()
        text = text.replace("backbone.sources.small_vgg", "data.a_small_network")
        old, new = (
            "from fewshot.backbone.sources import small_vgg",
            "from fewshot.data import a_small_network",
        )
        path.write_text(text.replace(old, new))
    assert recipe(copied) == computing_digest(OWN)


def test_what_one_source_does_leaves_activations_of_the_others(copied):
    before = {source: recipe(copied, source) for source in (OWN, APPLICATIONS, HUB)}
    assert len({*before.values()}) == 3
    path = copied / "backbone/sources/keras_hub.py"
    path.write_text(f"{path.read_text()}\nedited = 1\n")
    changed = [source for source in before if recipe(copied, source) != before[source]]
    assert changed == [HUB]


def test_a_module_that_decides_activations_cannot_be_forgotten(copied):
    (copied / "scaling.py").write_text("FACTOR = 1\n")
    path = copied / "backbone/networks.py"
    path.write_text(
        path.read_text().replace(
            "from keras import ops\n", "from keras import ops\nfrom fewshot.scaling import FACTOR\n"
        )
    )
    before = recipe(copied)
    (copied / "scaling.py").write_text("FACTOR = 2\n")
    assert recipe(copied) != before
