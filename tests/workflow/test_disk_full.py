"""No stage survives a full disk, each says so, and none leaves what is not whole."""

import os
import shutil
import subprocess

import pandas as pd
import pytest
from projects import command, half_written, jobs, run_study

FOLDERS = ("results", "reports")
# A stage stands after those whose files it reads.
RULES = (
    *("draw_characters", "fetch", "scan", "pool", "split", "weights", "extract", "compact"),
    *("train_head", "train_end_to_end", "distil", "check_gradients", "collect"),
    *("collect_distillation", "timings", "compare", "plot_curves", "plot_curves_together"),
    *("plot_accuracy", "plot_distillation", "plot_network", "plot_excitations"),
    *("plot_comparison", "plot_costs", "index_figures", "report"),
)
MESSAGE = "Error: A disk must have room for what the workflow writes. Received: none left at "


@pytest.fixture(scope="module")
def small_disk(every, tmp_path_factory):
    """Put the results and reports of a finished study on disks of 64 MB each."""
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


def remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def fill(folder):
    """Write into a folder until its disk takes no more."""
    with open(folder / "filling", "ab", buffering=0) as file:
        while shutil.disk_usage(folder).free:
            file.write(bytes(4096))


def results(project):
    return pd.read_csv(project / "reports/every/accuracy.csv").drop(columns="seconds")


def test_every_stage_says_so_and_carries_on_when_there_is_room(small_disk):
    project, files = small_disk, outputs(small_disk)
    assert files.keys() == {*RULES}
    before = results(project)
    for rule in reversed(RULES):
        targets = [project / file for file in files[rule]]
        pieces = project.glob("results/letters/small/*/pieces") if rule == "extract" else ()
        for path in (*targets, *pieces):
            remove(path)
        for name in FOLDERS:
            fill(project / name)
        done = run_study(project, files[rule][0])
        assert done.returncode != 0, rule
        assert done.stdout.count(MESSAGE) == 1, f"{rule}: {done.stdout}"
        assert "Traceback" not in done.stdout, f"{rule}: {done.stdout}"
        assert not any(path.exists() for path in targets), rule
        assert half_written(project) == [], rule
    for name in FOLDERS:
        (project / name / "filling").unlink()
    done = run_study(project)
    assert done.returncode == 0, done.stdout
    assert jobs(done.stdout).keys() == {*RULES}
    pd.testing.assert_frame_equal(before, results(project))
    assert half_written(project) == []
