"""Archives: what is whole is unpacked, what is not leaves nothing behind.

Those made to do harm are in test_hostile_archives.py.
"""

import hashlib
import io
import tarfile
import zipfile

import pytest

from fewshot.data import quotas
from fewshot.data.archives import unpack
from fewshot.errors import InputError

FILES = {"photos/cat/1.jpg": b"first", "photos/dog/a b.jpg": b"second" * 100}


def make_tar(path, files=FILES, mode="w"):
    with tarfile.open(path, mode) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def make_zip(path, files=FILES):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refused(archive, folder, match):
    """Check that an archive is refused and that an older folder stays as it is."""
    folder.mkdir()
    (folder / "old.jpg").write_bytes(b"old")
    beside = set(folder.parent.iterdir())
    with pytest.raises(InputError, match=match):
        unpack(archive, folder)
    assert set(folder.parent.iterdir()) == beside
    assert contents(folder) == {"old.jpg": b"old"}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_of_every_compression(tmp_path, mode):
    unpack(make_tar(tmp_path / "photos", mode=mode), tmp_path / "deep" / "images")
    assert contents(tmp_path / "deep" / "images") == FILES


def test_zip(tmp_path):
    unpack(make_zip(tmp_path / "photos"), tmp_path / "images")
    assert contents(tmp_path / "images") == FILES


def test_tar_of_a_folder_with_dot_names_and_blocks_that_are_full(tmp_path):
    (tmp_path / "here" / "cat").mkdir(parents=True)
    (tmp_path / "here" / "cat" / "1.jpg").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "here" / "cat" / "empty.jpg").write_bytes(b"")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "here", arcname=".")
    unpack(tmp_path / "a.tar.gz", tmp_path / "images")
    expected = {"cat/1.jpg": bytes(range(256)) * 4, "cat/empty.jpg": b""}
    assert contents(tmp_path / "images") == expected


def test_an_older_folder_is_replaced(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "old.jpg").write_bytes(b"old")
    unpack(make_tar(tmp_path / "a.tar"), tmp_path / "images")
    assert contents(tmp_path / "images") == FILES


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_limits_on_number_and_size(tmp_path, make, monkeypatch):
    archive = make(tmp_path / "archive")
    monkeypatch.setattr(quotas, "MAX_FILES", 1)
    refused(archive, tmp_path / "one", "more than 1 files.*a b.jpg")
    monkeypatch.undo()
    monkeypatch.setattr(quotas, "MAX_FILE_BYTES", 599)
    refused(archive, tmp_path / "two", "more than 599 bytes.*a b.jpg")
    monkeypatch.undo()
    monkeypatch.setattr(quotas, "MAX_TOTAL_BYTES", 604)
    refused(archive, tmp_path / "three", "more than 604 bytes.*a b.jpg")


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("part", [0.001, 0.1, 0.5, 0.9])
def test_truncated_tars(tmp_path, mode, part):
    files = {f"cat/{n}.jpg": hashlib.sha512(bytes([n])).digest() * 8 for n in range(40)}
    path = make_tar(tmp_path / "a.tar", files, mode)
    data = path.read_bytes()
    # The end of a plain tar is padding: cut within the files.
    path.write_bytes(data[: int(part * min(len(data), 40 * 1024))])
    refused(path, tmp_path / "images", "whole tar or zip")


def test_a_tar_cut_off_between_two_files(tmp_path):
    path = make_tar(tmp_path / "a.tar")
    path.write_bytes(path.read_bytes()[:1024])
    refused(path, tmp_path / "images", "the end is missing")


def test_names_of_a_tar_in_another_encoding(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", encoding="cp1252", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(tarfile.TarInfo("Bär/1.jpg"))
    refused(path, tmp_path / "images", "say in datasets.<name>.name_encoding how names are")
    unpack(path, tmp_path / "named", "cp1252")
    assert contents(tmp_path / "named") == {"Bär/1.jpg": b""}


def test_names_of_a_zip_in_another_encoding(tmp_path):
    # zipfile writes what is not ASCII as UTF-8, with a flag: bytes of the same number instead.
    path = make_zip(tmp_path / "a.zip", {"xx/1.jpg": b"first"})
    path.write_bytes(path.read_bytes().replace(b"xx/1.jpg", "ソ/1.jpg".encode("cp932")))
    unpack(path, tmp_path / "images", "cp932")
    assert contents(tmp_path / "images") == {"ソ/1.jpg": b"first"}


def test_what_is_no_archive_is_named(tmp_path):
    (tmp_path / "a.rar").write_bytes(b"Rar!\x1a\x07\x01\0")
    refused(
        tmp_path / "a.rar", tmp_path / "one", "Received: .*a.rar, a RAR archive. Hint: unpack it"
    )
    path = make_zip(tmp_path / "a.npz", {"x.npy": b"\x93NUMPY", "y.npy": b"\x93NUMPY"})
    refused(path, tmp_path / "two", "a.npz, arrays of NumPy")
    whole = make_tar(tmp_path / "a.tar.gz", mode="w:gz").read_bytes()
    (tmp_path / "a.tar.gz.aa").write_bytes(whole[:60])
    refused(tmp_path / "a.tar.gz.aa", tmp_path / "three", "put all parts into one folder")
