"""The manifest: every image of a dataset, what it holds, and whether it can be used."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fewshot.data.file_kinds import unread_kind
from fewshot.data.images import MAX_BYTES, describe_image
from fewshot.errors import InputError


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


def _scan_image(root, row):
    """Read one file once: its row before copies are known, and its hashes when turned."""
    if row.reason:
        return row, []
    path, data = Path(root, row.image), b""
    try:
        row = row._replace(bytes=path.stat().st_size)
        if row.bytes > MAX_BYTES:
            return row._replace(reason=f"more than the limit of {MAX_BYTES} bytes"), []
        data = path.read_bytes()
        row = row._replace(sha256=hashlib.sha256(data).hexdigest())
        found = describe_image(data)
        turned = found.pop("turned")
        return row._replace(**found, status="ok"), turned
    except (InputError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if kind := unread_kind(data):
            reason = f"not an image of a known format: {kind}"
        return row._replace(reason=reason), []


def scan_images(root, rows, threads):
    """Read and decode images in parallel, each once.

    Parameters
    ----------
    root : str or Path
    rows : list of ManifestRow
        From `fewshot.data.listing.list_images`.
    threads : int

    Yields
    ------
    row : ManifestRow
        With all that the file tells, in the order of `rows`. Copies are not marked yet.
    turned : list of int
        Hashes of the picture mirrored and turned: see `fewshot.data.images.turned_hashes`.
    """
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(lambda row: _scan_image(root, row), rows)
