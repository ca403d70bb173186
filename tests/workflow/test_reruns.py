"""Exactly what is stale runs again: change one thing, count the jobs."""

import csv
import json
import os
import random
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from projects import (
    ALL,
    ANSWERS,
    CHECK,
    CLASSES,
    FIGURES,
    HEADS,
    INDEX,
    STUDIED,
    STUDY,
    TABLES,
    copy_project,
    draw_image,
    fail,
    jobs,
    run,
    run_study,
    study,
    write_study,
)


def library(project):
    return project / "scripts/fewshot"


def reword(path):
    """Edit a comment and, where there is one, the docstring of a module."""
    text = path.read_text()
    path.write_text(text.replace('"""', '"""Edited. ', 1) + "# Edited.\n")


def reword_everything(project):
    for path in (project / "scripts").rglob("*.py"):
        reword(path)


def edit(project, module):
    path = library(project) / f"{module}.py"
    path.write_text(path.read_text() + "\nEDITED = True\n")


def rename(project, module, name):
    """Give a module of the library another name, wherever it is imported."""
    old, new = (library(project) / f"{each.replace('.', '/')}.py" for each in (module, name))
    old.rename(new)
    for path in (project / "scripts").rglob("*.py"):
        text = re.sub(rf"\bfewshot\.{module}\b", f"fewshot.{name}", path.read_text())
        path.write_text(text)


def images_through_network(project, index=INDEX):
    """Read from an extraction's log how many images it adopted and how many it computed."""
    log = (project / index).with_suffix(".log").read_text()
    return tuple(map(int, re.search(r"(\d+) adopted, (\d+) to compute", log).groups()))


def accuracies(project):
    with open(project / "reports/tiny/accuracy.csv", newline="") as file:
        return [{**row, "seconds": None} for row in csv.DictReader(file)]


def touch_every_file(project):
    files = [
        path
        for path in sorted(project.rglob("*"))
        if path.is_file() and not {".snakemake", "data"} & {*path.relative_to(project).parts}
    ]
    random.Random(0).shuffle(files)
    now = max(path.stat().st_mtime for path in files)
    for place, path in enumerate(files):
        os.utime(path, (now + place, now + place))


def check_out_anew(project):
    old = project.rename(project.with_name("old"))
    for path in sorted(copy_project(project, old).rglob("*.*")):
        path.touch()
    for name in ("data", "results", "reports", ".snakemake", "study.yaml"):
        (old / name).rename(project / name)


def add_image(project):
    draw_image(project / "data/shapes" / CLASSES[0] / "new.png", 9999)


def replace_image(project):
    """Put another image of the same name and size in the place of one."""
    path = project / "data/shapes" / CLASSES[0] / "0.png"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def touch_image(project):
    (project / "data/shapes" / CLASSES[0] / "0.png").touch()


def edited(module):
    return lambda project: edit(project, module)


def restudied(**changes):
    return lambda project: write_study(project, study(**changes))


NEW_IMAGES = {**ALL, "weights": 0, **CHECK, **TABLES}
# What is changed in the finished project, and how many jobs of which rules follow.
CHANGES = {
    "nothing": (lambda project: None, {}),
    "every file but the images touched": (touch_every_file, {}),
    "a new checkout": (check_out_anew, {}),
    "shots": (
        restudied(experiments__shots__shots=[1, 2, 3]),
        {"train_head": 3, **STUDIED},
    ),
    "temperature": (
        restudied(experiments__temperature__temperatures=[1, 2, 4.5]),
        {"compact": 1, "train_head": 1, **STUDIED},
    ),
    "repeats": (restudied(draws__repeats=3), {"draw": 1, "train_head": HEADS, **CHECK, **STUDIED}),
    "a setting of a head": (restudied(heads__sgd__epochs=4), {"train_head": 2, **STUDIED}),
    "a layer as its own entry": (
        restudied(
            backbones__small__layers=[*STUDY["backbones"]["small"]["layers"], "block3_pool"],
            experiments__layers__layers=["block3_pool", "block4_pool", "block5_pool"],
        ),
        # With it three blocks are read, which are a sweep.
        {"extract": 1, "compact": 1, "train_head": 1, "depth": 1, **STUDIED},
    ),
    "comments and docstrings everywhere": (reword_everything, {}),
    "a module of the library renamed": (
        lambda project: rename(project, "data.copies", "data.same_pictures"),
        {},
    ),
    "a statement of heads": (edited("heads/train"), {"train_head": HEADS, **TABLES}),
    "a statement of what heads import": (edited("heads/sgd"), {"train_head": HEADS, **TABLES}),
    "a statement of figures": (edited("figures/style"), FIGURES),
    "an image added": (add_image, NEW_IMAGES),
    "an image replaced by another of its size": (replace_image, NEW_IMAGES),
    # ASSUME: a date is cheaper to look at than what a file holds, and seldom changes alone.
    "an image touched": (touch_image, NEW_IMAGES),
}


