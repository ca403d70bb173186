"""Tables of a study, made of accuracies that a test writes by hand."""

import itertools

import numpy as np

from fewshot.data.draws import Draws
from fewshot.point import Point
from fewshot.results.contrasts import Basis, all_contrasts
from fewshot.results.study_tables import StudyTables
from fewshot.results.tables import mean_interval

SOLVERS = {"sgd": "sgd", "tuned": "logistic", "ridge": "ridge", "whole": "end_to_end"}
LAYERS = ["block1", "block2", "fc1", "fc2", "logits", "predictions", "centred_logits"]
WOBBLE = np.array([-0.01, 0.0, 0.01])  # sd 1 point; t(2) = 4.303: half width 2.48 points


def grid(dataset="birds", backbones=("vgg16",), layers=("fc2",), temperatures=("1",), **axes):
    """List the grid points of these values; shots are (8,) and heads are ("tuned",) by default."""
    axes = {"shots": (8,), "heads": ("tuned",)} | axes
    values = ([dataset], backbones, layers, temperatures, *axes.values())
    return [Point(*each) for each in itertools.product(*values)]


def wobbling(points, accuracies, wobble=WOBBLE):
    """Give each point its accuracy, and to all the same wobble, which no difference has."""
    return {point: accuracy + wobble for point, accuracy in zip(points, accuracies, strict=True)}


def make_basis(accuracy, **changes):
    """Make a basis in which all points of birds stand against shots, layer and T."""
    own = {point: np.asarray(v) for point, v in accuracy.items() if point.dataset == "birds"}
    return Basis(
        **{
            "dataset": "birds",
            "classes": 4,
            "accuracy": own,
            "groups": {axis: [*own] for axis in ("shots", "layer", "temperature")},
            "curves": {},
            "solvers": SOLVERS,
            "layers": LAYERS,
            "controls": [],
            "students": [],
            "comparison": [],
        }
        | changes
    )


def summarise_accuracy(accuracy):
    """Make the columns of summary.csv that are of test accuracy."""
    names = [f"test_accuracy_{part}" for part in ("mean", "std", "low", "high")]
    return {
        point: dict(zip(names, map(float, mean_interval(values)), strict=True))
        | {"repeats": float(len(values))}
        for point, values in accuracy.items()
    }


def make_tables(accuracy, role=None, classes=4, **changes):
    """Make the tables of a study of birds; `changes` are those of `make_basis`."""
    basis = make_basis(accuracy, classes=classes, **changes)
    return StudyTables(
        summary=summarise_accuracy(accuracy),
        contrasts=all_contrasts(basis),
        distillation=None,
        costs=None,
        comparison=None,
        surpassed=None,
        tasks={
            "birds": Draws(
                np.arange(classes), np.arange(classes), np.zeros((classes, 1), dtype=int)
            )
        },
        solvers=basis.solvers,
        roles={"birds": role},
        layers=basis.layers,
    )
