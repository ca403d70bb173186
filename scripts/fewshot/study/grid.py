"""The grid of a study: the points of its experiments, its students, and what they have in common."""

import itertools
from typing import NamedTuple

from fewshot.point import Point, write_temperature
from fewshot.study.forward_passes import SCORES
from fewshot.study.solvers import solver_of
from fewshot.study.weights import RANDOM


class Student(NamedTuple):
    """A head that learns from the soft targets of a better one.

    Attributes
    ----------
    name : str
        Of the distillation.
    teacher : Point
    alone : Point
        The student without its teacher: where it stands in the grid.
    labelled : Point
        The same with the labels of as many images as the teacher had.
    temperatures : list of float
        Of the soft targets.
    hard_weight : float
        Weight of the true labels.
    transfer : {"pool", "training"}
        Images with soft targets.
    """

    name: str
    teacher: Point
    alone: Point
    labelled: Point
    temperatures: list
    hard_weight: float
    transfer: str

    def file(self, ending):
        """Path of a file of the student: see `Point.file`."""
        return self.alone._replace(head=self.name).file(f".distilled{ending}")

    def plain(self):
        """Give its fields as Snakemake's params want them: grid points as tuples."""
        return self.name, *map(tuple, self[1:4]), *self[4:]


def points(study):
    """List the grid points of all experiments and distillations, each once.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.

    Returns
    -------
    list of Point
    """
    every = [experiment_points(study, name) for name in study["experiments"]]
    every += [[each.teacher, each.alone, each.labelled] for each in students(study)]
    return unique(itertools.chain(*every))


def lines_along(grid, axis, layers):
    """Group grid points that differ in one factor alone.

    Parameters
    ----------
    grid : iterable of Point
    axis : {"shots", "layer", "temperature"}
        The factor.
    layers : list of str
        In the order of the network.

    Returns
    -------
    list of list of Point
        Lines of more than one point, each in the order of the factor.
    """
    place = {
        "shots": lambda point: point.shots,
        "layer": lambda point: layers.index(point.layer),
        "temperature": lambda point: float(point.temperature),
    }[axis]
    lines = {}
    for point in sorted(grid, key=place):
        lines.setdefault(point._replace(**{axis: ""}), []).append(point)
    return [line for line in lines.values() if len(line) > 1]


def unique(grid):
    """Keep each grid point once, in the order in which they first come."""
    return list(dict.fromkeys(grid))


def experiment_points(study, name):
    """List the grid points of one experiment: see `points`."""
    experiment = study["experiments"][name]
    axes = [
        *(experiment[kind] for kind in ("datasets", "backbones", "layers")),
        unique(map(write_temperature, experiment["temperatures"])),
        *(experiment[kind] for kind in ("shots", "heads")),
    ]
    return [Point(*values) for values in itertools.product(*axes)]


def students(study):
    """List the students of all distillations.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.

    Returns
    -------
    list of Student
    """
    listed = []
    for name, settings in study["distillation"].items():
        teacher = settings["teacher"]
        axes = (settings[axis] for axis in ("datasets", "backbones", "layers", "shots"))
        for dataset, backbone, layer, shots in itertools.product(*axes):
            alone = Point(dataset, backbone, layer, "1", shots, settings["head"])
            kept = (settings[key] for key in ("temperatures", "hard_weight", "transfer"))
            labelled = alone._replace(shots=teacher["shots"])
            taught_by = labelled._replace(layer=teacher["layer"])
            listed.append(Student(name, taught_by, alone, labelled, *kept))
    return listed


def to_student(fields):
    """Make a student of what `Student.plain` gave."""
    name, *places = fields[:4]
    return Student(name, *(Point(*place) for place in places), *fields[4:])


def head_repeats(study):
    """Give the number of repeats of each head: the study's, where it has none of its own.

    Parameters
    ----------
    study : dict

    Returns
    -------
    dict of str to int
    """
    drawn = study["draws"]["repeats"]
    return {name: head.get("repeats", drawn) for name, head in study["heads"].items()}


def heads_where(study, wanted):
    """Name the heads whose solver is as wanted.

    Parameters
    ----------
    study : dict
    wanted : callable
        From a `fewshot.study.solvers.Solver` to bool.

    Returns
    -------
    list of str
    """
    return [head for head in study["heads"] if wanted(solver_of(study, head))]


def network_order(study):
    """List the layers of all backbones, in the order in which the study names them."""
    entries = [entry for backbone in study["backbones"].values() for entry in backbone["layers"]]
    named = [layer for entry in entries for layer in entry]
    return unique([*named, *SCORES])


def deepest_layers(study, grid):
    """Find for each backbone the last layer of a grid, class scores aside.

    Returns
    -------
    dict of str to str
    """
    order = network_order(study)
    grid = [point for point in grid if point.layer not in SCORES]
    deepest = sorted(grid, key=lambda point: order.index(point.layer))
    return {point.backbone: point.layer for point in deepest}


def controls(study):
    """Pair each backbone with those that are the same network at random weights.

    Returns
    -------
    list of (str, str)
    """
    backbones = study["backbones"]
    random = [name for name, backbone in backbones.items() if backbone["weights"] == RANDOM]
    return [
        (name, control)
        for name in backbones
        for control in random
        if name not in random and backbones[name]["network"] == backbones[control]["network"]
    ]
