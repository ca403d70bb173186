"""HDF5 files of the workflow: complete, with checksums over all they hold, or refused."""

from contextlib import ExitStack, contextmanager

import h5py

from fewshot.files import damaged, unread, whole_file

# From this version of the format on, headers and indices of chunks carry checksums too.
_FORMAT = "latest"
# What h5py raises on damaged bytes, by where they lie.
BROKEN = (OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, OverflowError)


@contextmanager
def whole_hdf5(path):
    """Write an HDF5 file, whole or not at all.

    When the block ends the file is marked complete, closed, read once, and put in its place.

    Parameters
    ----------
    path : str or Path

    Yields
    ------
    h5py.File
        For `add_dataset`.
    """
    with whole_file(path, digested=False) as partial:
        with h5py.File(partial, "w", libver=_FORMAT) as file:
            yield file
            file.attrs["complete"] = True
            names = [*file]
        with open_hdf5(partial, names) as datasets:
            for dataset in datasets:
                for chunk in dataset.iter_chunks():
                    read_rows(dataset, chunk)


def add_dataset(file, name, shape, dtype, chunks, compression=None):
    """Add a dataset whose chunks carry checksums.

    Parameters
    ----------
    file : h5py.File
        From `whole_hdf5`.
    name : str
    shape, chunks : tuple of int
        Of the dataset, and of a chunk at most.
    dtype : str or numpy.dtype
    compression : {"gzip"}, optional

    Returns
    -------
    h5py.Dataset
    """
    chunks = tuple(max(1, min(edges)) for edges in zip(chunks, shape, strict=True))
    filters = {"fletcher32": True, "compression": compression, "shuffle": bool(compression)}
    return file.create_dataset(name, shape, dtype, chunks=chunks, **filters)


@contextmanager
def open_hdf5(path, names, also=()):
    """Open an HDF5 file of the workflow for reading.

    Without a lock: published files never change, and locks fail on NFS and Lustre.

    Parameters
    ----------
    path : str or Path
    names : sequence of str
        Datasets wanted.
    also : sequence of str or Path, default ()
        What an error says to remove with the file.

    Yields
    ------
    list of h5py.Dataset
        In the order of the names.

    Raises
    ------
    InputError
        If the file is missing, unreadable, damaged, not complete or lacks one of the datasets.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(h5py.File(path, locking=False))
            datasets = [file[name] for name in names]
            is_complete = file.attrs["complete"]
        except BROKEN as error:
            raise unread(path, error, also) from None
        if not is_complete:
            raise damaged(path, f"{path} (not complete)", also)
        yield datasets


def read_rows(dataset, selection=..., also=()):
    """Read a part of a dataset.

    Parameters
    ----------
    dataset : h5py.Dataset
        From `open_hdf5`.
    selection : slice, tuple of slice or Ellipsis, default all
    also : sequence of str or Path, default ()
        What an error says to remove with the file.

    Returns
    -------
    ndarray

    Raises
    ------
    InputError
        If the dataset is unreadable or damaged there.
    """
    try:
        return dataset[selection]
    except BROKEN as error:
        raise unread(dataset.file.filename, error, also) from None
