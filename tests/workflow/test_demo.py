"""The demo study, run whole: every figure of the original, and what the page says of it."""

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from projects import command, half_written, jobs
from told_numbers import stray_numbers

from fewshot.page.table_words import QUESTIONS
from fewshot.study.read import read_study

pytestmark = pytest.mark.slow

# The figures of the original, by its own list: numbers, dataset (the demo's in its place), approach,
# and words of what each shows.
CALTECH, TRIBES = "armenian", "georgian"
SHOTS = (2, 4, 8, 16)
# Of heads trained end to end, and of the others.
FEW_REPEATS, REPEATS = 2, 5
FIGURES = {
    **{1 + i: (CALTECH, "1", f"accuracy against epoch, {k} shots") for i, k in enumerate(SHOTS)},
    **{5 + i: (CALTECH, "1", f"loss against epoch, {k} shots") for i, k in enumerate(SHOTS)},
    **{9 + i: (CALTECH, "2", f"loss against epoch, {k} shots") for i, k in enumerate(SHOTS)},
    **{13 + i: (CALTECH, "2", f"accuracy against epoch, {k} shots") for i, k in enumerate(SHOTS)},
    17: (CALTECH, "1", "test accuracy against training images a class"),
    18: (CALTECH, "2", "test accuracy against training images a class"),
    19: (CALTECH, "2", "train accuracy against epoch, a line a layer"),
    20: (CALTECH, "2", "train loss against epoch, a line a layer"),
    21: (CALTECH, "2", "test accuracy against epoch, a line a layer"),
    22: (CALTECH, "2", "test loss against epoch, a line a layer"),
    **{23 + i: (TRIBES, "2", f"loss against epoch, {k} shots") for i, k in enumerate(SHOTS)},
    **{27 + i: (TRIBES, "2", f"accuracy against epoch, {k} shots") for i, k in enumerate(SHOTS)},
    31: (TRIBES, "2", "test accuracy against training images a class"),
    32: (TRIBES, "2", "train accuracy against epoch, a line a layer"),
    33: (TRIBES, "2", "train loss against epoch, a line a layer"),
    34: (TRIBES, "2", "test accuracy against epoch, a line a layer"),
    35: (TRIBES, "2", "test loss against epoch, a line a layer"),
    36: (CALTECH, "2", "train accuracy against epoch, a line a temperature"),
    37: (CALTECH, "2", "test accuracy against epoch, a line a temperature"),
    38: (CALTECH, "2", "train loss against epoch, a line a temperature"),
    39: (CALTECH, "2", "test loss against epoch, a line a temperature"),
}


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def index(demo):
    return read(demo / "figures/index.csv")


def test_the_index_has_every_figure_of_the_original(index):
    numbered = {int(row["figure"]): row for row in index if row["figure"].isdecimal()}
    assert sorted(numbered) == list(range(1, 40)) == sorted(FIGURES)
    for number, (dataset, approach, shows) in FIGURES.items():
        row = numbered[number]
        assert (row["dataset"], row["approach"][:1]) == (dataset, approach), number
        assert shows in row["shows"], number
        assert f"figures/{dataset}/" in row["file"]
    grids = [row for row in index if row["figure"] == "grid"]
    assert sorted(row["dataset"] for row in grids) == [CALTECH, TRIBES]


def test_the_curves_are_of_the_approach_and_shots_that_the_index_says(index):
    for row in index:
        number = int(row["figure"]) if row["figure"].isdecimal() else 0
        if number in (*range(1, 17), *range(23, 31)):
            *_, shots, head = Path(row["file"]).stem.split("__")
            assert FIGURES[number][2].endswith(f" {shots.removesuffix('-shot')} shots")
            assert head == ("end_to_end" if number < 9 else "sgd")


def test_every_figure_is_there_with_its_caption_and_is_not_blank(demo, index):
    files = {row["file"] for row in index}
    assert len(files) > 50
    for name in files:
        with Image.open(demo / name) as picture:
            gray = np.asarray(picture.convert("L"))
        assert min(gray.shape) > 200, name
        assert len(np.unique(gray)) > 20, name
        assert gray.std() > 5, name
        assert (demo / name).with_suffix(".svg").stat().st_size > 1000
        caption = (demo / name).with_suffix(".txt").read_text(encoding="utf-8")
        assert "nan" not in caption.lower().split(), name
        assert any(character.isdigit() for character in caption), name


def test_all_drawn_figures_are_in_the_index(demo, index):
    drawn = {str(path.relative_to(demo)) for path in demo.rglob("*.png")}
    assert drawn == {row["file"] for row in index}


def test_what_the_demo_is_to_show(demo):
    summary = {
        tuple(
            row[key] for key in ("dataset", "backbone", "layer", "temperature", "shots", "head")
        ): {part: float(row[f"test_accuracy_{part}"]) for part in ("mean", "low", "high")}
        for row in read(demo / "summary.csv")
    }
    for dataset in (CALTECH, TRIBES):
        tuned = summary[dataset, "small_vgg", "fc2", "1", "16", "tuned"]
        control = summary[dataset, "untrained", "fc2", "1", "16", "tuned"]
        assert tuned["mean"] > control["mean"] + 0.5
    heads = {
        head: [summary[CALTECH, "small_vgg", "predictions", t, "8", head] for t in ("1", "16")]
        for head in ("sgd", "tuned")
    }
    # The original's fall at a fixed rate, and none where inputs are brought to one scale.
    assert heads["sgd"][1]["high"] < heads["sgd"][0]["low"]
    assert heads["tuned"][1]["low"] > heads["tuned"][0]["high"]
    lifts = [
        float(row["lift_low"])
        for row in read(demo / "distillation.csv")
        if (row["name"], row["kind"]) == ("unlabelled", "distilled")
    ]
    assert len(lifts) == 2 * 2 * 5
    assert min(lifts) > 0


