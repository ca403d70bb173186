"""Which figures of a kind a study calls for: their files, and what each is of.

A plan gives for each figure the fields of `fewshot.study.figure_kinds.Figure` but its kind.
"""

from functools import partial

from fewshot.study.figure_grids import (
    against,
    cached_points,
    curve_points,
    curves_by,
    deepest_points,
)
from fewshot.study.grid import points, students


def of_datasets(file, choose, study):
    """Plan a figure for each dataset that `choose` finds grid points of."""
    for dataset in study["datasets"]:
        if grid := choose(study, dataset):
            yield {"file": file.format(dataset=dataset), "dataset": dataset, "points": grid}


def measured_points(study, dataset):
    """List the grid points of a dataset: none where no experiment takes it."""
    return [point for point in points(study) if point.dataset == dataset]


def every_dataset(file, wanted=measured_points):
    """Plan a figure for each dataset that is measured, or of which `wanted(study, dataset)` is true."""

    def plan(study):
        for dataset in study["datasets"]:
            if wanted(study, dataset):
                yield {"file": file.format(dataset=dataset), "dataset": dataset}

    return plan


def accuracy(axis):
    """Plan accuracy against "shots", "layer" or "temperature"."""
    return partial(
        of_datasets,
        f"{{dataset}}/accuracy_against_{axis}.png",
        lambda study, dataset: against(study, dataset, axis),
    )


def curves_together(axis):
    """Plan learning curves that differ in "layer" or "temperature" alone."""

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


def curves(study):
    """Plan the learning curves of each grid point that has some."""
    for dataset in study["datasets"]:
        for point in curve_points(study, dataset):
            file = f"{dataset}/curves/{point.name}.png"
            place = {"dataset": dataset, "backbone": point.backbone}
            yield {"file": file, **place, "points": [point]}


def taught(study, dataset):
    """List the grid points of students, without their teachers."""
    return [each.alone for each in students(study) if each.alone.dataset == dataset]


def compared(study, dataset):
    """List the grid points that stand beside published numbers."""
    return deepest_points(study, dataset) if study["datasets"][dataset]["role"] else []


def shows_features(backbone):
    """Tell whether feature maps and filters of a backbone are drawn."""
    return backbone["feature_maps"] != []


def shown_datasets(study):
    """List the datasets of which figures may show images."""
    return [*study["datasets"]] if study["gallery"] else []


def shows_map(study, dataset):
    """Tell whether a dataset has a map with pictures."""
    return dataset in shown_datasets(study) and bool(cached_points(study, dataset))


def views(name, wanted):
    """Plan a figure for each dataset that may be shown and each backbone that is wanted."""

    def plan(study):
        for dataset in shown_datasets(study):
            for backbone, settings in study["backbones"].items():
                if wanted(settings):
                    file = f"{dataset}/{backbone}_{name}.png"
                    yield {"file": file, "dataset": dataset, "backbone": backbone}

    return plan


def filters(study):
    """Plan the first filters of each backbone."""
    for backbone, settings in study["backbones"].items():
        if shows_features(settings):
            yield {"file": f"{backbone}_filters.png", "backbone": backbone}
