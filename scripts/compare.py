"""Put a study beside published numbers."""

from fewshot.point import Point
from fewshot.records import write_rows
from fewshot.results.comparison import (
    Compared,
    Surpassed,
    own_rows,
    published_rows,
    surpassed_rows,
)
from fewshot.results.tables import read_summary, take_points


def compare(*, datasets, approaches, summary_path, published_path, comparison_path, surpassed_path):
    """Write accuracy beside published numbers, and at how many images a class it surpasses them.

    Parameters
    ----------
    datasets : list of (str, str, list of tuple)
        Those with a role in the original: name, role ("caltech256" or "urban_tribes") and the grid
        points whose lines of backbone, layer, T and head are compared.
    approaches : dict of str to str
        The original's approach that each head is, "" for none.
    summary_path : str
        Means and intervals of the study.
    published_path : str
        Published numbers.
    comparison_path : str
        CSV written, of `fewshot.results.comparison.Compared`, in %.
    surpassed_path : str
        CSV written, of `fewshot.results.comparison.Surpassed`. A dataset of another name than its
        role only stands in and has no row.

    Raises
    ------
    InputError
        If the results lack a point.
    """
    summary, comparison, surpassed = read_summary(summary_path), [], []
    for dataset, role, points in datasets:
        own = take_points(summary, [Point(*point) for point in points])
        rows = own_rows(own, approaches, role) + published_rows(published_path, dataset, role)
        comparison += rows
        surpassed += surpassed_rows(rows, published_path)
    write_rows(comparison_path, Compared._fields, comparison)
    write_rows(surpassed_path, Surpassed._fields, surpassed)


def main(snakemake):
    """Do what the rule says."""
    compare(
        **snakemake.params.arguments,
        summary_path=snakemake.input.summary,
        published_path=snakemake.input.published,
        comparison_path=snakemake.output.comparison,
        surpassed_path=snakemake.output.surpassed,
    )
