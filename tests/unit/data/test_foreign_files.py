"""Files given as an archive that are none: each is called what it is, with the way out.

Their first bytes are written by the formats' specifications, or by Python's own modules.
"""

import bz2
import gzip
import io
import lzma
import pickle
import re
import sqlite3
import struct
import tarfile
import time
import zipfile

import numpy as np
import pytest
from PIL import Image

from fewshot.data.foreign_files import foreign_kind, join_hint, kind_of_bytes, zip_kind

NOISE = np.random.default_rng(0).bytes(3000)


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(name="cat/1.jpg"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()


def saved(save, *arguments, **options):
    buffer = io.BytesIO()
    save(buffer, *arguments, **options)
    return buffer.getvalue()


def database(folder):
    path = folder / "made.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table images (data blob)")
    return path.read_bytes()


ZIP = zipped(a=NOISE)
END = ZIP[-22:]
PICTURE = saved(Image.new("RGB", (9, 9)).save, "JPEG")
IDX = struct.pack(">IIII", 0x803, 10, 28, 28) + bytes(7840)
PAGE = b"<!DOCTYPE html>\n<html><head><title>%s</title></head></html>"
REPACK, SAVE, JOIN = "give the folder as the source", "save each image", "put all parts into one"

# File name, content, and words of what it is called and of the way out.
TABLE = [
    ("a.rar", b"Rar!\x1a\x07\x01\0" + NOISE, "a RAR archive", REPACK),
    ("a.part2.rar", b"Rar!\x1a\x07\x01\0" + NOISE, "a RAR archive", REPACK),
    ("a.7z", b"7z\xbc\xaf\x27\x1c" + NOISE, "a 7z archive", REPACK),
    ("a.tar.zst", b"\x28\xb5\x2f\xfd" + NOISE, "by Zstandard", REPACK),
    ("a.tar.lz4", b"\x04\x22\x4d\x18" + NOISE, "by LZ4", REPACK),
    ("a.tar.lzma", lzma.compress(tarred(), lzma.FORMAT_ALONE), "by LZMA", REPACK),
    ("a.tar.lz", b"LZIP\x01" + NOISE, "by LZMA", REPACK),
    ("a.tar.Z", b"\x1f\x9d\x90" + NOISE, r"by compress \(\.Z\)", REPACK),
    ("a.lzh", b"\x1f\0-lh5-" + NOISE, "an archive", REPACK),
    ("a.cab", b"MSCF\0\0\0\0" + NOISE, "a cabinet of Windows", REPACK),
    ("a.deb", b"!<arch>\ndebian-binary   ", "a package", REPACK),
    ("a.exe", b"MZ\x90\0" + NOISE + ZIP, "an archive that unpacks itself", REPACK),
    ("a.iso", bytes(0x8000) + b"\1CD001\1\0" + NOISE, "an image of a disk", REPACK),
    ("a.dmg", NOISE + b"koly" + bytes(508), "an image of a disk", REPACK),
    ("a.gpg", b"-----BEGIN PGP MESSAGE-----", "an encrypted file", "decrypt it"),
    ("a.torrent", b"d8:announce30:http://tracker.example.org/anne", "a torrent", "download"),
    ("a.npy", saved(np.save, np.zeros(3)), "an array of NumPy", SAVE),
    ("a.mat", b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "a MAT-file", SAVE),
    ("b.mat", b"MATLAB 7.3 MAT-file, Platform: GLNXA64", "a MAT-file", SAVE),
    ("a.h5", b"\x89HDF\r\n\x1a\n" + NOISE, "an HDF5 file", SAVE),
    ("a.parquet", b"PAR1" + NOISE, "a Parquet table", SAVE),
    ("a.arrow", b"ARROW1\0\0" + NOISE, "an Arrow", SAVE),
    ("a.avro", b"Obj\x01" + NOISE, "an ORC or Avro table", SAVE),
    ("a.mdb", bytes(16) + struct.pack("<I", 0xBEEFC0DE) + NOISE, "an LMDB database", SAVE),
    ("a.tfrecord", struct.pack("<QI", 500, 77) + b"\x0a\xf1\3" + NOISE, "TFRecords", SAVE),
    ("a.pkl", pickle.dumps({"data": [1]}), "a pickle", SAVE),
    ("b.pkl", pickle.dumps({"data": [1]}, 2), "a pickle", SAVE),
    ("images-idx3-ubyte", IDX, "arrays of numbers in IDX", SAVE),
    ("images-idx3-ubyte.gz", gzip.compress(IDX), "a single .*in IDX", "unpack it with 7z x; save"),
    ("a.csv.bz2", bz2.compress(b"image,class\n" * 9), "a single .*a text", "unpack it with 7z x"),
    ("a.xz", lzma.compress(NOISE), "a single .*of no known kind", "unpack it with 7z x"),
    ("a.tar.gz.gz", gzip.compress(gzip.compress(tarred())), "compressed once more", "what comes"),
    ("a.zip.gz", gzip.compress(ZIP), "compressed once more", "what comes"),
    ("a.csv", b"image,class\n1.jpg,cat\n", "a text that begins with 'image,class", "classes"),
    ("a.txt", "naïve ü\n".encode("utf-16"), "a text that begins with 'naïve ü'", "classes"),
    ("a.pdf", b"%PDF-1.7\n", "a PDF", "where the images themselves are"),
    ("a.jpg", PICTURE, "an image", "the folder around the folders of images"),
    ("a.heic", b"\0\0\0\x18ftypheic", r"an image \(HEIC", SAVE),
    ("a.mp4", b"\0\0\0\x18ftypmp42", "a film", "save the frames"),
    ("a.dcm", bytes(128) + b"DICM\2\0", "a DICOM image", SAVE),
    ("a.zip", b"", "an empty file", "fetch it again"),
    ("a.zip", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer", "git lfs pull"),
    ("a.zip", PAGE % b"Sign in", "a page of a web site", "open the address in a browser"),
    ("a.zip", b"\xef\xbb\xbf\n <html>", "a page of a web site", "open the address in a browser"),
    ("a.zip", PAGE % b"Google Drive - Virus scan warning", "Google Drive's page", "in a browser"),
    ("a.zip", b'{"message": "Not Found"}', r"an error: '\{\"message\"", "in a browser"),
    ("a.zip", b"<?xml version='1.0'?><Error>", "a message, perhaps of an error", "in a browser"),
    ("a.zip", ZIP[:1500], "the beginning of a zip without its end", "fetch it again.*cut off"),
    ("a.zip.001", ZIP[:1500], "the beginning of a zip", f"^{JOIN}"),
    ("a.zip.002", NOISE, "a part of a split archive", JOIN),
    ("a.zip.003", ZIP[1500:], "a zip with something in front of it, or a part", JOIN),
    ("a.z01", b"PK\7\x08" + ZIP[:1500], "the beginning of a zip", JOIN),
    ("a.z02", NOISE, "a part of a split archive", JOIN),
    ("a.zip", ZIP[:-22] + END[:4] + b"\2\0\1\0" + END[8:], "the last part of a split zip", JOIN),
    ("b.zip", ZIP[1500:-22] + END[:4] + b"\2\0\1\0" + END[8:], "the last part of a split", JOIN),
    ("a.tar.gz.ab", NOISE, "a part of a split archive", JOIN),
    ("a.tar", NOISE, "no known kind of file", "compare its size and sha256"),
]


@pytest.mark.parametrize(
    ("name", "data", "expected", "way"), TABLE, ids=[f"{row[0]}, {row[2]}" for row in TABLE]
)
def test_each_is_called_what_it_is_and_has_a_way_out(tmp_path, name, data, expected, way):
    (tmp_path / name).write_bytes(data)
    kind = foreign_kind(tmp_path / name)
    assert re.search(expected, kind.name)
    assert re.search(way, kind.way)


def test_a_database(tmp_path):
    (tmp_path / "a.db").write_bytes(database(tmp_path))
    assert foreign_kind(tmp_path / "a.db").name == "an SQLite database"


WHOLE = {
    "zip": ZIP,
    "zip without files": zipped(),
    "zip64, which says elsewhere on which disk it is": ZIP[:-22] + END[:4] + b"\xff" * 4 + END[8:],
    "tar": tarred(),
    "tar without files": bytes(10240),
    "tar that begins like a program": tarred("MZ/1.jpg"),
    "gzip": gzip.compress(tarred()),
    "bzip2": bz2.compress(tarred()),
    "xz": lzma.compress(tarred()),
    # What is wrong with these is said when they are unpacked.
    "gzip cut off": gzip.compress(NOISE)[:20],
    "xz of its first bytes": lzma.compress(tarred())[:8],
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_begins_like_a_tar_or_zip_is_not_foreign(tmp_path, name):
    (tmp_path / "a").write_bytes(WHOLE[name])
    assert foreign_kind(tmp_path / "a") is None


def test_what_the_beginning_tells_by_itself():
    for data in (ZIP, tarred()):
        assert kind_of_bytes(data).name == "an archive"
    assert kind_of_bytes(gzip.compress(tarred())).name == "a compressed file"
    for data in (PICTURE, b"", NOISE):
        assert kind_of_bytes(data) is None
    assert kind_of_bytes(b"PAR1").holds_images
    for data in (b"a text", b"%PDF-1.4", b"{}"):
        assert not kind_of_bytes(data).holds_images


def test_a_text_cut_off_within_a_letter_is_a_text():
    assert kind_of_bytes("鳥,猫\n".encode() * 400).name.startswith("a text that begins with '鳥,猫")
    assert kind_of_bytes("鳥鳥鳥".encode()[:-1]).name == "a text that begins with '鳥鳥'"


def test_a_file_made_to_be_looked_at_for_long_is_not():
    for start in (b"<!-- -->" * 10**6, b"<" * 10**6, b"google drive" * 10**5, b"<?xml <" * 10**6):
        began = time.monotonic()
        kind_of_bytes(start)
        assert time.monotonic() - began < 1


def test_zips_that_are_no_archives_of_files():
    assert "NumPy" in zip_kind(["x.npy", "y.npy"]).name
    assert "PyTorch" in zip_kind(["model/data.pkl", "model/data/0", "model/version"]).name
    assert "office" in zip_kind(["[Content_Types].xml", "xl/workbook.xml"]).name
    for names in (["cat/1.jpg", "x.npy"], [], ["all/data.pkl", "all/1.jpg"]):
        assert zip_kind(names) is None


def test_what_is_not_whole_is_to_be_joined_if_it_is_called_a_part():
    for name in ("a.tar.gz.aa", "a.7z.001", "a.z01", "a.tar.part1"):
        assert "put all parts into one folder" in join_hint(name)
    for name in ("a.tar.gz", "a.zip", "a.tar.xz"):
        assert "fetch it again" in join_hint(name)
