"""The manifest: every file of a dataset, what it holds, and whether it can be used."""

import csv
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from fewshot.archives import is_litter
from fewshot.errors import InputError
from fewshot.files import open_text, whole_file
from fewshot.images import MAX_BYTES, describe_image

COLUMNS = (
    *("image", "class", "sha256", "bytes", "width", "height", "mode", "dhash"),
    *("status", "group", "reason"),
)
# Bits of 128 by which two hashes of one picture may differ. Of 800 photographs of Caltech-101
# nine pairs lie within 1 bit, all of them one picture saved twice; the first pair of different
# pictures (two motorbikes) lies at 2. Halving a picture, or saving it at JPEG quality 75,
# leaves 89 and 98 % within 1 bit.
NEAR_BITS = 1
_HASH_BITS = 128
# ASSUME: a hash with fewer ones, or fewer zeros, is that of an almost flat picture and says
# nothing; the photographs above and drawn characters have 19 and more.
_MIN_ONES = 8


def _files(folder, prefix="", above=frozenset()):
    """Yield (path below the first folder, reason against it) of all files, links followed."""
    above |= {os.path.realpath(folder)}
    for entry in os.scandir(folder):
        path = prefix + entry.name
        if is_litter(entry.name):
            continue
        if not entry.is_dir():
            yield path, "" if entry.is_file() else "not a regular file"
        elif entry.is_symlink() and os.path.realpath(entry.path) in above:
            yield path, "link to a folder above it"
        else:
            yield from _files(entry.path, path + "/", above)


def _class_name(path, classes):
    """Class of an image, and the reason why it has none."""
    parts = PurePosixPath(path).parts
    if classes == "folders":
        return (parts[0], "") if len(parts) > 1 else ("", "no class folder")
    prefix, underscore, _ = parts[-1].partition("_")
    return (prefix, "") if prefix and underscore else ("", "no class before an underscore")


def _entry(path, reason, classes):
    try:
        path.encode()
    except UnicodeEncodeError:
        path = os.fsencode(path).decode(errors="backslashreplace")
        reason = "name is not UTF-8"
    class_name, no_class = _class_name(path, classes)
    return {"image": path, "class": class_name, "reason": reason or no_class}


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
        folders = {e.name for e in os.scandir(root) if e.is_dir() and not is_litter(e.name)}
        for name in folders - {PurePosixPath(entry["image"]).parts[0] for entry in entries}:
            entries.append({"image": name, "class": name, "reason": "class folder without a file"})
    return sorted(entries, key=lambda entry: entry["image"])


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


class _NearIndex:
    """Pictures by their hash, found again by hashes that differ in at most `bits` places.

    Two such hashes agree wholly on at least one of bits + 1 disjoint masks, so only those that
    share a masked hash are compared.
    """

    def __init__(self, bits):
        self.bits = bits
        self.masks = [
            sum(1 << place for place in range(first, _HASH_BITS, bits + 1))
            for first in range(bits + 1)
        ]
        self.buckets = {}

    def _keys(self, value):
        telling = _MIN_ONES <= value.bit_count() <= _HASH_BITS - _MIN_ONES
        return [(mask, value & mask) for mask in self.masks] if telling else []

    def add(self, value, row):
        for key in self._keys(value):
            self.buckets.setdefault(key, []).append((value, row))

    def find(self, value):
        near = (
            row
            for key in self._keys(value)
            for other, row in self.buckets.get(key, ())
            if (value ^ other).bit_count() <= self.bits
        )
        return min(near, key=lambda row: row["image"], default=None)


def mark_copies(rows, bits=NEAR_BITS):
    """Mark images that are the same file, or nearly the same picture, as one before them.

    Parameters
    ----------
    rows : iterable of dict
        Rows of the manifest, sorted by ``image``.
    bits : int, default `NEAR_BITS`
        By how many of their 128 bits the hashes of the same picture may differ.

    Returns
    -------
    list of dict
        The rows; of images that are the same the first stays "ok" and the others are "copy".
        ``group`` is the sha256 of the first one, and empty for a copy in another class: which of
        the two labels is right, nobody knows.
    """
    files, pictures, marked = {}, _NearIndex(bits), []
    for row in rows:
        if row["status"] == "ok":
            value = int(row["dhash"], 16)
            same = files.get(row["sha256"]) or pictures.find(value)
            if same is None:
                files[row["sha256"]] = row
                pictures.add(value, row)
                row = {**row, "group": row["sha256"]}
            else:
                alike = same["class"] == row["class"]
                reason = f"same picture as {same['image']}"
                reason += "" if alike else f" of class {same['class']}"
                group = same["sha256"] if alike else ""
                row = {**row, "status": "copy", "group": group, "reason": reason}
        marked.append(row)
    return marked


def write_manifest(rows, path):
    """Write rows of the manifest as CSV.

    Parameters
    ----------
    rows : iterable of dict
    path : str or Path
    """
    with whole_file(path) as partial, open(partial, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


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
    return list(csv.DictReader(open_text(path)))
