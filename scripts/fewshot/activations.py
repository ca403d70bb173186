"""Activations on disk: immutable pieces of some thousand rows, and lists of them.

A piece is named by a digest of all it depends on, so whoever needs the same activations adopts it.
"""

import ast
import hashlib
import json
import time
from contextlib import ExitStack
from pathlib import Path

import h5py
import numpy as np

from fewshot.errors import input_error
from fewshot.files import whole_file

_COMPUTING = ("images", "backbones", "small_vgg")  # modules that decide what activations are
COLUMNS = 4096  # columns of a chunk: blocks of this width are read without waste


def digest(*parts):
    """SHA-256 of values that JSON can hold, as 16 hex digits."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def computing_digest():
    """Digest of the code that decides what activations are, without its docstrings and comments.

    Returns
    -------
    str
        16 hex digits over images.py, backbones.py and small_vgg.py.
    """
    modules = [Path(__file__).with_name(f"{name}.py") for name in _COMPUTING]
    return digest([_statements(path.read_text()) for path in modules])


def _statements(source):
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(
            node
        ):
            del node.body[0]
    return ast.dump(tree)


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
        with open_piece(path) as piece:
            for row, image in enumerate(piece["images"][:]):
                found.setdefault(image.decode(), (path.name, row))
    return found


def open_piece(path):
    """Open a piece for reading, after checking that it is whole.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    h5py.File
        With the datasets `activations` (rows, width) and `images` (rows,), their sha256.

    Raises
    ------
    InputError
        If the file cannot be read or was not completed.
    """
    try:
        piece = h5py.File(path, locking=False)
        if piece.attrs["complete"] and len(piece["activations"]) == len(piece["images"]):
            return piece
    except (OSError, KeyError):
        pass
    raise _unusable("whole", path, path)


def _unusable(rule, received, path):
    passes = Path(path).parents[2] / "passes"
    return input_error(
        f"A piece of activations must be {rule}",
        received,
        f"delete this file and the folder {passes} and run again: only what lacks is computed",
    )


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
            path = stack.enter_context(whole_file(Path(folder, self.name)))
            self._file = stack.enter_context(h5py.File(path, "w", libver="latest"))
            self._file["images"] = np.array(images, "S64")
            self._rows = self._file.create_dataset(
                "activations",
                (len(images), width),
                dtype,
                chunks=(min(batch_rows, len(images)), min(COLUMNS, width)),
                fletcher32=True,
            )
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
        if error == (None, None, None):
            self._file.attrs["seconds"] = time.monotonic() - self._began
            self._file.attrs["complete"] = self._written == len(self._rows)
        return self._stack.__exit__(*error)


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
        with open_piece(Path(folder, name)) as piece:
            seconds += piece.attrs["seconds"] * count / len(piece["images"])
    return seconds


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
            name: stack.enter_context(open_piece(Path(folder, name)))["activations"]
            for name in {run[0] for run in runs}
        }
        row = 0
        for name, first, count in runs:
            try:
                # NumPy widens float16 faster than HDF5 does.
                block[row : row + count] = pieces[name][first : first + count, start:stop]
            except OSError as error:
                path = Path(folder, name)
                raise _unusable("undamaged", f"{path} ({error})", path) from None
            row += count
    return block
