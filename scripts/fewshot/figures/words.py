"""Rows of tables in words: what sentences of captions and page are made of. Nothing is computed."""

import re
from bisect import bisect
from itertools import accumulate
from unicodedata import east_asian_width

import numpy as np

from fewshot.names import shown

_NOT_XML = re.compile("[\ufffe\uffff]")  # of what `shown` leaves, no XML may have these


def percent(row, measure):
    """Write a mean accuracy, with its interval as far as it lies within 0 and 100 %.

    Parameters
    ----------
    row : mapping
        Of summary.csv: fractions, in the columns <measure>_mean, _low and _high.
    measure : str

    Returns
    -------
    str

    Examples
    --------
    >>> percent({"test_accuracy_mean": 0.7123, "test_accuracy_low": 0.68,
    ...          "test_accuracy_high": 1.02}, "test_accuracy")
    '71.2 % [68.0, 100.0]'
    """
    return percent_of(*(row[f"{measure}_{part}"] for part in ("mean", "low", "high")))


def percent_of(accuracy, low=np.nan, high=np.nan):
    """Write an accuracy, with its interval as far as it lies within 0 and 100 %.

    Parameters
    ----------
    accuracy, low, high : float
        Fractions; NaN for ends that are not known.

    Returns
    -------
    str

    Examples
    --------
    >>> percent_of(0.7123)
    '71.2 %'
    """
    ends = np.clip([100 * low, 100 * high], 0, 100)
    return f"{100 * accuracy:.1f} %{_interval(*ends)}"


def points(contrast):
    """Write a difference of two accuracies.

    Parameters
    ----------
    contrast : fewshot.results.contrasts.Contrast

    Returns
    -------
    str
        In percentage points.
    """
    numbers = (_tenths(100 * part) for part in (contrast.mean, contrast.low, contrast.high))
    mean, *ends = numbers
    return f"{mean:+.1f} points{_interval(*ends)}"


def told(contrast):
    """Write a difference of two accuracies with what its interval and p allow to say.

    Parameters
    ----------
    contrast : fewshot.results.contrasts.Contrast

    Returns
    -------
    str
    """
    if np.isnan(contrast.low):
        return f"{points(contrast)}, of one draw, without an interval"
    if contrast.sign:
        return points(contrast)
    if contrast.low <= 0 <= contrast.high:
        return f"{points(contrast)} (zero lies inside: not told apart)"
    return f"{points(contrast)} (not told apart among all that answer this question)"


def _interval(low, high):
    return "" if np.isnan(low) else f" [{low:.1f}, {high:.1f}]"


def _tenths(number):
    return round(number, 1) + 0.0  # -0.0 + 0.0 is 0.0: what rounds to zero has no minus sign


def count_repeats(counts):
    """Write how many repeats some results have.

    Parameters
    ----------
    counts : iterable of int

    Returns
    -------
    str

    Examples
    --------
    >>> count_repeats([5, 5]), count_repeats([1]), count_repeats([2, 5])
    ('5 repeats', '1 repeat', '2 to 5 repeats')
    """
    return f"{span(counts)} repeat{'s' * (max(counts) > 1)}"


def intervals(repeats):
    """Say what intervals of accuracies of so many repeats cover.

    Parameters
    ----------
    repeats : iterable of int

    Returns
    -------
    str

    Examples
    --------
    >>> intervals([5]), intervals([1])
    ('95 % intervals over draws and images', '95 % intervals over images')
    """
    return f"95 % intervals over {'draws and ' * (max(repeats) > 1)}images"


def span(counts):
    """Write the least and the largest of some counts.

    Parameters
    ----------
    counts : iterable of int

    Returns
    -------
    str

    Examples
    --------
    >>> span([5, 5]), span([2, 5, 3])
    ('5', '2 to 5')
    """
    fewest, most = min(counts), max(counts)
    return f"{fewest:g} to {most:g}" if fewest < most else f"{most:g}"


def listed(words):
    """Join words as a sentence does.

    Parameters
    ----------
    words : iterable of str

    Returns
    -------
    str

    Examples
    --------
    >>> listed(["fc1"]), listed(["fc1", "fc2"]), listed("abc")
    ('fc1', 'fc1 and fc2', 'a, b and c')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def chance(classes):
    """Write the accuracy of guessing, to two digits.

    Parameters
    ----------
    classes : int

    Returns
    -------
    str

    Examples
    --------
    >>> chance(257), chance(33), chance(2)
    ('1/257 = 0.39 %', '1/33 = 3.0 %', '1/2 = 50 %')
    """
    return f"1/{classes} = {f'{100 / classes:#.2g}'.rstrip('.')} %"


def paragraphs(*texts):
    """Join paragraphs by an empty line and leave out the empty ones.

    Parameters
    ----------
    *texts : str

    Returns
    -------
    str
    """
    return "\n\n".join(text for text in texts if text)


def clean(text):
    r"""Write a text on one line that any XML may hold.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> print(clean("two\nlines\uffff"))
    two\nlines�
    """
    return _NOT_XML.sub("\ufffd", shown(text))


def shortened(name, letters):
    """Cut the middle of a name that is wider than so many letters, of which East Asia's take two.

    Parameters
    ----------
    name : str
        Written as `clean` does.
    letters : int

    Returns
    -------
    str

    Examples
    --------
    >>> shortened("ibis", 6), shortened("145.motorbikes-101", 12), shortened("文字文字文字", 8)
    ('ibis', '145.moto…101', '文字…字')
    """
    name = clean(name)
    if _width(name) <= letters:
        return name
    tail = (letters - 1) // 3
    head = letters - 1 - tail
    return f"{_start(name, head)}…{_start(name[::-1], tail)[::-1]}"


def _width(text):
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text)


def _start(text, letters):
    ends = list(accumulate(map(_width, text)))
    return text[: bisect(ends, letters)]


def share(part):
    """Write a fraction in %, to a whole number where that says enough.

    Parameters
    ----------
    part : float

    Returns
    -------
    str

    Examples
    --------
    >>> share(0.25), share(0.004), share(0.0), share(0.996), share(1.0)
    ('25 %', '0.4 %', '0 %', '99.6 %', '100 %')
    """
    value = 100 * part
    return f"{value:.0f} %" if value in (0, 100) or 1 <= value < 99.5 else f"{value:.1f} %"
