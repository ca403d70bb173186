"""Activations on disk: immutable pieces of some thousand rows, and lists of them.

A piece is named by a digest of all it depends on, so whoever needs the same activations adopts it.
"""

import hashlib
import json
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from fewshot.files import damaged, read_json
from fewshot.hdf5 import add_dataset, open_hdf5, read_rows, whole_hdf5
from fewshot.study.digests import code_digest, module_path
from fewshot.study.networks import APPLICATIONS, HUB, OWN

# What decodes an image and what runs a network on it; with the modules that these import, but those
# that only make errors, load weights, which have a digest of their own, or find what stands in the
# description, they decide activations.
_COMPUTING = ("fewshot.data.images", "fewshot.backbone.networks")
_SOURCES = {
    OWN: "fewshot.backbone.sources.small_vgg",
    APPLICATIONS: "fewshot.backbone.sources.keras_applications",
    HUB: "fewshot.backbone.sources.keras_hub",
}
_APART = (
    *("fewshot.errors", "fewshot.surroundings", "fewshot.study.networks", "fewshot.study.weights"),
    *("fewshot.backbone.imagenet", "fewshot.backbone.weight_files"),
    *(f"fewshot.backbone.sources.{name}" for name in ("preset_files", "presets", "preset_weights")),
)
COLUMNS = 4096  # columns of a chunk: blocks of this width are read without waste


