"""Which images are meant: files, folders, patterns, and lists on standard input."""

import glob
import os
from itertools import chain
from typing import NamedTuple

from fewshot.data.file_kinds import START, has_image_name, is_image
from fewshot.errors import first_line
from fewshot.folders import files_below

STDIN = "-"


class Listing(NamedTuple):
    """What was found.

    Attributes
    ----------
    images : list of str
        Paths, each once, in the order in which they were named; sorted within a folder.
    refused : list of tuple of (str, str)
        Paths that are none, and why.
    others : int
        Files in folders that are no images.
    """

    images: list
    refused: list
    others: int


def list_images(arguments, stdin):
    r"""List the images that are meant.

    What is named itself is an image, whatever it is; of a folder the files that are images by their
    names or by their content.

    Parameters
    ----------
    arguments : list of str
        Files, folders, patterns, and "-" for the paths on standard input: one a line, or parted
        by zero bytes.
    stdin : file of bytes

    Returns
    -------
    Listing
    """
    images, refused, others = {}, [], 0
    paths = chain.from_iterable(_lines(stdin) if a == STDIN else [a] for a in arguments)
    for path, reason in chain.from_iterable(map(_expand, paths)):
        if reason is None:
            others += 1
        elif reason:
            refused.append((path, reason))
        else:
            images[path] = None
    return Listing([*images], refused, others)


def _lines(stdin):
    data = stdin.read()
    end = b"\0" if b"\0" in data else b"\n"
    lines = data.split(end)
    if end == b"\n":
        lines = [line.removesuffix(b"\r") for line in lines]
    return [os.fsdecode(line) for line in lines if line]


def _expand(path):
    """Yield paths that an argument stands for, each with the reason against it.

    The reason is empty for an image, and None for another file in a folder.
    """
    if os.path.isdir(path):
        yield from _folder(path)
    elif os.path.lexists(path):
        yield path, "" if os.path.isfile(path) else "not a regular file"
    elif glob.has_magic(path):
        # A shell does so, too, but not where a pattern is quoted or has too many matches.
        found = sorted(glob.glob(path, recursive=True))
        yield from chain.from_iterable(map(_expand, found)) if found else [(path, "no such file")]
    else:
        yield path, "no such file or folder"


def _folder(folder):
    for name, reason in sorted(files_below(folder)):
        path = os.path.join(folder, name) if name else folder
        yield path, reason or _reason(path)


def _reason(path):
    if has_image_name(path):
        return ""
    try:
        with open(path, "rb") as file:
            return "" if is_image(path, file.read(START)) else None
    except OSError as error:
        return error.strerror or first_line(error)
