"""Gather what distillation gave in one table."""

from fewshot.results.distillation import DISTILLATION_COLUMNS, read_distilled, summarise_student
from fewshot.results.tables import write_table
from fewshot.study.grid import to_student


def collect_distillation(*, students, result_paths, table_path):
    """Write the mean accuracy of every student and what it gains from its teacher.

    Parameters
    ----------
    students : list of tuple
        Fields of each `fewshot.study.grid.Student`, its grid points as tuples.
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
            for row in summarise_student(to_student(student), read_distilled(path))
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
