"""Names for files that are no tar or zip, and the way from each to images that can be read."""

import bz2
import codecs
import gzip
import lzma
import os
import re
import tarfile
import zlib
from typing import NamedTuple

from fewshot.data.file_kinds import START, is_image, unread_kind

# How a file is opened that begins so.
STREAMS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}

_ZIP, _ZIP_END = b"PK", b"PK\x05\x06"
_TAIL = 22 + 2**16  # of a zip: the end of its directory, and its comment
_ISO_MARK = 0x8001, b"CD001"
_DMG_MARK = -512, b"koly"

_REPACK = "unpack it with the program that made it, or 7z x, and give the folder as the source"
_JOIN = (
    "put all parts into one folder, unpack them with 7z x (the .zip of .z01 and so on, else the "
    "first part; what split cut into .aa and so on is joined before: cat NAME.* > whole), and give "
    "the folder as the source"
)
_SAVE = (
    "save each image in it as a PNG in a folder named for its class, and give the folder around "
    "these as the source"
)
_FRAMES = _SAVE.replace("each image in it", "the frames of each scene")
_PAGE = "open the address in a browser: what is downloaded there in the end is the archive"
_IMAGES = "give the folder around the folders of images, or an archive of it, as the source"
_AGAIN = "compare its size and sha256 with those of the publisher, and fetch it again"
_DOCUMENT = "find where the images themselves are: a folder of them, or a tar or zip"


class Kind(NamedTuple):
    """What a file is.

    Attributes
    ----------
    name : str
        With its article.
    way : str
        A hint: the way from it to a source of images.
    holds_images : bool, default True
        Whether it may hold some.
    """

    name: str
    way: str
    holds_images: bool = True


_ARCHIVE = Kind(
    "an archive",
    "unpack it, and those beside it, each into a folder of its name, and give the folder around "
    "these as the source",
)
_LAST = Kind("the last part of a split zip", _JOIN)
# Beginnings of files, as their formats' specifications or file(1) have them. A later row is asked
# when no earlier one fits.
_KINDS = (
    (rb"Rar!\x1a\x07", "a RAR archive", _REPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _REPACK),
    (rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", "an archive by Zstandard", _REPACK),
    (rb"\x04\x22\x4d\x18", "an archive by LZ4", _REPACK),
    (rb"LZIP|\x89LZO|\x5d\0\0..(?:\xff{8}|.{5}\0{3})", "an archive by LZMA or LZO", _REPACK),
    (rb"\x1f[\x9d\xa0]", "an archive by compress (.Z)", _REPACK),
    (rb"MSCF|ISc\(", "a cabinet of Windows", _REPACK),
    (rb"..-l[hz][\dsd]-|\x60\xea|SIT!|StuffIt|.{7}\*\*ACE\*\*|MSWIM|xar!", "an archive", _REPACK),
    (rb"!<arch>\n|\xed\xab\xee\xdb|hsqs|sqsh", "a package or file system", _REPACK),
    (rb"MZ|\x7fELF|#!", "a program, perhaps an archive that unpacks itself", _REPACK),
    (rb"-----BEGIN PGP", "an encrypted file", "decrypt it, and give the result as the source"),
    (rb"d\d+:announce|d\d+:created by|d8:encoding", "a torrent", "download what it names with it"),
    (rb"\x93NUMPY", "an array of NumPy (.npy)", _SAVE),
    (rb"MATLAB \d\.\d MAT-file", "a MAT-file of MATLAB", _SAVE),
    (rb"\x89HDF\r\n\x1a\n", "an HDF5 file", _SAVE),
    (rb"PAR1", "a Parquet table", _SAVE),
    (rb"ARROW1\0\0|FEA1", "an Arrow or Feather table", _SAVE),
    (rb"ORC|Obj\x01", "an ORC or Avro table", _SAVE),
    (rb"SQLite format 3\0", "an SQLite database", _SAVE),
    (rb".{16}\xde\xc0\xef\xbe", "an LMDB database", _SAVE),
    (rb"\0\0[\x08\x09\x0b-\x0e][\x01-\x04]\0", "arrays of numbers in IDX, as MNIST has", _SAVE),
    (rb".{3}\0\0{4}.{4}\x0a", "TFRecords", _SAVE),
    (rb"\x80[\x02-\x05][\x95\]}\(cX]", "a pickle of Python", _SAVE),
    (rb"version https://git-lfs", "a Git LFS pointer", "git lfs pull brings the file itself"),
    (rb".{128}DICM", "a DICOM image", _SAVE),
    (rb".{344}n(?:\+1|i1)\0", "a NIfTI volume", _SAVE),
    (rb"8BPS\0", "a PSD of Photoshop", _SAVE),
    (rb"gimp xcf", "an XCF of GIMP", _SAVE),
    (rb"\x76\x2f\x31\x01|#\?(?:RADIANCE|RGBE)", "a picture of high dynamic range", _SAVE),
    (rb"%PDF", "a PDF", _DOCUMENT),
    (rb"%!PS|\xd0\xcf\x11\xe0|\{\\rtf", "a document", _DOCUMENT),
    (rb"\x1aE\xdf\xa3|RIFF....AVI |\0\0\x01[\xba\xb3]|FLV\x01|OggS", "a film", _FRAMES),
    (rb"....ftyp(?!hei|hev|mif1|msf1|avi[fs]|crx)", "a film", _FRAMES),
)
_KINDS = [
    (re.compile(mark, re.DOTALL), Kind(name, way, way is not _DOCUMENT))
    for mark, name, way in _KINDS
]
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body|script)", re.I | re.S)
_VIRUS_SCAN = re.compile(rb"google drive.*virus", re.I | re.S)
_MESSAGE = re.compile(r"\s*(?:\{|\[|<\?xml|<Error)")
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_TORCH = ("data.pkl", "version")  # in the one folder that torch.save makes
# Of one file out of several: .z01, .zip.001, .tar.gz.aa, .tar.part2.
_PART = re.compile(r"\.(?:z\d\d|r\d\d|\d{3}|a[a-z]|part[-._]?(?:\d+|a[a-z]))$", re.IGNORECASE)
_SHOWN = 60  # characters of a text


