"""Tables of a study as its page shows them."""

import csv
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fewshot.files import open_text
from fewshot.page.table_words import QUESTIONS, TABLE_WORDS
from fewshot.point import KEYS

_ACCURACIES = (
    *("test_accuracy", "test_class_accuracy", "test_top5_accuracy", "train_accuracy"),
    *("accuracy", "reference_accuracy", "precision", "taken_share", "share", "came"),
)
_POINTS = ("lift", "over_labelled", "behind", "gain")  # differences of accuracies
_RESULTS = (
    *_ACCURACIES,
    *_POINTS,
    *("calibrated_loss", "test_loss", "train_loss", "ece", "mean_difference"),
    *("largest_difference", "total_seconds"),
    *("summed_seconds", "times", "seconds", "first_shots", "sure_shots", "crossing", "claimed"),
    *("mean", "p", "p_holm"),
)
_BARE_ENDS = ("accuracy", "mean")  # whose intervals stand in the columns low and high
_IN_PERCENT = ("comparison", "surpassed")  # tables whose accuracies are in %, not fractions
_MOST_ROWS = 50  # on the page; the file has all
_NUMBER = re.compile(r"-?\d*\.?\d+(e[+-]?\d+)?|")


class Table(NamedTuple):
    """A table to show: text in every cell, rounded numbers, intervals behind their means."""

    title: str
    note: str
    file: str  # its name
    total: int  # rows of the file, of which `rows` has the first
    constant: list  # of (column, value) that all rows share and that the table leaves out
    header: list
    numeric: list  # of bool, whether a column holds numbers
    rows: list
    terms: list  # of (question, what it asks), for those that the table answers


def read_table(path, title, note, in_percent=False):
    """Read a CSV for people.

    Parameters
    ----------
    path : str or Path
        The columns x_mean, x_low and x_high (or x, low and high) become one, x, with cells such as
        82.0 [79.1, 85.2]; the standard deviation beside them is left out.
    title, note : str
        Heading, and what the columns mean.
    in_percent : bool, default False
        Whether accuracies are in %, not fractions. They are shown in % with one decimal; of other
        numbers a column has as many decimals as give its median two digits.

    Returns
    -------
    Table
        What names a row comes first, then results, then all else.
    """
    reader = csv.DictReader(open_text(path))
    rows, names = list(reader), reader.fieldnames
    parts = _folded(names)
    constant = _constant(rows, [name for name in parts if name not in _RESULTS])
    kept = [name for name in parts if name not in constant]
    results = _telling(rows, {name: parts[name] for name in kept if name in _RESULTS})
    kept = [name for name in kept if name in results or name not in _RESULTS]
    # Settings that follow the results in the file follow them on the page.
    before = [name for name in kept if name not in results and _names_a_row(name, parts)]
    columns = [*before, *results, *(name for name in kept if name not in (*before, *results))]
    cells = [_column(rows, name, parts[name], in_percent)[:_MOST_ROWS] for name in columns]
    return Table(
        title,
        note,
        Path(path).name,
        len(rows),
        [(_spaced(name), value) for name, value in constant.items() if value],
        [_titled(name) for name in columns],
        [name not in KEYS[:3] and _is_numeric(rows, parts[name]) for name in columns],
        [list(row) for row in zip(*cells, strict=True)],
        _terms(rows),
    )


def read_tables(**paths):
    """Read the tables that a study has, without those that have no row.

    Parameters
    ----------
    **paths : str or None
        Of `fewshot.page.table_words.TABLE_WORDS`; None for a table that the study does not have.

    Returns
    -------
    list of Table
    """
    tables = [
        read_table(paths[name], *words, in_percent=name in _IN_PERCENT)
        for name, words in TABLE_WORDS.items()
        if paths[name]
    ]
    return [table for table in tables if table.rows]


def _terms(rows):
    questions = dict.fromkeys(row.get("question") for row in rows)
    return [(each, QUESTIONS[each]) for each in questions if each in QUESTIONS]


def _folded(columns):
    """Name the columns shown, each with those of the file that it is made of."""
    parts = {}
    for column in columns:
        base = column.removesuffix("_mean")
        ends = ["low", "high"] if column in _BARE_ENDS else [f"{base}_low", f"{base}_high"]
        if {*ends} <= {*columns}:
            parts[base] = [column, *ends]
        else:
            parts[column] = [column]
    behind = {end for made in parts.values() for end in made[1:]}
    stems = {made[1].removesuffix("low") for made in parts.values() if len(made) > 1} - {""}
    behind |= {f"{stem}{part}" for stem in stems for part in ("std", "p")} | {"std"}
    return {name: made for name, made in parts.items() if name not in behind}


def _constant(rows, names):
    """Find what all rows of a table with several share."""
    values = {name: {row[name] for row in rows} for name in names}
    return {name: each.pop() for name, each in values.items() if len(rows) > 1 and len(each) == 1}


def _telling(rows, parts):
    """List the results that have a number and are not those of a column before."""
    cells = {name: tuple(row[part] for row in rows for part in own) for name, own in parts.items()}
    first = {values: name for name, values in reversed(cells.items())}
    return [name for name, values in cells.items() if any(values) and first[values] == name]


def _names_a_row(name, parts):
    """Say whether a column stands before the first result of the file."""
    order = list(parts)
    first = min((order.index(result) for result in order if result in _RESULTS), default=len(order))
    return name in KEYS or (order.index(name) < first and name != "role")


def _spaced(name):
    return name.replace("_", " ")


def _titled(name):
    unit = " (%)" if name in _ACCURACIES else " (points)" if name in _POINTS else ""
    return _spaced(name) + unit


def _is_numeric(rows, parts):
    cells = [row[part] for row in rows for part in parts]
    return any(cells) and all(_NUMBER.fullmatch(cell or "") for cell in cells)


def _column(rows, name, parts, in_percent):
    """Write the cells of a column."""
    if name in KEYS or not _is_numeric(rows, parts):
        return [row[name] for row in rows]
    share = name in _ACCURACIES + _POINTS
    scale = 100 if share and not in_percent else 1
    texts = [row[parts[0]] for row in rows]
    if share:
        form = ".1f"
    elif name == "mean":
        form = ".3f"
    elif any(set(text) & {".", "e"} for text in texts):
        form = _form([float(text) for text in texts if text])
    else:
        form = ".0f"
    return [_cell([row[part] for part in parts], scale, form, name in _ACCURACIES) for row in rows]


def _form(values):
    """Choose the decimals that give the median of a column two digits."""
    sizes = [abs(value) for value in values if value]
    size = np.floor(np.log10(np.median(sizes))) if sizes else 0
    return ".1e" if size < -4 else f".{max(0, 1 - int(size))}f"


def _cell(texts, scale, form, within):
    """Write a mean with its interval, an accuracy's as far as it lies within 0 and 100 %."""
    if not texts[0]:
        return ""
    mean, *ends = (scale * float(text) for text in texts if text)
    ends = np.clip(ends, 0, 100) if within else ends
    interval = ", ".join(f"{end:{form}}" for end in ends)
    return f"{mean:{form}} [{interval}]" if interval else f"{mean:{form}}"
