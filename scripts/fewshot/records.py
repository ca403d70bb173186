"""Tables on disk: of rows, and of records, which are NamedTuples whose fields are the columns."""

import csv
import math

from fewshot.files import damaged, open_text, whole_file

_READ = {int: int, float: lambda text: float(text or "nan")}
_COLUMNS = {"class_name": "class"}  # which is no name that a field can have in Python


def write_records(path, record, rows):
    r"""Write records that may hold names from outside as CSV in UTF-8, whole or not at all.

    Lines end in \r\n: only then does every version of Python quote a name that holds a \r.

    Parameters
    ----------
    path : str or Path
    record : type
        A NamedTuple, whose fields are the columns.
    rows : iterable of record
    """
    with whole_file(path) as partial, open(partial, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_columns(record))
        writer.writerows(map(_cell, row) for row in rows)


def read_records(path, record):
    """Read records that must be as they were written: see `read_bytes`.

    Parameters
    ----------
    path : str or Path
        Written by `write_records`.
    record : type
        A NamedTuple, whose fields are the columns.

    Returns
    -------
    list of record
        Fields of the types int and float as such, empty ones of float as NaN; all others as text.

    Raises
    ------
    InputError
        If the file is not as it was written, or its columns are others.
    """
    header, *rows = [*csv.reader(open_text(path))] or [[]]
    if header != _columns(record):
        raise damaged(path, f"{path} with other columns than {','.join(_columns(record))}")
    kinds = [_READ.get(kind, str) for kind in record.__annotations__.values()]
    return [
        record._make(kind(value) for kind, value in zip(kinds, row, strict=True)) for row in rows
    ]


def _columns(record):
    return [_COLUMNS.get(field, field) for field in record._fields]


def write_table(path, columns, rows):
    """Write a CSV with a header, whole or not at all.

    Parameters
    ----------
    path : str
    columns : sequence of str
    rows : iterable of sequences
    """
    with whole_file(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_rows(path, columns, rows):
    """Write a CSV of rows with numbers, whole or not at all.

    Parameters
    ----------
    path : str
    columns : sequence of str
    rows : iterable of sequences
        Numbers are written with six digits, None and NaN as nothing.
    """
    write_table(path, columns, (map(_cell, row) for row in rows))


def _cell(value):
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return value
