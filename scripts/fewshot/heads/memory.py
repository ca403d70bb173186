"""How much memory the job of a head or a student takes, from how many images and classes there are."""

import json
from pathlib import Path

_UNKNOWN = 8000  # MB, before coordinates are there
_STEP = 1000  # MB: few different wishes, each of which Slurm is asked about
_PROGRAM = 150e6  # Python, NumPy and h5py
_SMALL = 4  # bytes of a float32
_EXACT = 8  # bytes of a float64
_UNREADABLE = (OSError, ValueError, LookupError, TypeError)
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
        images, numbers = _read_index(index_path)
    except _UNREADABLE:
        return _UNKNOWN  # a damaged file is told by the job itself
    classes = max(images // (most_shots + 1), 1)
    return _megabytes(head_bytes(images, numbers, classes, classes * shots))


def student_memory(index_path, teacher_index_path, most_shots):
    """Tell how much memory to ask for where students are taught.

    Parameters
    ----------
    index_path, teacher_index_path : str or Path
        Indices of the coordinates of the student's and the teacher's layer; they may not be there
        yet.
    most_shots : int
        See `head_memory`.

    Returns
    -------
    int
        MB.
    """
    try:
        (images, numbers), (_, spoken) = map(_read_index, (index_path, teacher_index_path))
    except _UNREADABLE:
        return _UNKNOWN
    classes = max(images // (most_shots + 1), 1)
    return _megabytes(student_bytes(images, numbers, spoken, classes))


def _read_index(path):
    index = json.loads(Path(path).read_text(encoding="utf-8"))
    return index["images"], index["numbers"]


def _megabytes(count):
    return -(-count // (_STEP * 10**6)) * _STEP


def student_bytes(images, numbers, spoken, classes):
    """Bound the memory of a student's job, whose teacher speaks of every image.

    Parameters
    ----------
    images, numbers : int
        Of the student's coordinates.
    spoken : int
        Numbers an image of the teacher's coordinates.
    classes : int

    Returns
    -------
    int
        Bytes.
    """
    # The teacher's coordinates; its logits, soft targets and their logarithms.
    teacher = _SMALL * images * (spoken + 4 * classes)
    return teacher + head_bytes(images, numbers, classes, images)


def head_bytes(images, numbers, classes, trained):
    """Bound the memory of a head's job.

    Parameters
    ----------
    images, numbers : int
        Of the coordinates.
    classes : int
    trained : int
        Images that it is trained on.

    Returns
    -------
    int
        Bytes.
    """
    side = min(trained, numbers)
    # Coordinates; training rows as they came, scaled, in their eigenbasis, and with the bias.
    rows = _SMALL * (images + 4 * trained) * numbers
    # Targets, one-hot and smoothed, and their logits; scores of all images.
    by_class = _SMALL * classes * (4 * trained + 2 * images)
    # The smaller product of the rows, its eigenvectors and what finding them takes.
    basis = _EXACT * 4 * side**2 + (_EXACT * trained * numbers if trained <= numbers else 0)
    return int(_PROGRAM + rows + by_class + basis + _SMALL * _PAIRS * side * classes)
