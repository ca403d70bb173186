"""Texts and tables in Markdown, in which names are letters and nothing else."""

import re

from fewshot.names import shown

# Marks; a colon that an address or a sign could begin with; what makes an address without one.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$&]|:(?=\S)|(?<=[wW])\.)")
# An address that can be a link as it is.
_ADDRESS = re.compile(r"https://[A-Za-z0-9._~/?%&=+:-]+")


def plain(text):
    r"""Write a text so that Markdown sees letters alone, on one line.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> print(plain("a|b <i>*c*</i>"))
    a\|b \<i\>\*c\*\</i\>
    """
    return _MARKUP.sub(r"\\\1", shown(text))


def link(text):
    """Write an https address as a link, and any other text as `plain` does.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> link("https://example.org/a_b"), link("letters")
    ('<https://example.org/a_b>', 'letters')
    """
    return f"<{text}>" if _ADDRESS.fullmatch(text) else plain(text)


def code(text):
    """Write a command or a digest letter by letter, `?` for those that could end it.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> code("pip install keras"), code("a`b|c")
    ('`pip install keras`', '`a?b?c`')
    """
    return f"`{re.sub('[`|]', '?', shown(text))}`"


def table(heads, numbers, rows):
    """Write a table of cells that are Markdown.

    Parameters
    ----------
    heads : list of str
    numbers : set of str
        Those of the columns of numbers, which stand to the right.
    rows : iterable of iterable of str

    Returns
    -------
    str
    """
    rules = ["---:" if head in numbers else "---" for head in heads]
    return "\n".join(map(_line, [heads, rules, *rows]))


def _line(cells):
    """Write a row of a table."""
    return f"| {' | '.join(cells)} |"
