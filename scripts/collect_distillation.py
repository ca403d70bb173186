"""Gather what distillation gave in one table."""

from fewshot.results.distillation import DISTILLATION_COLUMNS, read_distilled, summarise_student
from fewshot.results.tables import write_table


def collect_distillation(*, students, result_paths, table_path):
    """Write the mean accuracy of every student and what it gains from its teacher.

    Parameters
    ----------
    students : list of dict
        With name, transfer, hard_weight, and the grid points alone (the student without a
        teacher), labelled (the same with the teacher's number of labels) and teacher.
    result_paths : list of str
        What `distil` left for each of them, in the same order.
    table_path : str
        CSV written: a row for each student, kind (alone, distilled, labelled, teacher) and T.

    Raises
    ------
    InputError
        If a result file is damaged.
    """
    write_table(
        table_path,
        DISTILLATION_COLUMNS,
        (
            row
            for student, path in zip(students, result_paths, strict=True)
            for row in summarise_student(student, read_distilled(path))
        ),
    )


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        collect_distillation(
            **snakemake.params.arguments,
            result_paths=snakemake.input.results,
            table_path=snakemake.output.table,
        )
