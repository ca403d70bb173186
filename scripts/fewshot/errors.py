"""The one exception for what the user can mend."""

import difflib
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
        Sentences without their full stop; a hint may be a question. They may hold names of files
        and classes, of which nothing breaks the line.

    Examples
    --------
    >>> print(input_error("T must be positive", "T=0", "use 1 for plain probabilities"))
    T must be positive. Received: T=0. Hint: use 1 for plain probabilities.
    """
    return InputError(shown(f"{rule}. Received: {received}. Hint: {full_sentence(hint)}"))


def full_sentence(text):
    """Give a sentence its full stop, where it does not end in one or in a question mark."""
    return text if text.endswith((".", "?")) else f"{text}."


def closest(word, known):
    """Find the known word most like `word`; None where none is like it.

    Examples
    --------
    >>> closest("vgg16", ["VGG16", "VGG19"])
    'VGG16'
    """
    known = {str(each).casefold(): str(each) for each in known}
    close = difflib.get_close_matches(str(word).casefold(), known, n=1)
    return known[close[0]] if close else None


def nearest(word, known, otherwise=None):
    """Hint at the known word most like `word`, if none is at `otherwise` or at all of them.

    Examples
    --------
    >>> nearest("vgg16", ["VGG16", "VGG19"])
    'did you mean VGG16?'
    """
    if near := closest(word, known):
        return f"did you mean {near}?"
    return otherwise or f"known here: {', '.join(map(str, known))}"


def unknown(word, known, rule, otherwise=None):
    """Say what is wrong with a word that is not among those known.

    Parameters
    ----------
    word : str
    known : collection of str
    rule : str
        That the word breaks.
    otherwise : str, optional
        Hint where no known word is like it: see `nearest`.

    Returns
    -------
    tuple of (str, str, str) or None
        Rule, what was received and a hint, as `input_error` takes them; None for a known word.

    Examples
    --------
    >>> unknown("fc3", ["fc1", "fc2"], "no such layer")
    ('no such layer', 'fc3', 'did you mean fc2?')
    """
    return None if word in known else (rule, word, nearest(word, known, otherwise))


def is_disk_full(error):
    """Tell whether an error says that a disk or a quota is full, whichever library raised it.

    Examples
    --------
    >>> is_disk_full(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    True
    """
    return any(os.strerror(number) in str(error) for number in (errno.ENOSPC, errno.EDQUOT))


def is_unwritable(error):
    """Tell whether an error says that nothing may be written there.

    Examples
    --------
    >>> is_unwritable(PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    True
    """
    return getattr(error, "errno", None) in (errno.EACCES, errno.EPERM, errno.EROFS)


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


def unwritable(place):
    """Make the error that nothing may be written in a folder.

    Parameters
    ----------
    place : str or Path

    Returns
    -------
    InputError
    """
    return input_error(
        "The workflow must be able to write in its folders",
        f"{place}, which can't be written",
        "see to its owner and rights (ls -ld), or start from a folder of your own with --directory",
    )
