"""The course report of 2017 that the project implements: its datasets and its figures."""

from typing import NamedTuple

from fewshot.study.solvers import CACHED, END_TO_END

CALTECH256, URBAN_TRIBES = "caltech256", "urban_tribes"
ROLE_NAMES = {CALTECH256: "Caltech-256", URBAN_TRIBES: "Urban Tribes"}
APPROACHES = {END_TO_END: 1, CACHED: 2}  # their numbers
GRID = "grid"  # in the place of a number: its grids of feature maps have none


class OriginalFigure(NamedTuple):
    """A figure of the original: its number, what it is of and how a study draws the same."""

    number: str
    role: str
    kind: str  # of `fewshot.study.figure_kinds`
    shows: str  # "" for what the kind shows
    approach: str = ""
    shots: int | None = None


def _curves(first, role, approach, measure, panel):
    shows = "test and train {} against epoch, {} shots ({} panel)"
    return [
        OriginalFigure(
            str(first + step), role, "curves", shows.format(measure, shots, panel), approach, shots
        )
        for step, shots in enumerate((2, 4, 8, 16))
    ]


def _panels(first, role, kind, lines, measures):
    shows = f"{{}} against epoch, a line a {lines} (one panel of four)"
    return [
        OriginalFigure(str(first + step), role, kind, shows.format(measure), CACHED)
        for step, measure in enumerate(measures)
    ]


_BY_SET = ("train accuracy", "train loss", "test accuracy", "test loss")
_BY_MEASURE = ("train accuracy", "test accuracy", "train loss", "test loss")
FIGURES = (
    *_curves(1, CALTECH256, END_TO_END, "accuracy", "right"),
    *_curves(5, CALTECH256, END_TO_END, "loss", "left"),
    *_curves(9, CALTECH256, CACHED, "loss", "left"),
    *_curves(13, CALTECH256, CACHED, "accuracy", "right"),
    OriginalFigure("17", CALTECH256, "shots", "", END_TO_END),
    OriginalFigure("18", CALTECH256, "shots", "", CACHED),
    *_panels(19, CALTECH256, "layer_curves", "layer", _BY_SET),
    *_curves(23, URBAN_TRIBES, CACHED, "loss", "left"),
    *_curves(27, URBAN_TRIBES, CACHED, "accuracy", "right"),
    OriginalFigure("31", URBAN_TRIBES, "shots", "", CACHED),
    *_panels(32, URBAN_TRIBES, "layer_curves", "layer", _BY_SET),
    *_panels(36, CALTECH256, "temperature_curves", "temperature", _BY_MEASURE),
    OriginalFigure(GRID, CALTECH256, "feature_maps", ""),
    OriginalFigure(GRID, URBAN_TRIBES, "feature_maps", ""),
)
