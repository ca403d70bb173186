"""Coordinates on disk: an HDF5 file and the small index that Snakemake watches."""

import hashlib

import numpy as np

from fewshot.files import damaged, read_json, write_json
from fewshot.hdf5 import add_dataset, open_hdf5, read_rows, whole_hdf5

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
    digest = hashlib.sha256(np.ascontiguousarray(coordinates)).hexdigest()
    with whole_hdf5(path) as file:
        chunk = (_CHUNK_NUMBERS // max(numbers, 1), numbers)
        add_dataset(file, "coordinates", coordinates.shape, np.float32, chunk)[:] = coordinates
        file.attrs["sha256"] = digest
    index = {"images": rows, "numbers": numbers, "sha256": digest}
    write_json(index_path, index)


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
    index = read_json(index_path)
    with open_hdf5(path, ["coordinates"]) as (data,):
        described = (index["images"], index["numbers"], index["sha256"])
        if (*data.shape, data.file.attrs.get("sha256")) != described:
            raise damaged(path, f"{path}, not the one that {index_path} describes")
        coordinates = np.empty((len(rows), index["numbers"]), np.float32)
        # Neighbours are read together: h5py's own list of rows is slower by far.
        starts = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
        for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
            first = rows[start]
            coordinates[start:stop] = read_rows(data, np.s_[first : first + stop - start])
    return coordinates
