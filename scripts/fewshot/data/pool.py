"""The pool: which images of a dataset are read at all, in the order in which they are taken."""

from itertools import zip_longest
from typing import NamedTuple

from fewshot.data.copies import by_group, first_of
from fewshot.data.parting import TEST, TRAIN, order_key
from fewshot.errors import input_error
from fewshot.names import first_few

_DISPUTED = "whose copies have another label"


class PoolRow(NamedTuple):
    """An image of the pool.

    Attributes
    ----------
    row : int
        Its place in the pool.
    image : str
        Its path below the dataset's root.
    class_name : str
    label : int
        Index of its class among the sorted names of those in the pool.
    sha256 : str
        Of the file.
    group : str
        The same for images that no draw may part.
    part : {"train", "val", "test", ""}
        Of an official split.
    """

    row: int
    image: str
    class_name: str
    label: int
    sha256: str
    group: str
    part: str = ""


def _leave_out(manifest_rows, exclude):
    """Sort the images that have a group by class, in the order of the class names."""
    names = sorted({row.class_name for row in manifest_rows if row.class_name})
    classes = {name: [] for name in names if name not in exclude}
    for row in manifest_rows:
        if row.group and row.class_name in classes:
            classes[row.class_name].append(row)
    return classes


def _undisputed(classes):
    """Leave out the pictures that several of the classes have.

    A copy of a picture of its own class is usable: no draw parts the two. A picture under several
    labels is not, for nobody knows which is right; where all but one of its classes are excluded,
    that one has it. What shares a group for other reasons may have several labels.
    """
    labels = {}
    for name, rows in classes.items():
        for row in rows:
            if row.status == "disputed":
                labels.setdefault(row.group, set()).add(name)
    return {
        name: [row for row in rows if row.status != "disputed" or len(labels[row.group]) == 1]
        for name, rows in classes.items()
    }


def _copies(rows):
    """Images of a class that are copies, or are now that the other classes of theirs are excluded."""
    disputed = by_group(row for row in rows if row.status == "disputed")
    firsts = {first_of(members).image for members in disputed.values()}
    return {
        row.image
        for row in rows
        if row.status == "copy" or (row.status == "disputed" and row.image not in firsts)
    }


def _official(classes):
    """Sort images into those to train on and the test part of an official split.

    A group that is tested is not trained on; what is in neither part is not used.
    """
    every = [row for rows in classes.values() for row in rows]
    parts = {row.part for row in every}
    if not {TRAIN, TEST} <= parts:
        raise input_error(
            "An official split has images of the parts train and test",
            ", ".join(sorted(parts - {""})) or "images of no part",
            "say where parts are written (datasets.<name>.parts, or part or splits of its classes), "
            "or set draws.test otherwise",
        )
    tested = {row.group for row in every if row.part == TEST}
    tests = {name: [row for row in rows if row.part == TEST] for name, rows in classes.items()}
    training = {
        name: [row for row in rows if row.part == TRAIN and row.group not in tested]
        for name, rows in classes.items()
    }
    return training, tests


def _check_classes(usable, small, images_per_class, least):
    """Check that no class lacks images, as the texts in `small` say, and that there are two."""
    if small:
        text = first_few(small)
        asks = "images_per_class asks" if images_per_class == least else "shots and test images ask"
        raise input_error(
            f"{text[0].upper()}{text[1:]}, but {asks} for {least}",
            f"images_per_class={images_per_class}",
            "lower draws.images_per_class or the shots, set draws.skip_small_classes, or add the "
            "class to datasets.<name>.exclude"
            + any(_DISPUTED in each for each in small)
            * "; of classes that share pictures exclude all but one",
        )
    if len(usable) < 2:
        raise input_error(
            "A task needs at least 2 classes",
            ", ".join(map(repr, usable)) or "none",
            "check source, classes and exclude of datasets.<name>, and draws.skip_small_classes",
        )


