"""Which images of a pool train and test in each repeat.

Every order is that of the SHA-256 of a seed and an image's own SHA-256. For the purpose of
drawing, these keys are independent and uniform over 2^256 values, so no two agree and each of
the m! orders of m images is equally likely: a fair permutation. Another seed or repeat gives
keys, and so an order, independent of the first. And as an image's key depends on nothing but
its content, no order moves when a file is renamed or listed elsewhere, or a class is added.
"""

import hashlib
from itertools import zip_longest

import numpy as np

from fewshot.data.copies import by_group
from fewshot.errors import input_error
from fewshot.files import open_text, whole_file

_LISTED = 10  # classes named in an error


def order_key(*parts):
    """Give the place of something in a random order: see above.

    Parameters
    ----------
    *parts
        The seed and what names the order, then the digest of what is put in order.

    Returns
    -------
    bytes
    """
    return hashlib.sha256(":".join(map(str, parts)).encode()).digest()


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
        If the pool leaves no training image, or no whole groups of copies of a class add up to its
        test images.
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
    groups = {label: by_group(rows) for label, rows in classes.items()}
    _check_groups(classes, groups, test_per_class)
    draws = np.empty((len(pool_rows), repeats), dtype=np.int64)
    for repeat in range(repeats):
        for each in groups.values():
            test, train = _part(each, test_per_class, (seed, repeat))
            draws[[row["row"] for row in test], repeat] = 0
            draws[[row["row"] for row in train], repeat] = np.arange(1, len(train) + 1)
    return draws


def _sums(sizes):
    """Sums that some of the sizes make, as the bits of a number: bit s where they make s."""
    sums = 1
    for size in sizes:
        sums |= sums << size
    return sums


def _check_groups(classes, groups, test_per_class):
    """Check that whole groups of each class can make its test images."""
    sizes = {label: [len(rows) for rows in each.values()] for label, each in groups.items()}
    short = [
        f"class {classes[label][0]['class']!r} has groups of "
        + ", ".join(map(str, sorted(each, reverse=True)[:_LISTED]))
        for label, each in sizes.items()
        if not _sums(each) >> test_per_class & 1
    ]
    if short:
        text = ", ".join(short[:_LISTED]) + (", ..." if len(short) > _LISTED else "")
        raise input_error(
            f"Whole groups of copies must make {test_per_class} test images of each class",
            f"{text} images",
            "lower draws.images_per_class, for copies come last, remove copies, or add the class "
            "to datasets.<name>.exclude",
        )


def _part(groups, test_per_class, seeds):
    """Part a class in test and training images, in the order of its groups' keys.

    A group is tested on if there is room for it and those after it can fill what is left.
    """
    order = sorted(groups, key=lambda group: order_key(*seeds, group))
    after = [1]  # sums of the groups from the last on
    for group in reversed(order):
        after.append(after[-1] | after[-1] << len(groups[group]))
    test, train, room = [], [], test_per_class
    for place, group in enumerate(order, 1):
        left = room - len(groups[group])
        if left >= 0 and after[len(order) - place] >> left & 1:
            test.extend(groups[group])
            room = left
        else:
            train.append(groups[group])
    # The first image of every group comes before the second of any: few shots see no copies.
    rounds = zip_longest(*train)
    return test, [row for images in rounds for row in images if row is not None]


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
