"""The words of the command, and what is wrong with them."""

import argparse
import math
import os
from pathlib import Path

from fewshot.data.file_kinds import START, is_image
from fewshot.errors import input_error
from fewshot.predictor import folder

_HELP = f"see python {folder.PROGRAM} --help"
_OWN = {*folder.FILES.values(), *folder.FORMATS.values()}
_MAX_BATCH = 4096


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise input_error("The command must have words that it knows", message, _HELP)


def read_options(words, home):
    """Read the words of the command.

    Parameters
    ----------
    words : list of str
    home : Path
        Folder of the predictor.

    Returns
    -------
    argparse.Namespace

    Raises
    ------
    InputError
        If one is wrong.
    SystemExit
        After help was printed.
    """
    options = _parser().parse_args(words)
    if not options.images:
        hint = f"python {folder.PROGRAM} photo.jpg, or a folder of photos; {_HELP}"
        raise input_error("Images to name must be given", "none", hint)
    options.batch_size = _number(options.batch_size, "--batch-size", int, 1, _MAX_BATCH)
    options.min_probability = _number(options.min_probability, "--min-probability", float, 0, 1)
    options.least_sure = _number(options.least_sure, "--least-sure", int, 1, math.inf)
    targets = {"-o": options.output, "--html": options.html}
    given = {option: Path(target) for option, target in targets.items() if target is not None}
    for option, target in given.items():
        _check_target(option, target, home)
    if len({target.resolve() for target in given.values()}) < len(given):
        rule = "-o and --html must be different files"
        raise input_error(rule, options.html, "give each a name of its own")
    return options


def _parser():
    parser = _Parser(
        prog=folder.PROGRAM,
        description="Name the classes of images. Writes CSV, a row an image: file, class, "
        "probability, and the class that comes second with its own.",
        epilog="Ends with 0; with 1 where some images could not be read: these are listed at the "
        "end, all others are named; with 2 where nothing could be done.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    images = "files, folders with all below them, patterns; - for a list on standard input"
    add("images", nargs="*", metavar="IMAGES", help=images)
    add("-o", "--output", metavar="FILE", help="write there, not on standard output")
    add("--all", action="store_true", help="also write the probability of every class")
    unsure = "write ? in place of a class whose probability is lower"
    add("--min-probability", metavar="P", help=unsure)
    least = "write the N images to label next: the least sure first, each picture once"
    add("--least-sure", metavar="N", help=least)
    add("--html", metavar="PAGE", help="also write a page of thumbnails, sorted by class")
    add(
        "--batch-size",
        metavar="N",
        default="32",
        help="images that the network takes at once; default 32",
    )
    return parser


def _number(word, option, kind, low, high):
    """Turn a word into a number within bounds; None stays None."""
    if word is None:
        return None
    try:
        value = kind(word)
        if low <= value <= high:
            return value
    except ValueError:
        pass
    bounds = f"from {low} to {high}" if high < math.inf else f"of {low} or more"
    what = "a whole number" if kind is int else "a number"
    raise input_error(f"{option} must be {what} {bounds}", f"{option} {word}", _HELP)


def _check_target(option, target, home):
    """Refuse to write where nothing can be, or where something else would be lost."""
    parent = target.parent
    if not parent.is_dir():
        rule = f"The folder of {option} must be there"
        raise input_error(rule, target, f"mkdir {parent}, or write elsewhere")
    if not os.access(parent, os.W_OK | os.X_OK):
        rule = f"The folder of {option} must be one that can be written"
        raise input_error(rule, target, "write elsewhere")
    is_other = target.exists() and not target.is_file()
    is_own = target.resolve().parent == home and target.name in _OWN
    if is_other or is_own or _is_picture(target):
        rule = f"{option} must be a new file or one of its kind"
        raise input_error(rule, target, "give a name that nothing else has")


def _is_picture(target):
    """Tell whether an image is there, which may be one of those to name, under any name."""
    try:
        with open(target, "rb") as file:
            return is_image(target.name, file.read(START))
    except FileNotFoundError:
        return False
    except OSError:
        return True  # nobody can tell
