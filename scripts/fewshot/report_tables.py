"""Tables of a study as its report shows them."""

import csv
import re
from pathlib import Path
from typing import NamedTuple

from fewshot.results import KEYS

_LONG_NUMBER = re.compile(r"-?\d+\.\d{4,}(e[+-]?\d+)?|-?\d\.?\d*e[+-]?\d+")
_NUMBER = re.compile(r"-?\d*\.?\d+(e[+-]?\d+)?( \[.*\])?|")
# Title of each table, and what its columns mean.
_TABLES = {
    "summary": (
        "Results",
        "A row a grid point: means over repeats and, in brackets, their 95 % intervals. Accuracies "
        "are fractions from 0 to 1, losses mean cross-entropies in nats (for the solver ridge, "
        "whose scores are no logits, mean squared errors).",
    ),
    "distillation": (
        "Distillation",
        "A row a student and temperature. The lift is the accuracy of the distilled student less "
        "that of the student alone, taken repeat by repeat.",
    ),
    "gradients": (
        "Gradient check",
        "Analytic gradients against central differences in float64, on the study's own images: "
        "mean and largest absolute difference. The original report had 2.575e-7 and 1.599e-6 for "
        "one matrix of weights, 9.493e-9 and 1.594e-7 for another.",
    ),
    "timings": (
        "Timings",
        "A row a job: wall time in seconds and peak memory in MB, as Snakemake measured them. A "
        "job whose measurement is not there has empty cells.",
    ),
    "costs": (
        "Cost of both approaches",
        "Of one repeat, in seconds. The smallest number of shots pays for the test images; every "
        "larger one for the images that it adds.",
    ),
    "comparison": ("Comparison", "This study beside the original report and published numbers."),
    "passes": (
        "Where published numbers are passed",
        "Training images a class from which a line of this study lies above a published accuracy: "
        "by its mean, surely (by the lower end of its interval), and interpolated.",
    ),
}


class Table(NamedTuple):
    """A table to show: text in every cell, numbers shortened, intervals behind their means."""

    title: str
    note: str
    file: str  # its name
    header: list
    numeric: list  # of bool, whether a column holds numbers
    rows: list


def read_table(path, title, note):
    """Read a CSV for people.

    Parameters
    ----------
    path : str or Path
        The columns x_mean, x_low and x_high become one, x, with cells such as 0.82 [0.79, 0.85];
        x_std is left out beside them.
    title, note : str
        Heading, and what the columns mean.

    Returns
    -------
    Table
    """
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = _folded(reader.fieldnames)
        rows = [[_cell(row, column) for column in columns] for row in reader]
    numeric = [
        column not in KEYS[:3] and _all_numbers([row[place] for row in rows])
        for place, column in enumerate(columns)
    ]
    header = [column.replace("_", " ") for column in columns]
    return Table(title, note, Path(path).name, header, numeric, rows)


def read_tables(**paths):
    """Read the tables that a study has, without those that have no row.

    Parameters
    ----------
    **paths : str or None
        summary, distillation, gradients, timings, costs, comparison and passes; None for a table
        that the study does not have.

    Returns
    -------
    list of Table
    """
    tables = [read_table(paths[name], *words) for name, words in _TABLES.items() if paths[name]]
    return [table for table in tables if table.rows]


def _all_numbers(cells):
    return any(cells) and all(map(_NUMBER.fullmatch, cells))


def _folded(columns):
    """Name the columns of the table shown: one for a mean and the ends of its interval."""
    means = {column[:-5] for column in columns if column.endswith("_mean")}
    whole = {mean for mean in means if {f"{mean}_low", f"{mean}_high"} <= {*columns}}
    parts = {f"{mean}_{part}" for mean in whole for part in ("std", "low", "high")}
    kept = [column for column in columns if column not in parts]
    return [column[:-5] if column[:-5] in whole else column for column in kept]


def _cell(row, column):
    if column in row:
        return row[column] if column in KEYS else _short(row[column])
    mean, low, high = (_short(row[f"{column}_{part}"]) for part in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]" if low else mean


def _short(text):
    """Cut a number to four digits; leave all else as it is."""
    return f"{float(text):.4g}" if _LONG_NUMBER.fullmatch(text or "") else text
