"""The table of `make bench`, and what docs/scale.md says of the limits: those of the code."""

import re
import shutil
import subprocess
import sys

import pytest
from projects import ROOT

from fewshot.backbone.compact import needed_memory
from fewshot.data.manifest import ROW_BYTES
from fewshot.data.quotas import MAX_RATIO, MAX_TOTAL_BYTES
from fewshot.results.neighbours import MOST_PLACED

BENCHMARKS = ROOT / "tests/benchmarks"
HEADER = "| what | fewshot | beside | it | ratio | memory |"
QUICK = """
import os
from table import Row, show

def rows():
    print("| of the library itself |")
    os.system("echo started by it")
    yield Row("reading", 30, "images/s", "by hand", 20.0, 0.5)
    yield Row("solving", 2.0, "s", "by hand", 5.0)
    yield Row("thinking", 12345.6, "CPU s")

if __name__ == "__main__":
    show(rows())
"""
BROKEN = QUICK.replace('    yield Row("thinking"', '    yield 1 / 0, ("thinking"')
EMPTY = """
def rows():
    yield from ()
"""


@pytest.fixture
def bench(tmp_path):
    """Return a function that runs the harness beside small modules."""
    for name in ("__main__.py", "table.py"):
        shutil.copy(BENCHMARKS / name, tmp_path)

    def run(*names, **modules):
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        command = [sys.executable, tmp_path, *names]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def test_one_table_has_the_rows_of_all(bench):
    done = bench(quick=QUICK, quicker=QUICK, table_of_none="def row(): pass")
    assert done.returncode == 0, done.stderr
    table = [line for line in done.stdout.splitlines() if line.startswith("|")]
    own = [
        "| reading | 30 images/s | by hand | 20 images/s | 1.50 | 0.50 GB |",
        "| solving | 2 s | by hand | 5 s | 2.50 |  |",
        "| thinking | 12,346 CPU s |  |  |  |  |",
    ]
    assert table == [HEADER, "|---|---|---|---|---|---|", *own, *own]
    assert done.stderr.count("of the library itself") == 2
    assert done.stderr.count("started by it") == 2
    assert re.search(r"^quick \d+ s, quicker \d+ s: 0\.\d minutes$", done.stdout, re.MULTILINE)


def test_the_machine_and_the_versions_stand_above(bench):
    machine, _, versions, _, when = bench(quick=QUICK).stdout.splitlines()[:5]
    assert re.search(r", \d+ cores, .*\d+ GB", machine)
    assert versions.startswith(f"Python {sys.version.split()[0]}, numpy ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d, commit \S+", when)


def test_what_fails_is_named_and_the_others_are_measured(bench):
    done = bench(broken=BROKEN, empty=EMPTY, quick=QUICK)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "Failed: broken (status 1), empty (status 1)"
    assert "ZeroDivisionError" in done.stderr
    # What it had measured before stays.
    assert done.stdout.count("| reading | ") == 2
    assert done.stdout.count("| thinking | ") == 1


def test_names_choose(bench):
    done = bench("quick", quick=QUICK, broken=BROKEN)
    assert (done.returncode, done.stdout.count("| reading |")) == (0, 1)


def test_what_needs_a_gpu_runs_only_where_it_is_named(bench):
    assert "| reading |" not in bench(gpu=QUICK).stdout
    assert "| reading |" in bench("gpu").stdout


def test_every_module_is_told_of():
    text = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    modules = {path.name for path in BENCHMARKS.glob("[a-z]*.py")} - {"table.py"}
    assert {name for name in modules if f"`{name}`" not in text} == set()


def test_torch_is_no_dependency_and_hides_none():
    extra = re.findall(r"^([\w-]+)==", (BENCHMARKS / "extra.txt").read_text(), re.MULTILINE)
    assert "torch" in extra
    for lock in ROOT.glob("envs/*.txt"):
        locked = re.findall(r"^([\w-]+)==", lock.read_text(), re.MULTILINE)
        assert {*extra}.isdisjoint(locked)


def test_the_limits_of_the_docs_are_those_of_the_code():
    text = (ROOT / "docs/scale.md").read_text(encoding="utf-8")
    wide = needed_memory(100_000, 100_352, is_made=False)
    assert "100,352 numbers | before the activations are read" in text
    assert f"Received: {wide / 1e9:,.1f} GB needed" in text
    assert (
        f"The manifest of 100000000 images must fit into memory. Received: {ROW_BYTES / 10:,.1f} GB"
        in text
    )
    assert f"{MAX_RATIO} times its size, nor to more than {MAX_TOTAL_BYTES} bytes" in text
    assert f"{MOST_PLACED:,} images at most" in text
    # The largest n of a wide layer, and of one of 768 numbers, in 16 GB.
    assert (
        needed_memory(36_000, 36_001, is_made=False) < 16.2e9 < needed_memory(37_000, 37_001, False)
    )
    assert needed_memory(5_000_000, 768, is_made=False) < 16e9
