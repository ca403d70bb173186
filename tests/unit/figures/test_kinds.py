"""Every kind of figure has what draws it, and every section of the page its kinds."""

import pytest

from fewshot.figures.kinds import DRAW, DRAW_CURVES
from fewshot.study.figure_kinds import KINDS

RULES = {"plot_tables": DRAW, "plot_curves": DRAW_CURVES}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_draws_the_kinds_that_name_it_and_no_others(rule):
    assert {*RULES[rule]} == {name for name, kind in KINDS.items() if kind.drawn_by == rule}
    assert all(map(callable, RULES[rule].values()))


def test_what_no_table_holds_is_drawn_by_scripts_of_its_own():
    others = {name: kind.drawn_by for name, kind in KINDS.items() if kind.drawn_by not in RULES}
    assert others == {
        "feature_maps": "plot_network",
        "filters": "plot_network",
        "excitations": "plot_excitations",
    }
