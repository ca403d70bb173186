"""Generated pictures with what must come of them: whoever loads a predictor tries these first.

So another decoder, a damaged network, or a library that computes otherwise is refused, and is not
a number that is silently wrong.
"""

from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fewshot.data.images import ImageError, read_image
from fewshot.errors import input_error
from fewshot.files import whole_file
from fewshot.predictor.folder import ANEW, CHECK
from fewshot.predictor.plain_archives import plain_archive

_ARRAYS = {"files": "uint8", "lengths": "int64", "pixels": "uint8", "probabilities": "float32"}
_MAX_FILES = 256
# Levels of 255. Inverse transforms of JPEG, and conversions of its colours, may round differently
# by one each (IEEE 1180); another interpolation, or colours in another order, move many by more.
_LEVELS = 2
# Logits that each err by d move a probability by at most d / 2 and its logarithm by 2 d: where
# probabilities may differ by t, logits may by 2 t and logarithms by 4 t. Rounding grows with the
# logits, so for a logarithm beyond 1 that is a part of it.
_LOGARITHMS = 4
_LEAST = 1e-30  # probabilities below are equal: near the end of float32 some devices round to 0
_DECODER_HINT = (
    "install the Pillow of requirements.txt; if that is installed, somebody changed predictor.json "
    f"or the folder fewshot: {ANEW}"
)
_MODEL_HINT = (
    "install the Keras and the TensorFlow or JAX of requirements.txt, and leave out what changes "
    f"how they compute; or {ANEW}"
)


class Check(NamedTuple):
    """Pictures and what a predictor must make of them.

    Attributes
    ----------
    files : list of bytes
        Encoded pictures.
    pixels : ndarray of shape (files, size, size, 3), uint8
        What the decoder must make of them.
    probabilities : ndarray of shape (files, classes), float32
        What the model must make of the pixels.
    """

    files: list
    pixels: np.ndarray
    probabilities: np.ndarray


def write_check(path, check):
    """Write a check, whole or not at all.

    Parameters
    ----------
    path : str or Path
        Ends in ".npz".
    check : Check
    """
    values = (
        np.frombuffer(b"".join(check.files), np.uint8),
        np.array([*map(len, check.files)], np.int64),
        np.ascontiguousarray(check.pixels, np.uint8),
        np.ascontiguousarray(check.probabilities, np.float32),
    )
    with whole_file(path, digested=False) as partial:
        np.savez(partial, **dict(zip(_ARRAYS, values, strict=True)))


def read_check(path):
    """Read a check, which may come from anyone.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Check

    Raises
    ------
    InputError
        If it is not a file of `write_check`.
    """
    with plain_archive(path, [f"{name}.npy" for name in _ARRAYS], ANEW) as archive:
        arrays = [_read_array(archive, name, kind) for name, kind in _ARRAYS.items()]
    files, lengths, pixels, probabilities = arrays
    if not _fit(*arrays):
        shapes = ", ".join(f"{n} {a.shape}" for n, a in zip(_ARRAYS, arrays, strict=True))
        rule = f"The arrays in {Path(path).name} must be of the same pictures"
        raise input_error(rule, f"{shapes} in {path}", ANEW)
    ends = accumulate(map(int, lengths), initial=0)
    return Check([files[a:b].tobytes() for a, b in pairwise(ends)], pixels, probabilities)


def _read_array(archive, name, kind):
    """Read an array of one type from bytes that are there: none is made for what a header says."""
    with archive.open(f"{name}.npy") as member:
        version = np.lib.format.read_magic(member)
        if version != (1, 0):
            raise ValueError(f"{name} of version {version}")
        shape, by_columns, dtype = np.lib.format.read_array_header_1_0(member)
        if by_columns or dtype != np.dtype(kind):
            raise ValueError(f"{name} of type {dtype}")
        return np.frombuffer(member.read(), dtype).reshape(shape)


