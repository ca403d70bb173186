"""Files of labels: a table with a row for each image, or the split of a benchmark as JSON."""

import csv
import io
import json
import os
import re
from pathlib import Path, PurePosixPath

from fewshot.data.labels import Label, part_of
from fewshot.errors import InputError, input_error
from fewshot.names import composed

_MAX_BYTES = 2**28
_COLUMNS = ("image", "class", "part", "group")  # with these names, unless others are given


def read_labels(classes, places):
    """Read what a file says of each image.

    Parameters
    ----------
    classes : dict
        "table": path of a CSV file (separated by commas, semicolons or tabs), with the names of
        its columns as "image", "class", "part" and "group", by default these; the last two may be
        missing. Or "splits": path of a JSON file, in which "train", "val" and "test" are
        lists of [image, number of the class, class].
    places : sequence of str or Path
        Folders in which the path is looked for; the working folder comes last.

    Returns
    -------
    path : str
        Of the file.
    labels : dict of str to Label
        By an image's path as the file has it, in the composed form of Unicode.

    Raises
    ------
    InputError
        If the file is not there or not of its form, or says two things of an image.
    """
    name = classes.get("table") or classes["splits"]
    tried = (Path(place, name) for place in (*places, "."))
    path = next((path for path in tried if os.path.isfile(path)), None)
    if path is None:
        raise input_error(
            "A file of labels must exist",
            f"{name}, neither in {places[0]} nor seen from the working folder",
            "correct datasets.<name>.classes",
        )
    read = _table if "table" in classes else _splits
    labels = {}
    for image, label in read(path, composed(_text(path)), classes):
        if unclosed := [each for each in (image, *label) if re.search(r"[\n\r\0]", each)]:
            raise input_error(
                "A name in a file of labels must be on one line",
                f"{unclosed[0]!r} in {path}",
                "close the quotes that open before it",
            )
        image = PurePosixPath(image.replace("\\", "/")).as_posix()
        if labels.setdefault(image, label) != label:
            raise input_error(
                "A file of labels must say one thing of an image",
                f"{_said(labels[image])} and {_said(label)} of {image!r} in {path}",
                "leave the right one",
            )
    return path.as_posix(), labels


def _said(label):
    return "/".join(filter(None, label))


def _text(path):
    if path.stat().st_size > _MAX_BYTES:
        raise _unreadable(path, f"more than {_MAX_BYTES} bytes", "check which file it is")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(path, "other bytes", "save it as UTF-8") from None


def _unreadable(path, found, hint):
    return input_error(
        "A file of labels must be a table or JSON in UTF-8", f"{path}, {found}", hint
    )


def _table(path, text, classes):
    """Yield image and label of each row."""
    header = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count), restval=""
    )
    try:
        known = reader.fieldnames or []
        columns = {key: composed(classes.get(key, key)) for key in _COLUMNS}
        needed = [columns[key] for key in _COLUMNS if key in (*_COLUMNS[:2], *classes)]
        if {*needed} - {*known}:
            raise input_error(
                f"A table of labels needs the columns {', '.join(needed)}",
                f"columns {', '.join(known) or 'none'} in {path}",
                "name the columns: classes: {table: ..., image: ..., class: ...}",
            )
        for row in reader:
            # The path of an image is taken as it is: names may begin with a space.
            image, *others = [row.get(column, "") for column in columns.values()]
            class_name, part, group = map(str.strip, others)
            yield image, Label(class_name, _part(part, path), group)
    except csv.Error as error:
        raise _unreadable(path, str(error), "check which file it is") from None


def _part(name, path):
    if name and not part_of(name):
        raise input_error(
            "A part must be train, val or test", f"{name!r} in {path}", "correct or empty it"
        )
    return part_of(name)


def _splits(path, text, _):
    """Yield image and label of each entry."""
    try:
        content = json.loads(text)
        entries = [(part, *entry) for part, listed in content.items() for entry in listed]
        for part, image, _, class_name in entries:
            if not isinstance(image, str):
                raise TypeError(f"{image!r} for an image")
            yield image, Label(str(class_name), _part(part, path))
    except InputError:
        raise
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        raise input_error(
            "A file of splits must hold train, val and test, lists of [image, number, class]",
            f"{path} ({error})",
            "write these, or a table: classes: {table: ...}",
        ) from None


def file_labels(paths, classes, places):
    """Find what a file says of images.

    An image is found by its path below the root, which may begin with the root's own name, or by
    the end of that path where no other image's is the same; with or without the file's ending.

    Parameters
    ----------
    paths : list of str
        Of images, below the dataset's root.
    classes : dict
    places : sequence of str or Path
        See `read_labels`.

    Returns
    -------
    labels : dict of str to Label
        By path. Images of which the file says nothing are left out.
    missing : dict of str to Label
        What the file says of images that are not there.

    Raises
    ------
    InputError
        As `read_labels`; or if the file knows none of the images, or by one name several.
    """
    source, said = read_labels(classes, places)
    found, missing, root = {}, {}, composed(Path(places[0]).resolve().name)
    whole = _index(paths, whole=True)
    ends = {} if all(_find(name, whole, root) for name in said) else _index(paths, whole=False)
    for name, label in said.items():
        images = _find(name, whole, root) or _find(name, ends, root)
        if len(images) > 1 or (images and found.get(images[0], label) != label):
            raise input_error(
                "A file of labels must name each image once",
                f"{name!r} in {source} for {', '.join(images[:2])}",
                "write the image's path below the dataset's folder",
            )
        if images and label.class_name:
            found[images[0]] = label
        elif not images:
            missing[name] = label
    if paths and not found:
        raise input_error(
            "A file of labels must name images of the dataset",
            f"{next(iter(said), 'nothing')!r} and the like in {source}, where {min(paths)!r} is one",
            "correct datasets.<name>.classes or datasets.<name>.folder",
        )
    return found, missing


def _index(paths, whole):
    """Sort images by their path, or by all its ends, with and without the file's ending."""
    index = {}
    for path in paths:
        parts = PurePosixPath(composed(path)).parts
        for start in range(1 if whole else len(parts)):
            end = PurePosixPath(*parts[start:])
            for name in {end.as_posix(), end.with_suffix("").as_posix()}:
                index.setdefault(name, []).append(path)
    return index


def _find(name, index, root):
    """Look for a path as it is, then for what follows the name of the root in it."""
    parts = PurePosixPath(name).parts
    below = ["/".join(parts[n + 1 :]) for n, part in enumerate(parts) if part == root]
    return next((index[each] for each in (name, *below) if each in index), [])
