"""A table of hostile and odd archives, made here, and what becomes of each."""

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import sys
import tarfile
import zipfile
import zlib

import pytest

from fewshot.data import quotas
from fewshot.data.archives import unpack
from fewshot.errors import InputError

GOOD = {"cat/1.jpg": b"first"}
MIB = 2**20


def member(name, content=b"x", **fields):
    """Give (header, content) of a file in a tar."""
    header = tarfile.TarInfo(name)
    header.size = len(content)
    for field, value in fields.items():
        setattr(header, field, value)
    return header, content


def tar(*members, form=tarfile.GNU_FORMAT):
    """Give the bytes of a tar, for tests to bend."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form, errors="surrogateescape") as archive:
        for header, content in members:
            archive.addfile(header, io.BytesIO(content))
    return buffer.getvalue()


def tar_of(*names, **fields):
    return tar(*(member(name, **fields) for name in names))


def special(kind, name="cat/strange", target="/etc/passwd"):
    return member(name, b"", type=kind, linkname=target)


def pax(**headers):
    """Give a tar of a file with pax headers that say something else than its plain one."""
    return tar(member("cat/1.jpg", pax_headers=headers), form=tarfile.PAX_FORMAT)


def raw_size(field):
    """Give a tar whose second file has these 12 bytes as its size."""
    data = bytearray(tar(member("cat/1.jpg", b"first"), member("cat/2.jpg", b"other")))
    start = 1024
    data[start + 124 : start + 136] = field
    data[start + 148 : start + 156] = b" " * 8
    data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + 512])
    return bytes(data)


def huge_header(kind, size):
    """Give a tar that begins with a header which says that so much of it follows."""
    header, _ = member("x", b"", type=kind, size=size)
    return header.tobuf(tarfile.GNU_FORMAT) + bytes(10240)


def headers_only(kind, count, size=0):
    """Give a tar of `count` headers of one kind, each in front of `size` bytes of content."""
    header, _ = member("x", b"", type=kind, size=size)
    return (header.tobuf() + b"\0" * (-(-size // 512) * 512)) * count + tar_of("cat/1.jpg")


def gnu_sparse():
    """Give a tar of one sparse file that says to be 1 TB and has no data at all."""
    header = bytearray(member("cat/1.jpg", b"")[0].tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[483:495] = b"%011o " % 2**32
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(10240)


def entries(files, compression=zipfile.ZIP_DEFLATED, **fields):
    """Give the bytes of a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            for field, value in fields.items():
                setattr(info, field, value)
            archive.writestr(info, content)
    return buffer.getvalue()


def bend(data, mark, offset, value):
    """Put bytes at a place behind the first mark of a zip: PK 1 2 is an entry of its directory."""
    place = data.index(mark) + offset
    return data[:place] + value + data[place + len(value) :]


LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def overlapping():
    """Give a zip with four names in its directory and one file behind all of them."""
    content = os.urandom(1000)
    local = zip_local(b"0", content)
    directory = b"".join(zip_central(b"%d" % n, content, 0) for n in range(4))
    end = struct.pack("<4s4H2LH", END, 0, 0, 4, 4, len(directory), len(local), 0)
    return local + directory + end


def zip_local(name, content):
    crc, size = zlib.crc32(content), len(content)
    head = struct.pack("<4s5H3L2H", LOCAL, 20, 0, 0, 0, 0, crc, size, size, len(name), 0)
    return head + name + content


def zip_central(name, content, offset):
    crc, size = zlib.crc32(content), len(content)
    fields = (CENTRAL, 20, 20, 0, 0, 0, 0, crc, size, size, len(name), 0, 0, 0, 0, 0, offset)
    return struct.pack("<4s6H3L5H2L", *fields) + name


def zip_of(name, text=None):
    """Give a zip of DOS of one file, with its name in letters of an extra field, too."""
    content, extra = b"first", b""
    if text is not None:
        field = struct.pack("<BL", 1, zlib.crc32(name)) + text.encode(errors="surrogateescape")
        extra = struct.pack("<HH", 0x7075, len(field)) + field
    local, central = zip_local(name, content), bytearray(zip_central(name, content, 0))
    central[5], central[30:32] = 0, struct.pack("<H", len(extra))
    central += extra
    end = struct.pack("<4s4H2LH", END, 0, 0, 1, 1, len(central), len(local), 0)
    return local + bytes(central) + end


