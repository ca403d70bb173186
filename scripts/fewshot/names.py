"""Names of classes and files are data: how they are compared, and shown where a line is a line."""

import re
import unicodedata

# Control characters, which break lines and drive terminals; line and paragraph separators; what
# turns the direction of all text after it; halves of characters. Joiners stay: emoji need them.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(name):
    r"""Write a name on one line, with escapes for what cannot be seen or moves other text.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> print(shown("two\nlines, ünï 文字"))
    two\nlines, ünï 文字
    """
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), name)


def composed(name):
    r"""Write a name in Unicode's composed form (NFC), in which two that look the same are the same.

    File names of a Mac are decomposed, those of others mostly composed.

    Examples
    --------
    >>> composed("u\u0308") == "\u00fc"
    True
    """
    return unicodedata.normalize("NFC", name)


def first_few(names, most=10):
    """Join names, or what is said of them, in one line.

    Parameters
    ----------
    names : list of str
    most : int, default 10
        How many of them are given at most.

    Returns
    -------
    str

    Examples
    --------
    >>> first_few(["cat", "dog"]), first_few(["cat", "dog", "fox"], 2)
    ('cat, dog', 'cat, dog, ...')
    """
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
