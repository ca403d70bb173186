"""Sweeps over the blocks of a network: which grid points of a study they are made of."""

from typing import NamedTuple

from fewshot.point import Point
from fewshot.study.grid import experiment_points, unique
from fewshot.study.networks import BLOCKS, blocks_of
from fewshot.study.pooling import MARK, split_pooling
from fewshot.study.solvers import solver_of

FEWEST = 3  # blocks that make a sweep
DEPTH = "depth"  # the kind of figure, the table and the question that sweeps are for


class Place(NamedTuple):
    """Where a grid point stands in the depth of its network.

    Attributes
    ----------
    point : Point
        Its layer is a block, as it is or pooled.
    pooling : str
        How; "" where it is not.
    block : int
        Number of the block, from 1 for the one nearest to the image.
    of_blocks : int
        How many the network has.
    """

    point: Point
    pooling: str
    block: int
    of_blocks: int


def name_sweep(point):
    """Name the sweep that a grid point stands in: the point itself, all blocks for its layer.

    Examples
    --------
    >>> name_sweep(Point("birds", "dinov2", "stage8@mean", "1", 8, "tuned")).layer
    'blocks@mean'
    """
    _, pooling = split_pooling(point.layer)
    return point._replace(layer=f"{BLOCKS}{MARK}{pooling}" if pooling else BLOCKS)


def sweeps(grid):
    """Group the grid points of sweeps.

    Parameters
    ----------
    grid : iterable of Point
        Those that `swept_places` gives, in its order.

    Returns
    -------
    dict of Point to list of Point
        By their names, each from the first block to the last.
    """
    groups = {}
    for point in grid:
        groups.setdefault(name_sweep(point), []).append(point)
    return groups


def swept_places(study, dataset):
    """List the grid points of a dataset that stand in a sweep of at least `FEWEST` blocks.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.
    dataset : str

    Returns
    -------
    list of Place
        Sweep by sweep, each from the first block to the last. Heads that run the network read no
        layer that others could share, and stand in none.
    """
    grid = unique(
        point for name in study["experiments"] for point in experiment_points(study, name)
    )
    return _places(study, [point for point in grid if point.dataset == dataset])


def is_sweep(study, grid):
    """Tell whether there is a sweep among some grid points."""
    return bool(_places(study, grid))


def _places(study, grid):
    found = {}
    numbers = {name: _numbers(backbone) for name, backbone in study["backbones"].items()}
    for point in grid:
        name, pooling = split_pooling(point.layer)
        own = numbers[point.backbone]
        if name in own and not solver_of(study, point.head).runs_network:
            place = Place(point, pooling, own[name], len(own))
            found.setdefault(name_sweep(point), []).append(place)
    kept = (sorted(each, key=lambda place: place.block) for each in found.values())
    return [place for each in kept if len(each) >= FEWEST for place in each]


def _numbers(backbone):
    """Number the blocks of a backbone's network."""
    blocks = blocks_of(backbone["network"], backbone["weights"])
    return {name: number for number, name in enumerate(blocks, start=1)}
