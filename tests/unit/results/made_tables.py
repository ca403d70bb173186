"""Tables of a study, made of accuracies that a test writes by hand."""

import itertools

import numpy as np

from fewshot.data.draws import Draws
from fewshot.point import KEYS, Point
from fewshot.results.contrasts import Basis
from fewshot.results.questions import all_contrasts
from fewshot.results.statistics import mean_interval
from fewshot.results.study_tables import RECORDS, StudyTables
from fewshot.results.tables import SUMMARY_COLUMNS

SOLVERS = {"sgd": "sgd", "tuned": "logistic", "ridge": "ridge", "whole": "end_to_end"}
LAYERS = ["block1", "block2", "fc1", "fc2", "logits", "predictions", "centred_logits"]
WOBBLE = np.array([-0.01, 0.0, 0.01])  # sd 1 point; t(2) = 4.303: half width 2.48 points
IMAGES = 4  # tested in a repeat, others in each

# A study without results.
EMPTY = StudyTables(
    **dict.fromkeys(StudyTables._fields)
    | {name: [] for name in RECORDS}
    | {name: {} for name in ("summary", "thumbnails", "tasks", "solvers", "roles")}
    | {"layers": []}
)


def grid(dataset="birds", backbones=("vgg16",), layers=("fc2",), temperatures=("1",), **axes):
    """List the grid points of these values; shots are (8,) and heads are ("tuned",) by default."""
    axes = {"shots": (8,), "heads": ("tuned",)} | axes
    values = ([dataset], backbones, layers, temperatures, *axes.values())
    return [Point(*each) for each in itertools.product(*values)]


def wobbling(points, accuracies, wobble=WOBBLE):
    """Give each point its accuracy, and to all the same wobble, which no difference has."""
    return {point: accuracy + wobble for point, accuracy in zip(points, accuracies, strict=True)}


def make_draws(repeats=1, classes=4):
    """Make draws whose repeats are tested on images of their own; nothing is said of training."""
    rows = np.arange(max(IMAGES, classes) * repeats)
    places = np.where(rows[:, None] % repeats == np.arange(repeats), 0, -1)
    return Draws(rows % classes, rows, places)


def judge(accuracies, draws):
    """Say the same of all images of a repeat: only draws differ, as in a t-test over repeats."""
    return np.broadcast_to(np.asarray(accuracies)[:, None], (len(accuracies), len(draws.labels)))


def make_basis(accuracy, classes=4, **changes):
    """Make a basis in which all points of birds stand against shots, layer and T."""
    own = {point: values for point, values in accuracy.items() if point.dataset == "birds"}
    draws = make_draws(max(map(len, own.values()), default=1), classes)
    return Basis(
        **{
            "dataset": "birds",
            "draws": draws,
            "right": {point: judge(values, draws) for point, values in own.items()},
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


def summary_cells(accuracies):
    """Make a row of summary.csv, without its keys, that has the test accuracy alone."""
    parts = summarise_accuracy({"": accuracies})[""]
    return [parts.get(name, "") for name in SUMMARY_COLUMNS[len(KEYS) :]]


def make_tables(accuracy, role=None, classes=4, **changes):
    """Make the tables of a study of birds; `changes` are those of `make_basis`."""
    basis = make_basis(accuracy, classes, **changes)
    return EMPTY._replace(
        summary=summarise_accuracy(accuracy),
        contrasts=all_contrasts(basis),
        tasks={"birds": basis.draws},
        solvers=basis.solvers,
        roles={"birds": role},
        layers=basis.layers,
    )
