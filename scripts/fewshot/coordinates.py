"""Coordinates on disk: an HDF5 file and the small index that Snakemake watches."""

import hashlib
import json
from pathlib import Path

import h5py
import numpy as np

from fewshot.errors import input_error
from fewshot.files import whole_file

_CHUNK_NUMBERS = 2**14  # 64 kB: rows are read one by one


def write_coordinates(coordinates, path, index_path):
    """Write coordinates, and an index with their digest.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32
    path, index_path : str or Path
        HDF5 and JSON files.
    """
    rows, numbers = coordinates.shape
    with whole_file(path) as partial, h5py.File(partial, "w", libver="latest") as file:
        chunk = (max(1, min(rows, _CHUNK_NUMBERS // max(numbers, 1))), numbers)
        file.create_dataset("coordinates", data=coordinates, chunks=chunk, fletcher32=True)
        file.attrs["complete"] = True
    digest = hashlib.sha256(np.ascontiguousarray(coordinates)).hexdigest()
    index = {"images": rows, "numbers": numbers, "sha256": digest}
    with whole_file(index_path) as partial:
        partial.write_text(json.dumps(index, indent=1))


def read_coordinates(path, index_path, rows):
    """Read the coordinates of some images.

    Parameters
    ----------
    path, index_path : str or Path
        As `write_coordinates` left them.
    rows : ndarray of shape (wanted,), int
        Ascending.

    Returns
    -------
    ndarray of shape (wanted, numbers), float32

    Raises
    ------
    InputError
        If the file is missing, damaged or not the one that the index describes.
    """
    index = json.loads(Path(index_path).read_text())
    try:
        with h5py.File(path, locking=False) as file:
            data = file["coordinates"]
            if file.attrs["complete"] and data.shape == (index["images"], index["numbers"]):
                return _read_rows(data, rows)
        found = f"{path}, not complete or of another shape than {index_path} says"
    except (OSError, KeyError) as error:
        found = f"{path} ({error})"
    raise input_error(
        "Coordinates must be whole", found, f"delete {index_path} and run again"
    ) from None


def _read_rows(data, rows):
    coordinates = np.empty((len(rows), data.shape[1]), np.float32)
    # Neighbours are read together: h5py's own list of rows is slower by far.
    starts = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
    for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
        first = rows[start]
        data.read_direct(coordinates, np.s_[first : first + stop - start], np.s_[start:stop])
    return coordinates
