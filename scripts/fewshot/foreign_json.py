"""JSON from elsewhere: of a plausible size, shallow, unambiguous, of finite numbers."""

import json
import math
from pathlib import Path

from fewshot.errors import first_line, input_error

MAX_BYTES = 2**24  # a configuration with the names of 21,841 classes, twice, has 2e6
MAX_DEPTH = 16  # a configuration of KerasHub that holds two others is 6 deep


def read_foreign_json(path):
    """Read an object of JSON that anybody may have written.

    Parameters
    ----------
    path : str or Path
        A file, or a link to one in the same folder or below it.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If it is not there, lies elsewhere, is too large or too deep, or is no object, or has a key
        twice or a number that is not finite.
    """
    path = Path(path)
    check_own_file(path)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise _refused(path, f"of {size} bytes, not at most {MAX_BYTES}")
    return parse_foreign_json(path.read_bytes(), path)


def parse_foreign_json(text, path):
    """Read an object of JSON from text.

    Parameters
    ----------
    text : bytes
    path : str or Path
        For errors.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        As of `read_foreign_json`.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_without_repetition,
            parse_float=_finite,
            parse_constant=_finite,
        )
    except RecursionError:
        raise _refused(path, "too deep") from None
    except ValueError as error:  # also of bytes that are no UTF-8
        raise _refused(path, first_line(error)) from None
    if not isinstance(value, dict):
        raise _refused(path, f"a {type(value).__name__}")
    if _depth(value) > MAX_DEPTH:
        raise _refused(path, "too deep")
    return value


def check_own_file(path):
    """Check that a file is a plain one that lies in its folder, not elsewhere through a link.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
    """
    if not path.is_file():
        rule, received = "A file of a folder of weights must be there", path
    elif not path.resolve().is_relative_to(path.parent.resolve()):
        rule = "A file of a folder of weights must lie in it"
        received = f"{path}, a link to {path.resolve()}"
    else:
        return
    raise input_error(
        rule, received, f"copy the folder with what its links lead to: cp -rL ({path.name})"
    )


def _refused(path, found):
    rule = "A configuration from elsewhere must be a plain object of JSON"
    return input_error(rule, f"{path} ({found})", "get it again from its publisher")


def _without_repetition(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _finite(text):
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number


def _depth(value):
    """Count levels, of which Python's own reader lets through at most a thousand."""
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [each for values in inner for each in values if isinstance(each, (dict, list))]
    return depth