def huge_zip64():
    """Give a zip whose extra field says that its file is of 2**62 bytes."""
    content, name = b"first", b"cat/1.jpg"
    extra = struct.pack("<HHQQ", 1, 16, 2**62, 2**62)
    central = bytearray(zip_central(name, content, 0)) + extra
    central[20:28] = b"\xff" * 8
    central[30:32] = struct.pack("<H", len(extra))
    local = zip_local(name, content)
    end = struct.pack("<4s4H2LH", END, 0, 0, 1, 1, len(central), len(local), 0)
    return local + bytes(central) + end


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def noise(name="cat/1.jpg", size=5000):
    return tar(member(name, os.urandom(size)))


PATHS = "A path must be UTF-8 without NUL"
OUT = "below the archive's own folder.*evil"
KINDS = "only files and folders.*"
SHARED = "No two files of an archive may share a path"
BROKEN = "must be a whole tar or zip"
RATIO = "200 times its size.*"
METHODS = "A zip must be stored or deflated"

# What the archive is, its bytes, and what is expected: words of the refusal, or the files.
TABLE = {
    # Names that lead out.
    "absolute path in a tar": (tar_of("/tmp/evil"), OUT),
    "absolute path in a zip": (entries({"/tmp/evil": b"x"}), OUT),
    "two slashes at the start": (tar_of("//tmp/evil"), OUT),
    "parent folder in a tar": (tar_of("cat/1.jpg", "../evil"), OUT),
    "parent folder in a zip": (entries({"cat/1.jpg": b"x", "../evil": b"x"}), OUT),
    "parent folder within a path": (tar_of("cat/../../evil"), OUT),
    "parent folder as a folder of a zip": (entries({"../evil/": b""}), OUT),
    "parent folder in a pax path": (pax(path="../evil"), OUT),
    "absolute pax path": (pax(path="/tmp/evil"), OUT),
    "backslashes in a zip": (
        entries({"..\\evil": b"x"}, create_system=0),
        "separate folders by /",
    ),
    "parent folder behind letters of two bytes": (zip_of("ソ/../../evil".encode("cp932")), OUT),
    "parent folder in an extra field": (zip_of(b"B\x84r", "../evil"), OUT),
    "absolute path in an extra field": (zip_of(b"B\x84r", "/tmp/evil"), OUT),
    "backslashes in an extra field": (zip_of(b"B\x84r", "..\\evil"), "separate folders by /"),
    "extra field that is no UTF-8": (zip_of(b"B\x84r", "\udcff"), BROKEN),
    "backslashes between letters of two bytes": (
        zip_of("表連\\..\\evil".encode("cp932")),
        "separate folders by /",
    ),
    "a backslash in a letter of two bytes": (zip_of(b"\x83\x5c/1.jpg"), {"â\\/1.jpg": b"first"}),
    "backslashes in a zip of Unix": (entries({"..\\evil": b"x"}), {"..\\evil": b"x"}),
    # Links and devices.
    "symbolic link": (tar(special(tarfile.SYMTYPE)), f"{KINDS}cat/strange"),
    "link, then a file through it": (
        tar(special(tarfile.SYMTYPE, "cat", "/tmp"), member("cat/evil")),
        f"{KINDS}cat",
    ),
    "hard link outside": (tar(special(tarfile.LNKTYPE)), f"{KINDS}cat/strange"),
    "hard link to a file before it": (
        tar(member("cat/1.jpg"), special(tarfile.LNKTYPE, "cat/2.jpg", "cat/1.jpg")),
        f"{KINDS}cat/2.jpg",
    ),
    "link by a pax linkpath": (
        tar(member("l", b"", type=tarfile.SYMTYPE, pax_headers={"linkpath": "/etc"})),
        f"{KINDS}l[ ,'\".]",
    ),
    "character device": (tar(special(tarfile.CHRTYPE)), f"{KINDS}cat/strange"),
    "block device": (tar(special(tarfile.BLKTYPE)), f"{KINDS}cat/strange"),
    "pipe": (tar(special(tarfile.FIFOTYPE)), f"{KINDS}cat/strange"),
    "unknown kind of member": (tar(special(b"Z")), f"{KINDS}cat/strange"),
    "symbolic link in a zip": (
        entries({"link": b"/etc/passwd"}, external_attr=0o120777 << 16, create_system=3),
        f"{KINDS}link",
    ),
    "device in a zip": (
        entries({"null": b""}, external_attr=0o020666 << 16, create_system=3),
        f"{KINDS}null",
    ),
    # Names that file systems or the manifest can't hold, or hold in their own way.
    "bytes that are no UTF-8": (tar_of("cat/\udcff.jpg"), PATHS),
    "NUL in a pax path": (pax(path="cat/1.jpg\0/../../evil"), f"{PATHS}|{OUT}"),
    "NUL in a name of a zip": (
        entries({"cat/1_jpg": b"x"}).replace(b"cat/1_jpg", b"cat/1\0jpg"),
        PATHS,
    ),
    "name of 256 bytes": (tar_of("cat/" + "a" * 256), PATHS),
    "name of 255 bytes": (tar_of("cat/" + "a" * 255), {"cat/" + "a" * 255: b"x"}),
    "name of 130 letters of two bytes": (tar_of("cat/" + "é" * 130), PATHS),
    "path of a million characters": (tar_of("a/" * 500_000 + "b"), f"{BROKEN}.*a header of"),
    "path of 2,000 characters": (tar_of("a/" * 1000 + "b"), PATHS),
    "path of 1,000 letters of four bytes": (tar_of("/".join(["😀" * 60] * 16)), PATHS),
    "path of 200 folders": (entries({"a/" * 200 + "b": b"x"}), PATHS),
    "drive letter and device names": (
        entries({"C:/NUL/con.jpg": b"x"}),
        {"C:/NUL/con.jpg": b"x"},
    ),
    "names that differ in case": (
        tar_of("cat/A.jpg", "cat/a.jpg"),
        {"cat/A.jpg": b"x", "cat/a.jpg": b"x"},
    ),
    "names for a shell": (tar_of("$(touch X)/-rf; ls"), {"$(touch X)/-rf; ls": b"x"}),
    "no name": (tar_of(""), SHARED),
    # Paths taken twice.
    "one path twice": (tar_of("cat/1.jpg", "cat/1.jpg"), SHARED),
    "one path twice, in other words": (tar_of("cat/1.jpg", "./cat//1.jpg"), SHARED),
    "one path twice in a zip": (
        entries({"a.jpg": b"1", "b.jpg": b"2"}).replace(b"b.jpg", b"a.jpg"),
        SHARED,
    ),
    "file, then a folder of its name": (tar_of("cat", "cat/1.jpg"), SHARED),
    "folder, then a file of its name": (tar_of("cat/1.jpg", "cat"), SHARED),
    # Bombs.
    "zeros in a tar.gz": (gzip.compress(tar(member("cat/1.jpg", bytes(20 * MIB)))), RATIO),
    "zeros in a tar.bz2": (bz2.compress(tar(member("cat/1.jpg", bytes(20 * MIB)))), RATIO),
    "zeros in a tar.xz": (lzma.compress(tar(member("cat/1.jpg", bytes(20 * MIB)))), RATIO),
    "zeros in a zip": (entries({"cat/1.jpg": bytes(20 * MIB)}), f"{RATIO}cat/1.jpg"),
    "many files of zeros in a zip": (entries({f"{n}": bytes(MIB) for n in range(20)}), RATIO),
    "zeros behind the end of a tar.gz": (gzip.compress(tar_of("1.jpg") + bytes(20 * MIB)), RATIO),
    "pax headers in a tar.gz": (
        gzip.compress(
            tar(
                *(member(f"{n}", pax_headers={"comment": "a" * 15_000}) for n in range(1500)),
                form=tarfile.PAX_FORMAT,
            )
        ),
        RATIO,
    ),
    "zip with files over each other": (overlapping(), f"{BROKEN}.*overlaps"),
    "sparse file of 4 GB": (gnu_sparse(), KINDS),
    "sparse file by pax headers": (
        pax(**{"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9" * 12}),
        f"{KINDS}|{BROKEN}",
    ),
    # Headers that lie.
    "negative size": (raw_size(b"\xff" * 11 + b"\x00"), f"{BROKEN}.*-256 bytes"),
    "size of 2**87": (raw_size(b"\x80" + b"\xff" * 11), BROKEN),
    "size that is no number": (raw_size(b"12 monkeys!!"), BROKEN),
    "negative size in a pax header": (pax(size="-1024"), BROKEN),
    "size of a gigabyte in a pax header": (pax(size=str(2**30)), BROKEN),
    "pax header of 512 MB": (huge_header(tarfile.XHDTYPE, 2**29), f"{BROKEN}.*a header of"),
    "pax header of negative size": (huge_header(tarfile.XHDTYPE, -512), f"{BROKEN}.*-512 bytes"),
    "number of 10,000 digits in a pax header": (
        pax(comment="0" * 10_000),
        f"{BROKEN}.*300 digits",
    ),
    "long name of 512 MB": (
        huge_header(tarfile.GNUTYPE_LONGNAME, 2**29),
        f"{BROKEN}.*a header of",
    ),
    "ten thousand long names in a row": (
        headers_only(tarfile.GNUTYPE_LONGNAME, 10_000, 512),
        f"{BROKEN}.*recursion",
    ),
    "zip with another name in front of the file": (
        entries(GOOD).replace(b"cat/1.jpg", b"dog/1.jpg", 1),
        f"{BROKEN}.*differ",
    ),
    "zip64 that lies": (huge_zip64(), BROKEN),
    "zip whose directory lies elsewhere": (
        bend(entries(GOOD), END, 16, struct.pack("<L", 2**31)),
        BROKEN,
    ),
    "zip whose directory is of 2 GB": (
        bend(entries(GOOD), END, 12, struct.pack("<L", 2**31)),
        BROKEN,
    ),
    "zip of a size too small": (bend(entries(GOOD), CENTRAL, 24, struct.pack("<L", 2)), BROKEN),
    "zip of a size too large": (bend(entries(GOOD), CENTRAL, 24, struct.pack("<L", 99)), BROKEN),
    "zip with a wrong checksum": (bend(entries(GOOD), CENTRAL, 16, b"abcd"), f"{BROKEN}.*CRC"),
    "encrypted zip": (bend(entries(GOOD), CENTRAL, 8, b"\x01"), "must not be encrypted.*1.jpg"),
    "zip of an unknown method": (
        bend(bend(entries(GOOD), CENTRAL, 10, b"\x63"), LOCAL, 8, b"\x63"),
        METHODS,
    ),
    "bomb of bzip2 in a zip": (entries({"1.jpg": bytes(10**7)}, zipfile.ZIP_BZIP2), METHODS),
    "bomb of LZMA in a zip": (entries({"1.jpg": bytes(10**7)}, zipfile.ZIP_LZMA), METHODS),
    # Not whole, or more than whole.
    "empty file": (b"", BROKEN),
    "page of a web site": (b"<html>sign in first</html>" * 100, BROKEN),
    "tar.gz of two bytes": (b"\x1f\x8b", BROKEN),
    "zip of four bytes": (LOCAL, BROKEN),
    "first half of a zip": (entries(GOOD)[: len(entries(GOOD)) // 2], BROKEN),
    "zip with a byte changed in a file": (
        entries(GOOD, zipfile.ZIP_STORED).replace(b"first", b"fIrst"),
        f"{BROKEN}.*CRC",
    ),
    "tar without files": (tar(), "must hold files"),
    "tar of folders alone": (tar(special(tarfile.DIRTYPE, "cat", "")), "must hold files"),
    "zip without files": (entries({}), "must hold files"),
    "tar.gz with one bit flipped": (flipped(gzip.compress(noise()), 2000), BROKEN),
    "tar.gz with its checksum flipped": (flipped(gzip.compress(noise()), -6), f"{BROKEN}.*CRC"),
    "tar.gz without its end": (gzip.compress(noise())[:-9], BROKEN),
    "tar.gz with rubbish behind": (gzip.compress(noise()) + b"rubbish", BROKEN),
    "tar with rubbish behind": (noise() + b"rubbish", f"{BROKEN}.*more follows"),
    "two tars in a row": (noise("1.jpg") + noise("2.jpg"), f"{BROKEN}.*more follows"),
    "zip with rubbish in front": (b"rubbish" + entries(GOOD), BROKEN),
    # Odd, but good.
    "tar.gz in two parts": (
        gzip.compress(tar_of("cat/1.jpg")[:700]) + gzip.compress(tar_of("cat/1.jpg")[700:]),
        {"cat/1.jpg": b"x"},
    ),
    "archive within an archive": (
        tar(member("cat/inner.tar", tar_of("../evil"))),
        {"cat/inner.tar": tar_of("../evil")},
    ),
    "setuid and no modes in a tar": (tar_of("a", mode=0o6777), {"a": b"x"}),
    "setuid in a zip": (entries(GOOD, external_attr=0o106777 << 16, create_system=3), GOOD),
    "another owner": (tar_of("cat/1.jpg", uid=0, gid=0, uname="root"), {"cat/1.jpg": b"x"}),
}


def snapshot(folder):
    """Read everything below a folder: kind, mode and content."""
    found = {}
    for path in folder.rglob("*"):
        state = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(state.st_mode) else None
        found[path.relative_to(folder).as_posix()] = (state.st_mode, content)
    return found


@pytest.mark.parametrize("has_older", [False, True], ids=["new", "older"])
@pytest.mark.parametrize("name", TABLE)
def test_hostile_and_odd_archives(tmp_path, monkeypatch, name, has_older):
    data, expected = TABLE[name]
    place = tmp_path / "results" / "pets"
    place.mkdir(parents=True)
    archive = tmp_path / "archive"
    archive.write_bytes(data)
    monkeypatch.chdir(tmp_path)
    if has_older:
        (place / "images/cat").mkdir(parents=True)
        (place / "images/cat/old.jpg").write_bytes(b"old")
    before = snapshot(tmp_path)
    if isinstance(expected, str):
        with pytest.raises(InputError, match=f"(?s){expected}"):
            unpack(archive, place / "images")
        assert snapshot(tmp_path) == before
        return
    unpack(archive, place / "images")
    after = snapshot(tmp_path)
    files = {path: content for path, (_, content) in after.items() if content is not None}
    written = {f"results/pets/images/{path}": content for path, content in expected.items()}
    assert files == {"archive": data, **written}
    assert not any(after[path][0] & 0o7111 for path in written)


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.xz", "zip"])
def test_any_bit_flipped_is_refused_or_changes_nothing_else(tmp_path, kind):
    """A plain tar has checksums of its headers alone: there a flip in a file passes."""
    files = {f"cat/{n}.jpg": b"%d" % n * 40 for n in range(4)}
    plain = tar(*(member(name, content) for name, content in files.items()))
    data = {
        "tar": plain[:6144],
        "tar.gz": gzip.compress(plain),
        "tar.xz": lzma.compress(plain),
        "zip": entries(files),
    }[kind]
    outcomes = set()
    for number in range(0, 8 * len(data), max(1, 8 * len(data) // 400)):
        bent = bytearray(data)
        bent[number // 8] ^= 1 << number % 8
        (tmp_path / "archive").write_bytes(bent)
        try:
            unpack(tmp_path / "archive", tmp_path / "images")
        except InputError:
            outcomes.add("refused")
            continue
        found = {path: each[1] for path, each in snapshot(tmp_path / "images").items() if each[1]}
        if kind != "tar":
            assert {*found.values()} <= {*files.values()}
        outcomes.add("unpacked")
        assert {path.name for path in tmp_path.iterdir()} == {"archive", "images"}
    assert "refused" in outcomes


def test_a_kill_while_unpacking_leaves_nothing_that_the_next_try_does_not_remove(tmp_path):
    (tmp_path / ".partial-images-killed12" / "images" / "cat").mkdir(parents=True)
    (tmp_path / ".partial-table.csv-other123" / "table.csv").mkdir(parents=True)
    (tmp_path / "archive").write_bytes(tar_of("cat/1.jpg"))
    unpack(tmp_path / "archive", tmp_path / "images")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {".partial-table.csv-other123", "archive", "images"}


def test_limits_are_those_that_the_table_is_made_for():
    assert (quotas.MAX_RATIO, quotas.MAX_PATH_BYTES, quotas.MAX_DEPTH) == (200, 1024, 32)
    assert sys.getrecursionlimit() < 10_000
