"""What distillation leaves: students, and the heads that they are compared with."""

import csv

from fewshot.errors import input_error
from fewshot.files import open_text

DISTILLED_COLUMNS = (
    "repeat",
    "kind",
    "temperature",
    "l2",
    "test_accuracy",
    "test_loss",
    "seconds",
)
_KINDS = {"alone", "distilled", "labelled", "teacher"}


def beside(kind, results):
    """Rows of a head that a student is compared with.

    Parameters
    ----------
    kind : {"alone", "labelled", "teacher"}
        The student without a teacher, the same with as many labels as the teacher had, or the
        teacher.
    results : list of dict
        From `fewshot.heads.head_files.read_results`.

    Returns
    -------
    list of list
        One a repeat, in the order of `DISTILLED_COLUMNS`, without T.
    """
    return [
        [row["repeat"], kind, "", *(row[name] for name in DISTILLED_COLUMNS[3:])] for row in results
    ]


def read_distilled(path):
    """Read which heads the table of a student has: see `beside`.

    Parameters
    ----------
    path : str
        CSV with the columns `DISTILLED_COLUMNS`; T is empty for all but "distilled".

    Returns
    -------
    list of tuple of (str, str)
        Each kind with its T, in the order of the table.

    Raises
    ------
    InputError
        If the columns differ, or not every kind and T has the same repeats.
    """
    header, *rows = [*csv.reader(open_text(path))] or [[]]
    repeats = {}
    if tuple(header) == DISTILLED_COLUMNS and all(len(row) == len(header) for row in rows):
        for row in (dict(zip(header, row, strict=True)) for row in rows):
            repeats.setdefault((row["kind"], row["temperature"]), set()).add(int(row["repeat"]))
    if len({*map(frozenset, repeats.values())}) != 1 or {kind for kind, _ in repeats} != _KINDS:
        raise input_error(
            f"A result of distillation has the columns {', '.join(DISTILLED_COLUMNS)} and every "
            f"repeat of the student and of the kinds {', '.join(sorted(_KINDS))}",
            f"{path} with {len(rows)} rows and the columns {', '.join(header)}",
            "delete the file and run again",
        )
    return [*repeats]
