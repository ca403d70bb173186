"""A file is there whole, as it was before, or not at all; and damage is seen."""

import errno
import json
import os
import re
import stat
import subprocess

import pytest

from fewshot.errors import InputError
from fewshot.files import (
    damaged,
    file_sha256,
    open_text,
    read_bytes,
    read_json,
    whole_file,
    write_json,
    write_text,
)


def names(folder):
    """Names of the files in a folder, digests aside."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".sha256"))


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
    for name in ("a.txt-abc_d123", "a.txt-b.txt-abc_d123", "b.txt-abc_d123"):
        (tmp_path / f".partial-{name}").mkdir()
    (tmp_path / ".partial-a.txt-abc_d123" / "a.txt").write_text("half")
    (tmp_path / ".partial-a.txt-empty678").mkdir()
    with whole_file(tmp_path / "a.txt") as path:
        path.write_text("whole")
    left = [".partial-a.txt-b.txt-abc_d123", ".partial-b.txt-abc_d123", "a.txt"]
    assert names(tmp_path) == left


NAMES = ["table.csv", "$(a) b;ü.csv", "-rf", "a\nb \\.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_the_digest_is_that_of_sha256sum(tmp_path, name):
    write_text(tmp_path / name, "1,2\n")
    # sha256sum writes names with a line break or a backslash in another way.
    done = subprocess.run(
        ["sha256sum", "--", name], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    written = (tmp_path / f".{name}.sha256").read_text()
    assert written[:64] == done.stdout.lstrip("\\")[:64] == file_sha256(tmp_path / name)
    assert written == f"{written[:64]}  {name}\n"


def test_what_was_written_is_read(tmp_path):
    text = 'a,"b\r\nc"\nü\n'
    write_text(tmp_path / "a.csv", text)
    assert open_text(tmp_path / "a.csv").read() == text
    assert read_bytes(tmp_path / "a.csv") == text.encode()
    write_json(tmp_path / "a.json", {"ü": [1, None]})
    assert read_json(tmp_path / "a.json") == {"ü": [1, None]}
    assert json.loads((tmp_path / "a.json").read_text()) == {"ü": [1, None]}


def test_of_two_writes_the_last_counts(tmp_path):
    for text in ("first", "second"):
        write_text(tmp_path / "a.txt", text)
        assert read_bytes(tmp_path / "a.txt") == text.encode()


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def flip(path):
    data = bytearray(path.read_bytes())
    data[3] ^= 4
    path.write_bytes(data)


DAMAGE = {
    "cut": lambda path, digest: cut(path),
    "a bit flipped": lambda path, digest: flip(path),
    "emptied": lambda path, digest: path.write_bytes(b""),
    "a page": lambda path, digest: path.write_text("<html></html>"),
    "absent": lambda path, digest: path.unlink(),
    "digest absent": lambda path, digest: digest.unlink(),
    "digest emptied": lambda path, digest: digest.write_bytes(b""),
    "digest flipped": lambda path, digest: flip(digest),
    "a folder": lambda path, digest: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_not_as_it_was_written_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "a b.csv"
    write_text(path, "1,2\n3,4\n")
    DAMAGE[damage](path, tmp_path / ".a b.csv.sha256")
    remedy = re.escape(f"Hint: rm -f '{path}', then run again.")
    with pytest.raises(InputError, match=f"as it was written.*a b\\.csv.*{remedy}"):
        read_bytes(path)


def test_a_folder_and_what_has_checksums_of_its_own_get_no_digest(tmp_path):
    with whole_file(tmp_path / "folder") as path:
        path.mkdir()
    with whole_file(tmp_path / "a.h5", digested=False) as path:
        path.write_bytes(b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.h5", "folder"]


def test_the_remedy_runs_in_a_shell_whatever_the_names(tmp_path):
    # Paths that the workflow makes up hold no control characters.
    files = [tmp_path / name for name in NAMES if name.isprintable()]
    for file in files:
        file.write_text("")
    hint = str(damaged(files[0], "damage", files[1:])).partition("Hint: ")[2]
    subprocess.run(hint.removesuffix(", then run again."), shell=True, check=True)
    assert list(tmp_path.iterdir()) == []


def test_who_loses_the_folder_to_another_run_says_so(tmp_path):
    target = tmp_path / "a.txt"

    def both():
        with whole_file(target) as path:
            path.write_text("first")
            write_text(target, "second")

    with pytest.raises(InputError, match=r"Only one run at a time.*run again when the other"):
        both()
    assert read_bytes(target) == b"second"
    assert names(tmp_path) == ["a.txt"]


@pytest.fixture
def no_sync_of_folders(monkeypatch):
    """Return a function that has the system refuse to sync folders, with an error of a number."""
    plain = os.fsync

    def refuse(number):
        def fsync(descriptor):
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(number, os.strerror(number))
            plain(descriptor)

        monkeypatch.setattr("os.fsync", fsync)

    return refuse


@pytest.mark.parametrize("name", ["EINVAL", "ENOTSUP", "ENOSYS", "EBADF", "EACCES"])
def test_a_file_system_that_cannot_sync_folders_is_none_the_worse(
    tmp_path, no_sync_of_folders, name
):
    no_sync_of_folders(getattr(errno, name))
    write_text(tmp_path / "pool.csv", "a,b\n")
    assert read_bytes(tmp_path / "pool.csv") == b"a,b\n"


def test_a_disk_that_fails_to_sync_a_folder_is_an_error(tmp_path, no_sync_of_folders):
    no_sync_of_folders(errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        write_text(tmp_path / "pool.csv", "a,b\n")


def test_a_folder_that_cannot_be_written_is_one_message():
    with pytest.raises(InputError, match=r"write in its folders. Received: /sys, which can't"):
        write_text("/sys/pool.csv", "a,b\n")  # not even by root
