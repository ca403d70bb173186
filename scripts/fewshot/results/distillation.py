"""Results of distillation: what each repeat gave, and what the repeats say together."""

import csv
from collections import namedtuple

import numpy as np

from fewshot.errors import input_error
from fewshot.files import open_text
from fewshot.results.tables import mean_interval

DISTILLED_COLUMNS = (
    "repeat",
    "kind",
    "temperature",
    "l2",
    "test_accuracy",
    "test_loss",
    "seconds",
)
DISTILLATION_COLUMNS = (
    "dataset",
    "backbone",
    "name",
    "layer",
    "shots",
    "head",
    "teacher_layer",
    "teacher_shots",
    "teacher_head",
    "transfer",
    "hard_weight",
    "kind",
    "temperature",
    "repeats",
    *(f"accuracy_{part}" for part in ("mean", "std", "low", "high")),
    *(f"lift_{part}" for part in ("mean", "low", "high")),
    *(f"over_labelled_{part}" for part in ("mean", "low", "high")),
)
StudentRow = namedtuple("StudentRow", DISTILLATION_COLUMNS)  # all fields as text
STUDENT_TEXT = (*DISTILLATION_COLUMNS[:10], "kind")  # columns of text, numbers of shots too
_KINDS = {"alone", "distilled", "labelled", "teacher"}


def beside(kind, results):
    """Rows of a head that a student is compared with.

    Parameters
    ----------
    kind : {"alone", "labelled", "teacher"}
        The student without a teacher, the same with as many labels as the teacher had, or the
        teacher.
    results : list of dict
        From `fewshot.results.tables.read_results`.

    Returns
    -------
    list of list
        One a repeat, in the order of `DISTILLED_COLUMNS`, without T.
    """
    return [
        [row["repeat"], kind, "", *(row[name] for name in DISTILLED_COLUMNS[3:])] for row in results
    ]


def read_distilled(path):
    """Read the test accuracies of a student and of the heads beside it: see `beside`.

    Parameters
    ----------
    path : str
        CSV with the columns `DISTILLED_COLUMNS`; T is empty for all but "distilled".

    Returns
    -------
    dict of tuple of (str, str) to ndarray of shape (repeats,)
        For each kind and T, in the order of the repeats: all were tested on the same images.

    Raises
    ------
    InputError
        If the columns differ, or not every kind and T has the same repeats.
    """
    header, *rows = [*csv.reader(open_text(path))] or [[]]
    accuracies = {}
    if tuple(header) == DISTILLED_COLUMNS and all(len(row) == len(header) for row in rows):
        for row in (dict(zip(header, row, strict=True)) for row in rows):
            key = row["kind"], row["temperature"]
            accuracies.setdefault(key, {})[int(row["repeat"])] = float(row["test_accuracy"])
    repeats = {tuple(sorted(values)) for values in accuracies.values()}
    if len(repeats) != 1 or {kind for kind, _ in accuracies} != _KINDS:
        raise input_error(
            f"A result of distillation has the columns {', '.join(DISTILLED_COLUMNS)} and every "
            f"repeat of the student and of the kinds {', '.join(sorted(_KINDS))}",
            f"{path} with {len(rows)} rows and the columns {', '.join(header)}",
            "delete the file and run again",
        )
    return {
        key: np.array([values[repeat] for repeat in sorted(values)])
        for key, values in accuracies.items()
    }


def summarise_student(student, accuracies):
    """Mean accuracies and their differences from heads without a teacher, with 95 % intervals.

    Parameters
    ----------
    student : fewshot.study.grid.Student
    accuracies : dict of tuple of (str, str) to ndarray of shape (repeats,)
        From `read_distilled`.

    Returns
    -------
    list of list
        A row for each kind and T, in the order of `DISTILLATION_COLUMNS`. The lift is the
        difference from the student alone, over_labelled that from the student's layer with the
        labels of as many images as the teacher had; neither has a difference from itself. Both
        are taken within each repeat, so the spread that two heads share drops out. Cells without
        a number are empty.
    """
    point, teacher = student.alone, student.teacher
    keys = [
        *(point.dataset, point.backbone, student.name, point.layer, point.shots, point.head),
        *(teacher.layer, teacher.shots, teacher.head),
        *(student.transfer, student.hard_weight),
    ]
    table = []
    for (kind, temperature), values in accuracies.items():
        mean, std, low, high = mean_interval(values)
        numbers = [mean, std, low, high]
        for base in ("alone", "labelled"):
            lift, _, lift_low, lift_high = mean_interval(values - accuracies[base, ""])
            numbers += [np.nan] * 3 if kind == base else [lift, lift_low, lift_high]
        cells = ["" if np.isnan(number) else f"{number:.9g}" for number in numbers]
        table.append([*keys, kind, temperature, len(values), *cells])
    return table


def read_students(path):
    """Read what `summarise_student` gave for all students of a study.

    Parameters
    ----------
    path : str
        distillation.csv.

    Returns
    -------
    list of StudentRow
    """
    _, *rows = csv.reader(open_text(path))
    return [StudentRow(*row) for row in rows]
