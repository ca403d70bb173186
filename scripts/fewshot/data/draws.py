"""Which images of a pool train and test in each repeat.

Every order is that of the SHA-256 of a seed and an image's own SHA-256. For the purpose of
drawing, these keys are independent and uniform over 2^256 values, so no two agree and each of
the m! orders of m images is equally likely: a fair permutation. Another seed or repeat gives
keys, and so an order, independent of the first. And as an image's key depends on nothing but
its content, no order moves when a file is renamed or listed elsewhere, or a class is added.
"""

import hashlib
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from fewshot.data.copies import by_group
from fewshot.errors import input_error
from fewshot.files import open_text, whole_file

_LISTED = 10  # classes named in an error
TRAINED, UNUSED, TEST = range(3)  # what an image is to a head


class Draws(NamedTuple):
    """Which images of a pool train and test in each repeat.

    Attributes
    ----------
    labels : ndarray of shape (images,), int64
        Label of each row of the pool.
    groups : ndarray of shape (images,), int64
        Group of each row, counted in the order in which they come: copies of one picture, and
        whatever else must not be parted, have the same.
    places : ndarray of shape (images, repeats), int64
        0 for a test image, k >= 1 for the k-th training image of its class, -1 for one that is
        neither. k shots use the first k, so the draws of fewer shots are part of those of more.
        A group is tested on or trained on, never both.
    """

    labels: np.ndarray
    groups: np.ndarray
    places: np.ndarray

    @property
    def classes(self):
        """Number of classes."""
        return int(self.labels.max()) + 1  # a pool has images of every class

    @property
    def repeats(self):
        """Number of repeats."""
        return self.places.shape[1]

    @property
    def tested(self):
        """Number of test images of a repeat."""
        return len(self.test_rows(0))

    @property
    def untested(self):
        """Number of images a class that are not tested on, in the class that has fewest."""
        rows = np.flatnonzero(self.places[:, 0] > 0)
        return int(np.bincount(self.labels[rows], minlength=self.classes).min())

    def first(self, repeats):
        """Give the draws of the first repeats alone, or of all for None."""
        return self._replace(places=self.places[:, :repeats])

    def test_rows(self, repeat):
        """Rows of the pool that are tested on in a repeat.

        Parameters
        ----------
        repeat : int

        Returns
        -------
        ndarray of int64, ascending
        """
        return np.flatnonzero(self.places[:, repeat] == 0)

    def roles(self, repeat, trained):
        """Say what each image of the pool is to a head of a repeat.

        Parameters
        ----------
        repeat : int
        trained : ndarray of int
            Rows that the head was trained on.

        Returns
        -------
        ndarray of shape (images,), int8
            `TRAINED` for these and all of their groups, else `TEST` or `UNUSED`.
        """
        known = np.isin(self.groups, self.groups[trained])
        is_test = self.places[:, repeat] == 0
        return np.select([known, is_test], [TRAINED, TEST], UNUSED).astype(np.int8)

    def training_rows(self, repeat, shots):
        """Rows of the pool to train on in a repeat.

        Parameters
        ----------
        repeat : int
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
            If a class has fewer training images.
        """
        if shots > self.untested:
            raise input_error(
                f"The pool has {self.untested} training images of each class",
                f"shots={shots}",
                "lower shots or raise draws.images_per_class",
            )
        place = self.places[:, repeat]
        rows = np.flatnonzero((place >= 1) & (place <= shots))
        return rows[np.lexsort((self.labels[rows], place[rows]))]

    def parts(self, shots):
        """Give for each repeat its `training_rows` and its `test_rows`."""
        return [
            (self.training_rows(repeat, shots), self.test_rows(repeat))
            for repeat in range(self.repeats)
        ]


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
    pool_rows : list of PoolRow
        From `draw_pool`, with the same number of images of each class.
    test_per_class : int
    repeats : int
    seed : int

    Returns
    -------
    Draws

    Raises
    ------
    InputError
        If the pool leaves no training image, or no whole groups of copies of a class add up to its
        test images.
    """
    classes = {}
    for row in pool_rows:
        classes.setdefault(row.label, []).append(row)
    smallest = min(map(len, classes.values()))
    if smallest <= test_per_class:
        raise input_error(
            "A pool needs images to train on beside the test images of each class",
            f"images_per_class={smallest} and test_per_class={test_per_class}",
            "raise draws.images_per_class or lower draws.test_per_class",
        )
    groups = {label: by_group(rows) for label, rows in classes.items()}
    _check_groups(classes, groups, test_per_class)
    places = np.zeros((len(pool_rows), repeats), dtype=np.int64)
    for repeat in range(repeats):
        for each in groups.values():
            train = _training_order(each, test_per_class, (seed, repeat))
            places[[row.row for row in train], repeat] = np.arange(1, len(train) + 1)
    numbers = {}
    groups = np.array([numbers.setdefault(row.group, len(numbers)) for row in pool_rows])
    return Draws(np.array([row.label for row in pool_rows]), groups, places)


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
        f"class {classes[label][0].class_name!r} has groups of "
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


def _training_order(groups, test_per_class, seeds):
    """Order the training images of a class, which are those that its test images leave.

    Groups come in the order of their keys. A group is tested on if there is room for it and those after it can fill what is left.
    """
    order = sorted(groups, key=lambda group: order_key(*seeds, group))
    after = [1]  # sums of the groups from the last on
    for group in reversed(order):
        after.append(after[-1] | after[-1] << len(groups[group]))
    train, room = [], test_per_class
    for place, group in enumerate(order, 1):
        left = room - len(groups[group])
        if left >= 0 and after[len(order) - place] >> left & 1:
            room = left
        else:
            train.append(groups[group])
    # The first image of every group comes before the second of any: few shots see no copies.
    rounds = zip_longest(*train)
    return [row for images in rounds for row in images if row is not None]


def write_draws(draws, path):
    """Write draws as CSV.

    Parameters
    ----------
    draws : Draws
    path : str or Path
    """
    header = ["row", "label", "group", *(f"repeat_{repeat}" for repeat in range(draws.repeats))]
    table = np.column_stack([np.arange(len(draws.labels)), *draws])
    with whole_file(path) as partial:
        np.savetxt(partial, table, fmt="%d", delimiter=",", header=",".join(header), comments="")


def read_draws(path):
    """Read draws.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Draws
    """
    table = np.loadtxt(open_text(path), dtype=np.int64, delimiter=",", skiprows=1, ndmin=2)
    return Draws(table[:, 1], table[:, 2], table[:, 3:])
