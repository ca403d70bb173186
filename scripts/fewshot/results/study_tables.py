"""The tables of a study together, for what draws and tells them."""

from typing import NamedTuple

import pandas as pd

from fewshot.data.draws import read_draws
from fewshot.errors import input_error
from fewshot.point import KEYS
from fewshot.records import read_records
from fewshot.results.contrasts import Contrast, name_sides
from fewshot.results.distillation import STUDENT_TEXT
from fewshot.results.frames import read_rows
from fewshot.results.tables import read_summary


class StudyTables(NamedTuple):
    """What a study has found.

    Attributes
    ----------
    summary : dict of Point to dict of str to float
        See `fewshot.results.tables.read_summary`.
    contrasts : list of fewshot.results.contrasts.Contrast
    calibration : pandas.DataFrame
        Rows of `fewshot.results.calibration.Reliability`.
    distillation, costs, comparison, surpassed : pandas.DataFrame or None
        None for a table that the study does not have.
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
    calibration: pd.DataFrame
    distillation: pd.DataFrame | None
    costs: pd.DataFrame | None
    comparison: pd.DataFrame | None
    surpassed: pd.DataFrame | None
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


def read_study_tables(
    *,
    summary_path,
    contrasts_path,
    calibration_path,
    distillation_path,
    costs_path,
    comparison_path,
    surpassed_path,
    draws_paths,
    solvers,
    roles,
    layers,
):
    """Read the tables of a study.

    Parameters
    ----------
    summary_path, contrasts_path, calibration_path : str
    distillation_path, costs_path, comparison_path, surpassed_path : str or None
        None for those that the study does not have.
    draws_paths : list of str
        Of each dataset, in the order of `roles`.
    solvers, roles, layers
        See `StudyTables`.

    Returns
    -------
    StudyTables
    """
    further = (
        (distillation_path, STUDENT_TEXT),
        (costs_path, (*KEYS[:4], "head", "role", "approach")),
        (comparison_path, ("dataset", "role", "method", "approach", "source")),
        (surpassed_path, ("dataset", "role", "reference", "line", "approach")),
    )
    return StudyTables(
        read_summary(summary_path),
        read_records(contrasts_path, Contrast),
        read_rows(calibration_path, (*KEYS[:4], "head")),
        *(read_rows(path, text) if path else None for path, text in further),
        {name: read_draws(path) for name, path in zip(roles, draws_paths, strict=True)},
        solvers,
        roles,
        layers,
    )