def _count(name, found, usable, tests):
    """Say how many images a class has."""
    text = f"class {name!r} has {len(usable)} usable images"
    if tests is not None:
        return f"{text} to train on and {len(tests)} to test on"
    disputed = len(found) - len(usable)
    return text + (f" beside {disputed} {_DISPUTED}" if disputed else "")


def _ordered(rows, seed):
    """Put images of a class in random order; copies of others come last."""
    copies = _copies(rows)
    return sorted(rows, key=lambda row: (row.image in copies, order_key(seed, row.sha256)))


def _in_turn(classes):
    """List the first image of every class with its label, then the second, and so on."""
    ranks = zip_longest(*([(label, row) for row in rows] for label, rows in enumerate(classes)))
    return [image for rank in ranks for image in rank if image]


def draw_pool(
    manifest_rows, images_per_class, exclude, seed, *, least=1, official=False, skip_small=False
):
    """Draw the images of a dataset that are read at all.

    Parameters
    ----------
    manifest_rows : list of ManifestRow
    images_per_class : int or "all"
        All takes every image that can be used.
    exclude : sequence of str
        Names of classes to leave out.
    seed : int
    least : int, default 1
        Images that a class must have where all are taken.
    official : bool, default False
        Whether the images asked for are of the part train alone, and all those of the part test
        are read beside them.
    skip_small : bool, default False
        Whether a class that has too few images is left out.

    Returns
    -------
    list of PoolRow
        The first image of every class, then the second of every class that has one, and so on; of
        an official split those of the part test come before. A larger `images_per_class` only
        appends.

    Raises
    ------
    InputError
        If fewer than 2 classes are left, some have too few usable images, or there is no official
        split.
    """
    count = None if images_per_class == "all" else images_per_class
    classes = _leave_out(manifest_rows, exclude)
    usable = _undisputed(classes)
    usable, tests = _official(usable) if official else (usable, {})
    least = count or least
    small = [
        name for name, rows in usable.items() if len(rows) < least or (official and not tests[name])
    ]
    if skip_small:
        usable = {name: rows for name, rows in usable.items() if name not in small}
        small = []
    texts = [_count(name, classes[name], usable[name], tests.get(name)) for name in small]
    _check_classes(usable, texts, images_per_class, least)
    parts = [[_ordered(tests.get(name, ()), seed) for name in usable]]
    parts.append([_ordered(rows, seed)[:count] for rows in usable.values()])
    names = list(usable)
    drawn = [image for part in parts for image in _in_turn(part)]
    return [
        PoolRow(
            *(row, image.image, names[label], label),
            *(image.sha256, image.group, image.part),
        )
        for row, (label, image) in enumerate(drawn)
    ]


def class_names(pool_rows):
    """Names of the classes of a pool, by label.

    Parameters
    ----------
    pool_rows : list of PoolRow

    Returns
    -------
    list of str
    """
    return sorted({row.class_name for row in pool_rows})


def skipped_classes(manifest_rows, pool_rows, exclude):
    """Name the classes that are not in the pool though nobody excluded them.

    Parameters
    ----------
    manifest_rows : list of ManifestRow
    pool_rows : list of PoolRow
    exclude : sequence of str

    Returns
    -------
    list of str
    """
    found = {row.class_name for row in manifest_rows if row.class_name}
    return sorted(found - {row.class_name for row in pool_rows} - {*exclude})


def left_of_parts(manifest_rows, pool_rows):
    """Count the images of an official split that are not used, of the classes of the pool.

    Parameters
    ----------
    manifest_rows : list of ManifestRow
    pool_rows : list of PoolRow

    Returns
    -------
    training : int
        Those of the part train whose group is tested.
    test : int
        Those of the part test.
    """
    classes = {row.class_name for row in pool_rows}
    tested = [row for row in pool_rows if row.part == TEST]
    groups = {row.group for row in tested}
    own = [row for row in manifest_rows if row.class_name in classes]
    training = sum(row.part == TRAIN and row.group in groups for row in own)
    return training, sum(row.part == TEST for row in own) - len(tested)
