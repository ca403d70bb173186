"""Archives from elsewhere: downloaded, checked, and unpacked without trusting their content."""

import bz2
import gzip
import hashlib
import http.client
import lzma
import os
import shutil
import ssl
import stat
import struct
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from fewshot.errors import InputError, input_error
from fewshot.files import partial_folder
from fewshot.progress import Progress

MAX_FILES = 2_000_000
MAX_FILE_BYTES = 2**30
MAX_TOTAL_BYTES = 100 * 2**30
MAX_RATIO = 200  # photographs hardly compress; a bomb of zeros reaches 1000
_MAX_READ = 16 * 2**20  # a tar header that asks for more is an attack on the memory
_CHUNK = 2**20
_TIMEOUT = 60  # seconds without a byte
_CONNECTION = (
    *(urllib.error.URLError, http.client.HTTPException, ssl.SSLError),
    *(ConnectionError, TimeoutError),
)
_STREAMS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError)
_MALFORMED = (NotImplementedError, ValueError, struct.error)
_LITTER = {"thumbs.db", "desktop.ini", "__macosx"}


def is_litter(name):
    """Tell whether a file or folder of this name is hidden or left behind by a file manager.

    Examples
    --------
    >>> is_litter("Thumbs.db"), is_litter(".ipynb_checkpoints"), is_litter("RENAME2")
    (True, True, False)
    """
    return name.startswith(".") or name.lower() in _LITTER


def find_root(folder):
    """Descend while a folder holds a single folder and nothing else but litter.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    Path
    """
    folder = Path(folder)
    while True:
        entries = [entry for entry in os.scandir(folder) if not is_litter(entry.name)]
        if len(entries) != 1 or not entries[0].is_dir(follow_symlinks=False):
            return folder
        folder /= entries[0].name


def _download_once(url, path):
    digest, received = hashlib.sha256(), 0
    request = urllib.request.Request(url, headers={"User-Agent": "fewshot"})
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response, open(path, "wb") as file:
        expected = response.length
        progress = Progress(expected, "MB", size=10**6)
        while chunk := response.read(_CHUNK):
            received += len(chunk)
            if received > MAX_TOTAL_BYTES:
                raise input_error(
                    f"A download must not exceed {MAX_TOTAL_BYTES} bytes", url, "check the address"
                )
            digest.update(chunk)
            file.write(chunk)
            progress.advance(len(chunk))
    if expected is not None and received != expected:
        raise ConnectionError(f"{received} of {expected} bytes arrived")
    return digest.hexdigest()


def download(url, path, pauses=(2, 10)):
    """Download a file over https or http.

    Parameters
    ----------
    url : str
    path : str or Path
        Written as the bytes arrive; the caller removes it when this raises.
    pauses : sequence of float, default (2, 10)
        Seconds to wait after each failed try but the last.

    Returns
    -------
    str
        SHA-256 of the file in 64 hex digits.

    Raises
    ------
    InputError
        If the last try failed, or the server refused the request (a 4xx status).
    """
    for pause in (*pauses, None):
        try:
            return _download_once(url, path)
        except _CONNECTION as error:
            refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if refused or pause is None:
                name = url_file_name(url)
                raise input_error(
                    f"{name} must be downloaded, but the server did not give it",
                    f"{error} from {url}",
                    f"download it in a browser and save it as data/{name}, or put it anywhere "
                    "and set datasets.<name>.source to its path",
                ) from error
            print(f"{url}: {error}; next try in {pause} s", flush=True)
            time.sleep(pause)


def url_file_name(url):
    """Last part of the path of a URL.

    Examples
    --------
    >>> url_file_name("https://example.org/a/photos%201.tar?download=1")
    'photos 1.tar'
    """
    path = urllib.parse.unquote(urllib.parse.urlsplit(url).path)
    return PurePosixPath(path).name


