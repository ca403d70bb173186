"""Files that are whole or absent, with a digest beside each that tells later damage.

The digest of `pool.csv` lies in `.pool.csv.sha256`, as sha256sum writes it. HDF5 files carry their
checksums inside: see `fewshot.hdf5`.
"""

import errno
import glob
import hashlib
import io
import json
import os
import shlex
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from fewshot.errors import (
    disk_full,
    first_line,
    input_error,
    is_disk_full,
    is_unwritable,
    unwritable,
)

_FOLDERS = set()  # temporary ones that this process has now
# Numbers of system errors that say that a file is not there or not what it should be; HDF5 has none
# for what it finds in a file.
_OF_THE_FILE = (None, errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.EINVAL)
_RANDOM = 8  # characters that tempfile puts at the end of their names


def file_sha256(path):
    """SHA-256 of a file in 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def partial_folder(target):
    """Give a temporary folder beside a target, whose folder is made where it is missing.

    What a killed process left of the same target is removed first, so one process at a time may
    write it: Snakemake sees to that.

    Parameters
    ----------
    target : str or Path

    Yields
    ------
    Path
        Removed when the block ends.

    Raises
    ------
    InputError
        If the disk is full, the folder can't be written, or another run that writes the same has
        removed it.
    """
    folder, parent, name = "", Path(target).parent, Path(target).name
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for killed in parent.glob(f".partial-{glob.escape(name)}-{'?' * _RANDOM}"):
            shutil.rmtree(killed)
        folder = tempfile.mkdtemp(dir=parent, prefix=f".partial-{name}-")
        _FOLDERS.add(folder)
        yield Path(folder)
    except Exception as error:
        if is_disk_full(error):
            raise disk_full(parent) from error
        if not folder and is_unwritable(error):
            raise unwritable(parent) from error
        if folder and not os.path.isdir(folder):
            raise input_error(
                "Only one run at a time may write a file",
                f"{folder}, removed by another run that writes the same",
                "run again when the other has ended",
            ) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _FOLDERS.discard(folder)


def remove_partial_folders():
    """Remove the temporary folders of this process, for it is about to end without more ado."""
    for folder in list(_FOLDERS):  # which threads may change
        shutil.rmtree(folder, ignore_errors=True)


def digest_path(path):
    """Where the digest of a file lies.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Path

    Examples
    --------
    >>> digest_path("results/birds/pool.csv").as_posix()
    'results/birds/.pool.csv.sha256'
    """
    path = Path(path)
    return path.with_name(f".{path.name}.sha256")


@contextmanager
def whole_file(path, digested=True):
    """Give a temporary path beside `path`; on success sync it and rename it to `path`.

    Parameters
    ----------
    path : str or Path
        The target, a file or a folder. Its folder is made where it is missing.
    digested : bool, default True
        Whether the digest of a file is put beside it, for `read_bytes`.

    Yields
    ------
    Path
        Where to write, with the target's ending. Removed when the block raises.
    """
    path = Path(path)
    with partial_folder(path) as folder:
        temporary = folder / path.name
        yield temporary
        _sync(temporary)
        if digested and temporary.is_file():
            _write_digest(temporary, digest_path(path))
        os.replace(temporary, path)
        _sync(path.parent)


def write_text(path, text):
    """Write a text as UTF-8, whole or not at all.

    Parameters
    ----------
    path : str or Path
    text : str
    """
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path, value):
    """Write a value as JSON, whole or not at all.

    Parameters
    ----------
    path : str or Path
    value : dict or list
    """
    write_text(path, json.dumps(value, indent=1))


def _write_digest(path, target):
    written = path.with_name(target.name)
    # As the file has it now, not as it was meant: a write that went wrong is seen by the reader.
    written.write_bytes(f"{file_sha256(path)}  ".encode() + os.fsencode(path.name) + b"\n")
    _sync(written)
    os.replace(written, target)


def _sync(path):
    """Make a file last, or the names in a folder where the file system knows how."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not os.path.isdir(path) or error.errno in (errno.EIO, errno.ENOSPC, errno.EDQUOT):
            raise
    finally:
        os.close(descriptor)


def read_bytes(path, also=()):
    """Read a file of the workflow that must be as it was written.

    Parameters
    ----------
    path : str or Path
        Written by `whole_file`.
    also : sequence of str or Path, default ()
        What an error says to remove with the file.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If the file or its digest is missing or can't be read, or the two do not agree.
    """
    try:
        data, digest = Path(path).read_bytes(), digest_path(path).read_bytes()[:64]
    except OSError as error:
        raise unread(path, error, also) from None
    if hashlib.sha256(data).hexdigest().encode() != digest:
        raise damaged(path, f"{path}, changed or damaged", also)
    return data


def open_text(path):
    """Read a text that must be as it was written: see `read_bytes`.

    Returns
    -------
    io.StringIO
        With line ends as they are in the file.
    """
    return io.StringIO(read_bytes(path).decode(), newline="")


def read_json(path):
    """Read JSON that must be as it was written: see `read_bytes`."""
    return json.loads(read_bytes(path))


def unread(path, error, also=()):
    """Make the error that a file of the workflow can't be read.

    Parameters
    ----------
    path : str or Path
    error : Exception
        What a library raised. If that is the system's word on anything but the file itself, such
        as too many open files or a disk that fails, the file may be whole and is not to be removed.
    also : sequence of str or Path, default ()
        What has to go with the file, for Snakemake to make it anew.

    Returns
    -------
    InputError
    """
    if getattr(error, "errno", None) in _OF_THE_FILE:
        return damaged(path, f"{path} ({first_line(error)})", also)
    return input_error(
        "A file of the workflow must be readable",
        f"{path} ({first_line(error)})",
        "see to the disk, the rights or the limits (ulimit -n) and run again",
    )


def damaged(path, found, also=()):
    """Make the error that a file of the workflow is not as it was written.

    Parameters
    ----------
    path : str or Path
    found : object
        What is there instead.
    also : sequence of str or Path, default ()
        What has to go with the file, for Snakemake to make it anew.

    Returns
    -------
    InputError
    """
    return input_error(
        "A file of the workflow must be as it was written",
        found,
        f"rm -{'r' if also else ''}f {shlex.join(map(str, (path, *also)))}, then run again",
    )
