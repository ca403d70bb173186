"""The tables of a study together, for what draws and tells them."""

import math
from typing import NamedTuple

import pandas as pd

from fewshot.data.draws import read_draws
from fewshot.errors import input_error
from fewshot.files import read_json
from fewshot.point import KEYS
from fewshot.records import read_records
from fewshot.results.choices import Choice
from fewshot.results.classes import ClassResult, Confusion
from fewshot.results.contrasts import Contrast, name_sides
from fewshot.results.depth import Depth
from fewshot.results.distillation import STUDENT_TEXT
from fewshot.results.forecast import Forecast, Wanted
from fewshot.results.frames import read_rows
from fewshot.results.images import JudgedImage
from fewshot.results.neighbours import Neighbour, Placed
from fewshot.results.tables import read_summary

# Files of reports/<study>/ that hold records, and files with text in some columns.
RECORDS = {
    "contrasts": Contrast,
    "choices": Choice,
    "forecast": Forecast,
    "wanted": Wanted,
    "classes": ClassResult,
    "confusion": Confusion,
    "images": JudgedImage,
    "map": Placed,
    "neighbours": Neighbour,
    "depth": Depth,
}
_FRAMES = {
    "calibration": (*KEYS[:4], "head"),
    "distillation": STUDENT_TEXT,
    "costs": (*KEYS[:4], "head", "role", "approach"),
    "comparison": ("dataset", "role", "method", "approach", "source"),
    "surpassed": ("dataset", "role", "reference", "line", "approach"),
}
TABLES = ("summary", *RECORDS, *_FRAMES)


class StudyTables(NamedTuple):
    """What a study has found.

    Attributes
    ----------
    summary : dict of Point to dict of str to float
        See `fewshot.results.tables.read_summary`.
    contrasts, choices, forecast, wanted, classes, confusion, images, map, neighbours, depth : list
        Of the records of `RECORDS`; empty for a table that the study does not have.
    calibration : pandas.DataFrame
        Rows of `fewshot.results.calibration.Reliability`.
    distillation, costs, comparison, surpassed : pandas.DataFrame or None
        None for a table that the study does not have.
    thumbnails : dict of str to dict of str to str
        For each dataset that may be shown, small pictures by the path of the image: JPEG in base64.
    tasks : dict of str to fewshot.data.draws.Draws
        Of each dataset: its classes, and what a repeat is on it.
    solvers : dict of str to str
        Of each head.
    roles : dict of str to str or None
        Dataset of the original that each one stands for.
    layers : list of str
        In the order of the network.
    """

    summary: dict
    contrasts: list
    choices: list
    forecast: list
    wanted: list
    classes: list
    confusion: list
    images: list
    map: list
    neighbours: list
    depth: list
    calibration: pd.DataFrame
    distillation: pd.DataFrame | None
    costs: pd.DataFrame | None
    comparison: pd.DataFrame | None
    surpassed: pd.DataFrame | None
    thumbnails: dict
    tasks: dict
    solvers: dict
    roles: dict
    layers: list

    def of(self, dataset, name):
        """Take the rows of a dataset from a table.

        Parameters
        ----------
        dataset : str
        name : {"calibration", "distillation", "costs", "comparison", "surpassed"}

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        InputError
            If there is none.
        """
        table = getattr(self, name)
        rows = table[table["dataset"] == dataset]
        if rows.empty:
            raise input_error(
                f"A figure of {name} shows rows of its dataset",
                f"{dataset}, but the table has {', '.join(table['dataset'].unique()) or 'none'}",
                "make the tables of this study again",
            )
        return rows

    def answers(self, dataset, question):
        """Contrasts of a dataset that answer a question.

        Returns
        -------
        list of Contrast
        """
        return [
            each for each in self.contrasts if (each.dataset, each.question) == (dataset, question)
        ]

    def forecasts(self, point):
        """Forecasts of the line of a grid point: beyond its most shots, and the back-tests.

        Returns
        -------
        ahead, tests : list of Forecast
        """
        own = [row for row in self.forecast if row.point.line == point.line]
        tests = [row for row in own if not math.isnan(row.came)]
        return [row for row in own if math.isnan(row.came)], tests

    def wanted_of(self, point):
        """Rows of wanted.csv of the line of a grid point: one, or none where nothing is wanted."""
        return [row for row in self.wanted if row.line == point.line]

    def contrast(self, question, one, other):
        """Find the contrast of two grid points that differ in one factor.

        Returns
        -------
        fewshot.results.contrasts.Contrast or None
            None where the study has no such row, as of a point with itself.
        """
        if one == other:
            return None
        sides = name_sides(one, other)
        found = self.answers(one.dataset, question)
        return next((each for each in found if (each.a, each.b, each.at) == sides), None)


def read_study_tables(paths, *, thumbnails_paths, draws_paths, solvers, roles, layers):
    """Read the tables of a study.

    Parameters
    ----------
    paths : dict of str to str or None
        Of each of `TABLES`; None for those that the study does not have.
    thumbnails_paths : list of str
        Of each dataset, in the order of `roles`; none where the images may not be shown.
    draws_paths : list of str
        Of each dataset, in the same order.
    solvers, roles, layers
        See `StudyTables`.

    Returns
    -------
    StudyTables
    """
    records = RECORDS.items()
    frames = ((paths[name], text) for name, text in _FRAMES.items())
    return StudyTables(
        read_summary(paths["summary"]),
        *(read_records(paths[name], record) if paths[name] else [] for name, record in records),
        *(read_rows(path, text) if path else None for path, text in frames),
        dict(zip(roles, map(read_json, thumbnails_paths), strict=False)),
        {name: read_draws(path) for name, path in zip(roles, draws_paths, strict=True)},
        solvers,
        roles,
        layers,
    )
