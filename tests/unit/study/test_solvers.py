"""The table of solvers: what each takes is all that its heads may say."""

import pytest
from studies import changed

from fewshot.study.read import read_schema, read_study
from fewshot.study.solvers import SOLVERS, solver_of


@pytest.mark.parametrize("name", SOLVERS)
def test_a_head_gets_the_defaults_of_its_solver_and_can_be_described(name):
    study = read_study(changed("heads/one", {"solver": name}))
    head = study["heads"]["one"]
    assert head == {"solver": name, **SOLVERS[name].settings}
    assert solver_of(study, "one") is SOLVERS[name]
    assert "{" not in SOLVERS[name].described.format(**head)


def test_the_schema_lists_solvers_with_what_they_take():
    schema, _ = read_schema()
    keys = schema["properties"]["heads"]["additionalProperties"]["properties"]
    assert keys["solver"]["enum"] == ["sgd", "logistic", "ridge", "end_to_end"]
    assert keys["epochs"]["description"].endswith(
        " Solvers sgd (default 200) and end_to_end (default 11) only."
    )
    taken = {key for solver in SOLVERS.values() for key in solver.settings}
    assert {*keys} == {"solver", "repeats", *taken}


def test_both_approaches_train_in_epochs_without_a_penalty_and_one_runs_the_network():
    of_original = [s for s in SOLVERS.values() if s.approach]
    assert all(s.in_epochs and not s.penalised and not s.centred for s in of_original)
    assert not [s for s in SOLVERS.values() if s.penalised and s.in_epochs]
    assert [name for name, s in SOLVERS.items() if s.runs_network] == ["end_to_end"]
    assert [name for name, s in SOLVERS.items() if s.teaches] == ["logistic"]


def test_a_head_that_is_not_there_has_a_solver_that_is_nothing():
    study = read_study(changed("study", "tiny"))
    assert not any(solver_of(study, "absent"))
