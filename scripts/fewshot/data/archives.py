"""Archives from elsewhere: unpacked without trusting their names, their sizes or their order."""

import errno
import io
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

from fewshot.data.foreign_files import STREAMS, foreign_kind, join_hint, zip_kind
from fewshot.data.quotas import CHUNK, Quota, write_entry
from fewshot.data.zip_names import zip_names
from fewshot.errors import InputError, input_error
from fewshot.files import partial_folder

_MAX_HEADER = 16 * 2**10  # of a tar: more than any path and its attributes need
# tarfile looks for numbers in a header in a time that grows with the square of their length.
_DIGITS = re.compile(rb"\d{300}")
_MAX_DIRECTORY = 128 * 2**20  # of a zip: some million files; it is read at once
_LOCAL_HEADER = 30  # bytes in front of the name of a file in a zip
_WHOLE = "An archive must be a whole tar or zip file"
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError)
_MALFORMED = (ArithmeticError, LookupError, RuntimeError, ValueError, struct.error)


class _Bounded:
    """A stream for tarfile, in whose headers little is read at once and no endless number."""

    def __init__(self, stream, quota):
        self.seek, self.tell = stream.seek, stream.tell
        self._read, self._quota = stream.read, quota
        self.is_header = True

    def read(self, size):
        # tarfile takes negative sizes for good, and read(-1) would read all there is.
        if not 0 <= size <= (_MAX_HEADER if self.is_header else CHUNK):
            raise tarfile.ReadError(f"a header of {size} bytes")
        data = self._read(size)
        self._quota.count_read(len(data))
        if self.is_header and _DIGITS.search(data):
            raise tarfile.ReadError("a header with a number of 300 digits")
        return data


def _unpack_tar(archive_path, opener, folder, quota, encoding):
    with (
        opener(archive_path, "rb") as stream,
        tarfile.open(
            fileobj=(bounded := _Bounded(stream, quota)), mode="r:", encoding=encoding
        ) as tar,
    ):
        while (member := tar.next()) is not None:
            if not (member.isreg() or member.isdir()) or member.issparse():
                raise quota.refusal("An archive must hold only files and folders", member.name)
            if member.size < 0:
                raise tarfile.ReadError(f"{member.name!r} of {member.size} bytes")
            source = tar.extractfile(member) if member.isreg() else None
            bounded.is_header = False
            write_entry(member.name, source, folder, quota)
            bounded.is_header = True
            tar.members.clear()  # or millions of them fill the memory
        # tarfile takes a tar that was cut off between two files for a whole one.
        stream.seek(tar.offset)
        if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("the end is missing")
        # Compressed streams have their checksum at the end.
        while chunk := stream.read(CHUNK):
            quota.count_read(len(chunk))
            if chunk.strip(b"\0"):
                raise tarfile.ReadError("more follows its end")


class _BoundedFile(io.BufferedReader):
    """A file for zipfile that refuses to read much at once."""

    def read(self, size=-1):
        if size is not None and size > _MAX_DIRECTORY:
            raise zipfile.BadZipFile(f"a directory of {size} bytes")
        return super().read(size)


def _unpack_zip(archive_path, folder, quota, encoding):
    with _BoundedFile(io.FileIO(archive_path)) as file, zipfile.ZipFile(file) as archive:
        _check_overlaps(archive)
        infos = archive.infolist()
        names = zip_names(infos, encoding)
        _refuse(archive_path, zip_kind([name.text for name in names]))
        for info, (name, has_separator) in zip(infos, names, strict=True):
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise quota.refusal("An archive must hold only files and folders", name)
            if info.flag_bits & 1:
                raise quota.refusal("An archive must not be encrypted", name)
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                # Of others zipfile uncompresses at once whatever a piece makes.
                raise quota.refusal("A zip must be stored or deflated", name)
            if has_separator:
                raise quota.refusal("A zip must separate folders by /", name)
            if info.is_dir():
                write_entry(name, None, folder, quota)
                continue
            with archive.open(info) as source:
                size = write_entry(name, source, folder, quota)
            if size != info.file_size:
                raise zipfile.BadZipFile(f"{name!r} of {size} and not {info.file_size} bytes")


def _check_overlaps(archive):
    """Refuse files that share bytes: a small zip would unpack to much."""
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise zipfile.BadZipFile(f"{info.orig_filename!r} overlaps another file")
        end = info.header_offset + _LOCAL_HEADER + len(info.orig_filename) + info.compress_size
    if end > archive.start_dir:
        raise zipfile.BadZipFile("its last file overlaps the directory")


def check_kind(path):
    """Check that a file begins like an archive that `unpack` takes.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    InputError
        If it does not, with what it is instead, as far as that is known.
    """
    _refuse(path, foreign_kind(path))


def _refuse(path, kind):
    if kind:
        raise input_error(_WHOLE, f"{path}, {kind.name}", kind.way)


def unpack(archive_path, folder, name_encoding=None):
    """Unpack a tar (plain, gzip, bzip2 or xz) or zip (stored or deflated) into a new folder.

    Only regular files and folders are taken, by name and content; an existing folder is replaced
    once the new one is whole. Modes, owners and times are not taken.

    Parameters
    ----------
    archive_path : str or Path
    folder : str or Path
    name_encoding : str, optional
        How names are written in a tar, and in a zip those that do not say it: see
        `fewshot.data.zip_names.zip_names`. By default UTF-8 in a tar.

    Raises
    ------
    InputError
        If the archive is another kind of file, damaged, empty or too large, holds a link, a device,
        or a path that leads out of it or that no file system takes, or if the disk is full.
    """
    folder, quota = Path(folder), Quota(archive_path)
    check_kind(archive_path)
    with partial_folder(folder) as staging:
        staged = staging / folder.name
        staged.mkdir()
        try:
            _unpack_any(archive_path, staged, quota, name_encoding)
        except InputError:
            raise
        except (*_BROKEN, *_MALFORMED, OSError) as error:
            # A damaged zip asks for places that do not exist; other numbers are the disk's.
            if getattr(error, "errno", None) not in (None, errno.EINVAL):
                raise
            raise input_error(
                _WHOLE, f"{archive_path}, {error}", join_hint(archive_path)
            ) from error
        if not quota.files:
            raise input_error(
                "An archive must hold files", f"{archive_path}, which is empty", "fetch it again"
            )
        if os.path.lexists(folder):
            folder.rename(staging / f"{folder.name}.old")
        staged.rename(folder)


def _unpack_any(archive_path, staged, quota, encoding):
    with open(archive_path, "rb") as file:
        start = file.read(6)
    if start.startswith(b"PK"):
        _unpack_zip(archive_path, staged, quota, encoding)
    else:
        opener = next((STREAMS[m] for m in STREAMS if start.startswith(m)), open)
        _unpack_tar(archive_path, opener, staged, quota, encoding or "utf-8")
