"""The one exception for what the user can mend."""

import errno
import os

from fewshot.names import shown


class InputError(ValueError):
    """The study, a file or an image is not as it must be.

    The message states the rule, what was received and a hint: see `input_error`.
    """


def input_error(rule, received, hint):
    """Make an `InputError` that reads: rule. Received: value. Hint: the way out.

    Parameters
    ----------
    rule, received, hint : str
        Sentences without their full stop. They may hold names of files and classes, of which
        nothing breaks the line.

    Examples
    --------
    >>> print(input_error("T must be positive", "T=0", "use 1 for plain probabilities"))
    T must be positive. Received: T=0. Hint: use 1 for plain probabilities.
    """
    return InputError(shown(f"{rule}. Received: {received}. Hint: {hint}."))


def is_disk_full(error):
    """Tell whether an error says that a disk or a quota is full, whichever library raised it.

    Examples
    --------
    >>> is_disk_full(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    True
    """
    return any(os.strerror(number) in str(error) for number in (errno.ENOSPC, errno.EDQUOT))


def first_line(error):
    """First line of what an error says, or its kind where it says nothing."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def disk_full(place):
    """Make the error that there is no room.

    Parameters
    ----------
    place : str or Path
        Where something was written.

    Returns
    -------
    InputError
    """
    return input_error(
        "A disk must have room for what the workflow writes",
        f"none left at {place}",
        'free some (docs/results.md, "Freeing disk") and run again: what is whole stays',
    )