class _Quota:
    """What one archive may still unpack to; counted on the bytes that arrive."""

    def __init__(self, archive_path):
        self.archive_path = archive_path
        self.entries = self.total = 0
        self.allowed = min(MAX_TOTAL_BYTES, MAX_RATIO * os.path.getsize(archive_path))

    def refusal(self, rule, name):
        return input_error(
            rule, f"{name!r} in {self.archive_path}", "check where the archive comes from"
        )

    def count_entry(self, name):
        self.entries += 1
        if self.entries > MAX_FILES:
            raise self.refusal(f"An archive must not hold more than {MAX_FILES} files", name)

    def count_bytes(self, name, new, so_far):
        """Count `new` bytes of a file that has `so_far` of them."""
        self.total += new
        if so_far > MAX_FILE_BYTES:
            raise self.refusal(f"A file must not unpack to more than {MAX_FILE_BYTES} bytes", name)
        if self.total > self.allowed:
            raise self.refusal(
                f"An archive must not unpack to more than {MAX_RATIO} times its size, "
                f"nor to more than {MAX_TOTAL_BYTES} bytes",
                name,
            )


def _write_entry(name, source, folder, quota):
    """Write a file, or make a folder where `source` is None, below `folder`."""
    quota.count_entry(name)
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise quota.refusal("A file must unpack below the archive's own folder", name)
    target = Path(folder, *parts)
    try:
        (target if source is None else target.parent).mkdir(parents=True, exist_ok=True)
        if source is None:
            return
        size = 0
        with open(target, "xb") as file:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                quota.count_bytes(name, len(chunk), size)
                file.write(chunk)
    except (FileExistsError, NotADirectoryError):
        raise quota.refusal("No two files of an archive may share a path", name) from None


class _Bounded:
    """A stream for tarfile that refuses to read much at once."""

    def __init__(self, stream):
        self.seek, self.tell = stream.seek, stream.tell
        self._read = stream.read

    def read(self, size):
        if size > _MAX_READ:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self._read(size)


def _unpack_tar(archive_path, opener, folder, quota):
    with (
        opener(archive_path, "rb") as stream,
        tarfile.open(fileobj=_Bounded(stream), mode="r:") as tar,
    ):
        while (member := tar.next()) is not None:
            if not (member.isreg() or member.isdir()):
                raise quota.refusal("An archive must hold only files and folders", member.name)
            source = tar.extractfile(member) if member.isreg() else None
            _write_entry(member.name, source, folder, quota)
            tar.members.clear()  # or millions of them fill the memory
        # tarfile takes a tar that was cut off between two files for a whole one.
        stream.seek(tar.offset)
        if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("the end is missing")


def _unpack_zip(archive_path, folder, quota):
    with zipfile.ZipFile(archive_path) as archive:
        for info in archive.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise quota.refusal("An archive must hold only files and folders", info.filename)
            if info.flag_bits & 1:
                raise quota.refusal("An archive must not be encrypted", info.filename)
            if info.is_dir():
                _write_entry(info.filename, None, folder, quota)
                continue
            with archive.open(info) as source:
                _write_entry(info.filename, source, folder, quota)


def unpack(archive_path, folder):
    """Unpack a tar (plain, gzip, bzip2 or xz) or zip archive in place of a folder.

    Only regular files and folders are unpacked, within the limits above. They are staged
    beside `folder`, which is replaced at the end; nothing stays behind on an error.

    Parameters
    ----------
    archive_path, folder : str or Path

    Raises
    ------
    InputError
        If the archive is damaged, too large, or holds a link, a device, or a path that leads
        out of it.
    """
    folder, quota = Path(folder), _Quota(archive_path)
    with open(archive_path, "rb") as file:
        start = file.read(6)
    with partial_folder(folder.parent) as staging:
        staged = staging / folder.name
        staged.mkdir()
        try:
            if start.startswith(b"PK"):
                _unpack_zip(archive_path, staged, quota)
            else:
                opener = next((_STREAMS[m] for m in _STREAMS if start.startswith(m)), open)
                _unpack_tar(archive_path, opener, staged, quota)
        except InputError:
            raise
        except (*_BROKEN, *_MALFORMED, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise input_error(
                "An archive must be a whole tar or zip file",
                f"{archive_path}, {error}",
                "compare its size and sha256 with those of the publisher, and fetch it again",
            ) from error
        if folder.exists():
            shutil.rmtree(folder)
        staged.rename(folder)
