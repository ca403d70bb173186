"""Folders: where images begin, and all files below by one walk."""

import pytest

from fewshot.errors import InputError
from fewshot.folders import files_below, find_root, images_folder, is_litter


def test_root_is_below_single_folders(tmp_path):
    (tmp_path / "outer" / "inner" / "cat").mkdir(parents=True)
    (tmp_path / "outer" / "inner" / "dog").mkdir()
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "outer" / ".DS_Store").write_bytes(b"")
    assert find_root(tmp_path) == tmp_path / "outer" / "inner"
    (tmp_path / "outer" / "readme.txt").write_bytes(b"")
    assert find_root(tmp_path) == tmp_path / "outer"


def test_a_named_folder_is_seen_from_the_top_or_from_where_all_lies(tmp_path):
    (tmp_path / "food/images/cat").mkdir(parents=True)
    (tmp_path / "food/meta").mkdir()
    assert images_folder(tmp_path) == tmp_path / "food"
    for name in ("images", "food/images"):
        assert images_folder(tmp_path, name) == tmp_path / "food/images"
    with pytest.raises(InputError, match=r"must be in .*food\. Received: folder 'image'.*images\?"):
        images_folder(tmp_path, "image")


@pytest.mark.parametrize(
    "name",
    [".DS_Store", "Icon\r", "Thumbs.db", "lost+found", "$RECYCLE.BIN", "System Volume Information"],
)
def test_what_systems_leave_behind_is_litter_and_passed_over(tmp_path, name):
    assert is_litter(name)
    (tmp_path / name).mkdir()
    (tmp_path / name / "1.jpg").touch()
    (tmp_path / "1.jpg").touch()
    assert list(files_below(tmp_path)) == [("1.jpg", "")]


def test_linked_folders_count_once_on_a_way(tmp_path):
    (tmp_path / "root/cat").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/1.jpg").touch()
    (tmp_path / "root/dog").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root/cat/back").symlink_to(tmp_path / "root")
    assert sorted(files_below(tmp_path / "root")) == [
        ("cat/back", "link to a folder above it"),
        ("dog/1.jpg", ""),
    ]
