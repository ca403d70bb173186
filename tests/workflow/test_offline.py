"""Compute nodes have no internet: only the rules that run beside Snakemake may need one."""

import shutil
import socket
import subprocess
import sys

import pytest
from projects import ALL, CHECK, STUDIED, STUDY, draw_classes, jobs, run, write_study

pytestmark = pytest.mark.slow

# A network namespace of its own: not even the machine itself can be reached.
CUT_OFF = ("unshare", "--map-root-user", "--net")
INTERFACES = "import socket; print(*(name for _, name in socket.if_nameindex()))"
LOCAL = {"fetch": 1, "weights": 1}


@pytest.fixture
def offline():
    """Return a function that runs Python without a network."""

    def offline(folder, *arguments):
        done = subprocess.run(
            [*CUT_OFF, sys.executable, *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    if not shutil.which("unshare") or subprocess.run([*CUT_OFF, "true"], check=False).returncode:
        pytest.skip("this machine allows no network namespaces")
    assert offline(None, "-c", INTERFACES).strip() == "lo"
    assert len(socket.if_nameindex()) > 1
    return offline


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
