"""Which images are meant."""

import io
import os

import pytest
from PIL import Image

from fewshot.predictor.listing import list_images


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A folder of images and what else lies in folders; the working folder is the one above."""
    folder = tmp_path / "photos"
    for name in ("b.jpg", "a.png", "sub/deep/c", "sub/d.HEIC", ".hidden/x.jpg", "new\nline.gif"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(path, "PNG")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "notes.txt").write_text("hello")
    monkeypatch.chdir(tmp_path)
    return folder


def listed(*arguments, stdin=b""):
    return list_images([*arguments], io.BytesIO(stdin))


def test_a_folder_is_gone_through_sorted_and_litter_passed_over(photos):
    found = listed("photos")
    names = ["a.png", "b.jpg", "new\nline.gif", "sub/d.HEIC", "sub/deep/c"]
    assert found.images == [f"photos/{name}" for name in names]
    assert (found.refused, found.others) == ([], 1)


def test_each_image_comes_once_in_the_order_in_which_it_was_named(photos):
    found = listed("photos/b.jpg", "photos/sub", "photos/sub/d.HEIC", "photos/b.jpg")
    assert found.images == ["photos/b.jpg", "photos/sub/d.HEIC", "photos/sub/deep/c"]


def test_patterns_are_those_of_a_shell_with_folders_below(photos):
    assert listed("photos/*.png").images == ["photos/a.png"]
    assert listed("photos/**/d*").images == ["photos/sub/d.HEIC", "photos/sub/deep/c"]
    assert listed("photos/?.xyz").refused == [("photos/?.xyz", "no such file")]


def test_a_file_whose_name_is_a_pattern_is_that_file(photos):
    (photos / "[a].jpg").write_bytes(b"x")
    assert listed("photos/[a].jpg").images == ["photos/[a].jpg"]


def test_what_is_named_itself_is_an_image_whatever_it_is(photos):
    assert listed("photos/notes.txt").images == ["photos/notes.txt"]


@pytest.mark.parametrize(
    "stdin",
    [
        b"photos/b.jpg\nphotos/a.png\n\nmissing.jpg",
        b"photos/b.jpg\r\nphotos/a.png\r\nmissing.jpg\r\n",
        b"photos/b.jpg\0photos/a.png\0missing.jpg\0",
    ],
)
def test_a_list_on_standard_input_is_read(photos, stdin):
    found = listed("-", stdin=stdin)
    assert found.images == ["photos/b.jpg", "photos/a.png"]
    assert found.refused == [("missing.jpg", "no such file or folder")]


def test_names_with_newlines_pass_between_zero_bytes(photos):
    found = listed("-", "photos/a.png", stdin=b"photos/new\nline.gif\0")
    assert found.images == ["photos/new\nline.gif", "photos/a.png"]


def test_names_that_are_no_text_are_those_of_the_system(photos):
    name = os.fsencode(photos) + b"/\xff.jpg"
    with open(name, "wb") as file:
        file.write(b"x")
    found = listed("-", stdin=name)
    assert [os.fsencode(path) for path in found.images] == [name]


def test_links_in_a_circle_end(photos):
    (photos / "sub/loop").symlink_to(photos)
    (photos / "itself").symlink_to("itself")
    found = listed("photos")
    assert len(found.images) == 5
    assert found.refused == [
        ("photos/itself", "Too many levels of symbolic links"),
        ("photos/sub/loop", "link to a folder above it"),
    ]


def test_what_is_no_file_and_an_empty_folder_give_nothing(photos):
    os.mkfifo(photos / "pipe.jpg")
    (photos / "empty").mkdir()
    assert listed("photos/pipe.jpg").refused == [("photos/pipe.jpg", "not a regular file")]
    assert ("photos/pipe.jpg", "not a regular file") in listed("photos").refused
    assert listed("photos/empty") == ([], [], 0)
    assert listed("nowhere").refused == [("nowhere", "no such file or folder")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_can_not_be_read_is_named(photos):
    (photos / "sub").chmod(0)
    try:
        found = listed("photos")
    finally:
        (photos / "sub").chmod(0o755)
    assert found.refused == [("photos/sub", "Permission denied")]
    assert len(found.images) == 3
