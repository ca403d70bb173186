"""Files of the safetensors format: looked through before its library opens them.

Eight bytes say how long the header is, the header of JSON says of each tensor its type, its shape
and which bytes after the header are its own.
"""

import contextlib
import itertools
import math
import os
import re

import numpy as np

from fewshot.errors import input_error
from fewshot.foreign_json import check_own_file, parse_foreign_json, read_foreign_json

TENSORS, INDEX = "model.safetensors", "model.safetensors.index.json"
_BYTES = {
    **{"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1},
    **{"U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1},
}
_FLOATS = ("F64", "F32", "F16", "BF16")
_MAX_HEADER = 2**24  # bytes; of a network of 2,000 tensors it has 2e5
_MAX_RANK = 8
_SHARD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors")


@contextlib.contextmanager
def open_tensors(folder):
    """Open the weights of a folder in Hugging Face's format.

    Parameters
    ----------
    folder : Path
        With model.safetensors, or with model.safetensors.index.json and the files that it names.

    Yields
    ------
    dict of str to callable
        For each tensor of floating numbers a function that reads it: numpy.ndarray of float32.

    Raises
    ------
    InputError
        If a file is missing, lies elsewhere, or is not what its header says.
    """
    from safetensors import SafetensorError, safe_open

    readers = {}
    with contextlib.ExitStack() as stack:
        for path, wanted in _files(folder).items():
            floats = check_tensors_file(path)
            if missing := set(wanted or ()) - {*floats}:
                raise _refused(path, f"no tensor {min(missing)!r:.100}")
            try:
                file = stack.enter_context(safe_open(path, framework="np"))
            except (SafetensorError, OSError) as error:
                raise _refused(path, error) from None
            readers |= {name: _reader(file, name) for name in wanted or floats}
        yield readers


def _reader(file, name):
    return lambda: file.get_tensor(name).astype(np.float32)


def _files(folder):
    """Map the files of a folder to the names of their tensors; None stands for all."""
    index = folder / INDEX
    if not index.exists():
        return {folder / TENSORS: None}
    weight_map = read_foreign_json(index).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise _refused(index, "no weight_map")
    files = {}
    for name, shard in weight_map.items():
        if not isinstance(shard, str) or not _SHARD.fullmatch(shard):
            raise _refused(index, f"a file called {shard!r:.100}")
        files.setdefault(folder / shard, []).append(name)
    return files


def check_tensors_file(path):
    """Check that the tensors of a file lie in it, one after the other, as its header says.

    Parameters
    ----------
    path : Path

    Returns
    -------
    set of str
        Names of the tensors of floating numbers.

    Raises
    ------
    InputError
    """
    check_own_file(path)
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(_MAX_HEADER, size - 8):
            raise _refused(path, f"{size} bytes, of which {length} should be its header")
        header = parse_foreign_json(file.read(length), path)
    header.pop("__metadata__", None)
    spans = sorted(_span(name, entry, path) for name, entry in header.items())
    edges = [0, *itertools.chain.from_iterable(spans), size - 8 - length]
    # Each begins where the one before ends, the first at the beginning, and the last ends the file.
    if any(end != begin for end, begin in zip(edges[::2], edges[1::2], strict=True)):
        raise _refused(path, "tensors that overlap, leave gaps or go on behind the end")
    return {name for name, entry in header.items() if entry["dtype"] in _FLOATS}


def _span(name, entry, path):
    """Return where a tensor begins and ends."""
    entry = entry if isinstance(entry, dict) else {}
    shape, span, kind = (entry.get(key) for key in ("shape", "data_offsets", "dtype"))
    if not isinstance(kind, str) or kind not in _BYTES:
        raise _refused(path, f"{name!r:.100} of dtype {kind!r:.100}")
    if not _are_counts(shape) or len(shape) > _MAX_RANK or not _are_counts(span) or len(span) != 2:
        raise _refused(path, f"{name!r:.100} of shape {shape!r:.100} at {span!r:.100}")
    if span[1] - span[0] != math.prod(shape) * _BYTES[kind]:
        raise _refused(path, f"{name!r:.100} of shape {shape!r:.100} in {span[1] - span[0]} bytes")
    return tuple(span)


def _are_counts(values):
    return isinstance(values, list) and all(type(v) is int and 0 <= v < 2**63 for v in values)


def _refused(path, found):
    return input_error(
        "A file of safetensors must hold whole tensors and nothing else",
        f"{path} ({found})",
        "get it again, and compare its size and digest with those of its publisher",
    )
