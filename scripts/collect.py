"""Gather the results of a study in two tables."""

from fewshot.point import KEYS, Point
from fewshot.results.tables import (
    RESULT_COLUMNS,
    SUMMARY_COLUMNS,
    read_results,
    summarise,
    write_table,
)


def collect(*, points, result_paths, accuracy_path, summary_path):
    """Write one row a repeat, and one row a grid point with mean and 95 % interval.

    Parameters
    ----------
    points : list of tuple
        The grid: fields of each `Point`.
    result_paths : list of str
        A head's results for each of `points`, in the same order.
    accuracy_path : str
        CSV written: the keys of the point, then the columns of the results.
    summary_path : str
        CSV written: the keys, the number of repeats, then mean, standard deviation (n - 1) and
        the ends of the interval for accuracy and loss on test and training images.
        `fewshot.results.tables.mean_interval` says what the interval covers.

    Raises
    ------
    InputError
        If a result file is damaged.
    """
    results = [
        (Point(*point).key, read_results(path))
        for point, path in zip(points, result_paths, strict=True)
    ]
    write_table(
        accuracy_path,
        KEYS + RESULT_COLUMNS,
        ([*key, *row.values()] for key, rows in results for row in rows),
    )
    write_table(summary_path, SUMMARY_COLUMNS, ([*key, *summarise(rows)] for key, rows in results))


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        collect(
            **snakemake.params.arguments,
            result_paths=snakemake.input.results,
            accuracy_path=snakemake.output.accuracy,
            summary_path=snakemake.output.summary,
        )
