"""Gather what distillation gave in one table."""

import numpy as np

from fewshot.data.draws import read_draws
from fewshot.heads.student_files import read_distilled
from fewshot.records import write_table
from fewshot.results.distillation import DISTILLATION_COLUMNS, summarise_student
from fewshot.results.judged import read_right
from fewshot.study.grid import to_student


def collect_distillation(*, students, files, draws_paths, table_path):
    """Write the mean accuracy of every student and what it gains from its teacher.

    Parameters
    ----------
    students : list of tuple
        Fields of each `fewshot.study.grid.Student`, its grid points as tuples.
    files : dict of str to list of str
        For each of them, in the same order, the "results" and "predictions" that `distil` left,
        and the predictions of the heads beside it: "alone", "labelled" and "teacher".
    draws_paths : list of str
        Draws of the dataset of each.
    table_path : str
        CSV written: a row for each student, kind (alone, distilled, labelled, teacher) and T.

    Raises
    ------
    InputError
        If a result file is damaged.
    """
    table = []
    for place, student in enumerate(map(to_student, students)):
        own = {name: paths[place] for name, paths in files.items()}
        kinds = read_distilled(own["results"])
        right = read_right(own["predictions"])  # repeat by repeat, every T of it
        shape = -1, sum(kind == "distilled" for kind, _ in kinds), right.shape[1]
        distilled = iter(np.swapaxes(right.reshape(shape), 0, 1))
        judged = {
            (kind, temperature): next(distilled) if kind == "distilled" else read_right(own[kind])
            for kind, temperature in kinds
        }
        draws = read_draws(draws_paths[place]).first(len(right) // shape[1])
        table += summarise_student(student, judged, draws)
    write_table(table_path, DISTILLATION_COLUMNS, table)


def main(snakemake):
    """Do what the rule says."""
    collect_distillation(
        **snakemake.params.arguments,
        files={
            name: getattr(snakemake.input, name)
            for name in ("results", "predictions", "alone", "labelled", "teacher")
        },
        draws_paths=snakemake.input.draws,
        table_path=snakemake.output.table,
    )
