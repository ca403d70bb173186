"""Results of distillation: what each repeat gave, and what the repeats say together."""

import csv
from collections import namedtuple

import numpy as np

from fewshot.files import open_text
from fewshot.results.statistics import lay_out, two_way

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
    *(f"lift_{part}" for part in ("mean", "low", "high", "p")),
    *(f"over_labelled_{part}" for part in ("mean", "low", "high", "p")),
)
StudentRow = namedtuple("StudentRow", DISTILLATION_COLUMNS)  # all fields as text
STUDENT_TEXT = (*DISTILLATION_COLUMNS[:10], "kind")  # columns of text, numbers of shots too


def summarise_student(student, right, draws):
    """Mean accuracies and their differences from heads without a teacher, with 95 % intervals.

    Parameters
    ----------
    student : fewshot.study.grid.Student
    right : dict of tuple of (str, str) to ndarray of shape (repeats, images), bool
        For each kind and T whether it is right on each image.
    draws : fewshot.data.draws.Draws
        Of the same repeats.

    Returns
    -------
    list of list
        A row for each kind and T, in the order of `DISTILLATION_COLUMNS`. The lift is the
        difference from the student alone, over_labelled that from the student's layer with the
        labels of as many images as the teacher had; neither has a difference from itself. Both
        are taken image by image. Cells without a number are empty.
    """
    point, teacher = student.alone, student.teacher
    keys = [
        *(point.dataset, point.backbone, student.name, point.layer, point.shots, point.head),
        *(teacher.layer, teacher.shots, teacher.head),
        *(student.transfer, student.hard_weight),
    ]
    taught = draws.most_untested if student.transfer == "pool" else point.shots
    shots = {"alone": point.shots, "distilled": taught}
    table = []
    for (kind, temperature), values in right.items():
        own = shots.get(kind, teacher.shots)
        estimate = two_way(values, lay_out(draws, own), fraction=True)
        numbers = [estimate.mean, estimate.std, estimate.low, estimate.high]
        for base in ("alone", "labelled"):
            sides = lay_out(draws, max(own, shots.get(base, teacher.shots)))
            lift = two_way(values.astype(float) - right[base, ""], sides)
            ends = [lift.mean, lift.low, lift.high, lift.p]
            numbers += [np.nan] * len(ends) if kind == base else ends
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
