"""Archives that hold a few files as they are; all others are refused before a byte is unpacked."""

import io
import struct
import zipfile

import pytest

from fewshot.errors import InputError
from fewshot.predictor.plain_archives import plain_archive

NAMES = ("a.json", "b.bin")


def zipped(*names, kind=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name in names:
            archive.writestr(name, b"0" * 1000)
    return buffer.getvalue()


def overstated():
    """Sizes of an entry that are beyond the file."""
    data = bytearray(zipped(*NAMES))
    entry = data.index(b"PK\1\2")
    data[entry + 20 : entry + 28] = struct.pack("<II", 10**9, 10**9)
    return bytes(data)


def opened(path):
    with plain_archive(path, NAMES, "do so") as archive:
        return {name: archive.read(name) for name in NAMES}


def test_what_is_in_it_is_read(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(*NAMES))
    assert opened(path) == dict.fromkeys(NAMES, b"0" * 1000)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: zipped(*NAMES, "../../outside"), "and nothing else"),
        (lambda: zipped("a.json", "/b.bin"), "and nothing else"),
        (lambda: zipped("a.json"), "and nothing else"),
        (lambda: zipped(*NAMES, "b.bin"), "and nothing else"),
        (lambda: zipped(*NAMES, "c/"), "and nothing else"),
        (lambda: zipped(*NAMES, kind=zipfile.ZIP_DEFLATED), "uncompressed"),
        (overstated, "uncompressed"),
        (lambda: zipped(*NAMES)[:1500], "must be a whole file"),
        (lambda: zipped(*NAMES)[:-1], "must be a whole file"),
        (lambda: zipped(*NAMES).replace(b"0000", b"0001", 1), "must be a whole file"),
        (bytes, "must be a whole file"),
        (lambda: b"text", "must be a whole file"),
    ],
    ids=range(12),
)
def test_anything_else_is_refused(tmp_path, make, words):
    path = tmp_path / "x.zip"
    path.write_bytes(make())
    with pytest.raises(InputError, match=rf"{words}.* Received: .*x\.zip.* Hint: do so\.$"):
        opened(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_and_nothing_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match="no such file"):
            opened(path)


def test_what_the_block_finds_broken_is_an_error_of_the_file(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(*NAMES))
    with pytest.raises(InputError, match="ninth"), plain_archive(path, NAMES, "do so"):
        raise ValueError("the ninth byte")
