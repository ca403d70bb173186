"""Weights of trained heads on disk."""

import h5py
import numpy as np

from fewshot.errors import input_error
from fewshot.files import whole_file


def write_fitted(path, names, repeats):
    """Write what every repeat has fitted as HDF5, whole or not at all.

    Parameters
    ----------
    path : str or Path
    names : sequence of str
        Of the datasets.
    repeats : list of sequence of ndarray
        For each repeat its arrays, in the order of the names.
    """
    with whole_file(path) as partial, h5py.File(partial, "w", libver="latest") as file:
        for name, arrays in zip(names, zip(*repeats, strict=True), strict=True):
            data = np.stack(arrays)  # (repeats, ...)
            file.create_dataset(name, data=data, chunks=(1, *data.shape[1:]), fletcher32=True)
        file.attrs["complete"] = True


def read_head(path):
    """Read a trained head.

    Parameters
    ----------
    path : str or Path
        HDF5 file of the stage `train_head`.

    Returns
    -------
    list of tuple of ndarray
        For each repeat its training rows (n,), int, with coefficients (n, classes) and bias
        (classes,), float32: see `fewshot.heads.train`.

    Raises
    ------
    InputError
        If the file is missing, damaged or not complete.
    """
    try:
        with h5py.File(path, locking=False) as file:
            if file.attrs["complete"]:
                parts = [file[name][:] for name in ("rows", "coefficients", "bias")]
                return list(zip(*parts, strict=True))
        found = f"{path}, not complete"
    except (OSError, KeyError) as error:
        found = f"{path} ({error})"
    raise input_error("A trained head must be whole", found, "delete the file and run again")
