"""Ways to part the images of a class into those to test and those to train on.

Every order is that of the SHA-256 of a seed and an image's own SHA-256. For the purpose of
drawing, these keys are independent and uniform over 2^256 values, so no two agree and each of
the m! orders of m images is equally likely: a fair permutation. Another seed or repeat gives
keys, and so an order, independent of the first. And as an image's key depends on nothing but
its content, no order moves when a file is renamed or listed elsewhere, or a class is added.
"""

import hashlib

from fewshot.errors import input_error
from fewshot.names import first_few

TRAIN, TEST = "train", "test"  # parts of an official split


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


def part_counted(groups, seeds, wanted):
    """Part a class in so many test images and the others.

    A group is tested on if there is room for it and those after it can fill what is left.

    Parameters
    ----------
    groups : dict of str to list of PoolRow
        The images of a class: see `fewshot.data.copies.by_group`.
    seeds : tuple
        What names the order of the groups: see `order_key`.
    wanted : int
        Test images, which whole groups can make: see `check_groups`.

    Returns
    -------
    test, train : list of list of PoolRow
        Groups, in their order.
    """
    order = _in_order(groups, seeds)
    after = [1]  # sums of the groups from the last on
    for rows in reversed(order):
        after.append((after[-1] | after[-1] << len(rows)) & (1 << wanted + 1) - 1)
    test, train, room = [], [], wanted
    for place, rows in enumerate(order, 1):
        left = room - len(rows)
        if left >= 0 and after[len(order) - place] >> left & 1:
            test.append(rows)
            room = left
        else:
            train.append(rows)
    return test, train


def part_rest(groups, seeds, shots, most):
    """Part a class in as many groups as there are shots, and the rest to be tested.

    Groups are whole, and one image of each is enough. Where there are no more groups than shots,
    one is tested that leaves enough images to train on, if there is such a group.

    Parameters
    ----------
    groups, seeds
        See `part_counted`.
    shots : int
        Training images that are wanted.
    most : int or None
        Test images at most: groups for which there is no more room are on neither side.

    Returns
    -------
    test, train : list of list of PoolRow
    """
    order = _in_order(groups, seeds)
    images = sum(map(len, order))
    spare = order[-1]
    if len(order) <= shots:
        spare = next((rows for rows in reversed(order) if images - len(rows) >= shots), spare)
    train = [rows for rows in order if rows is not spare][:shots]
    test, room = [], images if most is None else most
    for rows in order[shots:] or [spare]:
        if len(rows) <= room:
            test.append(rows)
            room -= len(rows)
    return test, train


def part_official(groups, seeds):
    """Part a class as an official split does; what is in neither of its parts is on neither side.

    Parameters
    ----------
    groups, seeds
        See `part_counted`.

    Returns
    -------
    test, train : list of list of PoolRow
    """
    order = _in_order(groups, seeds)
    sides = (
        [[row for row in rows if row.part == part] for rows in order] for part in (TEST, TRAIN)
    )
    return tuple([rows for rows in side if rows] for side in sides)


def _in_order(groups, seeds):
    return [groups[group] for group in sorted(groups, key=lambda group: order_key(*seeds, group))]


def check_groups(names, classes, wanted):
    """Check that whole groups of each class can make its test images, with some left to train on.

    Parameters
    ----------
    names : dict of int to str
        Name of each class by its label.
    classes : dict of int to dict of str to list of PoolRow
        Groups of each class.
    wanted : int
        Test images of each class.

    Raises
    ------
    InputError
        If not.
    """
    sizes = {label: [len(rows) for rows in groups.values()] for label, groups in classes.items()}
    smallest = min(map(sum, sizes.values()))
    if smallest <= wanted:
        raise input_error(
            "A pool needs images to train on beside the test images of each class",
            f"images_per_class={smallest} and test={wanted}",
            "raise draws.images_per_class or lower draws.test",
        )
    short = [
        f"class {names[label]!r} has groups of "
        + first_few([*map(str, sorted(each, reverse=True))])
        for label, each in sizes.items()
        if not _sums(each, wanted) >> wanted & 1
    ]
    if short:
        raise input_error(
            f"Whole groups must make {wanted} test images of each class",
            f"{first_few(short)} images",
            "take another draws.test, lower draws.images_per_class, for copies come last, remove "
            "copies, or add the class to datasets.<name>.exclude",
        )


def _sums(sizes, most):
    """Sums up to `most` that some of the sizes make, as bits of a number: bit s for the sum s."""
    sums = 1
    for size in sizes:
        sums = (sums | sums << size) & (1 << most + 1) - 1
    return sums
