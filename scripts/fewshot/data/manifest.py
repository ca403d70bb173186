"""The manifest: every file of a dataset, what it holds, and whether it can be used."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fewshot.data.archives import is_litter
from fewshot.data.images import MAX_BYTES, describe_image
from fewshot.errors import InputError

_MAX_DEPTH = 32  # folders in folders


class ManifestRow(NamedTuple):
    """A file of a dataset. What is not known is empty, and all is text as it is read again.

    Attributes
    ----------
    image : str
        Its path below the dataset's root.
    class_name : str
    sha256 : str
    bytes, width, height : int or str
    mode : str
        Of Pillow.
    dhash : str
        Hash of what the picture shows, 32 hex digits: see `fewshot.data.images`.
    status : {"rejected", "ok", "copy", "disputed"}
        "rejected" until the file was decoded: see `scan_images`, then `mark_copies`.
    group : str
        The same for all copies of a picture.
    reason : str
        Why the file is not "ok".
    part : {"train", "val", "test", ""}
        Of an official split.
    """

    image: str
    class_name: str
    sha256: str = ""
    bytes: int | str = ""
    width: int | str = ""
    height: int | str = ""
    mode: str = ""
    dhash: str = ""
    status: str = "rejected"
    group: str = ""
    reason: str = ""
    part: str = ""


def _files(folder, prefix="", above=frozenset(), linked=False):
    """Yield (path below the first folder, reason against it) of all files.

    Links are followed, those to folders once on a way: folders that link to each other have more
    ways through them than anyone can go.
    """
    above |= {os.path.realpath(folder)}
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        yield prefix.removesuffix("/"), error.strerror
        return
    for entry in entries:
        path = prefix + entry.name
        if is_litter(entry.name):
            continue
        try:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        except OSError as error:  # a link to itself
            yield path, error.strerror
            continue
        if not is_folder:
            yield path, "" if is_file else "not a regular file"
        elif entry.is_symlink() and os.path.realpath(entry.path) in above:
            yield path, "link to a folder above it"
        elif entry.is_symlink() and linked:
            yield path, "link to a folder within a linked folder"
        elif len(above) > _MAX_DEPTH:
            yield path, f"more than {_MAX_DEPTH} folders deep"
        else:
            yield from _files(entry.path, path + "/", above, linked or entry.is_symlink())


def _class_name(path, classes):
    """Class of an image, and the reason why it has none."""
    parts = PurePosixPath(path).parts
    if classes == "folders":
        return (parts[0], "") if len(parts) > 1 else ("", "no class folder")
    prefix, underscore, _ = parts[-1].partition("_")
    return (prefix, "") if prefix and underscore else ("", "no class before an underscore")


def _text(path):
    """Text of a path, and the reason against it where its bytes are no text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path).decode(errors="backslashreplace"), "name is not UTF-8"
    return path, ""


def _entry(path, reason, classes):
    path, no_text = _text(path)
    class_name, no_class = _class_name(path, classes)
    return ManifestRow(path, class_name, reason=no_text or reason or no_class)


def list_images(root, classes):
    """List every file below a folder but hidden ones and what file managers leave behind.

    Parameters
    ----------
    root : str or Path
    classes : {"folders", "prefix"}
        The class is the first folder below `root`, or the file's name before its first
        underscore.

    Returns
    -------
    list of ManifestRow
        With image, class and reason, which is empty or says why the file cannot be used. Sorted
        by image. A class folder without a file has a row of its own.
    """
    entries = [_entry(path, reason, classes) for path, reason in _files(root)]
    if classes == "folders":
        seen = {PurePosixPath(entry.image).parts[0] for entry in entries}
        folders = (e.name for e in os.scandir(root) if _is_folder(e) and not is_litter(e.name))
        for name, reason in map(_text, folders):
            if name not in seen:
                reason = reason or "class folder without a file"
                entries.append(ManifestRow(name, name, reason=reason))
    return sorted(entries, key=lambda entry: entry.image)


def list_left_out(root):
    """List folders beside those of the classes that are left out for their names.

    Parameters
    ----------
    root : str or Path

    Returns
    -------
    list of str
        Hidden folders, and those that file managers leave behind, in alphabetical order.
    """
    entries = (e for e in os.scandir(root) if _is_folder(e) and is_litter(e.name))
    return sorted(_text(entry.name)[0] for entry in entries)


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _scan_image(root, row):
    """Read one file once: its row before copies are known."""
    if row.reason:
        return row
    path = Path(root, row.image)
    try:
        row = row._replace(bytes=path.stat().st_size)
        if row.bytes > MAX_BYTES:
            return row._replace(reason=f"more than the limit of {MAX_BYTES} bytes")
        data = path.read_bytes()
        row = row._replace(sha256=hashlib.sha256(data).hexdigest())
        return row._replace(**describe_image(data), status="ok")
    except (InputError, OSError) as error:
        return row._replace(reason=getattr(error, "strerror", None) or str(error))


def scan_images(root, rows, threads):
    """Read and decode images in parallel, each once.

    Parameters
    ----------
    root : str or Path
    rows : list of ManifestRow
        From `list_images`.
    threads : int

    Yields
    ------
    ManifestRow
        With all that the file tells, in the order of `rows`. Copies are not marked yet.
    """
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(lambda row: _scan_image(root, row), rows)
