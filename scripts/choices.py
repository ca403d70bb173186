"""Put backbones, layers and heads in the order of their accuracy, and recommend what to take."""

import math

from fewshot.data.draws import read_draws
from fewshot.files import read_json
from fewshot.point import Point
from fewshot.records import write_rows
from fewshot.results.choices import Candidate, Choice, choose
from fewshot.results.judged import read_right
from fewshot.results.tables import read_summary
from fewshot.results.timings import read_extraction
from fewshot.study.pooling import layer_shape
from fewshot.study.solvers import SOLVERS


def choices(
    *,
    points,
    datasets,
    solvers,
    backbones,
    layers_read,
    summary_path,
    predictions_paths,
    draws_paths,
    backbone_paths,
    choices_path,
):
    """Write a row a grid point, dataset by dataset and by shots.

    Parameters
    ----------
    points : list of tuple
        The grid: fields of each `Point`.
    datasets, backbones : list of str
    solvers : dict of str to str
        Of each head.
    layers_read : list of tuple
        See `fewshot.study.timed_jobs.layers_read`.
    summary_path : str
        Results of the study, a row a grid point.
    predictions_paths : list of str
        Predictions of `points`, in the same order.
    draws_paths, backbone_paths : list of str
        Draws of `datasets`, descriptions of `backbones`, in the same order.
    choices_path : str
        CSV written, of `fewshot.results.choices.Choice`.
    """
    draws = {name: read_draws(path) for name, path in zip(datasets, draws_paths, strict=True)}
    costs = _costs(layers_read, dict(zip(backbones, map(read_json, backbone_paths), strict=True)))
    summary, groups = read_summary(summary_path), {}
    for fields, path in zip(points, predictions_paths, strict=True):
        point = Point(*fields)
        groups.setdefault((point.dataset, point.shots), []).append((point, path))
    rows = []
    for (dataset, _), group in sorted(groups.items(), key=lambda item: _place(datasets, item[0])):
        candidates = [
            Candidate(
                point,
                read_right(path),
                summary[point],
                *costs[point[:3]],
                not SOLVERS[solvers[point.head]].runs_network,
            )
            for point, path in group
        ]
        rows += choose(candidates, draws[dataset])
    write_rows(choices_path, Choice._fields, rows)


def _place(datasets, group):
    dataset, shots = group
    return datasets.index(dataset), shots


def _costs(layers_read, descriptions):
    """Numbers of an image, and seconds for it, of each (dataset, backbone, layer)."""
    costs = {}
    for dataset, backbone, layer, stored, paths in layers_read:
        images, seconds = read_extraction(paths, stored)
        numbers = math.prod(layer_shape(descriptions[backbone], stored))
        costs[dataset, backbone, layer] = numbers, seconds / images if images else math.nan
    return costs


def main(snakemake):
    """Do what the rule says."""
    choices(
        **snakemake.params.arguments,
        summary_path=snakemake.input.summary,
        predictions_paths=snakemake.input.predictions,
        draws_paths=snakemake.input.draws,
        backbone_paths=snakemake.input.backbones,
        choices_path=snakemake.output.choices,
    )