def _fit(files, lengths, pixels, probabilities):
    count = len(lengths) if lengths.ndim == 1 else 0
    return (
        1 <= count <= _MAX_FILES
        and files.ndim == 1
        and (lengths > 0).all()
        and sum(map(int, lengths)) == len(files)
        and pixels.ndim == 4
        and pixels.shape == (count, pixels.shape[1], pixels.shape[1], 3)
        and probabilities.ndim == 2
        and len(probabilities) == count
        and bool(((probabilities >= 0) & (probabilities <= 1)).all())
    )


def check_decoder(check, framing):
    """Check that the pictures are decoded here to the pixels that they must have.

    Parameters
    ----------
    check : Check
    framing : Framing

    Raises
    ------
    InputError
        If one can't be decoded, or differs: another interpolation, colours in another order,
        another version of the decoder.
    """
    rule = f"Images must be decoded here as where the predictor was made ({CHECK})"
    for number, (file, pixels) in enumerate(zip(check.files, check.pixels, strict=True), start=1):
        received = f"picture {number} of {len(check.files)}"
        try:
            found = np.asarray(read_image(file, framing), np.int16)
        except ImageError as error:
            raise input_error(rule, f"{received}, {error}", _DECODER_HINT) from None
        if found.shape != pixels.shape:
            size = f"{len(found)} pixels wide instead of {len(pixels)}"
            raise input_error(rule, f"{received}, {size}", _DECODER_HINT)
        apart = int(abs(found - pixels).max())
        if apart > _LEVELS:
            found = f"{received}, {apart} of 255 levels apart where {_LEVELS} are allowed"
            raise input_error(rule, found, _DECODER_HINT)


def check_model(check, predict, tolerance, rule=None, hint=None):
    """Check that a model says of the pixels what it must say.

    Parameters
    ----------
    check : Check
    predict : callable
        Takes pixels of shape (n, size, size, 3), uint8; returns probabilities (n, classes).
    tolerance : float
        By which probabilities may differ.
    rule, hint : str, optional
        Of the error; by default those of a predictor's folder.

    Returns
    -------
    float
        The largest difference of a probability.

    Raises
    ------
    InputError
        If a probability or its logarithm differs by more, or is not finite: a network that is
        damaged, or that is computed otherwise.
    """
    rule = rule or f"The network must compute here what it did where it was made ({CHECK})"
    found, expected = np.asarray(predict(check.pixels)), check.probabilities
    if found.shape != expected.shape:
        shapes = f"{found.shape} numbers instead of {expected.shape}"
        raise input_error(rule, shapes, hint or ANEW)
    apart, logarithms = differences(found, expected)
    # NaN is within no bound.
    if not (apart <= tolerance and logarithms <= _LOGARITHMS * tolerance):
        raise input_error(
            rule,
            f"probabilities up to {apart:.2g} apart where {tolerance:.2g} are allowed, logarithms "
            f"up to {logarithms:.2g} of themselves where {_LOGARITHMS * tolerance:.2g} are",
            hint or _MODEL_HINT,
        )
    return apart


def differences(found, expected):
    """Tell how far apart probabilities are, and their logarithms.

    Where a network is sure of its class, the logarithms of the others tell what their
    probabilities, all of them almost 0, do not.

    Parameters
    ----------
    found, expected : ndarray of shape (images, classes)

    Returns
    -------
    tuple of (float, float)
        The largest difference of a probability, and of a logarithm; for logarithms of `expected`
        beyond 1 as a part of it. NaN where a number is not finite.

    Examples
    --------
    >>> apart, logarithms = differences(np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]]))
    >>> round(apart, 2), round(logarithms, 2)
    (0.25, 0.5)
    """
    found, expected = (np.asarray(each, np.float64) for each in (found, expected))
    logs = [np.log(np.maximum(each, _LEAST)) for each in (found, expected)]
    logarithms = abs(logs[0] - logs[1]) / np.maximum(1, abs(logs[1]))
    return float(abs(found - expected).max()), float(logarithms.max())
