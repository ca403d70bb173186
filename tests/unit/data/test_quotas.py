"""What an archive may unpack to: limits on the bytes that arrive, and names that are refused."""

import io

import pytest

from fewshot.data import quotas
from fewshot.data.quotas import Quota, write_entry
from fewshot.errors import InputError


@pytest.fixture
def quota(tmp_path):
    """That of an archive of 10 bytes, which may unpack to 200 times that."""
    path = tmp_path / "archive.zip"
    path.write_bytes(bytes(10))
    return Quota(path)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "images"


def written(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_what_is_written_is_there_and_counted(quota, folder):
    assert write_entry("cat", None, folder, quota) == 0
    assert write_entry("cat/1.jpg", io.BytesIO(b"abc"), folder, quota) == 3
    assert write_entry("dog/2.jpg", io.BytesIO(b""), folder, quota) == 0
    assert written(folder) == {"cat/1.jpg": b"abc", "dog/2.jpg": b""}
    assert (quota.entries, quota.files, quota.total) == (3, 2, 3)


def test_all_files_together_may_have_200_times_the_bytes_of_the_archive(quota, folder):
    write_entry("1", io.BytesIO(bytes(1500)), folder, quota)
    write_entry("2", io.BytesIO(bytes(500)), folder, quota)
    words = r"not unpack to more than 200 times its size.*Received: '3' in .*archive\.zip\. Hint"
    with pytest.raises(InputError, match=words):
        write_entry("3", io.BytesIO(bytes(1)), folder, quota)


def test_a_source_without_an_end_is_stopped_before_the_disk_is_full(tmp_path, folder):
    path = tmp_path / "archive.zip"
    path.write_bytes(bytes(2**14))
    with open("/dev/zero", "rb") as zeros, pytest.raises(InputError, match="'bomb' in"):
        write_entry("bomb", zeros, folder, Quota(path))
    # No more than 200 times 16 KiB, in chunks of 1 MiB.
    assert 0 < (folder / "bomb").stat().st_size <= 200 * 2**14


def test_no_archive_however_large_may_exceed_the_total(quota, monkeypatch):
    monkeypatch.setattr(quotas, "MAX_TOTAL_BYTES", 100)
    small = Quota(quota.archive_path)
    small.count_bytes("1", 100, 100)
    with pytest.raises(InputError, match="nor to more than 100 bytes"):
        small.count_bytes("2", 1, 1)


def test_one_file_may_have_so_many_bytes(quota, folder, monkeypatch):
    monkeypatch.setattr(quotas, "MAX_FILE_BYTES", 5)
    write_entry("five", io.BytesIO(bytes(5)), folder, quota)
    write_entry("again", io.BytesIO(bytes(5)), folder, quota)
    with pytest.raises(InputError, match=r"A file must not unpack to more than 5 bytes.*'six'"):
        write_entry("six", io.BytesIO(bytes(6)), folder, quota)


def test_folders_count_as_files_do(quota, folder, monkeypatch):
    monkeypatch.setattr(quotas, "MAX_FILES", 2)
    write_entry("cat", None, folder, quota)
    write_entry("cat/1.jpg", io.BytesIO(b""), folder, quota)
    with pytest.raises(InputError, match=r"more than 2 files\. Received: 'dog'"):
        write_entry("dog", None, folder, quota)
    assert not (folder / "dog").exists()


def test_headers_of_a_tar_count_beyond_a_mebibyte_of_padding(quota):
    quota.count_read(2000 + 2**20)
    with pytest.raises(InputError, match=r"not unpack to more than 200 times.*'headers'"):
        quota.count_read(1)


@pytest.mark.parametrize(
    "name",
    [
        "cat/1.jpg",
        ".hidden",
        "two..dots/..jpg",
        "/".join(32 * ["d"]),
        255 * "n",
        127 * "é" + "n",  # é takes two bytes
        "/".join([*4 * [204 * "n"], 204 * "n"]),  # 1024 bytes with the four slashes
    ],
)
def test_names_that_file_systems_take_are_written(quota, folder, name):
    write_entry(name, io.BytesIO(b"x"), folder, quota)
    assert written(folder) == {name: b"x"}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("/etc/passwd", "below the archive's own folder"),
        ("../out.jpg", "below the archive's own folder"),
        ("cat/../../out.jpg", "below the archive's own folder"),
        ("cat/..", "below the archive's own folder"),
        ("a\0b", "UTF-8 without NUL"),
        ("caf\udce9.jpg", "UTF-8 without NUL"),  # a byte that is no UTF-8, as Python reads it
        ("/".join(33 * ["d"]), "32 folders"),
        (256 * "n", "255 bytes a name"),
        (128 * "é", "255 bytes a name"),
        ("/".join([*4 * [204 * "n"], 205 * "n"]), "at most 1024 bytes"),
    ],
)
@pytest.mark.parametrize("is_folder", [False, True])
def test_other_names_are_refused_and_nothing_is_written(quota, folder, name, rule, is_folder):
    with pytest.raises(InputError, match=rule) as caught:
        write_entry(name, None if is_folder else io.BytesIO(b"x"), folder, quota)
    assert len(str(caught.value)) < 1000
    assert "unpack it yourself" in str(caught.value)
    assert [path.name for path in folder.parent.iterdir()] == ["archive.zip"]


@pytest.mark.parametrize("second", ["cat", "cat/1.jpg", "./cat"])
def test_no_second_file_takes_the_place_of_one_or_lies_below_it(quota, folder, second):
    write_entry("cat", io.BytesIO(b"first"), folder, quota)
    with pytest.raises(InputError, match="No two files of an archive may share a path"):
        write_entry(second, io.BytesIO(b"second"), folder, quota)
    assert written(folder) == {"cat": b"first"}


def test_a_folder_may_come_twice_but_not_where_a_file_is(quota, folder):
    for _ in range(2):
        write_entry("cat", None, folder, quota)
    with pytest.raises(InputError, match="share a path"):
        write_entry("cat", io.BytesIO(b"x"), folder, quota)
    write_entry("dog", io.BytesIO(b"x"), folder, quota)
    with pytest.raises(InputError, match="share a path"):
        write_entry("dog", None, folder, quota)
