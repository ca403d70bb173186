"""Files that are whole or absent."""

import glob
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path


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
    path.parent.mkdir(parents=True, exist_ok=True)
    for killed in path.parent.glob(f".partial-*/{glob.escape(path.name)}"):
        shutil.rmtree(killed.parent)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".partial-") as folder:
        temporary = Path(folder, path.name)
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
