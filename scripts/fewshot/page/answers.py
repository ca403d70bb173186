"""What the experiments of a study answer, in sentences: rows of its tables in words."""

from typing import NamedTuple

from fewshot.figures.accuracy import best_point
from fewshot.figures.against_depth import say_depth
from fewshot.figures.against_layer import say_layers
from fewshot.figures.against_shots import say_shots
from fewshot.figures.against_temperature import say_temperatures
from fewshot.figures.words import listed, share, told
from fewshot.names import shown
from fewshot.page.distillation import say_distilled
from fewshot.page.verdicts import say_accuracy
from fewshot.study.figure_grids import against, depth_points
from fewshot.study.figure_kinds import (
    APPROACHES,
    CLASSES,
    COST,
    DISTILLATION,
    LAYERS,
    SHOTS,
    TEMPERATURE,
)
from fewshot.study.grid import controls, heads_where, lines_along
from fewshot.study.solvers import CACHED, END_TO_END
from fewshot.study.sweeps import sweeps
from fewshot.study.weights import RANDOM


class Answer(NamedTuple):
    """A sentence or two on a dataset, and the section of the page that has the figures for it."""

    dataset: str
    section: str
    text: str


def answers(study, tables):
    """Answer the questions that the study's results decide.

    Parameters
    ----------
    study : dict
    tables : fewshot.results.study_tables.StudyTables

    Returns
    -------
    list of Answer
        Dataset by dataset.
    """
    weights = {name: backbone["weights"] for name, backbone in study["backbones"].items()}
    trained = [name for name in weights if weights[name] != RANDOM] or [*weights]
    found = []
    for dataset in study["datasets"]:
        own = [point for point in tables.summary if point.dataset == dataset]
        said = []
        for backbone in trained:
            alone = [point for point in own if point.backbone == backbone]
            said += _of_backbone(study, tables, alone) if alone else []
        said += [(CLASSES, text) for text in _hardest(tables, dataset)]
        said += [(APPROACHES, text) for text in _approaches(study, tables, own)]
        said += [(COST, text) for text in _costs(tables, dataset)]
        said += [(DISTILLATION, text) for text in say_distilled(study, tables, dataset)]
        found += [Answer(dataset, *each) for each in said]
    return found


def _of_backbone(study, tables, alone):
    """Say what one backbone reaches on one dataset: pairs of a section and its sentence."""
    backbone, most = alone[0].backbone, max(point.shots for point in alone)
    measured = [point for point in alone if point.shots == most]
    best = best_point(tables, measured)
    line = sorted(point for point in alone if point.line == best.line)
    several = f"of the {len(measured)} measured " * (len(measured) > 1)
    highest = say_shots(tables, line, "layer", "temperature", "head")
    yield SHOTS, f"{backbone}: {several}at {most} shots the highest is {highest}."
    for control in [control for name, control in controls(study) if name == backbone]:
        yield from _beside_control(tables, alone, control)
    told_of = (LAYERS, _depth), (LAYERS, _layers), (TEMPERATURE, _temperatures)
    for section, said in told_of:
        texts = said(study, tables, alone[0])
        yield from [(section, f"{backbone}: {' '.join(texts)}")] if texts else []


def _beside_control(tables, alone, control):
    """Hold a backbone against the same network with random weights, at the most shots of both."""
    pairs = [(point, point._replace(backbone=control)) for point in alone]
    pairs = [pair for pair in pairs if pair[1] in tables.summary]
    most = max((point.shots for point, _ in pairs), default=0)
    said = [
        f"{told(tables.contrast('control', *pair))} on {pair[0].label('layer', 'temperature')} "
        f"({pair[0].head})"
        for pair in pairs
        if pair[0].shots == most
    ]
    text = f"less {control}, the same network with random weights, at {most} shots"
    return [(SHOTS, f"{alone[0].backbone} {text}: {listed(said)}.")] if said else []


def _lines(study, tables, place, axis):
    """List what stands against an axis on the dataset and backbone of a grid point."""
    grid = against(study, place.dataset, axis)
    alone = [point for point in grid if point.backbone == place.backbone]
    return lines_along(alone, axis, tables.layers)


def _layers(study, tables, place):
    """Compare the layers of each head, at the most shots that it has."""
    lines = sorted(_lines(study, tables, place, "layer"), key=lambda line: line[0].shots)
    by_head = {line[0].head: line for line in lines}
    return [f"{say_layers(tables, line, 'shots', 'head')}." for line in by_head.values()]


def _depth(study, tables, place):
    """Name the best block of each sweep, at the most shots that its head has."""
    grid = sorted(depth_points(study, place.dataset), key=lambda point: point.shots)
    found = sweeps(point for point in grid if point.backbone == place.backbone)
    last = {(name.layer, name.head): (name, line) for name, line in found.items()}
    return [
        f"{name.label('layer', 'shots', 'head')}: {say_depth(tables, line)}."
        for name, line in last.values()
    ]


def _temperatures(study, tables, place):
    """Compare the largest with the smallest T for each head on the class probabilities."""
    return [
        f"{line[0].label('shots', 'head')} on {line[0].layer}: {say_temperatures(tables, line)}."
        for line in _lines(study, tables, place, "temperature")
    ]


def _hardest(tables, dataset):
    """Name the class that is named rightly least often, if any is named wrongly."""
    own = [row for row in tables.classes if row.dataset == dataset]
    worst = min(own, key=lambda row: row.accuracy, default=None)
    if worst and worst.accuracy < 1:
        name = shown(worst.class_name)
        text = f"Hardest is {name}: {say_accuracy(worst)} of its test images are named rightly"
        other = f", {share(worst.taken_share)} are taken for {shown(worst.taken_for)}"
        yield f"{text}{other * bool(worst.taken_for)}."


def _approaches(study, tables, own):
    """Hold the approach end to end against the cached one, on the same layer and images."""
    said = {}
    ends, cached = (
        heads_where(study, lambda solver, name=name: solver.approach == name)
        for name in (END_TO_END, CACHED)
    )
    pairs = [(end, end._replace(head=head)) for end in own if end.head in ends for head in cached]
    for end, other in (pair for pair in pairs if pair[1] in tables.summary):
        where = f"({end.head}) less cached ({other.head}) on {end.layer} of {end.backbone}"
        difference = told(tables.contrast("approach", end, other))
        said.setdefault(where, []).append(f"at {end.shots} shots {difference}")
    return [f"End to end {where}: {'; '.join(parts)}." for where, parts in said.items()]


def _costs(tables, dataset):
    """Hold the time of both approaches, summed over the shots, against each other."""
    if tables.costs is None:
        return
    place = ["backbone", "layer", "temperature"]
    costs = tables.costs[tables.costs["dataset"] == dataset]
    lasts = costs.groupby([*place, "approach", "head"], sort=False).tail(1)
    ends, cached = (lasts[lasts["approach"] == name] for name in (END_TO_END, CACHED))
    ends = ends.drop_duplicates(place)  # `times` is that of the first
    for row in ends.merge(cached, on=place).dropna(subset="times_y").itertuples():
        yield (
            f"One repeat at all shots on {row.layer} of {row.backbone} takes "
            f"{row.summed_seconds_x:.3g} s end to end ({row.head_x}) and "
            f"{row.summed_seconds_y:.3g} s cached ({row.head_y}), extraction included. The first "
            f"is {row.times_y:.2g} times the second."
        )
