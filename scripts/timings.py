"""Gather what the jobs of a study took, and what a repeat costs with either approach."""

from fewshot.data.draws import read_draws
from fewshot.results.published import REPORT_APPROACHES, read_published
from fewshot.results.tables import write_rows
from fewshot.results.timings import COST_COLUMNS, TIMING_COLUMNS, cost_rows, read_benchmark


def timings(*, jobs, datasets, draws_paths, published_path, timings_path, costs_path):
    """Write one row a job, and one row for each approach, head and number of shots.

    Parameters
    ----------
    jobs : list of dict
        With stage, the keys of a grid point that apply, and path of the benchmark file.
    datasets : list of dict
        Those with heads trained end to end and heads on cached activations of the same layer:
        dataset, role in the report (or None), points (the grid points of both approaches),
        repeats (of each head) and index_paths (for each backbone the lists of pieces of its passes
        over this dataset).
    draws_paths : list of str
        Draws of each of `datasets`, in the same order.
    published_path : str
        Published numbers, the report's minutes among them.
    timings_path : str
        CSV written with the columns `fewshot.results.timings.TIMING_COLUMNS`. Numbers are empty where a
        benchmark file is missing.
    costs_path : str
        CSV written with the columns `fewshot.results.timings.COST_COLUMNS`: seconds of one repeat.
    """
    rows = [_timed(job) for job in jobs]
    costs = []
    for dataset, draws_path in zip(datasets, draws_paths, strict=True):
        costs += cost_rows(
            rows,
            dataset["points"],
            dataset["index_paths"],
            repeats=dataset["repeats"],
            draws=read_draws(draws_path),
            role=dataset["role"] or "",
            report_minutes=_report_minutes(published_path, dataset["role"]),
        )
    write_rows(timings_path, TIMING_COLUMNS, rows)
    write_rows(costs_path, COST_COLUMNS, costs)


def _timed(job):
    seconds, memory = read_benchmark(job["path"])
    known = {name: job.get(name, "") for name in TIMING_COLUMNS}
    return {**known, "seconds": seconds, "peak_memory_mb": memory}


def _report_minutes(path, role):
    table = read_published(path, role, "minutes")
    return {
        (REPORT_APPROACHES[row.method], int(row.images_per_class)): row.value
        for row in table.itertuples()
    }


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        timings(
            **snakemake.params.arguments,
            draws_paths=snakemake.input.draws,
            published_path=snakemake.input.published,
            timings_path=snakemake.output.timings,
            costs_path=snakemake.output.costs,
        )
