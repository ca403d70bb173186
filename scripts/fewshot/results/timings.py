"""What the jobs of a study took, and what a repeat costs end to end and from cached activations."""

import math
from pathlib import Path

import numpy as np

from fewshot.files import damaged, read_json
from fewshot.results.tables import KEYS, point_key

TIMING_COLUMNS = ("stage", *KEYS, "seconds", "peak_memory_mb")
COST_KEYS = ("dataset", "role", "approach", "backbone", "layer", "temperature", "head")
COST_COLUMNS = (
    *COST_KEYS,
    "shots",
    "repeats",
    "images",
    "extraction_seconds",
    "compaction_seconds",
    "training_seconds",
    "total_seconds",
    "report_minutes",
)
APPROACHES = {"train_end_to_end": "end to end", "train_head": "cached"}  # by training stage


def read_benchmark(path):
    """Read what a job took from the benchmark file that Snakemake wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    seconds : float
        Wall time.
    peak_memory_mb : float
        Largest resident memory in MB. Both are NaN where the file is missing, as it is when
        results came from another machine without it; a job shorter than Snakemake's sampling can
        lack the memory alone.

    Raises
    ------
    InputError
        If the file is not whole.
    """
    if not Path(path).is_file():
        return math.nan, math.nan
    # Snakemake's own file has no digest, but the lines and the columns that it must have.
    *lines, end = Path(path).read_text(encoding="utf-8", errors="replace").split("\n")
    header, *rows = [line.split("\t") for line in lines] or [[]]
    whole = rows and not end and len(rows[-1]) == len(header)
    if not whole or not {"s", "max_rss"} <= {*header}:
        raise damaged(path, f"{path}, which is no whole benchmark")
    last = dict(zip(header, rows[-1], strict=True))
    return _positive(last["s"]), _positive(last["max_rss"])


def _positive(text):
    try:
        number = float(text)
    except ValueError:  # "NA" or "-"
        return math.nan
    return number if number > 0 else math.nan


def read_extraction(index_paths, layer):
    """Tell what the activations of a layer took, whichever runs computed them.

    Parameters
    ----------
    index_paths : list of str
        Lists of pieces that `extract` wrote for a dataset and backbone, one a part, of any passes.
    layer : str

    Returns
    -------
    images : int
    seconds : float
        Wall time of the whole passes, which other layers may share. NaN where a list is missing,
        as it may be when activations were deleted to free the disk, or none has the layer.
    """
    if not all(Path(path).is_file() for path in index_paths):
        return 0, math.nan
    indexes = [read_json(path) for path in index_paths]
    parts = [index[layer] for index in indexes if layer in index]
    images = sum(count for part in parts for _, _, count in part["runs"])
    return images, sum(part["seconds"] for part in parts) if parts else math.nan


def new_images(shots, draws):
    """Count the images of a repeat that each number of shots is the first to need.

    The smallest one needs the test images and its own training images, a larger one the training
    images that it adds, for draws are nested.

    Parameters
    ----------
    shots : list of int, ascending
    draws : fewshot.data.draws.Draws

    Returns
    -------
    list of int
    """
    needed = [len(draws.training_rows(0, each)) for each in shots]
    return np.diff(needed, prepend=-draws.tested).tolist()


def cost_rows(timings, points, index_paths, *, repeats, draws, role, report_minutes):
    """Cost of one repeat at each number of shots that all heads on a layer have.

    Parameters
    ----------
    timings : list of dict
        Rows with the columns `TIMING_COLUMNS`.
    points : list of dict
        Grid points of one dataset: heads trained end to end, and heads on the cached activations
        of the same layers.
    index_paths : dict of str to list of str
        For each backbone what `read_extraction` takes, of this dataset.
    repeats : dict of str to int
        How many repeats the jobs of each head have.
    draws : fewshot.data.draws.Draws
        Of the dataset.
    role : str
        Dataset of the report that this one is held against, or "".
    report_minutes : dict of (str, int) to float
        What an approach took in the report at a number of shots.

    Returns
    -------
    list of dict
        Rows with the columns `COST_COLUMNS`, a line after the other. The cost of an image is that
        of its extraction and compaction divided by the images these had; training is the job's
        time divided by its repeats. NaN where a time is not known.
    """
    rows = []
    for jobs in _lines(timings, points):
        head = jobs[0]
        trained = repeats[head["head"]]
        shots = [job["shots"] for job in jobs]
        approach = APPROACHES[head["stage"]]
        images = new_images(shots, draws)
        parts = _image_seconds(timings, head, index_paths) if approach == "cached" else (0.0, 0.0)
        for job, new in zip(jobs, images, strict=True):
            seconds = [new * part for part in parts] + [job["seconds"] / trained]
            shared = {key: job[key] for key in KEYS} | {"role": role, "approach": approach}
            values = [*seconds, sum(seconds), report_minutes.get((approach, job["shots"]), np.nan)]
            numbers = dict(zip(COST_COLUMNS[-5:], values, strict=True))
            known = new if approach == "cached" else np.nan
            rows.append({**shared, "repeats": trained, "images": known, **numbers})
    return rows


def _lines(timings, points):
    """Training jobs of each head on each layer with both approaches, at the shots that all have."""
    wanted = set(map(point_key, points))
    groups = {}
    for job in timings:
        if job["stage"] in APPROACHES and point_key(job) in wanted:
            group = groups.setdefault(tuple(job[key] for key in KEYS[:4]), {})
            group.setdefault((job["stage"], job["head"]), {})[job["shots"]] = job
    for group in groups.values():
        if {stage for stage, _ in group} == set(APPROACHES):
            common = sorted(set.intersection(*(set(line) for line in group.values())))
            # "train_end_to_end" comes before "train_head"
            yield from ([group[line][each] for each in common] for line in sorted(group) if common)


def _image_seconds(timings, head, index_paths):
    """Seconds of an image in extraction and compaction."""
    images, seconds = read_extraction(index_paths[head["backbone"]], head["layer"])
    compaction = next(
        (
            job["seconds"]
            for job in timings
            if job["stage"] == "compact" and all(job[key] == head[key] for key in KEYS[:4])
        ),
        math.nan,
    )
    return (seconds / images, compaction / images) if images else (math.nan, math.nan)
