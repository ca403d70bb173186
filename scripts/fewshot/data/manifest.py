"""The manifest: every file of a dataset, what it holds, and whether it can be used."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from fewshot.data.archives import is_litter
from fewshot.data.images import MAX_BYTES, describe_image
from fewshot.errors import InputError
from fewshot.files import read_records, write_records

COLUMNS = (
    *("image", "class", "sha256", "bytes", "width", "height", "mode", "dhash"),
    *("status", "group", "reason"),
)

_MAX_DEPTH = 32  # folders in folders


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
    return {"image": path, "class": class_name, "reason": no_text or reason or no_class}


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
    list of dict
        ``image`` (path relative to `root`), ``class``, and ``reason``, which is empty or says
        why the file cannot be used. Sorted by ``image``. A class folder without a file
        has an entry of its own.
    """
    entries = [_entry(path, reason, classes) for path, reason in _files(root)]
    if classes == "folders":
        seen = {PurePosixPath(entry["image"]).parts[0] for entry in entries}
        folders = (e.name for e in os.scandir(root) if _is_folder(e) and not is_litter(e.name))
        for name, reason in map(_text, folders):
            if name not in seen:
                reason = reason or "class folder without a file"
                entries.append({"image": name, "class": name, "reason": reason})
    return sorted(entries, key=lambda entry: entry["image"])


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


def _scan_image(root, entry):
    """Read one file once: its manifest row before copies are known."""
    row = {**dict.fromkeys(COLUMNS, ""), **entry, "status": "rejected"}
    if entry["reason"]:
        return row
    path = Path(root, entry["image"])
    try:
        row["bytes"] = path.stat().st_size
        if row["bytes"] > MAX_BYTES:
            return {**row, "reason": f"more than the limit of {MAX_BYTES} bytes"}
        data = path.read_bytes()
        row["sha256"] = hashlib.sha256(data).hexdigest()
        return {**row, **describe_image(data), "status": "ok"}
    except (InputError, OSError) as error:
        return {**row, "reason": getattr(error, "strerror", None) or str(error)}


def scan_images(root, entries, threads):
    """Read and decode images in parallel, each once.

    Parameters
    ----------
    root : str or Path
    entries : list of dict
        From `list_images`.
    threads : int

    Yields
    ------
    dict
        A row of the manifest, in the order of `entries`. Copies are not marked yet.
    """
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(lambda entry: _scan_image(root, entry), entries)


def write_manifest(rows, path):
    """Write rows of the manifest as CSV.

    Parameters
    ----------
    rows : iterable of dict
    path : str or Path
    """
    write_records(path, COLUMNS, rows)


def read_manifest(path):
    """Read a manifest.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    list of dict
        One row a file, all values as text.
    """
    return read_records(path)
