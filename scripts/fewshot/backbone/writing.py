"""Activations written by processes of their own, beside the network and beside each other.

h5py keeps the interpreter to itself while it writes, so in threads the network would wait for it.
"""

import math
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np

from fewshot.backbone.activations import PieceWriter
from fewshot.workers import Workers

AHEAD = 4  # batches that wait to be written, at most
_WORTH = 2**17  # bytes an image for which a process more is started


class Disk:
    """Processes that write the pieces of some layers.

    Parameters
    ----------
    stores : list of fewshot.backbone.extraction.Store
    batch_size : int
    processes : int
        At most; fewer where layers are few or narrow.
    """

    def __init__(self, stores, batch_size, processes):
        bytes_of = [store.width * np.dtype(store.dtype).itemsize for store in stores]
        count = min(processes, len(stores), math.ceil(sum(bytes_of) / _WORTH))
        self._stack = ExitStack()
        self._writers = [
            self._stack.enter_context(_Writer([stores[i] for i in share], share, batch_size))
            for share in _dealt(bytes_of, count)
        ]

    def write(self, activations, count, piece=None):
        """Have a batch written, and wait while too many before it are not.

        Parameters
        ----------
        activations : list of ndarray of shape (at least count, width)
            Of each layer, which the caller may change afterwards.
        count : int
            Their first rows, which are written.
        piece : tuple of (list of str, float), optional
            Where a piece begins with this batch: the sha256 of its images, and `time.monotonic()`
            of when work for it began. One before it must have had all its rows.

        Raises
        ------
        InputError
            If the disk is full.
        """
        for writer in self._writers:
            writer.write(activations, count, piece)

    def finish(self):
        """Wait until all pieces lie where they belong."""
        for writer in self._writers:
            writer.finish()

    @property
    def seconds(self):
        """Seconds that the process that had most to do has written."""
        return max(writer.seconds for writer in self._writers)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)


def _dealt(sizes, count):
    """Deal things to so many hands, each the largest that is left to the one with least.

    Examples
    --------
    >>> _dealt([4, 7, 1, 2], 2)
    [[1], [0, 3, 2]]
    """
    hands = [[] for _ in range(count)]
    for thing in sorted(range(len(sizes)), key=lambda thing: -sizes[thing]):
        min(hands, key=lambda hand: sum(sizes[each] for each in hand)).append(thing)
    return hands


class _Writer:
    """A process that writes some of the layers."""

    def __init__(self, stores, layers, batch_size):
        self._stores, self._layers, self._batch_size = stores, layers, batch_size
        sizes = [batch_size * store.width * np.dtype(store.dtype).itemsize for store in stores]
        self._room, self._batch = sum(sizes), 0
        self._workers = Workers(1, write, memory=(AHEAD + 1) * self._room)
        self._waiting, self.seconds = deque(), 0.0

    def write(self, activations, count, piece):
        if len(self._waiting) > AHEAD:
            self.seconds = self._waiting.popleft().result()
        place = self._batch % (AHEAD + 1) * self._room
        self._batch += 1
        kinds = [(store.width, store.dtype) for store in self._stores]
        for layer, rows in zip(
            self._layers,
            batch_views(self._workers.memory, place, kinds, self._batch_size),
            strict=True,
        ):
            rows[:count] = activations[layer][:count]
        places = [(store.folder, store.recipe) for store in self._stores]
        task = (place, kinds, self._batch_size, count, piece and (places, *piece))
        self._waiting.append(self._workers.submit(*task))

    def finish(self):
        self._waiting.append(self._workers.submit())
        while self._waiting:
            self.seconds = self._waiting.popleft().result()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._workers.close()


def batch_views(memory, place, kinds, batch_size):
    """Find the rows of some layers in memory, where they lie one layer after the other.

    Parameters
    ----------
    memory : buffer
    place : int
        Of their first byte.
    kinds : list of tuple of (int, str)
        Width and dtype of each layer.
    batch_size : int

    Returns
    -------
    list of ndarray of shape (batch_size, width)
    """
    views = []
    for width, dtype in kinds:
        view = np.frombuffer(memory, dtype, batch_size * width, place).reshape(batch_size, width)
        views.append(view)
        place += view.nbytes
    return views


class _Pieces:
    """What a process writes now: a piece of each layer, and pieces before it that are closed.

    To close a piece is to read it once more and to wait for the disk, beside which the next begins.
    """

    def __init__(self):
        self._thread, self._closing = ThreadPoolExecutor(1), None
        self._stack, self._writers, self._left = ExitStack(), [], 0
        self._appending = self._closed = 0.0

    def begin(self, places, images, began, kinds, batch_size):
        self._stack, self._left = ExitStack(), len(images)
        self._writers = [
            self._stack.enter_context(
                PieceWriter(folder, recipe, images, width, dtype, batch_size, began)
            )
            for (folder, recipe), (width, dtype) in zip(places, kinds, strict=True)
        ]

    def append(self, layers, count):
        with ExitStack() as undone:
            undone.push(self._stack)
            for writer, rows in zip(self._writers, layers, strict=True):
                writer.append(rows[:count])
            undone.pop_all()
        self._left -= count
        if not self._left:
            self.wait()
            self._closing = self._thread.submit(self._close, self._stack)

    def _close(self, stack):
        began = time.perf_counter()
        stack.close()
        self._closed += time.perf_counter() - began

    def wait(self):
        if self._closing:
            self._closing.result()

    def timed(self, call, *arguments):
        """Do something and tell the seconds of all so far, of which closing goes on beside."""
        began = time.perf_counter()
        call(*arguments)
        self._appending += time.perf_counter() - began
        return max(self._appending, self._closed)


_PIECES = _Pieces()  # of this process


def write(shared, place=0, kinds=(), batch_size=0, count=0, piece=None):
    """Write the rows of a batch of some layers; without rows, wait for all that was written.

    Parameters
    ----------
    shared : fewshot.workers.Shared
    place, kinds, batch_size
        See `batch_views`.
    count : int
        Rows to write.
    piece : tuple of (list of tuple of (Path, str), list of str, float), optional
        Of a piece that begins: folder and recipe of each layer, sha256 of its images, and when work
        for it began.

    Returns
    -------
    float
        Seconds that this process has written so far.

    Raises
    ------
    InputError
        If the disk is full.
    """
    if not count:
        _PIECES.wait()
        return max(_PIECES._appending, _PIECES._closed)
    if piece:
        _PIECES.begin(*piece, kinds, batch_size)
    return _PIECES.timed(
        _PIECES.append, batch_views(shared.memory, place, kinds, batch_size), count
    )
