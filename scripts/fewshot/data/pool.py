"""The pool: which images of a dataset are read at all, in the order in which they are taken."""

from typing import NamedTuple

from fewshot.data.copies import by_group, first_of
from fewshot.data.draws import order_key
from fewshot.errors import input_error

_LISTED = 10  # classes named in an error


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
    """

    row: int
    image: str
    class_name: str
    label: int
    sha256: str
    group: str


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


def _check_classes(usable, classes, images_per_class):
    if len(usable) < 2:
        raise input_error(
            "A task needs at least 2 classes",
            ", ".join(map(repr, usable)) or "none",
            "check datasets.<name>.source, classes and exclude",
        )
    short = [name for name, rows in usable.items() if len(rows) < images_per_class]
    if short:
        text = ", ".join(_count(usable[name], classes[name], name) for name in short[:_LISTED])
        text += ", ..." if len(short) > _LISTED else ""
        disputed = any(len(usable[name]) < len(classes[name]) for name in short)
        raise input_error(
            f"{text[0].upper()}{text[1:]}, but images_per_class asks for {images_per_class}",
            f"images_per_class={images_per_class}",
            "lower draws.images_per_class or add the class to datasets.<name>.exclude"
            + disputed * "; of classes that share pictures exclude all but one",
        )


def _count(usable, found, name):
    disputed = len(found) - len(usable)
    text = f"class {name!r} has {len(usable)} usable images"
    return text + (f" beside {disputed} whose copies have another label" if disputed else "")


def draw_pool(manifest_rows, images_per_class, exclude, seed):
    """Draw the images of a dataset that are read at all.

    Parameters
    ----------
    manifest_rows : list of ManifestRow
    images_per_class : int
    exclude : sequence of str
        Names of classes to leave out.
    seed : int

    Returns
    -------
    list of PoolRow
        The first image of every class, then the second of every class, and so on. A larger
        `images_per_class` only appends.

    Raises
    ------
    InputError
        If fewer than 2 classes are left, or some have fewer than `images_per_class` usable images.
    """
    classes = _leave_out(manifest_rows, exclude)
    usable = _undisputed(classes)
    _check_classes(usable, classes, images_per_class)
    for rows in usable.values():
        copies = _copies(rows)
        # Copies come last: they are read where there are too few pictures without.
        rows.sort(key=lambda row: (row.image in copies, order_key(seed, row.sha256)))
    drawn = [
        (label, rows[rank])
        for rank in range(images_per_class)
        for label, rows in enumerate(usable.values())
    ]
    return [
        PoolRow(row, image.image, image.class_name, label, image.sha256, image.group)
        for row, (label, image) in enumerate(drawn)
    ]
