"""Weights of trained heads on disk."""

import h5py
import numpy as np

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
