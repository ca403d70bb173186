"""Files that are whole or absent."""

import glob
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

_FOLDERS = set()  # temporary ones that this process has now


@contextmanager
def partial_folder(parent):
    """Give a temporary folder in another one, which is made where it is missing.

    Parameters
    ----------
    parent : str or Path

    Yields
    ------
    Path
        Removed when the block ends.
    """
    Path(parent).mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(dir=parent, prefix=".partial-")
    _FOLDERS.add(folder)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder)
        _FOLDERS.discard(folder)


def remove_partial_folders():
    """Remove the temporary folders of this process, for it is about to end without more ado."""
    for folder in _FOLDERS:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def whole_file(path):
    """Give a temporary path beside `path`; on success sync it and rename it to `path`.

    What a killed process left of the same file is removed first, so one process at a time may
    write a file: Snakemake sees to that.

    Parameters
    ----------
    path : str or Path
        The target. Its folder is made where it is missing.

    Yields
    ------
    Path
        Where to write, with the target's ending. Removed when the block raises.
    """
    path = Path(path)
    for killed in path.parent.glob(f".partial-*/{glob.escape(path.name)}"):
        shutil.rmtree(killed.parent)
    with partial_folder(path.parent) as folder:
        temporary = folder / path.name
        yield temporary
        _sync(temporary)
        os.replace(temporary, path)
    _sync(path.parent)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
