"""Which images of a pool train and test in each repeat."""

from functools import partial
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from fewshot.data.copies import by_group
from fewshot.data.parting import (
    check_groups,
    part_counted,
    part_official,
    part_rest,
)
from fewshot.errors import input_error
from fewshot.files import open_text, whole_file
from fewshot.names import first_few

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
        """Number of test images of each repeat, ndarray of shape (repeats,)."""
        return (self.places == 0).sum(axis=0)

    @property
    def untested(self):
        """Number of training images that every class has in every repeat."""
        return int(_fewest(self.labels, self.places > 0).min())

    @property
    def most_untested(self):
        """Number of training images of the class that has most."""
        return int(self.places.max())

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
                f"Every class has {self.untested} training images in every repeat",
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


def draw_repeats(pool_rows, test, repeats, seed, *, shots=1, test_at_most=None):
    """Draw test images and the order of training images, anew for each repeat.

    Parameters
    ----------
    pool_rows : list of PoolRow
        From `draw_pool`. Classes may differ in size.
    test : int, "rest" or "official"
        Test images of each class; all that `shots` training images of each class leave; or those
        of the part test, with training images of the part train alone.
    repeats : int
    seed : int
    shots : int, default 1
        Training images that each class must have, and of "rest" has.
    test_at_most : int, optional
        Of "rest" the largest number of test images of a class.

    Returns
    -------
    Draws

    Raises
    ------
    InputError
        If a class has too few images to train and test on, or no whole groups of it add up to the
        test images that are asked for.
    """
    classes = {}
    for row in pool_rows:
        classes.setdefault(row.label, []).append(row)
    names = {label: rows[0].class_name for label, rows in classes.items()}
    classes = {label: by_group(rows) for label, rows in classes.items()}
    if test == "official":
        part = part_official
    elif test == "rest":
        part = partial(part_rest, shots=shots, most=test_at_most)
    else:
        check_groups(names, classes, test)
        part = partial(part_counted, wanted=test)
    places = np.full((len(pool_rows), repeats), -1)
    for repeat in range(repeats):
        parted = [part(groups, (seed, repeat)) for groups in classes.values()]
        _place(parted, places[:, repeat], shots if test == "rest" else None)
    numbers = {}
    groups = np.array([numbers.setdefault(row.group, len(numbers)) for row in pool_rows])
    draws = Draws(np.array([row.label for row in pool_rows]), groups, places)
    _check_draws(draws, names, shots)
    return draws


def _check_draws(draws, names, shots):
    """Check that every class has enough training images, and a test image, in every repeat."""
    trained, tested = (
        _fewest(draws.labels, mask) for mask in (draws.places > 0, draws.places == 0)
    )
    short = [
        f"class {names[label]!r} has {trained[label]} and {tested[label]}"
        for label in np.flatnonzero((trained < shots) | (tested < 1))
    ]
    if short:
        raise input_error(
            f"A class needs {shots} training images, and a test image of another group",
            first_few(short),
            "lower the shots, raise draws.images_per_class or draws.test_at_most, or add the class "
            "to datasets.<name>.exclude",
        )


def _fewest(labels, mask):
    """Count the rows of each class that are in the mask, in the repeat that has fewest."""
    classes = labels.max() + 1
    return np.min([np.bincount(labels[each], minlength=classes) for each in mask.T], axis=0)


def _place(parted, place, shots):
    """Write which images are tested, and which is the k-th training image of its class.

    Parameters
    ----------
    parted : list of (list of list of PoolRow, list of list of PoolRow)
        Groups of each class to test and to train on.
    place : ndarray of shape (images,)
        Written to.
    shots : int or None
        The rest is tested, beside so many training images of each class, if that is given. Then a
        group that several classes share is trained on, else it is tested.
    """
    tests = [row for test, _ in parted for rows in test for row in rows]
    if shots is not None:
        trained = {rows[0].group for _, train in parted for rows in train}
        tests = [row for row in tests if row.group not in trained]
    place[[row.row for row in tests]] = 0
    tested = {row.group for row in tests}
    for _, train in parted:
        # The first image of every group comes before the second of any: few shots see no copies.
        rounds = zip_longest(*(rows for rows in train if rows[0].group not in tested))
        order = [row.row for images in rounds for row in images if row is not None][:shots]
        place[order] = np.arange(1, len(order) + 1)


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
