"""What an archive may unpack to: how much, and under which names."""

import os
from pathlib import Path, PurePosixPath

from fewshot.errors import input_error

MAX_FILES = 2_000_000
MAX_FILE_BYTES = 2**30
MAX_TOTAL_BYTES = 100 * 2**30
MAX_RATIO = 200  # photographs hardly compress; a bomb of zeros reaches 1000
MAX_PART_BYTES = 255  # of a path: what file systems take
MAX_PATH_BYTES = 1024
MAX_DEPTH = 32  # folders
_PADDING = 2**20  # tars of few files are little else, and it compresses well
CHUNK = 2**20  # bytes written at once


class Quota:
    """What one archive may still unpack to; counted on the bytes that arrive.

    Parameters
    ----------
    archive_path : str or Path
    """

    def __init__(self, archive_path):
        self.archive_path = archive_path
        self.entries = self.files = self.total = self.read = 0
        self.allowed = min(MAX_TOTAL_BYTES, MAX_RATIO * os.path.getsize(archive_path))

    def refusal(self, rule, name, way=""):
        """Make the error that names a file of the archive, with another way out where one is."""
        return input_error(
            rule,
            f"{name[:300]!r} in {self.archive_path}",
            f"{way}check where the archive comes from; if you trust it, unpack it yourself and "
            "give the folder as the source",
        )

    def count_entry(self, name):
        """Count a file or folder."""
        self.entries += 1
        if self.entries > MAX_FILES:
            raise self.refusal(f"An archive must not hold more than {MAX_FILES} files", name)

    def count_bytes(self, name, new, so_far):
        """Count `new` bytes of a file that has `so_far` of them."""
        self.total += new
        if so_far > MAX_FILE_BYTES:
            raise self.refusal(f"A file must not unpack to more than {MAX_FILE_BYTES} bytes", name)
        if self.total > self.allowed:
            raise self._too_much(name)

    def count_read(self, new):
        """Count bytes of a tar as it is uncompressed, headers and padding included."""
        self.read += new
        if self.read > self.allowed + _PADDING:
            raise self._too_much("headers")

    def _too_much(self, name):
        return self.refusal(
            f"An archive must not unpack to more than {MAX_RATIO} times its size, "
            f"nor to more than {MAX_TOTAL_BYTES} bytes",
            name,
        )


def _safe_parts(name, quota):
    """Split a path, after checking that file systems and the manifest can hold it."""
    # What is no UTF-8 stands in names as lone surrogates, which do not encode.
    is_text = name == name.encode(errors="replace").decode()
    if len(name.encode(errors="replace")) <= MAX_PATH_BYTES:
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts:
            raise quota.refusal("A file must unpack below the archive's own folder", name)
        sizes = [len(part.encode(errors="replace")) for part in parts]
        is_short = len(parts) <= MAX_DEPTH and max(sizes, default=0) <= MAX_PART_BYTES
        if is_text and is_short and "\0" not in name:
            return parts
    raise quota.refusal(
        f"A path must be UTF-8 without NUL, of at most {MAX_PATH_BYTES} bytes, {MAX_DEPTH} "
        f"folders and {MAX_PART_BYTES} bytes a name",
        name,
        "" if is_text else "say in datasets.<name>.name_encoding how names are written; or ",
    )


def write_entry(name, source, folder, quota):
    """Write a file of an archive, or make a folder.

    Parameters
    ----------
    name : str
        Its path in the archive.
    source : file object or None
        What is in it; None for a folder.
    folder : Path
        Where to write it.
    quota : Quota

    Returns
    -------
    int
        Bytes written.

    Raises
    ------
    InputError
        If the path leads out of the folder, is taken, or is none that file systems take; or if
        the quota is used up.
    """
    quota.count_entry(name)
    target, size = Path(folder, *_safe_parts(name, quota)), 0
    try:
        (target if source is None else target.parent).mkdir(parents=True, exist_ok=True)
        if source is None:
            return size
        with open(target, "xb") as file:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                quota.count_bytes(name, len(chunk), size)
                file.write(chunk)
    except (FileExistsError, NotADirectoryError):
        raise quota.refusal("No two files of an archive may share a path", name) from None
    quota.files += 1
    return size
