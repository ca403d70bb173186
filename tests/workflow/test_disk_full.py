"""No stage survives a full disk, each says so, and none leaves what is not whole."""

import json
import os
import re
import shutil
import subprocess
from graphlib import TopologicalSorter

import pandas as pd
import pytest
from projects import accuracies, command, half_written, jobs, run_study

pytestmark = pytest.mark.slow

BLOCK = 4096
FOLDERS = ("results", "reports", "predictors")
RULES = (
    *("draw_characters", "fetch", "scan", "pool", "draw", "weights", "extract", "compact"),
    *("train_head", "train_end_to_end", "distil", "check_gradients", "collect"),
    *("collect_distillation", "compare", "contrasts", "timings"),
    *("choices", "depth", "forecast", "mistakes", "place", "thumbnails", "paper"),
    *("plot_curves", "plot_tables", "plot_network", "plot_excitations", "index_figures", "report"),
    "export",
)
MESSAGE = "Error: A disk must have room for what the workflow writes. Received: none left at "
TOO_SMALL = "Error: Activations must fit on the disk. Received: "


@pytest.fixture(scope="module")
def small_disk(every, tmp_path_factory):
    """Put what a finished study leaves on disks of 64 MB each."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    project = tmp_path_factory.mktemp("full") / "few shots"
    shutil.copytree(every, project, symlinks=True)
    mounted = []
    try:
        for name in FOLDERS:
            (project / name).rename(project / f"old {name}")
            (project / name).mkdir()
            mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", project / name]
            if subprocess.run(mount, check=False).returncode:
                pytest.skip("this machine mounts no tmpfs")
            mounted.append(project / name)
            shutil.copytree(project / f"old {name}", project / name, dirs_exist_ok=True)
        yield project
    finally:
        for folder in mounted:
            subprocess.run(["umount", folder], check=True)


def outputs(project):
    """List the files of each rule, the first stage's last, as Snakemake knows them."""
    printed = command(project, "--configfile", "study.yaml", "--summary").stdout
    rows = [line.split("\t") for line in printed.splitlines() if line.count("\t") == 5]
    files = {}
    for file, _, rule, *_ in rows[1:]:
        files.setdefault(rule, []).append(file)
    return files


def levels(project):
    """Sort the rules into sets whose rules read no file of each other, those that read least first."""
    graph = command(project, "--configfile", "study.yaml", "--rulegraph", "dot").stdout
    rules = dict(re.findall(r'(\d+)\[label = "(\w+)"', graph))
    order = TopologicalSorter({rule: set() for rule in rules.values()})
    for read, reader in re.findall(r"(\d+) -> (\d+)", graph):
        order.add(rules[reader], rules[read])
    order.prepare()
    while ready := order.get_ready():
        yield {*ready} - {"all"}
        order.done(*ready)


def remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def fill(folder, room=0):
    """Write into a folder until its disk has so many bytes of room, rounded up to a block."""
    with open(folder / "filling", "ab", buffering=0) as file:
        while shutil.disk_usage(folder).free >= room + BLOCK:
            file.write(bytes(BLOCK))


def test_every_stage_says_so_and_carries_on_when_there_is_room(small_disk):
    project, files = small_disk, outputs(small_disk)
    assert files.keys() == {*RULES}
    before = accuracies(project, "every")
    together = [*levels(project)]
    assert set().union(*together) == {*RULES}
    for rules in filter(None, reversed(together)):
        targets = [project / file for rule in rules for file in files[rule]]
        pieces = project.glob("results/letters/small/*/pieces") if "extract" in rules else ()
        for path in (*targets, *pieces):
            remove(path)
        for name in FOLDERS:
            fill(project / name)
        done = run_study(project, "--keep-going", *(files[rule][0] for rule in rules))
        assert done.returncode != 0, rules
        failed = re.findall(r"^(\w+) .* failed:$", done.stdout, re.MULTILINE)
        assert {*failed} == rules, done.stdout
        for message, those in ((TOO_SMALL, rules & {"extract"}), (MESSAGE, rules - {"extract"})):
            assert done.stdout.count(message) >= len(those), f"{rules}: {done.stdout}"
        assert "Traceback" not in done.stdout, f"{rules}: {done.stdout}"
        assert not any(path.exists() for path in targets), rules
        assert half_written(project) == [], rules
    for name in FOLDERS:
        (project / name / "filling").unlink()
    done = run_study(project)
    assert done.returncode == 0, done.stdout
    assert jobs(done.stdout).keys() == {*RULES}
    pd.testing.assert_frame_equal(before, accuracies(project, "every"))
    assert half_written(project) == []


def test_an_extraction_whose_disk_fills_up_on_the_way(small_disk):
    """Leave the room that activations take, and none for what HDF5 adds to them."""
    (index,) = small_disk.glob("results/letters/small/passes/*/part-1-of-1.json")
    layers = json.loads(index.read_text()).values()
    needed = sum(2 * layer["width"] * count for layer in layers for _, _, count in layer["runs"])
    index.unlink()
    pieces = [*small_disk.glob("results/letters/small/*/pieces")]
    for folder in pieces:
        shutil.rmtree(folder)
    fill(small_disk / "results", needed)
    target = str(index.relative_to(small_disk))
    done = run_study(small_disk, target)
    assert MESSAGE in done.stdout, done.stdout
    assert "Traceback" not in done.stdout
    assert not index.exists()
    assert half_written(small_disk) == []
    (small_disk / "results/filling").unlink()
    assert run_study(small_disk, target).returncode == 0
