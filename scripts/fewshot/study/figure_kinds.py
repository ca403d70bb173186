"""The kinds of figures, and which figures of each a study calls for.

A kind is one entry of `KINDS`; `fewshot.figures.kinds` has what draws it.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from fewshot.point import Point
from fewshot.study.figure_grids import (
    cached_points,
    compared_costs,
    confident_points,
    depth_points,
)
from fewshot.study.figure_plans import (
    accuracy,
    compared,
    curves,
    curves_together,
    every_dataset,
    filters,
    of_datasets,
    shows_features,
    shows_map,
    taught,
    views,
)
from fewshot.study.sweeps import DEPTH

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


# In the order in which they stand in the index.
KINDS = {
    "forecast": FigureKind(
        FORECAST,
        "what is recommended against shots, measured and forecast",
        "plot_tables",
        every_dataset("{dataset}/forecast.png"),
    ),
    "shots": FigureKind(
        SHOTS, "test accuracy against training images a class", "plot_tables", accuracy("shots")
    ),
    DEPTH: FigureKind(
        LAYERS,
        "test accuracy, numbers an image and seconds against block",
        "plot_tables",
        partial(of_datasets, "{dataset}/accuracy_against_depth.png", depth_points),
        (DEPTH,),
    ),
    "layer": FigureKind(LAYERS, "test accuracy against layer", "plot_tables", accuracy("layer")),
    "temperature": FigureKind(
        TEMPERATURE, "test accuracy against temperature", "plot_tables", accuracy("temperature")
    ),
    "classes": FigureKind(
        CLASSES,
        "accuracy of each class",
        "plot_tables",
        every_dataset("{dataset}/classes.png"),
    ),
    "confusion": FigureKind(
        CLASSES,
        "classes that are taken for each other",
        "plot_tables",
        every_dataset("{dataset}/confusion.png"),
    ),
    "map": FigureKind(
        MAP,
        "test images by how alike they are",
        "plot_tables",
        every_dataset("{dataset}/map.png", cached_points),
    ),
    "map_pictures": FigureKind(
        MAP,
        "test images by how alike they are, as pictures",
        "plot_tables",
        every_dataset("{dataset}/map_pictures.png", shows_map),
    ),
    "layer_curves": FigureKind(
        LAYERS,
        "loss and accuracy against epoch, a line a layer",
        "plot_curves",
        curves_together("layer"),
    ),
    "temperature_curves": FigureKind(
        TEMPERATURE,
        "loss and accuracy against epoch, a line a temperature",
        "plot_curves",
        curves_together("temperature"),
    ),
    "distillation": FigureKind(
        DISTILLATION,
        "test accuracy of distilled students against temperature",
        "plot_tables",
        partial(of_datasets, "{dataset}/distillation.png", taught),
        ("distillation",),
    ),
    "feature_maps": FigureKind(
        VIEWS,
        "an image and the first six outputs of convolutions",
        "plot_network",
        views("feature_maps", shows_features),
    ),
    "excitations": FigureKind(
        VIEWS,
        "images that excite channels of a layer most",
        "plot_excitations",
        views("excitations", lambda backbone: backbone["excitations"]),
    ),
    "filters": FigureKind(VIEWS, "filters of the first convolution", "plot_network", filters),
    "reliability": FigureKind(
        CONFIDENCE,
        "test accuracy against the probability of the class named",
        "plot_tables",
        partial(of_datasets, "{dataset}/reliability.png", confident_points),
    ),
    "comparison": FigureKind(
        COMPARISON,
        "test accuracy beside the original's and published numbers",
        "plot_tables",
        partial(of_datasets, "{dataset}/comparison.png", compared),
        ("comparison", "surpassed"),
    ),
    "costs": FigureKind(
        COST,
        "time of both approaches against training images a class",
        "plot_tables",
        partial(of_datasets, "{dataset}/costs.png", compared_costs),
        ("costs",),
    ),
    "curves": FigureKind(
        CURVES, "test and train loss and accuracy against epoch", "plot_curves", curves
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
