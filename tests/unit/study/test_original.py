"""The original's figures, against its own list."""

from collections import Counter

from fewshot.study.figure_kinds import KINDS
from fewshot.study.original import APPROACHES, FIGURES, GRID, ROLE_NAMES
from fewshot.study.solvers import SOLVERS


def test_all_numbers_are_there_once_and_a_grid_for_each_dataset():
    numbers = Counter(figure.number for figure in FIGURES)
    assert numbers == Counter([*map(str, range(1, 40)), GRID, GRID])
    grids = [figure.role for figure in FIGURES if figure.number == GRID]
    assert sorted(grids) == sorted(ROLE_NAMES)


def test_figures_are_of_the_dataset_and_approach_that_the_original_names():
    found = {int(f.number): (f.role, APPROACHES.get(f.approach), f.shots) for f in FIGURES[:39]}
    for first, role, approach in (
        (1, "caltech256", 1),
        (5, "caltech256", 1),
        (9, "caltech256", 2),
        (13, "caltech256", 2),
        (23, "urban_tribes", 2),
        (27, "urban_tribes", 2),
    ):
        for step, shots in enumerate((2, 4, 8, 16)):
            assert found[first + step] == (role, approach, shots)
    assert [found[n] for n in (17, 18, 31)] == [
        ("caltech256", 1, None),
        ("caltech256", 2, None),
        ("urban_tribes", 2, None),
    ]


def test_every_figure_is_of_a_kind_and_an_approach_that_a_study_has():
    assert {figure.kind for figure in FIGURES} <= {*KINDS}
    assert {*APPROACHES} == {solver.approach for solver in SOLVERS.values()} - {""}