def test_what_was_forecast_came(demo):
    rows = [row for row in read(demo / "forecast.csv") if row["came"]]
    own = [[float(row[name]) for name in ("accuracy", "low", "high", "came")] for row in rows]
    accuracy, low, high, came = np.transpose(own)
    assert len(rows) == 13
    assert np.mean((low <= came) & (came <= high)) >= 0.85
    assert np.abs(accuracy - came).mean() <= 0.03


def test_every_head_has_its_repeats(demo):
    for row in read(demo / "summary.csv"):
        assert row["repeats"] == str(FEW_REPEATS if row["head"] == "end_to_end" else REPEATS)
    assert {(row["approach"], row["repeats"]) for row in read(demo / "costs.csv")} == {
        ("end to end", str(FEW_REPEATS)),
        ("cached", str(REPEATS)),
    }
    page = (demo / "report.html").read_text(encoding="utf-8")
    assert "trained on the first 2 repeats only" in page


def test_gradients_are_checked_and_right(demo):
    rows = read(demo / "gradients.csv")
    assert len(rows) == 4
    # The original's own differences were up to 1.6e-6.
    assert all(float(row["largest_difference"]) < 1e-7 for row in rows)
    assert all(float(row["largest_gradient"]) > 1e-4 for row in rows)


def test_costs_are_those_of_the_benchmarks(demo):
    timings = read(demo / "timings.csv")
    stages = {"fetch", "scan", "extract", "compact", "train_head", "train_end_to_end", "distil"}
    assert {row["stage"] for row in timings} == stages
    assert all(float(row["seconds"]) > 0 for row in timings)
    baseline = [row for row in timings if row["stage"] == "train_end_to_end"]
    assert all(float(row["peak_memory_mb"]) > 100 for row in baseline)
    costs = {(row["approach"], row["shots"]): row for row in read(demo / "costs.csv")}
    assert len(costs) == 2 * 4
    for row in baseline:
        cost = float(costs["end to end", row["shots"]]["total_seconds"])
        scoring = sum(
            float(result["scoring_seconds"])
            for result in read(demo / "accuracy.csv")
            if (result["head"], result["shots"]) == ("end_to_end", row["shots"])
        )
        assert scoring > 0
        assert cost == pytest.approx((float(row["seconds"]) - scoring) / FEW_REPEATS, rel=1e-3)


def test_the_page_holds_every_figure_and_what_was_computed(demo, index):
    page = (demo / "report.html").read_text(encoding="utf-8")
    files = {row["file"]: row for row in index if row["file"]}
    linked = {
        name
        for name, row in files.items()
        if row["category"] == "Learning curves" and not row["figure"]
    }
    assert page.count("<figure ") == len({*files} - linked)
    assert all(f'href="{name}"' in page for name in linked)
    assert "stands in for Caltech-256" in page
    assert len(page) < 10e6


def test_every_number_of_the_page_stands_in_a_table(demo):
    config = demo.parents[1] / "profiles/demo/study.yaml"
    study = read_study(yaml.safe_load(config.read_text(encoding="utf-8")))
    pools = (demo.parents[1] / f"results/{name}/pool.csv" for name in study["datasets"])
    classes = [len({row["class"] for row in read(path)}) for path in pools]
    told, stray = stray_numbers(demo / "report.html", study, classes)
    assert told > 200
    assert stray == []


def test_the_page_says_what_every_question_compares(demo):
    asked = {row["question"] for row in read(demo / "contrasts.csv")}
    assert len(asked) > 15
    assert asked <= {*QUESTIONS}


def test_a_second_run_has_nothing_to_do(demo):
    project = demo.parents[1]
    done = command(project, "--profile", "profiles/demo", "--cores", "2")
    assert jobs(done.stdout) == {}
    assert half_written(project) == []


def test_both_approaches_learn_the_same_epoch_by_epoch(demo):
    for shots in SHOTS:
        folder = demo.parents[1] / f"results/{CALTECH}/small_vgg/fc2/T1/{shots}-shot"
        cached = {(r["repeat"], r["epoch"]): r for r in read(folder / "sgd.curves.csv")}
        baseline = read(folder / "end_to_end.curves.csv")
        assert len(cached) == REPEATS * 100
        assert len(baseline) == FEW_REPEATS * 11
        for row in baseline:
            same = cached[row["repeat"], row["epoch"]]
            # The cached activations are stored in float16.
            assert float(row["test_loss"]) == pytest.approx(float(same["test_loss"]), abs=2e-3)
            right = 8 * 38 * (float(row["test_accuracy"]) - float(same["test_accuracy"]))
            assert abs(right) < 1.5  # test images