def kind_of_bytes(start):
    r"""Name what a file is by its beginning.

    Parameters
    ----------
    start : bytes
        Its first `START` bytes of `fewshot.data.file_kinds`; of more only so many are looked at.

    Returns
    -------
    Kind or None
        None for images that are read, and for what is not known.

    Examples
    --------
    >>> kind_of_bytes(b"PAR1\x15\0").name
    'a Parquet table'
    """
    start = start[:START]
    if _opener(start):
        return _ARCHIVE._replace(name="a compressed file")
    if start.startswith(_ZIP) or _is_tar(start):
        return _ARCHIVE
    found = next((kind for mark, kind in _KINDS if mark.match(start)), None)
    if found or not start:
        return found
    if picture := unread_kind(start):
        return Kind(f"an image ({picture})", _SAVE)
    start = start.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(start):
        if _VIRUS_SCAN.search(start):
            return Kind("Google Drive's page that a file is too large to scan for viruses", _PAGE)
        return Kind("a page of a web site, such as one that asks to sign in", _PAGE)
    return _text_kind(start)


def _text_kind(start):
    encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        # The beginning may end within a character.
        text = codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return None
    if _UNPRINTED.search(text):
        return None
    shown = f"{text.strip()[:_SHOWN]!r}"
    if _MESSAGE.match(text):
        return Kind(f"a message, perhaps of an error: {shown}", f"{_PAGE}; or {_IMAGES}", False)
    way = f"{_IMAGES}; a table of labels belongs to datasets.<name>.classes"
    return Kind(f"a text that begins with {shown}", way, False)


def foreign_kind(path):
    """Name what a file is that is no tar or zip, or is one in part.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Kind or None
        None for what begins like an archive that `fewshot.data.archives.unpack` takes.
    """
    with open(path, "rb") as file:
        start = file.read(START)
        if not start:
            return Kind("an empty file", "fetch it again")
        is_disk = _has_mark(file, *_ISO_MARK) or _has_mark(file, *_DMG_MARK)
        end = _zip_end(file)
    if start.startswith(_ZIP):
        return _part_of_zip(path, end)
    if _is_tar(start):
        return None
    if is_disk:
        return Kind("an image of a disk", _REPACK)
    if not start.strip(b"\0"):  # a tar may hold no file at all
        return None
    if opener := _opener(start):
        return _packed_kind(path, opener)
    return kind_of_bytes(start) or _kind_by_rest(path, start, end)


def _opener(start):
    return next((STREAMS[mark] for mark in STREAMS if start.startswith(mark)), None)


def _packed_kind(path, opener):
    """Name what a compressed file is that holds no tar."""
    try:
        with opener(path, "rb") as stream:
            start = stream.read(START)
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return None  # as a damaged tar, it is refused when it is unpacked
    if _is_tar(start) or not start.strip(b"\0"):
        return None
    inner = kind_of_bytes(start) or Kind("of no known kind", _IMAGES)
    if inner.way == _ARCHIVE.way:
        return Kind(
            "an archive, compressed once more", "unpack it with 7z x, and give what comes out"
        )
    return Kind(f"a single compressed file: {inner.name}", f"unpack it with 7z x; {inner.way}")


def _kind_by_rest(path, start, end):
    if _is_last(end):
        return _LAST
    if end:
        return Kind("a zip with something in front of it, or a part of one", _JOIN)
    if _PART.search(str(path)):
        return Kind("a part of a split archive", _JOIN)
    if is_image("", start):
        return Kind("an image", _IMAGES)
    return Kind("no known kind of file", _AGAIN)


def _part_of_zip(path, end):
    if not end:
        cut_off = "" if _PART.search(str(path)) else "fetch it again where it was cut off; else "
        return Kind("the beginning of a zip without its end", f"{cut_off}{_JOIN}")
    return _LAST if _is_last(end) else None


def _is_last(end):
    """Tell whether a zip's end says that it is not on the first disk, or in the first part."""
    return end[4:6] not in (b"", b"\0\0", b"\xff\xff")  # a zip64 says it elsewhere


def join_hint(path):
    """Hint at what to do about an archive that is not whole, by its name."""
    return _JOIN if _PART.search(str(path)) else _AGAIN


def _has_mark(file, place, mark):
    size = file.seek(0, os.SEEK_END)
    file.seek(max(place % size if place < 0 else place, 0))
    return file.read(len(mark)) == mark


def _zip_end(file):
    """The end of a zip's directory, from its mark on; empty where there is none."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    place = tail.rfind(_ZIP_END)
    return tail[place:] if place >= 0 else b""


def _is_tar(start):
    try:
        return bool(tarfile.TarInfo.frombuf(start[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape"))
    except tarfile.TarError:
        return False


def zip_kind(names):
    """Name what is packed as a zip and is no archive of files.

    Parameters
    ----------
    names : list of str

    Returns
    -------
    Kind or None
    """
    if names and all(name.endswith(".npy") for name in names):
        return Kind("arrays of NumPy (.npz)", _SAVE)
    tops = {name.partition("/")[0] for name in names}
    if len(tops) == 1 and {f"{top}/{name}" for top in tops for name in _TORCH} <= {*names}:
        return Kind("tensors of PyTorch", _SAVE)
    if "[Content_Types].xml" in names:
        return Kind("a document of an office program", _DOCUMENT)
    return None