def digest(*parts):
    """SHA-256 of values that JSON can hold, as 16 hex digits."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def computing_digest(source):
    """Digest of the code that decides what activations are: see `fewshot.study.digests.code_digest`.

    Parameters
    ----------
    source : str
        Of the network: see `fewshot.study.networks.source_of`. What others do does not count.

    Returns
    -------
    str
        16 hex digits.
    """
    used = {_SOURCES[OWN], _SOURCES[APPLICATIONS]} if source == OWN else {_SOURCES[source]}
    others = {*_SOURCES.values()} - used
    return code_digest(*map(module_path, _COMPUTING), apart=(*_APART, *others))


def find_pieces(folder, recipe):
    """Find the rows that are already there.

    Parameters
    ----------
    folder : str or Path
        Where a layer's pieces lie.
    recipe : str
        Digest of all that decides the activations of an image, but the image.

    Returns
    -------
    dict of str to tuple of (str, int)
        For each image's sha256 the piece that has it and the row there.
    """
    found = {}
    for path in sorted(Path(folder).glob(f"{recipe}-*.h5")):
        with open_piece(path) as (_, images):
            for row, image in enumerate(_read(images)):
                found.setdefault(image.decode(), (path.name, row))
    return found


@contextmanager
def open_piece(path):
    """Open a piece for reading, after checking that it is whole.

    Parameters
    ----------
    path : str or Path

    Yields
    ------
    activations : h5py.Dataset of shape (rows, width)
    images : h5py.Dataset of shape (rows,)
        Their sha256.

    Raises
    ------
    InputError
        If the file is missing, damaged or was not completed.
    """
    with open_hdf5(path, ("activations", "images"), [_lists(path)]) as (activations, images):
        if len(activations) != len(images):
            found = f"{path} with {len(activations)} rows for {len(images)} images"
            raise damaged(path, found, [_lists(path)])
        yield activations, images


def _lists(path):
    """Folder with the lists of pieces: where one goes the lists go, to be made anew."""
    return Path(path).parents[2] / "passes"


def _read(dataset, selection=...):
    return read_rows(dataset, selection, [_lists(dataset.file.filename)])


class PieceWriter:
    """Write the rows of one piece, batch by batch; it appears when it is complete.

    Parameters
    ----------
    folder : str or Path
    recipe : str
        Digest of all that decides the activations of an image, but the image.
    images : list of str
        sha256 of each image, in the order in which rows will come.
    width : int
    dtype : {"float16", "float32"}
    batch_rows : int
        Rows that come at once: the rows of a chunk.
    began : float, optional
        `time.monotonic()` of when work for these rows began; by default now. The piece keeps the
        seconds from then to its end.
    """

    def __init__(self, folder, recipe, images, width, dtype, batch_rows, began=None):
        self.name = f"{recipe}-{digest(images)}.h5"
        with ExitStack() as stack:
            self._file = stack.enter_context(whole_hdf5(Path(folder, self.name)))
            names = np.array(images, "S64")
            add_dataset(self._file, "images", names.shape, names.dtype, names.shape)[:] = names
            self._rows = add_dataset(
                self._file, "activations", (len(images), width), dtype, (batch_rows, COLUMNS)
            )
            stack.push(self._finish)
            self._stack = stack.pop_all()
        self._written = 0
        self._began = time.monotonic() if began is None else began

    def append(self, rows):
        """Write the next rows.

        Parameters
        ----------
        rows : ndarray of shape (at most batch_rows, width)
        """
        self._rows[self._written : self._written + len(rows)] = rows
        self._written += len(rows)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def _finish(self, kind, error, traceback):
        if error is None:
            self._file.attrs["seconds"] = time.monotonic() - self._began
            if self._written != len(self._rows):
                raise ValueError(
                    f"A piece must get all its rows. Received: {self._written} of "
                    f"{len(self._rows)}. Hint: append a row for each image."
                )


def list_runs(places):
    """Describe where consecutive rows lie, as few entries as possible.

    Parameters
    ----------
    places : list of tuple of (str, int)
        Piece and row in it, for each row.

    Returns
    -------
    list of [str, int, int]
        Piece, first row in it, number of rows.

    Examples
    --------
    >>> list_runs([("a", 0), ("a", 1), ("b", 7)])
    [['a', 0, 2], ['b', 7, 1]]
    """
    runs = []
    for piece, row in places:
        if runs and runs[-1][0] == piece and runs[-1][1] + runs[-1][2] == row:
            runs[-1][2] += 1
        else:
            runs.append([piece, row, 1])
    return runs


def computing_seconds(runs, folder):
    """Tell what it took to compute some rows, whenever that was.

    Parameters
    ----------
    runs : list of [str, int, int]
        As `list_runs` gives them.
    folder : str or Path
        Where the pieces lie.

    Returns
    -------
    float
        Wall time in seconds: of each piece as large a share as that of its rows.

    Raises
    ------
    InputError
        If a piece is missing or not whole.
    """
    seconds = 0.0
    for name, _, count in runs:
        with open_piece(Path(folder, name)) as (activations, _):
            seconds += activations.file.attrs["seconds"] * count / len(activations)
    return seconds


def layer_reader(index_paths, layer, folder):
    """Make the function that reads blocks of columns of a layer's activations.

    Parameters
    ----------
    index_paths : list of str
        Lists of pieces that `extract` wrote, one a part, in the order of the parts.
    layer : str
    folder : str
        `<folder>/<layer>/pieces/` holds the activations.

    Returns
    -------
    read : callable
        read(start, stop): see `read_columns`.
    images, width : int
    """
    parts = [read_json(path)[layer] for path in index_paths]
    runs = [run for part in parts for run in part["runs"]]
    images = sum(count for _, _, count in runs)
    return partial(read_columns, runs, Path(folder, layer, "pieces")), images, parts[0]["width"]


def read_columns(runs, folder, start, stop):
    """Read a block of columns of all rows.

    Parameters
    ----------
    runs : list of [str, int, int]
        As `list_runs` gives them.
    folder : str or Path
        Where the pieces lie.
    start, stop : int
        First column, and the one after the last.

    Returns
    -------
    ndarray of shape (rows, stop - start), float32

    Raises
    ------
    InputError
        If a piece is missing, not whole or damaged.
    """
    block = np.empty((sum(count for _, _, count in runs), stop - start), np.float32)
    with ExitStack() as stack:
        pieces = {
            name: stack.enter_context(open_piece(Path(folder, name)))[0]
            for name in {run[0] for run in runs}
        }
        row = 0
        for name, first, count in runs:
            rows = np.s_[first : first + count, start:stop]
            # NumPy widens float16 faster than HDF5 does.
            block[row : row + count] = _read(pieces[name], rows)
            row += count
    return block
