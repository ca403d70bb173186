"""Which images are read, and which of them train and test in each repeat.

Every order is that of the SHA-256 of a seed and an image's own SHA-256. For the purpose of
drawing, these keys are independent and uniform over 2^256 values, so no two agree and each of
the m! orders of m images is equally likely: a fair permutation. Another seed or repeat gives
keys, and so an order, independent of the first. And as an image's key depends on nothing but
its content, no order moves when a file is renamed or listed elsewhere, or a class is added.
"""

import csv
import difflib
import hashlib

import numpy as np

from fewshot.errors import input_error
from fewshot.files import open_text, whole_file

_LISTED = 10  # classes named in an error
POOL_COLUMNS = ("row", "image", "class", "label", "sha256", "group")


def _key(*parts):
    return hashlib.sha256(":".join(map(str, parts)).encode()).digest()


def _by_class(manifest_rows):
    """Usable rows of each class, in the order of the class names.

    A copy of a picture of its own class is usable: no draw parts the two.
    """
    names = sorted({row["class"] for row in manifest_rows if row["class"]})
    usable = {name: [] for name in names}
    for row in manifest_rows:
        if row["group"]:
            usable[row["class"]].append(row)
    return usable


def _leave_out(usable, exclude):
    unknown = [name for name in exclude if name not in usable]
    if unknown:
        near = [difflib.get_close_matches(name, usable, 1, 0) for name in unknown]
        raise input_error(
            "Only classes of the dataset can be excluded",
            ", ".join(map(repr, unknown)),
            "did you mean " + ", ".join(repr(match[0]) for match in near if match) + "?",
        )
    return {name: rows for name, rows in usable.items() if name not in exclude}


def _check_classes(usable, images_per_class):
    if len(usable) < 2:
        raise input_error(
            "A task needs at least 2 classes",
            ", ".join(map(repr, usable)) or "none",
            "check datasets.<name>.source, classes and exclude",
        )
    short = [
        f"class {name!r} has {len(rows)} usable images"
        for name, rows in usable.items()
        if len(rows) < images_per_class
    ]
    if short:
        text = ", ".join(short[:_LISTED]) + (", ..." if len(short) > _LISTED else "")
        raise input_error(
            f"{text[0].upper()}{text[1:]}, but images_per_class asks for {images_per_class}",
            f"images_per_class={images_per_class}",
            "lower draws.images_per_class or add the class to datasets.<name>.exclude",
        )


def draw_pool(manifest_rows, images_per_class, exclude, seed):
    """Draw the images of a dataset that are read at all.

    Parameters
    ----------
    manifest_rows : list of dict
    images_per_class : int
    exclude : sequence of str
        Names of classes to leave out.
    seed : int

    Returns
    -------
    list of dict
        ``row``, ``image``, ``class``, ``label`` (index of the class among the sorted names),
        ``sha256`` and ``group`` (the same for copies of one picture): the first image of every class, then the second of every class, and so on. A
        larger `images_per_class` only appends.

    Raises
    ------
    InputError
        If an excluded class does not exist, fewer than 2 classes are left, or some have fewer
        than `images_per_class` usable images.
    """
    usable = _leave_out(_by_class(manifest_rows), exclude)
    _check_classes(usable, images_per_class)
    for rows in usable.values():
        # Copies come last: they are read where there are too few pictures without.
        rows.sort(key=lambda row: (row["status"] == "copy", _key(seed, row["sha256"])))
    drawn = [
        (label, rows[rank])
        for rank in range(images_per_class)
        for label, rows in enumerate(usable.values())
    ]
    return [
        {
            "row": row,
            "image": image["image"],
            "class": image["class"],
            "label": label,
            "sha256": image["sha256"],
            "group": image["group"],
        }
        for row, (label, image) in enumerate(drawn)
    ]


