"""Decoding, forward pass and writing of activations, side by side."""

import hashlib
import math
import shutil
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fewshot.backbone.activations import PieceWriter, computing_digest, digest
from fewshot.data.framing import Framing
from fewshot.data.images import ImageError, read_image
from fewshot.errors import input_error, unknown
from fewshot.progress import Progress
from fewshot.study.networks import source_of
from fewshot.study.pooling import layer_shape, split_pooling

_LISTED = 5  # layers in a hint, the deepest ones
_AHEAD = 4  # batches that are decoded before, or written after, the network runs on them


class Store(NamedTuple):
    """Where a layer's activations lie and what decides them.

    Attributes
    ----------
    layer : str
    folder : Path
        Of its pieces.
    recipe : str
        Digest of all that decides the activations of an image, but the image.
    width : int
        Activations of an image.
    dtype : {"float16", "float32"}
    """

    layer: str
    folder: Path
    recipe: str
    width: int
    dtype: str


def check_layer(layer, backbone, *, spatial=False):
    """Check that a network has a layer.

    Parameters
    ----------
    layer : str
        With or without "@": see `fewshot.study.pooling`.
    backbone : dict
        Description of the network, from `weights`.
    spatial : bool, default False
        Whether the layer must have places: height, width and channels.

    Raises
    ------
    InputError
        If it has not, or the layer can't be pooled so.
    """
    shapes = backbone["layers"]
    known = [name for name, shape in shapes.items() if len(shape) == 3 or not spatial]
    rule = f"A layer must be one of {backbone['network']}'s"
    rule += " with height, width and channels" if spatial else ""
    name, _ = split_pooling(layer)
    if wrong := unknown(name, known, rule, f"try {', '.join(known[-_LISTED:])}"):
        raise input_error(*wrong)
    layer_shape(backbone, layer)


def make_store(layer, backbone, extraction, folder):
    """Say where a layer's activations lie and what decides them.

    Parameters
    ----------
    layer : str
    backbone : dict
        Description of the network, from `weights`.
    extraction : dict
        precision and storage of the study.
    folder : str or Path
        Of the dataset's activations under this backbone.

    Returns
    -------
    Store

    Raises
    ------
    InputError
        If the network has no such layer.
    """
    check_layer(layer, backbone)
    recipe = digest(
        backbone["weights"],
        backbone["network"],
        backbone.get("hub"),  # older descriptions are of no network of KerasHub
        Framing.of(backbone),
        layer,
        extraction["precision"],
        extraction["storage"],
        computing_digest(source_of(backbone["network"])),
    )
    width = math.prod(layer_shape(backbone, layer))
    return Store(layer, Path(folder, layer, "pieces"), recipe, width, extraction["storage"])


def check_space(stores, images):
    """Check that the disk has room for the activations of so many images.

    Parameters
    ----------
    stores : list of Store
    images : int

    Raises
    ------
    InputError
        If it has not.
    """
    needed = images * sum(store.width * np.dtype(store.dtype).itemsize for store in stores)
    folder = stores[0].folder
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise input_error(
            "Activations must fit on the disk",
            f"{needed / 1e9:.3g} GB needed, {free / 1e9:.3g} GB free at {folder}",
            "free some, read fewer or deeper layers, or lower draws.images_per_class",
        )


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
    """Decode images ahead of whoever consumes them.

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
        for batch in chain(rows, [None] * _AHEAD):
            if batch is not None:
                ahead.append(
                    [decoders.submit(read_pool_image, root, row, framing) for row in batch]
                )
            if len(ahead) > _AHEAD or (batch is None and ahead):
                images = np.zeros((batch_size, size, size, 3), np.uint8)
                for place, image in enumerate(ahead.popleft()):
                    images[place] = image.result()
                yield images
    finally:
        # Whoever stops early does not wait for what is ahead.
        decoders.shutdown(wait=False, cancel_futures=True)


def compute_pieces(
    reader, rows, stores, *, root, framing, batch_size, piece_images, threads, began
):
    """Run images through the network and write the activations piece by piece.

    Parameters
    ----------
    reader : keras.Model
        Made by `fewshot.backbone.networks.build_reader` for the layers of `stores`, in their order.
    rows : list of PoolRow
        Whose activations are wanted.
    stores : list of Store
        One a layer.
    root : str
        Folder of the images.
    framing : fewshot.data.framing.Framing
    batch_size, piece_images, threads : int
    began : float
        `time.monotonic()` of when the loading of the network began, which counts as time of the
        first piece.

    Raises
    ------
    InputError
        If an image is not the one scanned, or an activation is not finite in the stored type.
    """
    pieces = [rows[i : i + piece_images] for i in range(0, len(rows), piece_images)]
    shares = [[p[i : i + batch_size] for i in range(0, len(p), batch_size)] for p in pieces]
    batches = decoded_batches(chain(*shares), root, framing, batch_size, threads)
    progress = Progress(len(rows), "images")
    with closing(batches), _Disk() as disk:
        for share in shares:
            images = [row.sha256 for batch in share for row in batch]
            with ExitStack() as piece:
                writers = [
                    piece.enter_context(_writer(store, images, batch_size, began))
                    for store in stores
                ]
                for batch in share:
                    *activations, finite = map(np.asarray, reader.predict_on_batch(next(batches)))
                    _check_finite(finite[: len(batch)], batch, stores)
                    disk.do(_append, writers, activations, len(batch))
                    progress.advance(len(batch))
                # To close a piece is to read it once more: that too goes on beside the network.
                disk.do(piece.pop_all().close)
            began = time.monotonic()


class _Disk:
    """A thread that writes while the network runs on, a few batches behind it at most."""

    def __enter__(self):
        self._thread, self._waiting = ThreadPoolExecutor(1), deque()
        return self

    def do(self, *call):
        """Have a call done after those before it, whose errors are raised here."""
        self._waiting.append(self._thread.submit(*call))
        if len(self._waiting) > _AHEAD:
            self._waiting.popleft().result()

    def __exit__(self, *error):
        self._thread.shutdown()
        for done in self._waiting if error == (None, None, None) else ():
            done.result()


def _writer(store, images, batch_size, began):
    return PieceWriter(
        store.folder, store.recipe, images, store.width, store.dtype, batch_size, began
    )


def _append(writers, activations, count):
    for writer, rows in zip(writers, activations, strict=True):
        writer.append(rows[:count])


def _check_finite(finite, batch, stores):
    if not finite.all():
        image, layer = np.argwhere(~finite)[0]
        raise input_error(
            f"Activations must be finite in {stores[layer].dtype}",
            f"{batch[image].image} at layer {stores[layer].layer}",
            "set extraction.storage to float32, and extraction.precision if that is not enough",
        )
