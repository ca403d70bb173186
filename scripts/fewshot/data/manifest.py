"""The manifest: every image of a dataset, what it holds, and whether it can be used."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fewshot.data import images
from fewshot.data.file_kinds import START, unread_kind
from fewshot.data.foreign_files import kind_of_bytes
from fewshot.data.images import MAX_BYTES, describe_image
from fewshot.errors import InputError
from fewshot.memory import check_memory
from fewshot.workers import Workers

ROW_BYTES = 2000  # of memory for an image and its hashes, while copies are looked for: as measured
_FEW = 200  # images that threads have scanned before processes have started
_TASK = 8  # images of a process at a time
_NO_IMAGE = "not an image of a known format"


class ManifestRow(NamedTuple):
    """An image of a dataset. What is not known is empty, and all is text as it is read again.

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
        The same for images that must not be parted: copies of a picture, and what the user says.
    part : {"", "train", "val", "test"}
        Part of the dataset's own split.
    reason : str
        Why the file is not "ok".
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
    part: str = ""
    reason: str = ""


class ScannedImage(NamedTuple):
    """What is found in a file.

    Attributes
    ----------
    row : ManifestRow
        Before copies are known.
    turned : list of int
        Hashes of the picture mirrored and turned: see `fewshot.data.images.turned_hashes`.
    profile : {"", "converted", "unusable"}
        What became of its colour profile.
    bits : {8, 12, 16}
        How many are used, where there are 16 a colour.
    """

    row: ManifestRow
    turned: list | tuple = ()
    profile: str = ""
    bits: int = 16


def _scan_image(root, row, max_pixels):
    """Read one file once."""
    if row.reason:
        return ScannedImage(row)
    path, data = Path(root, row.image), b""
    try:
        row = row._replace(bytes=path.stat().st_size)
        if row.bytes > MAX_BYTES:
            return ScannedImage(row._replace(reason=f"more than the limit of {MAX_BYTES} bytes"))
        data = path.read_bytes()
        row = row._replace(sha256=hashlib.sha256(data).hexdigest())
        if kind := unread_kind(data[:START], row.image):
            return ScannedImage(row._replace(reason=f"{_NO_IMAGE}: {kind}"))
        found = describe_image(data, max_pixels)
    except (InputError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if reason.startswith(_NO_IMAGE) and (kind := kind_of_bytes(data)):
            reason = f"{_NO_IMAGE}: {kind.name}"
        return ScannedImage(row._replace(reason=reason))
    beside = {key: found.pop(key) for key in ("turned", "profile", "bits")}
    return ScannedImage(row._replace(**found, status="ok"), **beside)


def scan_images(root, rows, threads, max_megapixels=None):
    """Read and decode images in parallel, each once: many of them in processes.

    Parameters
    ----------
    root : str or Path
    rows : list of ManifestRow
        From `fewshot.data.listing.list_images`.
    threads : int
    max_megapixels : float, optional
        Million pixels that an image may have, by default those of `fewshot.data.images.MAX_PIXELS`.

    Yields
    ------
    ScannedImage
        With all that the file tells, in the order of `rows`. Copies are not marked yet.

    Raises
    ------
    InputError
        If there are more images than a manifest can be made of in the memory that there is.
    """
    check_memory(
        ROW_BYTES * len(rows),
        f"The manifest of {len(rows)} images",
        "make several datasets of them, or leave some out",
    )
    max_pixels = None if max_megapixels is None else round(1e6 * max_megapixels)
    if threads == 1 or len(rows) < _FEW:
        with ThreadPoolExecutor(threads) as pool:
            yield from pool.map(lambda row: _scan_image(root, row, max_pixels), rows)
        return
    tasks = [(root, rows[i : i + _TASK], max_pixels) for i in range(0, len(rows), _TASK)]
    with Workers(threads, scan_rows) as workers:
        for found in workers.over(tasks):
            yield from found


def scan_rows(shared, root, rows, max_pixels):
    """Read and decode images one after the other, large ones in one process at a time.

    Parameters
    ----------
    shared : fewshot.workers.Shared
    root : str or Path
    rows : list of ManifestRow
    max_pixels : int or None

    Returns
    -------
    list of ScannedImage
    """
    # Set from here: a statement in that module would have all stored activations computed anew.
    images._LARGE = shared.alone
    return [_scan_image(root, row, max_pixels) for row in rows]
