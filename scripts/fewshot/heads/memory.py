"""How much memory the job of a head takes, from how many images and classes there are."""

import json
from pathlib import Path

_UNKNOWN = 8000  # MB, before coordinates are there
_STEP = 1000  # MB: few different wishes, each of which Slurm is asked about
_PROGRAM = 150e6  # Python, NumPy and h5py
_SMALL = 4  # bytes of a float32
_EXACT = 8  # bytes of a float64
_PAIRS = 26  # arrays of weights: ten pairs of L-BFGS, and those at work


def head_memory(index_path, shots, most_shots):
    """Tell how much memory to ask for where a head is trained.

    Every class has an image to test on beside its `most_shots`, so there are at most
    images / (most_shots + 1) classes.

    Parameters
    ----------
    index_path : str or Path
        Index of the coordinates; it may not be there yet.
    shots, most_shots : int
        Training images of each class, of the head and of all heads on the dataset.

    Returns
    -------
    int
        MB.
    """
    try:
        index = json.loads(Path(index_path).read_text(encoding="utf-8"))
        images, numbers = index["images"], index["numbers"]
    except (OSError, ValueError, LookupError, TypeError):
        return _UNKNOWN  # a damaged file is told by the job itself
    classes = max(images // (most_shots + 1), 1)
    return -(-head_bytes(images, numbers, classes, shots) // (_STEP * 10**6)) * _STEP


def head_bytes(images, numbers, classes, shots):
    """Bound the memory of a head's job.

    Parameters
    ----------
    images, numbers : int
        Of the coordinates.
    classes, shots : int

    Returns
    -------
    int
        Bytes.
    """
    trained = classes * shots
    side = min(trained, numbers)
    # Coordinates; training rows as they came, scaled, in their eigenbasis, and with the bias.
    rows = _SMALL * (images + 4 * trained) * numbers
    # Targets, one-hot and smoothed, and their logits; scores of all images.
    by_class = _SMALL * classes * (4 * trained + 2 * images)
    # The smaller product of the rows, its eigenvectors and what finding them takes.
    basis = _EXACT * 4 * side**2 + (_EXACT * trained * numbers if trained <= numbers else 0)
    return int(_PROGRAM + rows + by_class + basis + _SMALL * _PAIRS * side * classes)