def draw_repeats(pool_rows, test_per_class, repeats, seed):
    """Draw test images and the order of training images, anew for each repeat.

    Parameters
    ----------
    pool_rows : list of dict
        From `draw_pool`, with the same number of images of each class.
    test_per_class : int
    repeats : int
    seed : int

    Returns
    -------
    ndarray of shape (images, repeats), int64
        0 for a test image, k >= 1 for the k-th training image of its class. k shots use the
        first k, so the draws of fewer shots are part of those of more. Copies of one picture are
        all test images or all training images.

    Raises
    ------
    InputError
        If the pool leaves no training image, or a class has so many copies that no whole groups
        of them add up to its test images.
    """
    classes = {}
    for row in pool_rows:
        classes.setdefault(row["label"], []).append(row)
    smallest = min(map(len, classes.values()))
    if smallest <= test_per_class:
        raise input_error(
            "A pool needs images to train on beside the test images of each class",
            f"images_per_class={smallest} and test_per_class={test_per_class}",
            "raise draws.images_per_class or lower draws.test_per_class",
        )
    draws = np.empty((len(pool_rows), repeats), dtype=np.int64)
    for repeat in range(repeats):
        for rows in classes.values():
            test, train = _part(rows, test_per_class, (seed, repeat))
            draws[[row["row"] for row in test], repeat] = 0
            draws[[row["row"] for row in train], repeat] = np.arange(1, len(train) + 1)
    return draws


def _part(rows, test_per_class, seeds):
    """Part the rows of a class in test and training images, in the order of their keys."""
    groups = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    test, train = [], []
    for group in sorted(groups, key=lambda group: _key(*seeds, group)):
        fits = len(test) + len(groups[group]) <= test_per_class
        (test if fits else train).extend(groups[group])
    if len(test) < test_per_class:
        raise input_error(
            f"Class {rows[0]['class']!r} has too many copies: no whole groups of them make "
            f"{test_per_class} test images",
            f"{len(rows)} images of {len(groups)} pictures",
            "add the class to datasets.<name>.exclude or remove copies",
        )
    return test, train


def test_rows(draw):
    """Rows of the pool that are tested on in a repeat.

    Parameters
    ----------
    draw : ndarray of shape (images,)
        A column of the draws.

    Returns
    -------
    ndarray of int64, ascending
    """
    return np.flatnonzero(draw == 0)


def training_rows(draw, shots):
    """Rows of the pool to train on in a repeat.

    Parameters
    ----------
    draw : ndarray of shape (images,)
        A column of the draws.
    shots : int
        Training images of each class.

    Returns
    -------
    ndarray of shape (shots * classes,), int64
        The first training image of every class by label, then the second, and so on: fewer
        shots are the first rows of more.

    Raises
    ------
    InputError
        If the pool has fewer training images of each class.
    """
    if shots > draw.max():
        raise input_error(
            f"The pool has {draw.max()} training images of each class",
            f"shots={shots}",
            "lower shots or raise draws.images_per_class",
        )
    rows = np.flatnonzero((draw >= 1) & (draw <= shots))
    # The pool deals out one image of every class in turn: row = rank * classes + label.
    classes = np.count_nonzero(draw == 1)
    return rows[np.lexsort((rows % classes, draw[rows]))]


def write_pool(rows, path):
    """Write a pool as CSV.

    Parameters
    ----------
    rows : list of dict
        From `draw_pool`.
    path : str or Path
    """
    with whole_file(path) as partial, open(partial, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, POOL_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def read_pool(path):
    """Read a pool.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    list of dict
        ``row`` and ``label`` as int, ``image``, ``class``, ``sha256`` and ``group`` as text.
    """
    return [
        {**row, "row": int(row["row"]), "label": int(row["label"])}
        for row in csv.DictReader(open_text(path))
    ]


def write_draws(labels, draws, path):
    """Write draws as CSV.

    Parameters
    ----------
    labels : sequence of int
        Label of each row of the pool.
    draws : ndarray of shape (images, repeats), int64
    path : str or Path
    """
    header = ["row", "label", *(f"repeat_{repeat}" for repeat in range(draws.shape[1]))]
    table = np.column_stack([np.arange(len(draws)), labels, draws])
    with whole_file(path) as partial:
        np.savetxt(partial, table, fmt="%d", delimiter=",", header=",".join(header), comments="")


def read_draws(path):
    """Read draws.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    labels : ndarray of shape (images,), int64
    draws : ndarray of shape (images, repeats), int64
        As `draw_repeats`.
    """
    table = np.loadtxt(open_text(path), dtype=np.int64, delimiter=",", skiprows=1, ndmin=2)
    return table[:, 1], table[:, 2:]
