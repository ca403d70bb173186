"""Labels: an image's class, official part and group, as its path says."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from fewshot.errors import input_error
from fewshot.names import composed, first_few

_PARTS = {
    **dict.fromkeys(("train", "training", "trainval"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
_LISTED = 5  # names in an error
NO_FOLDER = "no class folder"
NO_PART = "in no folder named train, val or test"


class Label(NamedTuple):
    """What is said of an image. What is not said is empty.

    Attributes
    ----------
    class_name : str
    part : {"", "train", "val", "test"}
        Part of the dataset's own split.
    group : str
        The same for images that must not be parted.
    reason : str
        Why the image has no class or no part.
    """

    class_name: str = ""
    part: str = ""
    group: str = ""
    reason: str = ""


def part_of(name):
    """Tell which part of a split a name means, "" for none.

    Examples
    --------
    >>> part_of("seg_train"), part_of("Validation"), part_of("fold 1")
    ('train', 'val', '')
    """
    found = {_PARTS.get(word, "") for word in re.findall("[a-z]+", name.lower())} - {""}
    return found.pop() if len(found) == 1 else ""


def path_labels(paths, classes, parts=None, group=None):
    """Read labels from paths.

    Parameters
    ----------
    paths : list of str
        Of images, below the dataset's root.
    classes : {"folders", "prefix"} or dict
        The class is the first folder, the file's name before its first underscore, or what the
        group "class" of the regular expression ``classes["pattern"]`` finds.
    parts : {"folders"}, optional
        The first folder is the part; all others are read of what is below.
    group : str, optional
        A regular expression whose group "group" finds what images share that must not be parted.

    Returns
    -------
    list of Label
        With names in their composed form, as patterns see them.

    Raises
    ------
    InputError
        If the first folders are parts and none is named like one, or if they are no parts and yet
        not classes: see `check_layout`.
    """
    paths = [composed(path) for path in paths]
    if parts == "folders":
        split = _split(paths)
    elif classes == "folders":
        check_layout(paths)
    labels = []
    for place, path in enumerate(paths):
        part, below = split[place] if parts == "folders" else ("", path)
        class_name, reason = _class_of(below, classes)
        if parts == "folders" and not part:
            class_name, reason = "", NO_PART
        labels.append(Label(class_name, part, group_of(below, group), reason))
    return labels


def group_of(path, pattern):
    """Read the group of an image from its path, "" for none."""
    found = pattern and re.search(composed(pattern), composed(path))
    return (found["group"] or "") if found else ""


def _class_of(path, classes):
    """Class of an image, and the reason why it has none."""
    parts = PurePosixPath(path).parts
    if classes == "folders":
        return (parts[0], "") if len(parts) > 1 else ("", NO_FOLDER)
    if classes == "prefix":
        prefix, underscore, _ = parts[-1].partition("_")
        return (prefix, "") if prefix and underscore else ("", "no class before an underscore")
    found = re.search(composed(classes["pattern"]), path)
    name = found and found["class"]
    return (name, "") if name else ("", "no class found by the pattern")


def _split(paths):
    """Split paths into the part that the first folder means and what is below."""
    tops = _by_top(paths)
    if not any(part_of(top) for top in tops):
        raise input_error(
            "With parts: folders the folders at the top must be named like train, val and test",
            first_few(sorted(tops), _LISTED) or "no folder with images",
            "set datasets.<name>.folder to the folder that holds them, or remove parts",
        )
    # Some archives have train/train/<class>/.
    doubled = {
        top for top, below in tops.items() if all(each.startswith(f"{top}/") for each in below)
    }
    split = []
    for path in paths:
        top, _, below = path.partition("/")
        part = part_of(top) if below else ""
        split.append((part, below.removeprefix(f"{top}/") if top in doubled else below or path))
    return split


def _by_top(paths):
    """Sort paths by their first folder, and leave it out."""
    tops = {}
    for path in paths:
        top, _, below = path.partition("/")
        if below:
            tops.setdefault(top, []).append(below)
    return tops


def check_layout(paths):
    """Check that the folders at the top can be classes, and not above these.

    They are above these where their names are those of a split (train and test, say), where several
    hold folders of the same names, or where one folder holds all images.

    Parameters
    ----------
    paths : list of str
        Of images, below the dataset's root.

    Raises
    ------
    InputError
        If they can't. Says what to write instead.
    """
    tops = _by_top(paths)
    inner = {top: _inner(below) for top, below in tops.items()}
    named = [top for top in tops if part_of(top) and (top.lower() in _PARTS or len(inner[top]) > 1)]
    lone = [top for top in named if top.lower() in _PARTS and len(inner[top]) > 1]
    if len({part_of(top) for top in named}) > 1 or lone:
        way = "datasets.<name>.parts: folders takes them for the parts of an official split"
        raise _no_classes(named, inner, way)
    if len(tops) == 1 and any(len(names) > 1 for names in inner.values()):
        raise _no_classes([*tops], inner, "what lies beside it is no class")
    alike = {}
    for top, names in inner.items():
        if len(names) > 1:
            alike.setdefault(names, []).append(top)
    same = max(alike.values(), key=len, default=[])
    # ASSUME: a few classes among many may hold folders of the same names by themselves.
    if len(same) > 1 and 2 * len(same) >= len(tops):
        way = "if they are classes, classes: {pattern: '^(?P<class>[^/]+)/'} takes them for such"
        raise _no_classes(same, inner, way)


def _inner(paths):
    """Names of the folders in a folder, or in the only one that it holds, and so on."""
    tops = _by_top(paths)
    while len(tops) == 1 and all("/" in path for path in paths):
        (paths,) = tops.values()
        inner = _by_top(paths)
        if not inner:
            break
        tops = inner
    return frozenset(tops)


def _no_classes(tops, inner, way):
    # One to train on comes first, where there is one.
    tops = sorted(tops, key=lambda top: (part_of(top) != "train", top))
    held = sorted(set().union(*(inner[top] for top in tops)))
    return input_error(
        "The folders at the top must be classes",
        first_few(sorted(tops), _LISTED)
        + (f", with {first_few(held, _LISTED)} below" if held else ""),
        f"{way}; datasets.<name>.folder: {tops[0]} reads what is below that one alone",
    )


def merged_prefixes(rows):
    """Find classes that a prefix may have merged, by what comes before the number of their files.

    Parameters
    ----------
    rows : iterable of ManifestRow

    Returns
    -------
    dict of str to list of str
        Class, and the longer names that begin with it, where there are several.
    """
    found = {}
    for row in rows:
        longer = re.fullmatch(r"(.*?)[ _-]?\d+", PurePosixPath(row.image).stem)
        if row.class_name and longer:
            found.setdefault(row.class_name, set()).add(longer[1])
    return {name: sorted(longer) for name, longer in found.items() if len(longer) > 1}
