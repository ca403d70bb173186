"""Gather what the jobs of a study took, and what a repeat costs with either approach."""

from fewshot.data.draws import read_draws
from fewshot.point import Point
from fewshot.records import write_rows
from fewshot.results.published import APPROACHES, read_published
from fewshot.results.tables import read_scoring
from fewshot.results.timings import Cost, Timing, cost_rows, read_benchmark


def timings(
    *, jobs, datasets, accuracy_path, draws_paths, published_path, timings_path, costs_path
):
    """Write one row a job, and one row for each approach, head and number of shots.

    Parameters
    ----------
    jobs : list of (str, tuple, str)
        Fields of each `fewshot.study.timed_jobs.Job`.
    datasets : list of dict
        Those with heads trained end to end and heads on cached activations of the same layer, as
        `fewshot.study.timed_jobs.costed` gives them.
    accuracy_path : str
        Results of the study, a row a repeat.
    draws_paths : list of str
        Draws of each of `datasets`, in the same order.
    published_path : str
        Published numbers, the original's minutes among them.
    timings_path : str
        CSV written, of `fewshot.results.timings.Timing`. Numbers are empty where a benchmark file
        is missing.
    costs_path : str
        CSV written, of `fewshot.results.timings.Cost`.
    """
    rows = [Timing(stage, *point, *read_benchmark(path)) for stage, point, path in jobs]
    costs, scoring = [], read_scoring(accuracy_path)
    for dataset, draws_path in zip(datasets, draws_paths, strict=True):
        costs += cost_rows(
            rows,
            [Point(*point) for point in dataset["points"]],
            dataset["index_paths"],
            repeats=dataset["repeats"],
            scoring=scoring,
            draws=read_draws(draws_path),
            role=dataset["role"] or "",
            original_minutes=_original_minutes(published_path, dataset["role"]),
        )
    write_rows(timings_path, Timing._fields, rows)
    write_rows(costs_path, Cost._fields, costs)


def _original_minutes(path, role):
    table = read_published(path, role, "minutes")
    return {
        (APPROACHES[row.method], int(row.training_images)): row.value for row in table.itertuples()
    }


def main(snakemake):
    """Do what the rule says."""
    timings(
        **snakemake.params.arguments,
        accuracy_path=snakemake.input.results,
        draws_paths=snakemake.input.draws,
        published_path=snakemake.input.published,
        timings_path=snakemake.output.timings,
        costs_path=snakemake.output.costs,
    )
