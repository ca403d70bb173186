"""The jobs of a study that leave their time and memory, and where."""

from fewshot.study.forward_passes import pass_of, passes, piece_lists
from fewshot.study.planned_figures import compared_costs
from fewshot.study.read import head_repeats, is_end_to_end, points, students

_HEAD = "results/{dataset}/{backbone}/{layer}/T{temperature}/{shots}-shot"


def timed_jobs(study):
    """List the jobs of a study that Snakemake measures.

    Parameters
    ----------
    study : dict
        From `study.read_study`.

    Returns
    -------
    list of dict
        With stage, path (of the benchmark file), and those of dataset, backbone, layer,
        temperature, shots and head that name the job.
    """
    jobs = []
    for dataset in study["datasets"]:
        for stage in ("fetch", "scan"):
            path = f"results/{dataset}/{stage}.benchmark.tsv"
            jobs.append({"stage": stage, "dataset": dataset, "path": path})
    grid = points(study)
    cached = [point for point in grid if not is_end_to_end(study["heads"][point["head"]])]
    jobs += _extractions(study, cached)
    jobs += _compactions(cached)
    for point in grid:
        stage = "train_head" if point in cached else "train_end_to_end"
        path = f"{_HEAD}/{{head}}.benchmark.tsv".format(**point)
        jobs.append({"stage": stage, **point, "path": path})
    for student in students(study):
        place = {**student["alone"], "head": student["name"]}
        path = f"{_HEAD}/{{head}}.distilled.benchmark.tsv".format(**place)
        jobs.append({"stage": "distil", **place, "path": path})
    return jobs


def costed(study):
    """List the datasets on which both approaches are trained, with what tells their costs.

    Returns
    -------
    list of dict
        With dataset, role, points (see `drawn.compared_costs`), repeats (of each head) and
        index_paths, for each backbone the lists of the pieces that the cached approach reads.
    """
    listed = []
    for name, dataset in study["datasets"].items():
        grid = compared_costs(study, name)
        if not grid:
            continue
        lists = {}
        for point in grid:
            paths = piece_lists(study, name, point["backbone"], point["layer"])
            lists.setdefault(point["backbone"], {}).update(dict.fromkeys(paths))
        lists = {backbone: [*paths] for backbone, paths in lists.items()}
        place = {"dataset": name, "role": dataset["role"], "points": grid}
        repeats = head_repeats(study)
        listed.append({**place, "repeats": repeats, "index_paths": lists})
    return listed


def _extractions(study, grid):
    """Jobs of the forward passes, whose layers are those of the pass."""
    wanted = {
        (p["dataset"], p["backbone"], pass_of(study, p["backbone"], p["layer"])): None for p in grid
    }
    for dataset, backbone, name in wanted:
        layer = passes(study, backbone)[name][0]
        place = {"dataset": dataset, "backbone": backbone, "layer": name}
        for path in piece_lists(study, dataset, backbone, layer):
            benchmark = path.replace(".json", ".benchmark.tsv")
            yield {"stage": "extract", **place, "path": benchmark}


def _compactions(grid):
    keys = ("dataset", "backbone", "layer", "temperature")
    for place in {tuple(point[key] for key in keys): None for point in grid}:
        named = dict(zip(keys, place, strict=True))
        path = "results/{dataset}/{backbone}/{layer}/T{temperature}/compact.benchmark.tsv"
        yield {"stage": "compact", **named, "path": path.format(**named)}
