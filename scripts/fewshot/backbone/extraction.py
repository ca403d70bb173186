"""Decoding, forward pass and writing of activations, side by side."""

import math
import shutil
import time
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fewshot.backbone.activations import computing_digest, digest
from fewshot.backbone.forward import Forward, in_flight
from fewshot.backbone.pace import pace
from fewshot.backbone.writing import Disk
from fewshot.data.decoding import Decoder
from fewshot.data.framing import Framing
from fewshot.errors import input_error, unknown
from fewshot.progress import Progress
from fewshot.study.networks import source_of
from fewshot.study.pooling import layer_shape, split_pooling

_LISTED = 5  # layers in a hint, the deepest ones


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


def compute_pieces(
    build, rows, stores, *, root, framing, batch_size, piece_images, threads, on_gpu, began
):
    """Run images through the network and write the activations piece by piece.

    Parameters
    ----------
    build : callable
        Gives the keras.Model that `fewshot.backbone.networks.build_reader` makes for the layers of
        `stores`, in their order. Called when the processes that decode and write have been started.
    rows : list of PoolRow
        Whose activations are wanted.
    stores : list of Store
        One a layer.
    root : str
        Folder of the images.
    framing : fewshot.data.framing.Framing
    batch_size, piece_images : int
    threads : int
        Processes that decode, and at most as many that write.
    on_gpu : bool
        Where the network runs.
    began : float
        `time.monotonic()` of when the loading of the network began, which counts as time of the
        first piece.

    Raises
    ------
    InputError
        If an image is not the one scanned, an activation is not finite in the stored type, the disk
        is full, or a process was killed.
    """
    pieces = [rows[i : i + piece_images] for i in range(0, len(rows), piece_images)]
    shares = [[p[i : i + batch_size] for i in range(0, len(p), batch_size)] for p in pieces]
    firsts = {id(share[0]): piece for share, piece in zip(shares, pieces, strict=True)}
    batches, held = [*chain(*shares)], in_flight(on_gpu)
    decoder = Decoder(batches, root, framing, batch_size, threads, held)
    with decoder, Disk(stores, batch_size, threads) as disk:
        forward, progress, done = Forward(build(), held), Progress(len(rows), "images"), 0

        def reached():
            return pace(done, decoding=decoder.seconds, network=forward.seconds, disk=disk.seconds)

        for batch, outputs in zip(batches, forward.over(decoder), strict=True):
            *activations, finite = outputs
            _check_finite(finite[: len(batch)], batch, stores)
            piece = None
            if id(batch) in firsts:
                piece = [row.sha256 for row in firsts[id(batch)]], began
            disk.write(activations, len(batch), piece)
            began, done = time.monotonic(), done + len(batch)
            progress.advance(len(batch), reached)
        disk.finish()
        print(f"{done} images: {reached()}", flush=True)


def _check_finite(finite, batch, stores):
    if not finite.all():
        image, layer = np.argwhere(~finite)[0]
        raise input_error(
            f"Activations must be finite in {stores[layer].dtype}",
            f"{batch[image].image} at layer {stores[layer].layer}",
            "set extraction.storage to float32, and extraction.precision if that is not enough",
        )
