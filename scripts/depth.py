"""Set what heads reach on each block of a network beside what it takes to have them."""

from fewshot.records import read_records, write_records
from fewshot.results.choices import Choice
from fewshot.results.depth import Depth, depth_rows
from fewshot.results.timings import Timing, read_benchmark, read_extraction


def depth(*, places, jobs, layers_read, choices_path, depth_path):
    """Write a row for each head on a block, sweep by sweep.

    Parameters
    ----------
    places : list of tuple
        Fields of each `fewshot.study.sweeps.Place`.
    jobs : list of (str, tuple, str)
        Fields of each `fewshot.study.timed_jobs.Job` of these.
    layers_read : list of tuple
        See `fewshot.study.timed_jobs.layers_read`.
    choices_path : str
        Accuracy of each grid point, and how many numbers its layer gives.
    depth_path : str
        CSV written, of `fewshot.results.depth.Depth`.
    """
    timings = [Timing(stage, *point, *read_benchmark(path)) for stage, point, path in jobs]
    seconds = {
        tuple(place): read_extraction(paths, stored)[1] for *place, stored, paths in layers_read
    }
    rows = depth_rows(places, read_records(choices_path, Choice), timings, seconds)
    write_records(depth_path, Depth, rows)


def main(snakemake):
    """Do what the rule says."""
    depth(
        **snakemake.params.arguments,
        choices_path=snakemake.input.choices,
        depth_path=snakemake.output.depth,
    )