@pytest.fixture(scope="module")
def plans(finished, tmp_path_factory):
    """Make each change in a copy of its own and plan what follows, two at a time."""

    def plan(change):
        project = tmp_path_factory.mktemp("change") / "few shots"
        shutil.copytree(finished, project, symlinks=True)
        change(project)
        return run_study(project, "--dry-run")

    with ThreadPoolExecutor(2) as pool:
        planned = pool.map(plan, [change for change, _ in CHANGES.values()])
        return dict(zip(CHANGES, planned, strict=True))


@pytest.mark.parametrize("name", CHANGES)
def test_exactly_what_depends_on_a_change_runs_again(plans, name):
    done, (_, stale) = plans[name], CHANGES[name]
    assert done.returncode == 0, done.stdout
    assert jobs(done.stdout) == {rule: count for rule, count in stale.items() if count}


@pytest.mark.slow
@pytest.mark.parametrize("triggers", [[], ["--rerun-triggers", "mtime"]])
def test_a_fetch_alone_leaves_the_scan_of_new_images_stale(project, triggers):
    replace_image(project)
    run(project, "--until", "fetch")
    assert jobs(run_study(project, "--dry-run", *triggers).stdout)["scan"] == 1


@pytest.mark.slow
def test_code_that_decides_no_activation_sends_no_image_through_the_network(project):
    edit(project, "backbone/extraction")
    run(project, INDEX)
    assert images_through_network(project) == (20, 0)
    edit(project, "backbone/networks")
    run(project, INDEX)
    assert images_through_network(project) == (0, 20)


@pytest.mark.slow
def test_a_larger_pool_sends_only_new_images_through_the_network(project):
    before = json.loads((project / INDEX).read_text())["block5_pool"]["runs"]
    write_study(project, study(draws__images_per_class=6))
    run(project, INDEX)
    assert images_through_network(project) == (20, 4)
    after = json.loads((project / INDEX).read_text())["block5_pool"]["runs"]
    assert after[: len(before)] == before
    assert [rows for _, _, rows in after] == [20, 4]


@pytest.mark.slow
def test_parts_of_an_extraction_make_no_difference(project):
    grid = {"layers": ["block5_pool"], "shots": [2], "heads": ["sgd", "ridge"]}
    expected = [
        row
        for row in accuracies(project)
        if (row["layer"], row["shots"]) == ("block5_pool", "2") and row["head"] in grid["heads"]
    ]
    assert len(expected) == 4
    shutil.rmtree(project / "results/shapes/small")
    write_study(project, study(extraction={"parts": 2}, experiments={"shots": grid}))
    run(project, "reports/tiny/accuracy.csv")
    parts = [INDEX.replace("1-of-1", f"{part}-of-2") for part in (1, 2)]
    assert [images_through_network(project, part) for part in parts] == [(0, 10), (0, 10)]
    assert accuracies(project) == expected
    write_study(project, STUDY)
    run(project, INDEX)
    assert images_through_network(project) == (20, 0)


def damage(path):
    """Cut off a file, which keeps its date, and return how to undo that."""
    data, date = path.read_bytes(), path.stat().st_mtime

    def write(content):
        path.write_bytes(content)
        os.utime(path, (date, date))

    write(data[: len(data) // 2])
    return lambda: write(data)


# What is changed, the file that its job can't read, and how many jobs of which rules follow at last.
FAILURES = {
    "a head": (
        restudied(heads__sgd__epochs=4),
        "results/shapes/small/block5_pool/T1/coordinates.h5",
        {"train_head": 2, **STUDIED},
    ),
    "coordinates": (
        edited("backbone/compact"),
        "results/shapes/small/block5_pool/pieces/*.h5",
        {"compact": 4, "train_head": HEADS, **CHECK, **TABLES},
    ),
    "activations": (
        restudied(extraction={"storage": "float32"}),
        "results/backbones/small.weights.h5",
        {"extract": 1, "compact": 4, "train_head": HEADS, **CHECK, **STUDIED},
    ),
    "a table": (
        edited("../collect"),
        "results/shapes/small/*/T1/2-shot/ridge.csv",
        {"collect": 1, "timings": 1, **ANSWERS, **FIGURES},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAILURES)
def test_what_failed_after_a_change_is_still_stale(project, name):
    """Snakemake deletes the outputs of a job that fails, and what it was stale for with them."""
    change, pattern, stale = FAILURES[name]
    change(project)
    repair = damage(next(iter(sorted(project.glob(pattern)))))
    first, *_ = stale
    fail(project)
    repair()
    left = jobs(run_study(project, "--dry-run").stdout)
    assert left[first] > 0
    # What does not need the job that failed may be done already, and some of its kind.
    behind = STUDIED.keys() & stale.keys() - {first, "index_figures"}
    assert {rule: left[rule] for rule in behind} == {rule: stale[rule] for rule in behind}
    assert left.keys() <= stale.keys()
    assert ("train_head" in left) == ("train_head" in stale)
    run(project)
    assert jobs(run_study(project, "--dry-run").stdout) == {}
