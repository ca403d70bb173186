"""What lies below a folder: images with their labels, and what is none."""

import os
from collections import Counter
from pathlib import PurePosixPath
from typing import NamedTuple

from fewshot.data.file_kinds import START, has_image_name, is_image
from fewshot.data.foreign_files import kind_of_bytes
from fewshot.data.label_files import file_labels
from fewshot.data.labels import NO_FOLDER, Label, group_of, merged_prefixes, path_labels
from fewshot.data.manifest import ManifestRow
from fewshot.errors import input_error, nearest
from fewshot.folders import files_below, is_litter
from fewshot.names import composed, first_few

_ASKED = 20  # files that are asked what they are, where none is an image
# Roboflow names the versions of a picture so.
_VERSIONS = r"datasets.<name>.group: '(?P<group>.+)\.rf\.'"


class Listing(NamedTuple):
    """What lies below a folder.

    Attributes
    ----------
    rows : list of ManifestRow
        Of images, by name or content, with class, part, group and reason, which is empty or says
        why the file cannot be used. Sorted by image.
    others : list of str
        Paths of files that are no images.
    unlabelled : list of str
        Paths of images of which the file of labels says nothing.
    packed : str, default ""
        Where there are no images: what may hold some, and the way to them.
    """

    rows: list
    others: list
    unlabelled: list
    packed: str = ""


def list_images(root, classes, parts=None, group=None, top=None):
    """List every file below a folder but hidden ones and what file managers leave behind.

    Parameters
    ----------
    root : str or Path
    classes : {"folders", "prefix"} or dict
        See `fewshot.data.labels.path_labels` and `fewshot.data.label_files.read_labels`.
    parts : {"folders"}, optional
    group : str, optional
        See `path_labels`.
    top : str or Path, optional
        Another folder in which a file of labels is looked for.

    Returns
    -------
    Listing

    Raises
    ------
    InputError
        If the labels can't be read, or not in this way.
    """
    images, refused, others = [], {}, []
    for path, reason in files_below(root):
        path_text, no_text = _text(path)
        if not (reason or _is_image(root, path)):
            others.append(path_text)
        elif no_text or reason:
            refused[path_text] = no_text or reason
        else:
            images.append(path_text)
    others.sort()
    every, missing = [*images, *refused], {}
    if isinstance(classes, str) or "pattern" in classes:
        labels = dict(zip(every, path_labels(every, classes, parts, group), strict=True))
    else:
        labels, missing = file_labels(every, classes, [root, top or root])
        if group:
            labels = {p: label._replace(group=group_of(p, group)) for p, label in labels.items()}
    rows = [_row(path, labels.get(path, Label()), refused.get(path, "")) for path in every]
    rows += [_row(_text(path)[0], label, "no such image") for path, label in missing.items()]
    if classes == "folders" and parts is None:
        rows += _folders_of_no_text(root, [*every, *others])
    unlabelled = {path for path in images if path not in labels}
    kept = [row for row in rows if row.image not in unlabelled]
    packed = "" if every else next(filter(None, (_packed(root, p) for p in others[:_ASKED])), "")
    kept.sort(key=lambda row: row.image)
    return Listing(kept, others, sorted(unlabelled), packed)


def _packed(root, path):
    with open(os.path.join(root, path), "rb") as file:
        kind = kind_of_bytes(file.read(START))
    return f"{path} is {kind.name}: {kind.way}" if kind and kind.holds_images else ""


def _row(path, label, reason):
    return ManifestRow(
        path, label.class_name, group=label.group, part=label.part, reason=reason or label.reason
    )


def _is_image(root, path):
    if has_image_name(path):
        return True
    try:
        with open(os.path.join(root, path), "rb") as file:
            return is_image(path, file.read(START))
    except OSError:  # to be refused by its name
        return True


