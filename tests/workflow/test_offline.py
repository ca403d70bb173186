"""Compute nodes have no internet: only the rules that run beside Snakemake may need one."""

import pytest
from projects import ALL, CHECK, STUDIED, STUDY, draw_classes, jobs, run, write_study

pytestmark = pytest.mark.slow

LOCAL = {"fetch": 1, "weights": 1}


def test_all_but_the_local_rules_run_without_a_network(finished, fresh, offline):
    draw_classes(fresh / "data/shapes", 6)
    write_study(fresh, STUDY)
    there = "results/shapes/source.json", "results/backbones/small.json"
    assert jobs(run(fresh, *there)) == LOCAL
    printed = offline(
        fresh,
        *("-m", "snakemake", "--cores", "2", "--configfile", "study.yaml"),
        *("--set-threads", "extract=1", "compact=1", "scan=1"),
    )
    left = {rule: count for rule, count in {**ALL, **CHECK, **STUDIED}.items() if rule not in LOCAL}
    assert jobs(printed) == left
    summary = "reports/tiny/summary.csv"
    assert (fresh / summary).read_bytes() == (finished / summary).read_bytes()
