"""Accuracy against depth: the blocks of a network, with what it takes to have their heads."""

import math
from typing import NamedTuple

from fewshot.point import KEYS, Point


class Depth(NamedTuple):
    """A head on a block of a network: a row of depth.csv.

    Attributes
    ----------
    dataset, backbone, layer, temperature, shots, head
        The grid point.
    pooling : str
        How the block is pooled; "" where it is not.
    block, of_blocks : int
        Number of the block, from 1 for the one nearest to the image, and how many there are.
    accuracy, low, high : float
        As in summary.csv.
    numbers : int
        That the layer gives of an image.
    extraction_seconds : float
        Of the whole forward pass over all images, which other layers may share.
    compaction_seconds, training_seconds : float
        Of the jobs that compacted the layer, and that trained the head in all repeats. NaN where a
        time is not known.
    """

    dataset: str
    backbone: str
    layer: str
    temperature: str
    shots: int
    head: str
    pooling: str
    block: int
    of_blocks: int
    accuracy: float
    low: float
    high: float
    numbers: int
    extraction_seconds: float
    compaction_seconds: float
    training_seconds: float

    @property
    def point(self):
        """The grid point."""
        return Point(*self[: len(KEYS)])

    @property
    def seconds(self):
        """What it takes to have the head: pass, compaction and training."""
        return self.extraction_seconds + self.compaction_seconds + self.training_seconds


def depth_rows(places, choices, timings, extraction):
    """Make a row of each grid point that stands against depth.

    Parameters
    ----------
    places : list of tuple
        Fields of each `fewshot.study.sweeps.Place`.
    choices : list of fewshot.results.choices.Choice
    timings : list of fewshot.results.timings.Timing
    extraction : dict of tuple to float
        Seconds of the forward pass of each (dataset, backbone, layer).

    Returns
    -------
    list of Depth
        In the order of `places`.
    """
    chosen = {choice.point: choice for choice in choices}
    jobs = {(job.stage, job.point): job.seconds for job in timings}
    rows = []
    for fields, *place in places:
        point = Point(*fields)
        found = chosen[point]
        rows.append(
            Depth(
                *point,
                *place,
                *(found.accuracy, found.low, found.high, found.numbers),
                extraction[point[:3]],
                jobs.get(("compact", point._replace(shots="", head="")), math.nan),
                jobs.get(("train_head", point), math.nan),
            )
        )
    return rows
