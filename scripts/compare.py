"""Put a study beside published numbers."""

from fewshot.results.comparison import (
    COMPARISON_COLUMNS,
    PASSES_COLUMNS,
    own_rows,
    passing_rows,
    published_rows,
)
from fewshot.results.frames import read_accuracy
from fewshot.results.tables import write_rows


def compare(*, datasets, solvers, accuracy_path, published_path, comparison_path, passes_path):
    """Write accuracy beside published numbers, and at how many images a class these are passed.

    Parameters
    ----------
    datasets : list of dict
        Those with a role in the report: dataset, role ("caltech256" or "urban_tribes") and points,
        whose lines of backbone, layer, T and head are compared.
    solvers : dict of str to str
        Solver of each head.
    accuracy_path : str
        Results of the study, a row a repeat.
    published_path : str
        Published numbers.
    comparison_path : str
        CSV written with the columns `fewshot.results.comparison.COMPARISON_COLUMNS`, in %.
    passes_path : str
        CSV written with the columns `fewshot.results.comparison.PASSES_COLUMNS`. A dataset of another name
        than its role only stands in and has no row.

    Raises
    ------
    InputError
        If the results lack a point.
    """
    comparison, passes = [], []
    for each in datasets:
        rows = own_rows(read_accuracy(accuracy_path, each["points"]), solvers, each["role"])
        rows += published_rows(published_path, each["dataset"], each["role"])
        comparison += rows
        passes += passing_rows(rows, published_path)
    write_rows(comparison_path, COMPARISON_COLUMNS, comparison)
    write_rows(passes_path, PASSES_COLUMNS, passes)


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        compare(
            **snakemake.params.arguments,
            accuracy_path=snakemake.input.accuracy,
            published_path=snakemake.input.published,
            comparison_path=snakemake.output.comparison,
            passes_path=snakemake.output.passes,
        )