def _folders_of_no_text(root, paths):
    """Make a row for each class folder without a file whose name is no text."""
    seen = {PurePosixPath(path).parts[0] for path in paths}
    folders = (e.name for e in os.scandir(root) if _is_folder(e) and not is_litter(e.name))
    return [
        ManifestRow(name, name, reason=no_text)
        for name, no_text in map(_text, folders)
        if no_text and name not in seen
    ]


def list_folders(root):
    """List the folders in a folder.

    Parameters
    ----------
    root : str or Path

    Returns
    -------
    list of str
        In alphabetical order.
    """
    return sorted(_text(entry.name)[0] for entry in os.scandir(root) if _is_folder(entry))


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def describe_listing(root, listing, classes):
    """Say what lies below a folder and is no image of a class, and which classes may be several.

    Parameters
    ----------
    root : str or Path
    listing : Listing
    classes : str or dict
        As `list_images` had them.

    Returns
    -------
    list of str
        Lines of text.
    """
    folders = list_folders(root)
    lines = [f"left out, hidden or no class: {name}" for name in folders if is_litter(name)]
    kinds = Counter(PurePosixPath(path).suffix.lower() or "no ending" for path in listing.others)
    if kinds:
        counts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        lines.append(
            f"left out, no image by name or content: {counts}: {first_few(listing.others)}"
        )
    if unlabelled := listing.unlabelled:
        lines.append(
            f"left out, without a label: {len(unlabelled)} images: {first_few(unlabelled)}"
        )
    filled = {PurePosixPath(row.image).parts[0] for row in listing.rows}
    empty = [name for name in folders if name not in filled and not is_litter(name)]
    if empty:
        lines.append(f"left out, folders without an image: {first_few(empty)}")
    alike = {}
    for name in sorted({row.class_name for row in listing.rows} - {""}):
        alike.setdefault(" ".join(name.split()).casefold(), []).append(repr(name))
    lines += [
        f"classes that differ in capitals or spaces alone: {first_few(names)}"
        for names in alike.values()
        if len(names) > 1
    ]
    merged = merged_prefixes(listing.rows) if classes == "prefix" else {}
    way = "classes: {pattern: ...} tells them apart"
    lines += [
        f"one class by its prefix, {name}: {first_few(longer)}; {way}"
        for name, longer in merged.items()
    ]
    if any(".rf." in row.image and not row.group for row in listing.rows):
        lines.append(f"versions of one picture, by their names: {_VERSIONS} keeps them together")
    return lines


def hint_at_labels(listing):
    """Hint at where else classes may be written, or images lie, where no class has an image."""
    tables = [name for name in listing.others if name.endswith((".csv", ".json"))]
    lone = all(row.reason == NO_FOLDER for row in listing.rows)
    needed = "classes: folders wants a folder for each of two classes or more; " if lone else ""
    return listing.packed or (
        f"{needed}check datasets.<name>.source and folder; classes takes folders, prefix, a pattern "
        "of the path ({pattern: '(?P<class>[^/]+)[._-][0-9]+'}) or a table"
        + "".join(f", perhaps {name}" for name in tables[:1])
    )


def check_excluded(root, listing, exclude):
    """Check that what is to be excluded is a class, or a folder that might have been one.

    Parameters
    ----------
    root : str or Path
    listing : Listing
    exclude : sequence of str

    Raises
    ------
    InputError
    """
    names = sorted({row.class_name for row in listing.rows} - {""})
    folders = {part for path in listing.others for part in PurePosixPath(path).parts[:-1]}
    known = {*names, *map(composed, (*folders, *list_folders(root)))}
    unknown = [name for name in exclude if name not in known]
    if unknown:
        raise input_error(
            "Only classes of the dataset can be excluded",
            ", ".join(map(repr, unknown)),
            "; ".join(nearest(name, names, "take a class of the images") for name in unknown),
        )


def _text(path):
    """Text of a path, and the reason against it where its bytes are no text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path).decode(errors="backslashreplace"), "name is not UTF-8"
    return path, ""
