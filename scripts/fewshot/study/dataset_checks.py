"""What is wrong with the datasets of a study beyond what its schema can see."""

import glob
import re
from collections import Counter
from pathlib import Path, PurePosixPath

from fewshot.errors import unknown

_TAKEN_NAMES = ("backbones", "characters")  # folders under results/ that hold no dataset
_WORDS = ("folders", "prefix")
_FORMS = ("pattern", "table", "splits")
_COLUMNS = ("image", "class", "part", "group")


def dataset_errors(study):
    """Yield what the schema can't see of the datasets, as arguments of `line`.

    Parameters
    ----------
    study : dict
        Filled in and normalised; values that the schema refuses are None.
    """
    for name, dataset in study["datasets"].items():
        path, source = ["datasets", name], dataset.get("source") or ""
        if (taken := str(name).casefold()) in _TAKEN_NAMES:
            yield path, f"results/{taken}/ has another use", name, "give it another name"
        if "://" in source and not source.startswith("https://"):
            hint = "give an https address, or the path of an archive or a folder"
            yield [*path, "source"], "a download must come by https", source, hint
        folder = PurePosixPath(dataset.get("folder") or "")
        if folder.is_absolute() or ".." in folder.parts:
            hint = "give its path from the top of the source"
            yield [*path, "folder"], "must lie in the source", str(folder), hint
        yield from _label_errors(path, dataset)
    roles = [(dataset.get("role"), name) for name, dataset in study["datasets"].items()]
    for role, count in Counter(role for role, _ in roles if role).items():
        if count > 1:
            names = [name for each, name in roles if each == role]
            hint = "leave the role to one of them"
            path = ["datasets", names[-1], "role"]
            yield path, "a role is played by one dataset", f"{role} by {', '.join(names)}", hint


def _label_errors(path, dataset):
    """Yield what is wrong with where labels are read from."""
    classes, here = dataset.get("classes"), [*path, "classes"]
    if dataset.get("group"):
        yield from _pattern_errors([*path, "group"], dataset["group"], "group")
    if isinstance(classes, str):
        rule = "must be folders, prefix or a mapping with pattern, table or splits"
        if wrong := unknown(classes, _WORDS, rule):
            yield here, *wrong
    if not isinstance(classes, dict) or {*classes} - {*_FORMS, *_COLUMNS}:
        return
    forms = [key for key in _FORMS if key in classes]
    if len(forms) != 1:
        hint = "docs/data.md shows each"
        received = " and ".join(forms) or "none"
        yield here, "must have one of pattern, table and splits", received, hint
        return
    if "pattern" in classes:
        yield from _pattern_errors([*here, "pattern"], classes["pattern"], "class")
    else:
        yield from _file_errors([*here, *forms], classes[forms[0]], dataset.get("source") or "")
    if columns := [key for key in _COLUMNS if key in classes and "table" not in classes]:
        yield [*here, columns[0]], "names a column of a table", classes[columns[0]], "remove it"
    if dataset.get("parts") and "pattern" not in classes:
        hint = "remove it: a table names its column as classes.part, and splits has them"
        yield [*path, "parts"], "parts come from the file of labels", dataset["parts"], hint
    if dataset.get("group") and "group" in classes:
        hint = "give the pattern or the column"
        yield [*path, "group"], "groups come from one place", "two", hint


def _pattern_errors(path, pattern, name):
    hint = f"such as '(?P<{name}>.+)_[0-9]+' for {name}_12.jpg"
    try:
        if name not in re.compile(pattern).groupindex:
            yield path, f"must have a group (?P<{name}>...)", pattern, hint
    except (re.error, OverflowError, RecursionError) as error:
        yield path, "must be a regular expression", f"{pattern} ({error})", hint


def _file_errors(path, name, source):
    """Look for a file of labels, unless it may be in an archive."""
    path_here, folder = Path(name), Path(source)
    if not folder.is_dir() or path_here.is_file() or (folder / name).is_file():
        return
    # It lies beside the images, which may begin further down.
    if path_here.is_absolute() or not any(folder.rglob(glob.escape(name))):
        yield path, "no such file", name, f"put it into {source}, or give its path from here"
