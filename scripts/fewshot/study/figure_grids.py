"""Which grid points of a study stand together in a figure."""

import itertools

from fewshot.point import SOFTENED
from fewshot.study.forward_passes import stored_layer
from fewshot.study.grid import (
    deepest_layers,
    experiment_points,
    heads_where,
    network_order,
    points,
    unique,
)
from fewshot.study.pooling import split_pooling
from fewshot.study.solvers import solver_of
from fewshot.study.sweeps import DEPTH, is_sweep, swept_places

AXES = ("shots", "layer", "temperature")  # against which accuracy is drawn
COMPARED = (*AXES, DEPTH)  # kinds of figures whose grid points are held against each other


def against(study, dataset, axis):
    """List a dataset's grid points in the experiments that vary `axis`.

    Sweeps over blocks stand against depth: against shots only where no other experiment has their
    backbone, against layer only with layers that are no blocks. Against temperature stand also the
    levels that the class probabilities are held against: heads with the same shots on the logits
    that are left of them, and on the deepest layer.

    Parameters
    ----------
    study : dict
    dataset : str
    axis : {"shots", "layer", "temperature"}

    Returns
    -------
    list of Point
    """
    grids = _varying(study, dataset, axis)
    if axis == "shots":
        return _without_sweeps(study, grids)
    grid = unique(itertools.chain(*grids))
    if axis == "layer":
        return _beside_depth(study, dataset, grid)
    return unique(grid + _levels(study, grid))


def _varying(study, dataset, axis):
    """Take a dataset's grid points of each experiment that varies `axis`.

    For layer of those that vary nothing else, where there are any.
    """
    grids = [experiment_points(study, each) for each in study["experiments"]]
    grids = [[point for point in grid if point.dataset == dataset] for grid in grids]
    varied = [
        {key for key in AXES if len({getattr(point, key) for point in grid}) > 1} for grid in grids
    ]
    chosen = [grid for grid, keys in zip(grids, varied, strict=True) if axis in keys]
    if axis == "layer":
        alone = [grid for grid, keys in zip(grids, varied, strict=True) if keys == {"layer"}]
        chosen = alone or chosen
    return chosen


def _without_sweeps(study, grids):
    """Leave out experiments that sweep over the blocks of backbones which others take."""
    sweeping = [is_sweep(study, grid) for grid in grids]
    pairs = list(zip(grids, sweeping, strict=True))
    others = {point.backbone for grid, sweeps in pairs if not sweeps for point in grid}
    return unique(
        point
        for grid, sweeps in pairs
        for point in grid
        if not (sweeps and point.backbone in others)
    )


def _beside_depth(study, dataset, grid):
    """Leave out the lines along layer of which depth says all, or that have blocks more than once.

    A line with a fully connected layer behind its blocks stays. Blocks that are pooled in two ways
    have no one order.
    """
    swept, lines = {place.point for place in swept_places(study, dataset)}, {}
    for point in grid:
        lines.setdefault(point._replace(layer=""), set()).add(point)
    shown = [
        line
        for line in lines.values()
        if not line <= swept and len({split_pooling(each.layer)[1] for each in line & swept}) < 2
    ]
    return [point for point in grid if any(point in line for line in shown)]


def depth_points(study, dataset):
    """List a dataset's grid points that stand against depth, as `swept_places` orders them."""
    return [place.point for place in swept_places(study, dataset)]


def _levels(study, grid):
    """List the heads on layers without T that those of a grid are held against."""
    blind = heads_where(study, lambda solver: solver.centred)
    wanted = {(point.dataset, point.backbone, point.shots) for point in grid}
    same = [
        point
        for point in points(study)
        if point.head in blind and (point.dataset, point.backbone, point.shots) in wanted
    ]
    deepest = deepest_layers(study, same)
    return [
        point for point in same if point.layer in ("centred_logits", deepest.get(point.backbone))
    ]


def curve_points(study, dataset):
    """List a dataset's grid points that are trained in epochs."""
    heads = heads_where(study, lambda solver: solver.in_epochs)
    return [point for point in points(study) if point.dataset == dataset and point.head in heads]


def cached_points(study, dataset):
    """List a dataset's grid points whose heads read coordinates."""
    heads = heads_where(study, lambda solver: not solver.runs_network)
    return [point for point in points(study) if point.dataset == dataset and point.head in heads]


def deepest_points(study, dataset):
    """List a dataset's grid points on the deepest layer of each backbone, for all shots."""
    return _on_deepest(study, against(study, dataset, "shots"))


def confident_points(study, dataset):
    """List a dataset's grid points on the deepest layer of each backbone."""
    return _on_deepest(study, [point for point in points(study) if point.dataset == dataset])


def _on_deepest(study, grid):
    deepest = deepest_layers(study, grid)
    return [point for point in grid if point.layer == deepest.get(point.backbone)]


def compared_costs(study, dataset):
    """List a dataset's grid points of both approaches: end to end, and cached on the same layer."""
    grid = curve_points(study, dataset)
    ends = [point for point in grid if solver_of(study, point.head).runs_network]
    places = {point._replace(head="") for point in ends}
    cached = [point for point in grid if point not in ends and point._replace(head="") in places]
    return ends + cached if cached else []


def curves_by(study, dataset, axis):
    """Group a dataset's learning curves that differ in `axis` alone.

    Parameters
    ----------
    study : dict
    dataset : str
    axis : {"layer", "temperature"}

    Returns
    -------
    dict of str to list of Point
        Grid points by the name of their figure, in the order of the network or of T.
    """
    groups, heads = {}, heads_where(study, lambda solver: solver.in_epochs)
    for point in unique(itertools.chain(*_varying(study, dataset, axis))):
        if point.head in heads and (axis == "temperature") == (point.layer == SOFTENED):
            name = f"{point.backbone}__{point.shots}-shot__{point.head}"
            groups.setdefault(name, []).append(point)
    order = network_order(study)
    place = {
        "layer": lambda point: order.index(point.layer),
        "temperature": lambda point: float(point.temperature),
    }[axis]
    groups = {name: sorted(grid, key=place) for name, grid in groups.items()}
    return {name: grid for name, grid in groups.items() if len({*map(place, grid)}) > 1}


def shallowest_point(study):
    """Find where gradients are checked: the first layer that heads read on the first dataset.

    Returns
    -------
    Point
        With the stored layer, at T = 1.
    """
    every = points(study)
    grid = [point for point in every if point.dataset == every[0].dataset]
    cached = [point for point in grid if not solver_of(study, point.head).runs_network]
    order = network_order(study)
    first = min(cached or grid, key=lambda point: order.index(point.layer))
    return first._replace(layer=stored_layer(first.layer), temperature="1")
