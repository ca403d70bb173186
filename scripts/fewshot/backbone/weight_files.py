"""Weights files from elsewhere: looked through before Keras opens them.

HDF5 files can refer to other files, declare sizes that they do not have, and be shared, filtered
and typed in ways that parsers stumble over. A weights file of Keras needs none of it: it is groups
of plain arrays of numbers, with text in attributes.
"""

import hashlib
import math
import os
import warnings
from pathlib import Path

import h5py
import numpy as np

from fewshot.errors import InputError, first_line, input_error
from fewshot.files import damaged, file_sha256
from fewshot.hdf5 import BROKEN

ENDINGS = (".h5", ".hdf5")
MAX_OBJECTS = 100_000  # the largest network of keras.applications has 3,000
MAX_DEPTH = 32  # groups in groups
# Texts of an attribute times bytes of the file that are in no array: what the texts can take in
# memory where they share those bytes. Of the networks of keras.applications NASNetLarge has 4e9.
MAX_TEXT_BYTES = 2**33
_NUMBERS = "fiub"  # kinds of numpy: float, signed, unsigned, bool


def check_weights_file(path):
    """Check that a file holds plain arrays of numbers and nothing else.

    Every array must lie in the file itself, in one piece and uncompressed, as Keras writes it: so
    what it takes in memory is what it takes in the file.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    InputError
        If the file is not HDF5 or is damaged, or has soft or external links, virtual or external
        arrays, arrays that are chunked, compressed, unwritten or of anything but numbers, or
        attributes of anything but numbers and text.
    """
    path = Path(path)
    if path.suffix not in ENDINGS:
        hint = "load it with Keras and save it with model.save_weights('name.weights.h5')"
        raise input_error("A weights file must end in .weights.h5 or .h5", path, hint)
    try:
        # The files of other people are not locked: they may lie where that fails.
        with h5py.File(path, "r", locking=False) as file:
            _check_objects(file, path)
    except InputError:
        raise
    except BROKEN as error:
        raise input_error(
            "A weights file must be a whole HDF5 file",
            f"{path} ({first_line(error)})",
            "get it again, and compare its size and digest with those of its publisher",
        ) from error


def _refusal(rule, name, path):
    return input_error(
        rule,
        f"{name[:300]!r} in {path}",
        "check where the file comes from; if you trust it, load it with Keras and save it with "
        "model.save_weights('name.weights.h5')",
    )


def _check_objects(file, path):
    """Go through all objects by their hard links, which alone are allowed."""
    seen, waiting, room = set(), [(file, "/", 0)], os.path.getsize(path)
    texts = _check_attributes(file, "/", path)
    while waiting:
        group, place, depth = waiting.pop()
        for key in group:
            name = f"{place}{key}"
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise _refusal("A weights file must have no soft or external links", name, path)
            entry = group[key]
            number = h5py.h5o.get_info(entry.id).addr
            if number in seen:
                raise _refusal("A weights file must hold everything once", name, path)
            seen.add(number)
            if len(seen) > MAX_OBJECTS or depth >= MAX_DEPTH:
                rule = f"A weights file holds at most {MAX_OBJECTS} objects, {MAX_DEPTH} deep"
                raise _refusal(rule, name, path)
            if isinstance(entry, h5py.Group):
                waiting.append((entry, f"{name}/", depth + 1))
            elif isinstance(entry, h5py.Dataset):
                room -= _check_array(entry, name, path)
            else:
                raise _refusal("A weights file must hold only groups and arrays", name, path)
            texts = max(texts, _check_attributes(entry, name, path))
    if room < 0 or texts * room > MAX_TEXT_BYTES:
        raise _refusal("Arrays and texts must not share their bytes in the file", "/", path)


def _check_array(array, name, path):
    """Check an array and return its bytes."""
    if array.external or array.is_virtual:
        raise _refusal("An array must lie in the weights file itself", name, path)
    if array.dtype.kind not in _NUMBERS:
        raise _refusal(f"An array must hold numbers, not {array.dtype}", name, path)
    layout = array.id.get_create_plist().get_layout()
    if array.shape is None or layout not in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT):
        raise _refusal("An array must lie in one piece, uncompressed", name, path)
    size = math.prod(array.shape) * array.dtype.itemsize
    if layout == h5py.h5d.COMPACT:
        is_there = array.id.get_storage_size() == size
    else:
        start = array.id.get_offset()
        is_there = size == 0 or (start is not None and start + size <= os.path.getsize(path))
    if not is_there:
        rule = f"An array of shape {array.shape} needs its {size} bytes in the file"
        raise _refusal(rule, name, path)
    return size


def _check_attributes(entry, name, path):
    """Check types, and return how many texts of variable length the longest attribute has."""
    texts = 0
    for key in entry.attrs:
        attribute = entry.attrs.get_id(key)
        text = h5py.check_string_dtype(attribute.dtype)
        if text is None and attribute.dtype.kind not in _NUMBERS:
            rule = f"An attribute must be text or numbers, not {attribute.dtype}"
            raise _refusal(rule, f"{name}.{key}", path)
        if text is not None and text.length is None:
            texts = max(texts, math.prod(attribute.shape or ()))
    return texts


def load_weights(model, path, sha256=None):
    """Load a weights file into a network, all of it or none.

    Parameters
    ----------
    model : keras.Model
    path : str
        A file of `keras.Model.save_weights` or one that keras.applications offers (".h5").
    sha256 : str, optional
        That the file must have.

    Raises
    ------
    InputError
        If the file is not a weights file, or not one of this network: see `check_weights_file`.
    """
    check_pinned(path, sha256)
    check_weights_file(path)
    try:
        with warnings.catch_warnings():
            # Keras only warns when it leaves layers at random.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(path)
    except (*BROKEN, UserWarning) as error:
        raise input_error(
            f"A weights file must fit its network, {model.name}",
            f"{path} ({first_line(error)})",
            "check network, weights and include_top of the backbone",
        ) from None


def check_pinned(path, sha256):
    """Check that a file has the digest that a study pins it to, if it does.

    Raises
    ------
    InputError
        If it has another.
    """
    if sha256 and (found := file_sha256(path)) != sha256:
        rule = f"{Path(path).name} must have the sha256 {sha256} of the study"
        raise input_error(rule, f"{found} of {path}", "correct sha256 of the backbone, or the file")


def weights_digest(model):
    """SHA-256 over names, shapes, types and values of all weights of a model, as 64 hex digits."""
    digest = hashlib.sha256()
    for variable in model.weights:
        value = np.ascontiguousarray(variable.numpy())
        if value.dtype.kind == "i":  # of which JAX's have 32 bits
            value = value.astype(np.int64)
        digest.update(f"{variable.path} {value.shape} {value.dtype}".encode())
        digest.update(value)
    return digest.hexdigest()


def load_described(model, path, digest):
    """Load the weights that the stage `weights` left, and check that they are still the same.

    Files of Keras have no checksum: one bit flipped on the disk would be a wrong number.

    Parameters
    ----------
    model : keras.Model
    path : str
    digest : str
        `weights_digest` of the network that was described.

    Raises
    ------
    InputError
        If the file is damaged or is another.
    """
    try:
        load_weights(model, path)
        found = weights_digest(model)
    except InputError as error:
        found = error
    if found != digest:
        raise damaged(path, f"{path}, changed or damaged since it was described ({found})")
