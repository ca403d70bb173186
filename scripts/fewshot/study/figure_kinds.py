"""The kinds of figures, and which figures of each a study calls for.

A kind is one entry of `KINDS`; `fewshot.figures.kinds` has what draws it.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from fewshot.point import Point
from fewshot.study.figure_grids import (
    against,
    cached_points,
    compared_costs,
    confident_points,
    curve_points,
    curves_by,
    deepest_points,
)
from fewshot.study.grid import students

FOLDER = "figures"  # in reports/<study>/
# Sections of the page.
FORECAST = "Forecast"
SHOTS, LAYERS, TEMPERATURE = "Accuracy against shots", "Layers", "Temperature"
DISTILLATION, VIEWS = "Distillation", "What the network sees"
COMPARISON, COST, CURVES = "Comparison", "Cost", "Learning curves"
CONFIDENCE, CLASSES, MAP = "Confidence", "Classes", "Map"
IMAGES = "Images"  # galleries, not figures
APPROACHES = "End to end against cached"  # without figures


class Figure(NamedTuple):
    """A figure of a study.

    Attributes
    ----------
    kind : str
        Key of `KINDS`.
    file : str
        A PNG, seen from reports/<study>/figures/. SVG and caption lie beside it.
    dataset, backbone : str
        Empty where the figure is not of one alone.
    points : list of Point
        What it draws, where that are grid points.
    """

    kind: str
    file: str
    dataset: str = ""
    backbone: str = ""
    points: list = []  # noqa: RUF012 (never changed)


class FigureKind(NamedTuple):
    """A kind of figure.

    Attributes
    ----------
    section : str
        Of the page.
    shows : str
        What a figure of it answers, as the index says.
    drawn_by : str
        Rule and script.
    plan : callable
        plan(study) gives for each figure its file, and dataset, backbone and points as `Figure`
        has them.
    tables : tuple of str
        Tables that only studies with such figures have.
    """

    section: str
    shows: str
    drawn_by: str
    plan: Callable
    tables: tuple = ()


def _of_datasets(file, choose, study):
    """Plan a figure for each dataset that `choose` finds grid points of."""
    for dataset in study["datasets"]:
        if grid := choose(study, dataset):
            yield {"file": file.format(dataset=dataset), "dataset": dataset, "points": grid}


def _every_dataset(file):
    """Plan a figure for each dataset, of what the tables alone tell."""

    def plan(study):
        for dataset in study["datasets"]:
            yield {"file": file.format(dataset=dataset), "dataset": dataset}

    return plan


def _accuracy(axis):
    return partial(
        _of_datasets,
        f"{{dataset}}/accuracy_against_{axis}.png",
        lambda study, dataset: against(study, dataset, axis),
    )


def _curves_together(axis):
    def plan(study):
        for dataset in study["datasets"]:
            for name, grid in curves_by(study, dataset, axis).items():
                yield {
                    "file": f"{dataset}/curves/by_{axis}__{name}.png",
                    "dataset": dataset,
                    "backbone": grid[0].backbone,
                    "points": grid,
                }

    return plan


def _curves(study):
    for dataset in study["datasets"]:
        for point in curve_points(study, dataset):
            file = f"{dataset}/curves/{point.name}.png"
            place = {"dataset": dataset, "backbone": point.backbone}
            yield {"file": file, **place, "points": [point]}


def _taught(study, dataset):
    return [each.alone for each in students(study) if each.alone.dataset == dataset]


def _compared(study, dataset):
    return deepest_points(study, dataset) if study["datasets"][dataset]["role"] else []


def _alone(file, wanted):
    """Plan a figure for each dataset of which `wanted(study, dataset)` is true."""

    def plan(study):
        for dataset in study["datasets"]:
            if wanted(study, dataset):
                yield {"file": file.format(dataset=dataset), "dataset": dataset}

    return plan


def shows_features(backbone):
    """Tell whether feature maps and filters of a backbone are drawn."""
    return backbone["feature_maps"] != []


def shown_datasets(study):
    """List the datasets of which figures may show images."""
    return [*study["datasets"]] if study["gallery"] else []


def _views(name, wanted):
    def plan(study):
        for dataset in shown_datasets(study):
            for backbone, settings in study["backbones"].items():
                if wanted(settings):
                    file = f"{dataset}/{backbone}_{name}.png"
                    yield {"file": file, "dataset": dataset, "backbone": backbone}

    return plan


def _filters(study):
    for backbone, settings in study["backbones"].items():
        if shows_features(settings):
            yield {"file": f"{backbone}_filters.png", "backbone": backbone}


# In the order in which they stand in the index.
KINDS = {
    "forecast": FigureKind(
        FORECAST,
        "what is recommended against shots, measured and forecast",
        "plot_tables",
        _every_dataset("{dataset}/forecast.png"),
    ),
    "shots": FigureKind(
        SHOTS, "test accuracy against training images a class", "plot_tables", _accuracy("shots")
    ),
    "layer": FigureKind(LAYERS, "test accuracy against layer", "plot_tables", _accuracy("layer")),
    "temperature": FigureKind(
        TEMPERATURE, "test accuracy against temperature", "plot_tables", _accuracy("temperature")
    ),
    "classes": FigureKind(
        CLASSES,
        "accuracy of each class",
        "plot_tables",
        _alone("{dataset}/classes.png", lambda study, dataset: True),
    ),
    "confusion": FigureKind(
        CLASSES,
        "classes that are taken for each other",
        "plot_tables",
        _alone("{dataset}/confusion.png", lambda study, dataset: True),
    ),
    "map": FigureKind(
        MAP,
        "test images by how alike they are",
        "plot_tables",
        _alone("{dataset}/map.png", cached_points),
    ),
    "map_pictures": FigureKind(
        MAP,
        "test images by how alike they are, as pictures",
        "plot_tables",
        _alone(
            "{dataset}/map_pictures.png",
            lambda study, dataset: (
                dataset in shown_datasets(study) and cached_points(study, dataset)
            ),
        ),
    ),
    "layer_curves": FigureKind(
        LAYERS,
        "loss and accuracy against epoch, a line a layer",
        "plot_curves",
        _curves_together("layer"),
    ),
    "temperature_curves": FigureKind(
        TEMPERATURE,
        "loss and accuracy against epoch, a line a temperature",
        "plot_curves",
        _curves_together("temperature"),
    ),
    "distillation": FigureKind(
        DISTILLATION,
        "test accuracy of distilled students against temperature",
        "plot_tables",
        partial(_of_datasets, "{dataset}/distillation.png", _taught),
        ("distillation",),
    ),
    "feature_maps": FigureKind(
        VIEWS,
        "an image and the first six outputs of convolutions",
        "plot_network",
        _views("feature_maps", shows_features),
    ),
    "excitations": FigureKind(
        VIEWS,
        "images that excite channels of a layer most",
        "plot_excitations",
        _views("excitations", lambda backbone: backbone["excitations"]),
    ),
    "filters": FigureKind(VIEWS, "filters of the first convolution", "plot_network", _filters),
    "reliability": FigureKind(
        CONFIDENCE,
        "test accuracy against the probability of the class named",
        "plot_tables",
        partial(_of_datasets, "{dataset}/reliability.png", confident_points),
    ),
    "comparison": FigureKind(
        COMPARISON,
        "test accuracy beside the original's and published numbers",
        "plot_tables",
        partial(_of_datasets, "{dataset}/comparison.png", _compared),
        ("comparison", "surpassed"),
    ),
    "costs": FigureKind(
        COST,
        "time of both approaches against training images a class",
        "plot_tables",
        partial(_of_datasets, "{dataset}/costs.png", compared_costs),
        ("costs",),
    ),
    "curves": FigureKind(
        CURVES, "test and train loss and accuracy against epoch", "plot_curves", _curves
    ),
}


def planned_figures(study):
    """List the figures of a study.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.

    Returns
    -------
    list of Figure
        Those of a dataset together, in the order of `KINDS`; then those of no dataset.
    """
    planned = [Figure(kind, **each) for kind in KINDS for each in KINDS[kind].plan(study)]
    places = [*study["datasets"], ""]
    return sorted(planned, key=lambda figure: places.index(figure.dataset))


def to_plain(figures):
    """Turn figures into lists and tuples, as Snakemake's params want them.

    Parameters
    ----------
    figures : list of Figure

    Returns
    -------
    list of tuple
    """
    return [(*figure[:-1], [tuple(point) for point in figure.points]) for figure in figures]


def from_plain(figures):
    """Turn what `to_plain` gave into figures."""
    return [Figure(*each, [Point(*point) for point in points]) for *each, points in figures]
