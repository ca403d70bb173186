"""The jobs of a study that leave their time and memory, and where."""

from typing import NamedTuple

from fewshot.point import Point
from fewshot.study.figure_grids import compared_costs
from fewshot.study.forward_passes import pass_of, passes, piece_lists, stored_layer
from fewshot.study.grid import head_repeats, points, students, unique
from fewshot.study.solvers import solver_of

_ENDING = ".benchmark.tsv"


class Job(NamedTuple):
    """A job that Snakemake measures.

    Attributes
    ----------
    stage : str
    point : tuple
        What the job is of: fields of a `Point`, "" for those that do not tell it from others.
    path : str
        Of the benchmark file.
    """

    stage: str
    point: tuple
    path: str


def timed_jobs(study):
    """List the jobs of a study that Snakemake measures.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.

    Returns
    -------
    list of Job
    """
    grid, jobs = points(study), []
    for dataset in study["datasets"]:
        for stage in ("fetch", "scan"):
            jobs.append(_job(stage, f"results/{dataset}/{stage}", dataset))
    cached = [point for point in grid if not solver_of(study, point.head).runs_network]
    jobs += _extractions(study, cached)
    for point in unique(point._replace(shots="", head="") for point in cached):
        jobs.append(_job("compact", f"{point.folder}/compact", *point[:4]))
    for point in grid:
        stage = "train_head" if point in cached else "train_end_to_end"
        jobs.append(_job(stage, point.file(""), *point))
    for student in students(study):
        place = student.alone._replace(head=student.name)
        jobs.append(_job("distil", student.file(""), *place))
    return jobs


def _job(stage, path, *fields):
    missing = len(Point._fields) - len(fields)
    return Job(stage, (*fields, *[""] * missing), path + _ENDING)


def costed(study):
    """List the datasets on which both approaches are trained, with what tells their costs.

    Returns
    -------
    list of dict
        With dataset, role, points (see `fewshot.study.figure_grids.compared_costs`), repeats (of
        each head) and index_paths, for each backbone the lists of the
        pieces that the cached approach reads.
    """
    listed = []
    for name, dataset in study["datasets"].items():
        grid = compared_costs(study, name)
        if not grid:
            continue
        lists = {}
        for point in grid:
            paths = piece_lists(study, name, point.backbone, point.layer)
            lists.setdefault(point.backbone, {}).update(dict.fromkeys(paths))
        listed.append(
            {
                "dataset": name,
                "role": dataset["role"],
                "points": [tuple(point) for point in grid],
                "repeats": head_repeats(study),
                "index_paths": {backbone: [*paths] for backbone, paths in lists.items()},
            }
        )
    return listed


def layers_read(study):
    """List the layers that grid points read, with where their activations are listed.

    Returns
    -------
    list of tuple
        dataset, backbone, layer, the stored layer that it follows from, and paths as `piece_lists`
        gives them.
    """
    places = unique((point.dataset, point.backbone, point.layer) for point in points(study))
    return [(*place, stored_layer(place[-1]), piece_lists(study, *place)) for place in places]


def _extractions(study, grid):
    """Jobs of the forward passes, whose layers are those of the pass."""
    wanted = unique((p.dataset, p.backbone, pass_of(study, p.backbone, p.layer)) for p in grid)
    for dataset, backbone, name in wanted:
        layer = passes(study, backbone)[name][0]
        for path in piece_lists(study, dataset, backbone, layer):
            yield _job("extract", path.removesuffix(".json"), dataset, backbone, name)
