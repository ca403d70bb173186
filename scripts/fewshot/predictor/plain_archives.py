"""Zip archives from elsewhere that hold a few known files as they are: neither packed nor more."""

import zipfile
from contextlib import contextmanager
from pathlib import Path

from fewshot.errors import InputError, first_line, input_error

# What zipfile raises on damaged or foreign bytes, and readers of what is inside.
_BROKEN = (
    OSError,
    zipfile.BadZipFile,
    ValueError,
    RuntimeError,
    LookupError,
    EOFError,
    MemoryError,
)


@contextmanager
def plain_archive(path, names, hint):
    """Open an archive that holds certain files, uncompressed, and nothing else.

    So nothing in it has a path, and it takes no more memory than it has bytes.

    Parameters
    ----------
    path : str or Path
    names : collection of str
    hint : str
        What an error says to do.

    Yields
    ------
    zipfile.ZipFile

    Raises
    ------
    InputError
        If it is anything else, or the block that reads it finds it broken.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise FileNotFoundError("no such file")
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive.infolist(), names, path, hint)
            yield archive
    except InputError:
        raise
    except (*_BROKEN, RecursionError) as error:
        raise input_error(
            f"{path.name} must be a whole file", f"{path} ({first_line(error)})", hint
        ) from error


def _check_entries(entries, names, path, hint):
    found = sorted(entry.filename for entry in entries)
    if found != sorted(names):
        rule = f"{path.name} must hold {', '.join(sorted(names))} and nothing else"
        raise input_error(rule, f"{', '.join(found)[:300]} in {path}", hint)
    sizes = sum(entry.file_size for entry in entries)
    is_packed = any(
        entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size
        for entry in entries
    )
    if is_packed or sizes > path.stat().st_size:
        rule = f"The files in {path.name} must lie there as they are, uncompressed"
        raise input_error(rule, f"{path}, packed or sharing bytes", hint)
