"""Copies of the project with tiny studies, and the real Snakemake run in them."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from PIL import Image

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "config.yaml", "comet", "envs", "profiles", "rules", "scripts")
# What a shell, a format string, mathtext or a spreadsheet could stumble over.
CLASSES = ("$(touch X)", "$x_{y}$", 'it\'s; "odd", two', "ünï 文字")
STUDY = {
    "study": "tiny",
    "datasets": {"shapes": {"source": "data/shapes", "classes": "folders"}},
    "backbones": {
        "small": {
            "network": "SmallVGG",
            "weights": "none",
            "layers": [["block4_pool", "block5_pool", "predictions"]],
            "feature_maps": [],
        }
    },
    "draws": {"test": 2, "images_per_class": 5, "repeats": 2},
    "heads": {
        "sgd": {"solver": "sgd", "epochs": 3},
        "tuned": {"solver": "logistic"},
        "ridge": {"solver": "ridge"},
    },
    "experiments": {
        "shots": {"layers": ["block5_pool"], "shots": [1, 2]},
        "layers": {"layers": ["block4_pool", "block5_pool"], "shots": [2], "heads": ["ridge"]},
        "temperature": {
            "layers": ["predictions"],
            "shots": [2],
            "temperatures": [1, 2],
            "heads": ["ridge"],
        },
    },
}
# A small study in which every rule has something to do.
EVERY_RULE = {
    "study": "every",
    "datasets": {
        "letters": {
            "source": "results/characters/armenian.zip",
            "classes": "folders",
            "role": "caltech256",
        }
    },
    "backbones": {
        "small": {
            "network": "SmallVGG",
            "weights": "characters",
            "layers": [["block3_pool", "block4_pool", "block5_pool", "fc2", "predictions"]],
            "feature_maps": ["block1_conv1"],
            "excitations": "block4_pool",
        }
    },
    "draws": {"test": 2, "images_per_class": 6, "repeats": 2},
    "heads": {
        "sgd": {"solver": "sgd", "epochs": 2},
        "tuned": {"solver": "logistic"},
        "baseline": {"solver": "end_to_end", "epochs": 1},
    },
    "experiments": {
        "shots": {"layers": ["fc2"], "shots": [1, 2]},
        "layers": {
            "layers": ["block3_pool", "block4_pool", "block5_pool", "fc2"],
            **{"shots": [2], "heads": ["sgd"]},
        },
        "temperature": {
            "layers": ["predictions"],
            "shots": [2],
            "temperatures": [1, 2],
            "heads": ["sgd"],
        },
        "baseline": {"layers": ["fc2"], "shots": [2], "heads": ["baseline"]},
    },
    "distillation": {
        "taught": {
            "teacher": {"layer": "fc2", "shots": 4},
            "layers": ["block4_pool"],
            "shots": [1],
            "head": "tuned",
            "temperatures": [1, 2],
        }
    },
    "predictors": {"letters": {"dataset": "letters"}},
}
# How often each rule runs for STUDY.
HEADS = 3 * 2 + 1 + 2
FIGURES = {"plot_curves": 1, "plot_tables": 1, "report": 1}
ANSWERS = {"choices": 1, "forecast": 1, "mistakes": 1, "place": 1, "thumbnails": 1, "paper": 1}
TABLES = {"collect": 1, "contrasts": 1, "timings": 1, **ANSWERS, **FIGURES}
# The index of figures follows from the study alone.
STUDIED = {"index_figures": 1, **TABLES}
CHECK = {"check_gradients": 1}
IMAGES = {"fetch": 1, "scan": 1, "pool": 1, "draw": 1}
ALL = {**IMAGES, "weights": 1, "extract": 1, "compact": 4, "train_head": HEADS}
INDEX = "results/shapes/small/passes/block4_pool+block5_pool+logits/part-1-of-1.json"


def copy_project(folder, project=ROOT):
    """Copy what Snakemake needs of a project, this one or a copy of it."""
    folder.mkdir(parents=True)
    ignore = shutil.ignore_patterns("__pycache__")
    for name in PARTS:
        source, target = project / name, folder / name
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, target, symlinks=True, ignore=ignore)
        else:
            shutil.copy(source, target, follow_symlinks=False)
    for path in folder.rglob("*"):  # of a project that can't be written
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)
    return folder


def why_no_clone():
    """Say why the project can't be cloned here, or return an empty text."""
    there = shutil.which("git") and (ROOT / ".git").exists()
    return "" if there else "a clone needs git and the project's repository"


def clone_project(folder):
    """Clone the repository, with what is not committed yet."""
    git("clone", "--quiet", str(ROOT), str(folder))
    listed = git("-C", str(ROOT), "ls-files", "-z", "-mo", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name, follow_symlinks=False)
    return folder


def git(*arguments):
    done = subprocess.run(["git", *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def draw_image(path, number):
    """Save an image that no other number has anything like."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((40, 32), Image.Resampling.BICUBIC).save(path)


def draw_classes(folder, per_class, between="/"):
    """Save images of every class, as folders or, with "_" between, as prefixes."""
    for label, name in enumerate(CLASSES):
        for number in range(per_class):
            # A prefix ends at the first underscore.
            text = name if between == "/" else name.replace("_", "-")
            draw_image(folder / f"{text}{between}{number}.png", 1000 * label + number)


def study(**changes):
    """Copy STUDY with values changed: the keys are paths joined by two underscores."""
    changed = copy.deepcopy(STUDY)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = changed
        for key in parents:
            place = place[key]
        place[last] = value
    return changed


def write_study(project, content):
    """Write a study into the file that `snakemake` runs."""
    (project / "study.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def command(project, *arguments, **environment):
    """Run the command line of Snakemake in a project and return what it leaves."""
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=project,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def run_study(project, *arguments):
    """Run the study of a project on 2 cores, two jobs at a time."""
    small = ("--set-threads", "extract=1", "compact=1", "scan=1")
    return command(project, "--configfile", "study.yaml", *small, "--cores", "2", *arguments)


def run(project, *arguments):
    """Run the study of a project, which must succeed, and return what Snakemake prints."""
    done = run_study(project, *arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


def fail(project, *arguments):
    """Run the study of a project, which must fail, and return what Snakemake prints."""
    done = run_study(project, *arguments)
    assert done.returncode != 0, done.stdout
    return done.stdout


def jobs(printed):
    """Read how many jobs of each rule Snakemake runs, without the rule that only gathers."""
    table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\ntotal +\d+\n", printed, re.DOTALL)
    if table is None:
        assert "Nothing to be done" in printed
        return {}
    counts = dict(line.split() for line in table.group(1).splitlines())
    return {rule: int(count) for rule, count in counts.items() if rule != "all"}


def accuracies(project, name):
    """Read the results of a study, without the time they took."""
    table = pd.read_csv(project / f"reports/{name}/accuracy.csv")
    return table.drop(columns=["seconds", "scoring_seconds"])


def half_written(project):
    """List the temporary files and folders that an interrupted write would leave."""
    return sorted(project.rglob(".partial-*"))
