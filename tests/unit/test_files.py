"""A file is there whole, as it was before, or not at all."""

import pytest

from fewshot.files import whole_file


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_appears_when_the_block_ends(tmp_path):
    target = tmp_path / "new" / "folder" / "table.csv"
    with whole_file(target) as path:
        path.write_text("1,2\n")
        assert not target.exists()
    assert target.read_text() == "1,2\n"
    assert names(target.parent) == ["table.csv"]


def test_the_old_one_stands_until_then(tmp_path):
    target = tmp_path / "table.csv"
    target.write_text("old")
    with whole_file(target) as path:
        path.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"


@pytest.mark.parametrize("before", [None, "old"])
def test_a_failure_changes_nothing(tmp_path, before):
    target = tmp_path / "table.csv"
    if before:
        target.write_text(before)

    def fail():
        with whole_file(target) as path:
            path.write_text("half of the n")
            raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="disk on fire"):
        fail()
    assert names(tmp_path) == (["table.csv"] if before else [])
    assert not before or target.read_text() == before


def test_a_block_that_writes_nothing_leaves_nothing(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "table.csv"):
        pass
    assert names(tmp_path) == []


def test_the_temporary_file_is_on_the_same_disk_and_has_the_same_ending(tmp_path):
    target = tmp_path / "vgg.weights.h5"
    with whole_file(target) as path:
        path.write_bytes(b"")
        assert path.name == target.name
        assert path.parent.parent == tmp_path


def test_a_path_may_be_text_with_any_characters(tmp_path):
    with whole_file(f"{tmp_path}/$(a) b;ü.csv") as path:
        path.write_text("x")
    assert names(tmp_path) == ["$(a) b;ü.csv"]


def test_what_a_kill_left_of_the_same_file_goes_and_other_files_stay(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / f".partial-{name}").mkdir()
        (tmp_path / f".partial-{name}" / name).write_text("half")
    with whole_file(tmp_path / "a.txt") as path:
        path.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".partial-b.txt", "a.txt"]
