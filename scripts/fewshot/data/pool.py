"""The pool: which images of a dataset are read at all, in the order in which they are taken."""

import difflib

from fewshot.data.copies import by_group, first_of
from fewshot.data.draws import order_key
from fewshot.errors import input_error
from fewshot.files import read_records, write_records

POOL_COLUMNS = ("row", "image", "class", "label", "sha256", "group")
_LISTED = 10  # classes named in an error


def _leave_out(manifest_rows, exclude):
    """Sort the images that have a group by class, in the order of the class names."""
    names = sorted({row["class"] for row in manifest_rows if row["class"]})
    unknown = [name for name in exclude if name not in names]
    if unknown:
        near = [difflib.get_close_matches(name, names, 1, 0) for name in unknown]
        raise input_error(
            "Only classes of the dataset can be excluded",
            ", ".join(map(repr, unknown)),
            "did you mean " + ", ".join(repr(match[0]) for match in near if match) + "?",
        )
    classes = {name: [] for name in names if name not in exclude}
    for row in manifest_rows:
        if row["group"] and row["class"] in classes:
            classes[row["class"]].append(row)
    return classes


def _undisputed(classes):
    """Leave out the pictures that several of the classes have.

    A copy of a picture of its own class is usable: no draw parts the two. A picture under several
    labels is not, for nobody knows which is right; where all but one of its classes are excluded,
    that one has it.
    """
    labels = {}
    for name, rows in classes.items():
        for row in rows:
            labels.setdefault(row["group"], set()).add(name)
    return {
        name: [row for row in rows if len(labels[row["group"]]) == 1]
        for name, rows in classes.items()
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
    manifest_rows : list of dict
    images_per_class : int
    exclude : sequence of str
        Names of classes to leave out.
    seed : int

    Returns
    -------
    list of dict
        ``row``, ``image``, ``class``, ``label`` (index of the class among the sorted names),
        ``sha256`` and ``group`` (the same for copies of one picture): the first image of every
        class, then the second of every class, and so on. A larger `images_per_class` only appends.

    Raises
    ------
    InputError
        If an excluded class does not exist, fewer than 2 classes are left, or some have fewer
        than `images_per_class` usable images.
    """
    classes = _leave_out(manifest_rows, exclude)
    usable = _undisputed(classes)
    _check_classes(usable, classes, images_per_class)
    for rows in usable.values():
        firsts = {group: first_of(members) for group, members in by_group(rows).items()}
        # Copies come last: they are read where there are too few pictures without.
        rows.sort(key=lambda row: (row is not firsts[row["group"]], order_key(seed, row["sha256"])))
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


def write_pool(rows, path):
    """Write a pool as CSV.

    Parameters
    ----------
    rows : list of dict
        From `draw_pool`.
    path : str or Path
    """
    write_records(path, POOL_COLUMNS, rows)


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
        {**row, "row": int(row["row"]), "label": int(row["label"])} for row in read_records(path)
    ]
