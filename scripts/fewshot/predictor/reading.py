"""Images are read and decoded by threads, ahead of the network that takes them."""

import hashlib
import io
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from PIL import Image

from fewshot.data.file_kinds import START, unread_kind
from fewshot.data.images import FORMATS, MAX_BYTES, ImageError, difference_hash, read_image
from fewshot.data.thumbnails import FRAMING, encode_thumbnail
from fewshot.errors import first_line

_AHEAD = 2  # batches that are decoded while the network has another


class ReadImage(NamedTuple):
    """What was read of a file.

    Attributes
    ----------
    path : str
    reason : str
        Why it can't be read; empty if it can.
    pixels : ndarray of shape (size, size, 3), uint8, or None
    sha256, dhash : str
        Of the file, and of what it shows, in hex digits, where asked for.
    thumbnail : str
        JPEG in base64, where asked for.
    """

    path: str
    reason: str = ""
    pixels: np.ndarray | None = None
    sha256: str = ""
    dhash: str = ""
    thumbnail: str = ""


class Wanted(NamedTuple):
    """What is to be read of files: as what, within which limit, and whether more than pixels."""

    framing: tuple
    max_pixels: float
    hashes: bool = False
    thumbnails: bool = False


def read_batches(paths, wanted, batch_size, threads):
    """Read images ahead of whoever takes them.

    Parameters
    ----------
    paths : list of str
    wanted : Wanted
    batch_size, threads : int

    Yields
    ------
    list of ReadImage
        At most `batch_size`, in the order of the paths.
    """
    readers, ahead = ThreadPoolExecutor(threads), deque()
    try:
        for start in range(0, len(paths), batch_size):
            batch = paths[start : start + batch_size]
            ahead.append([readers.submit(read_file, path, wanted) for path in batch])
            if len(ahead) > _AHEAD:
                yield [image.result() for image in ahead.popleft()]
        while ahead:
            yield [image.result() for image in ahead.popleft()]
    finally:
        # Whoever stops early does not wait for what is ahead.
        readers.shutdown(wait=False, cancel_futures=True)


def read_file(path, wanted):
    """Read one image file.

    Parameters
    ----------
    path : str
    wanted : Wanted

    Returns
    -------
    ReadImage
    """
    try:
        data = _bytes(path)
        image = read_image(data, wanted.framing, wanted.max_pixels)
        found = ReadImage(path, pixels=np.asarray(image))
        if wanted.hashes:
            digest = hashlib.sha256(data).hexdigest()
            found = found._replace(sha256=digest, dhash=f"{difference_hash(image):032x}")
        if wanted.thumbnails:
            square = np.asarray(read_image(data, FRAMING, wanted.max_pixels))
            size = Image.open(io.BytesIO(data), formats=FORMATS).size
            found = found._replace(thumbnail=encode_thumbnail(square, *size))
    except (ImageError, OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        return ReadImage(path, reason=reason)
    return found


def _bytes(path):
    if os.stat(path).st_size > MAX_BYTES:
        raise ImageError(f"more than the limit of {MAX_BYTES} bytes")
    with open(path, "rb") as file:
        data = file.read()  # a number of bytes would be taken as memory at once
    if kind := unread_kind(data[:START], path):
        raise ImageError(f"not an image of a known format: {kind}")
    return data
