"""The studies and profiles that come with the project, as far as a dry-run goes."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from projects import (
    ANSWERS,
    ROOT,
    STUDY,
    clone_project,
    command,
    draw_classes,
    jobs,
    why_no_clone,
    write_study,
)

REPORT = {
    **{"fetch": 2, "scan": 2, "pool": 2, "draw": 2, "weights": 1, "extract": 2},
    # Caltech-256 has 4 layers, 5 temperatures and centred logits; Urban Tribes 4 layers.
    "compact": 10 + 4,
    # Two heads: fc2 at 4 shots and 3 layers at 8 of both, temperatures of one. One head: logits,
    # and block4_pool at 2 and 16 shots of both, with the student's labels and the teacher's.
    "train_head": 2 * (2 * (4 + 3) + 5) + 1 + 4,
    "train_end_to_end": 4,
    # Two ways to transfer, 2 and 8 shots, both datasets.
    **{"distil": 8, "collect_distillation": 1, "contrasts": 1},
    **{"collect": 1, "plot_curves": 2, "plot_tables": 1},
    **{"plot_network": 1, "plot_excitations": 2, "check_gradients": 1},
    **{"timings": 1, "compare": 1},
    **{**ANSWERS, "thumbnails": 2, "depth": 1},
    **{"index_figures": 1, "report": 1},
}


def dry_run(folder, *arguments):
    done = command(folder, "--dry-run", *arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def clone(tmp_path):
    if reason := why_no_clone():
        pytest.skip(reason)
    return clone_project(tmp_path / "clone")


def test_the_report_is_planned_whole_without_its_archives(fresh):
    assert jobs(dry_run(fresh)) == REPORT


def test_the_cluster_profiles_work_from_a_fresh_clone(clone):
    for profile, memory in (("comet", 24000), ("profiles/expanse", 48000)):
        printed = dry_run(clone, "--profile", profile)
        assert jobs(printed) == REPORT
        asked = re.findall(r"rule extract:.*?resources: (.*?)\n", printed, re.DOTALL)
        assert len(asked) == REPORT["extract"]
        for resources in asked:
            wanted = {f"mem_mb={memory}", "slurm_partition=gpu-shared", "gpu=1", "runtime=240"}
            assert wanted <= set(resources.split(", "))


@pytest.mark.parametrize("profile", ["comet", "expanse"])
@pytest.mark.parametrize(("has_jax", "asked"), [(False, ""), (True, ""), (True, "tensorflow")])
def test_a_cluster_computes_with_jax_where_it_is_installed(tmp_path, profile, has_jax, asked):
    code = (
        "import os, sys, yte; sys.path.append(sys.argv[2]); "
        "yte.process_yaml(open(sys.argv[1], encoding='utf-8')); print(os.environ['KERAS_BACKEND'])"
    )
    if has_jax:
        (tmp_path / "jax").mkdir()
    elif importlib.util.find_spec("jax"):
        pytest.skip("JAX is installed")
    path = f"profiles/{profile}/config.yaml"
    others = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", code, path, tmp_path],
        cwd=ROOT,
        env=others | ({"KERAS_BACKEND": asked} if asked else {}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == (asked or ("jax" if has_jax else "tensorflow"))


def test_a_machine_without_slurm_is_told(fresh, tmp_path, monkeypatch):
    draw_classes(fresh / "data/shapes", 5)
    write_study(fresh, STUDY)
    for name in ("bash", "which"):
        (tmp_path / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(tmp_path))
    done = command(fresh, "--profile", "comet", "--configfile", "study.yaml")
    assert done.returncode != 0
    assert "sinfo: Slurm must answer. Received: [Errno 2] No such file" in done.stdout
    assert not (fresh / "results/shapes").exists()


def test_the_graph_of_rules_needs_no_cluster(clone):
    done = command(clone, "--profile", "comet", "--rulegraph", "mermaid-js")
    assert done.returncode == 0, done.stdout
    assert "flowchart" in done.stdout
    assert "extract" in done.stdout


def test_the_demo_is_planned_in_a_folder_with_a_space(fresh):
    counts = jobs(dry_run(fresh, "--profile", "profiles/demo"))
    assert " " in str(fresh)
    assert (counts["draw_characters"], counts["fetch"], counts["extract"]) == (2, 2, 4)
    # What imports TensorFlow beside extraction: as few processes as there are.
    assert (counts["train_end_to_end"], counts["plot_network"], counts["weights"]) == (4, 1, 2)
    assert "pretrain_small_vgg" not in counts


def test_the_study_of_backbones_waits_for_images_alone(fresh):
    counts = jobs(dry_run(fresh, "--profile", "profiles/backbones"))
    # Six networks, each in one forward pass; last layers at 5 numbers of shots, of DINOv2 two, and
    # its 12 blocks pooled in two ways, at two.
    assert (counts["weights"], counts["extract"]) == (6, 6)
    assert counts["train_head"] == 7 * 5 + 2 * 12 * 2
    assert counts["depth"] == 1


def test_scripts_start_from_an_environment_in_a_folder_with_a_space(fresh):
    draw_classes(fresh / "data/shapes", 5)
    write_study(fresh, STUDY)
    environment = fresh / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": environment}))
    (packages / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    python = environment / "bin/python"
    wanted = ("--configfile", "study.yaml", "--cores", "2", "results/shapes/pool.csv")
    subprocess.run([python, "-m", "snakemake", *wanted], cwd=fresh, check=True)
    assert (fresh / "results/shapes/pool.csv").is_file()


def test_a_configfile_replaces_the_study_whole(fresh):
    draw_classes(fresh / "data/shapes", 5)
    write_study(fresh, STUDY)
    printed = dry_run(fresh, "--configfile", "study.yaml")
    assert jobs(printed)["fetch"] == 1
    assert "caltech256" not in printed
    assert "vgg16" not in printed
