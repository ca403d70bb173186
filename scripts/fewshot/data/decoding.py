"""Images of the pool, decoded ahead of whoever consumes them: in threads, or in processes."""

import hashlib
import math
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import numpy as np

from fewshot.data import images
from fewshot.data.images import ImageError, read_image
from fewshot.errors import input_error
from fewshot.workers import Workers

AHEAD = 4  # batches that are decoded before the network asks for them
_TASK = 8  # images that a process decodes before it answers, at most: some 10 ms
CHANNELS = 3


def read_pool_image(root, row, framing):
    """Decode one image of the pool, after checking that it is the one that was scanned.

    Parameters
    ----------
    root : str
        Folder of the images.
    row : PoolRow
    framing : fewshot.data.framing.Framing

    Returns
    -------
    ndarray of shape (image_size, image_size, 3), uint8

    Raises
    ------
    InputError
        If the file is missing, is not the one that was scanned or can't be decoded now.
    """
    path = Path(root, row.image)
    hint = "put the image back, or delete the dataset's source.json to fetch and scan it again"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise input_error("An image must be there to be read", error, hint) from None
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise input_error("An image must be the one that was scanned", f"{path}, changed", hint)
    try:
        # The same file was scanned, and within the study's limit of pixels then.
        return np.asarray(read_image(data, framing, max_pixels=math.inf))
    except ImageError as error:
        rule = "An image must be decoded as it was when it was scanned"
        raise input_error(rule, f"{path} ({error})", hint) from None


def decoded_batches(rows, root, framing, batch_size, threads):
    """Decode images in threads, for a network that sees each of them many times.

    Parameters
    ----------
    rows : list of list of PoolRow
        One list a batch.
    root : str
    framing : fewshot.data.framing.Framing
    batch_size : int
        Shorter batches are filled up with black: the network sees one shape only.
    threads : int

    Yields
    ------
    ndarray of shape (batch_size, image_size, image_size, 3), uint8
    """
    size = framing.image_size
    decoders, ahead = ThreadPoolExecutor(threads), deque()
    try:
        for batch in chain(rows, [None] * AHEAD):
            if batch is not None:
                ahead.append(
                    [decoders.submit(read_pool_image, root, row, framing) for row in batch]
                )
            if len(ahead) > AHEAD or (batch is None and ahead):
                pixels = np.zeros((batch_size, size, size, CHANNELS), np.uint8)
                for place, image in enumerate(ahead.popleft()):
                    pixels[place] = image.result()
                yield pixels
    finally:
        # Whoever stops early does not wait for what is ahead.
        decoders.shutdown(wait=False, cancel_futures=True)


class Decoder:
    """Processes that decode the images of batches into shared memory, in the order of the batches.

    Parameters
    ----------
    batches : list of list of PoolRow
    root : str
        Folder of the images.
    framing : fewshot.data.framing.Framing
    batch_size : int
        Shorter batches are filled up with black.
    processes : int
        At most; no more than there are tasks.
    held : int
        Batches that whoever consumes them uses at a time.

    Attributes
    ----------
    seconds : float
        That the processes have decoded, each for itself, divided by their number.
    """

    def __init__(self, batches, root, framing, batch_size, processes, held):
        self._batches, self._where, self._size = batches, (root, framing), batch_size
        self._share = max(1, min(_TASK, batch_size // (2 * processes)))
        tasks = sum(-(-len(batch) // self._share) for batch in batches)
        places, size = min(len(batches), AHEAD + held), framing.image_size
        shape = (places, batch_size, size, size, CHANNELS)
        self._workers = Workers(min(processes, tasks), decode, memory=math.prod(shape))
        self._pixels = np.frombuffer(self._workers.memory, np.uint8).reshape(shape)
        self._waiting, self._begun, self.seconds = deque(), 0, 0.0
        for _ in batches[:AHEAD]:
            self._begin()

    def _begin(self):
        """Have the next batch decoded into the place of the one that was given longest ago."""
        rows, place = self._batches[self._begun], self._begun % len(self._pixels)
        self._begun += 1
        self._pixels[place, len(rows) :] = 0
        first = place * self._size
        shares = range(0, len(rows), self._share)
        self._waiting.append(
            [
                self._workers.submit(first + i, rows[i : i + self._share], *self._where)
                for i in shares
            ]
        )

    def __iter__(self):
        """Yield batches.

        Yields
        ------
        ndarray of shape (batch_size, image_size, image_size, 3), uint8
            Overwritten when `held` more have been asked for.
        """
        for number in range(len(self._batches)):
            if self._begun < len(self._batches):
                self._begin()
            for done in self._waiting.popleft():
                self.seconds += done.result() / self._workers.count
            yield self._pixels[number % len(self._pixels)]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._workers.close()


def decode(shared, place, rows, root, framing):
    """Decode images into memory that is shared, one after the other.

    Parameters
    ----------
    shared : fewshot.workers.Shared
    place : int
        Of the first, counted in images.
    rows : list of PoolRow
    root, framing
        See `read_pool_image`.

    Returns
    -------
    float
        Seconds that it took.

    Raises
    ------
    InputError
        As `read_pool_image`, for the first that can't be read.
    """
    began = time.perf_counter()
    # Set from here: a statement in that module would have all stored activations computed anew.
    images._LARGE = shared.alone
    shape = (framing.image_size, framing.image_size, CHANNELS)
    pixels = np.frombuffer(shared.memory, np.uint8).reshape(-1, *shape)
    for number, row in enumerate(rows, place):
        pixels[number] = read_pool_image(root, row, framing)
    return time.perf_counter() - began
