"""What the jobs of a study took, and what a repeat costs end to end and from cached activations."""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fewshot.files import damaged, read_json
from fewshot.point import Point
from fewshot.study.solvers import CACHED, END_TO_END

APPROACHES = {"train_end_to_end": END_TO_END, "train_head": CACHED}  # by training stage


class Timing(NamedTuple):
    """What a job took: a row of timings.csv. Fields of the grid point are "" where none applies."""

    stage: str
    dataset: str
    backbone: str
    layer: str
    temperature: str
    shots: int
    head: str
    seconds: float
    peak_memory_mb: float

    @property
    def point(self):
        """The grid point, as far as it applies."""
        return Point(*self[1:7])


class Cost(NamedTuple):
    """What one repeat takes at a number of shots: a row of costs.csv, in seconds.

    `summed_seconds` is the total over this and all smaller numbers of shots. `times` says how many
    times as long the first head (by name) end to end on the same layer takes for these, and
    `original_times` how many times that was in the original; both are of cached heads.
    """

    dataset: str
    role: str
    approach: str
    backbone: str
    layer: str
    temperature: str
    head: str
    shots: int
    repeats: int
    images: float
    extraction_seconds: float
    compaction_seconds: float
    training_seconds: float
    total_seconds: float
    summed_seconds: float
    times: float
    original_minutes: float
    original_times: float


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
    images that it adds, for draws are nested. Repeats may differ in test images: their mean counts.

    Parameters
    ----------
    shots : list of int, ascending
    draws : fewshot.data.draws.Draws

    Returns
    -------
    list of float
    """
    needed = [len(draws.training_rows(0, each)) for each in shots]
    return np.diff(needed, prepend=-draws.tested.mean()).tolist()


def cost_rows(timings, points, index_paths, *, repeats, scoring, draws, role, original_minutes):
    """Cost of one repeat at each number of shots that all heads on a layer have.

    Parameters
    ----------
    timings : list of Timing
    points : list of Point
        Of one dataset: heads trained end to end, and heads on the cached activations of the same
        layers.
    index_paths : dict of str to list of str
        For each backbone what `read_extraction` takes, of this dataset.
    repeats : dict of str to int
        How many repeats the jobs of each head have.
    scoring : dict of Point to float
        Seconds of a job that its predictions took, which are no part of a training.
    draws : fewshot.data.draws.Draws
        Of the dataset.
    role : str
        Dataset of the original that this one is held against, or "".
    original_minutes : dict of (str, int) to float
        What an approach took in the original at a number of shots.

    Returns
    -------
    list of Cost
        A line after the other. The cost of an image is that of its extraction and compaction
        divided by the images these had; training is the job's time, less that of its predictions,
        divided by its repeats. NaN where a time is not known.
    """
    rows, ends = [], {}
    for jobs in _lines(timings, points):
        line, shots = jobs[0].point, [job.shots for job in jobs]
        approach, trained = APPROACHES[jobs[0].stage], repeats[line.head]
        cached = approach == CACHED
        images = new_images(shots, draws)
        image_seconds = _image_seconds(timings, line, index_paths) if cached else (0.0, 0.0)
        seconds = np.array(
            [
                [
                    *(new * part for part in image_seconds),
                    (job.seconds - scoring.get(job.point, 0)) / trained,
                ]
                for job, new in zip(jobs, images, strict=True)
            ]
        )  # (shots, 3)
        totals = seconds.sum(axis=1)
        summed = totals.cumsum()
        # Of each layer the lines end to end come first.
        first = ends.setdefault(line[:4], summed)
        unknown = np.full(len(shots), np.nan)
        columns = zip(
            shots,
            images if cached else unknown,
            *seconds.T,
            totals,
            summed,
            first / summed if cached else unknown,
            [original_minutes.get((approach, each), np.nan) for each in shots],
            _original_times(original_minutes, shots) if cached else unknown,
            strict=True,
        )
        place = line.dataset, role, approach, *line[1:4], line.head
        rows += [Cost(*place, each, trained, *map(float, rest)) for each, *rest in columns]
    return rows


def _original_times(minutes, shots):
    """Say how many times as long the original took end to end, up to each number of shots."""
    both = [
        [minutes.get((approach, each), np.nan) for approach in (END_TO_END, CACHED)]
        for each in shots
    ]
    known = np.isfinite(both).all(axis=1, keepdims=True)
    end, cached = np.where(known, both, 0).cumsum(axis=0).T
    return np.divide(end, cached, out=np.full(len(shots), np.nan), where=cached > 0)


def _lines(timings, points):
    """Training jobs of each head on each layer with both approaches, at the shots that all have."""
    wanted, groups = set(points), {}
    for job in timings:
        if job.stage in APPROACHES and job.point in wanted:
            group = groups.setdefault(job.point[:4], {})
            group.setdefault((job.stage, job.head), {})[job.shots] = job
    for group in groups.values():
        if {stage for stage, _ in group} == set(APPROACHES):
            common = sorted(set.intersection(*(set(line) for line in group.values())))
            # "train_end_to_end" comes before "train_head"
            yield from ([group[line][each] for each in common] for line in sorted(group) if common)


def _image_seconds(timings, line, index_paths):
    """Seconds of an image in extraction and compaction."""
    images, seconds = read_extraction(index_paths[line.backbone], line.layer)
    compaction = next(
        (job.seconds for job in timings if job.stage == "compact" and job.point[:4] == line[:4]),
        math.nan,
    )
    return (seconds / images, compaction / images) if images else (math.nan, math.nan)
