"""The circle of docs/predictors.md, as the page has it: label what a predictor is least sure of."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from projects import ROOT, command, copy_project, jobs

pytestmark = pytest.mark.slow

STUDY = "letters"
FEWER, MORE = "shots: [1, 2, 4]", "shots: [1, 2, 4, 8]"
LABELLED = 40


def blocks(language):
    """What stands in the fences of a language, in the page's section on the circle."""
    page = (ROOT / "docs/predictors.md").read_text(encoding="utf-8")
    section = page.split("## The circle\n")[1]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def shell(project, text):
    """Run what a person would type."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", text],
        cwd=project,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}"
    return done.stdout


def images(project):
    return {path.relative_to(project) for path in project.glob("data/letters/*/*/*.png")}


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def would_run(project):
    """What a dry run of the study lists."""
    return jobs(command(project, "--configfile", f"{STUDY}.yaml", "--cores", "2", "-n").stdout)


def described(project):
    return json.loads((project / f"predictors/{STUDY}/predictor.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def circle(tmp_path_factory):
    """Go round once; keep what was there before."""
    project = copy_project(tmp_path_factory.mktemp("circle") / "fewshot")
    start, measure, ask, label, fill, again = blocks("sh")
    (study,) = blocks("yaml")
    shell(project, start)
    (project / f"{STUDY}.yaml").write_text(study, encoding="utf-8")
    ended = shell(project, measure)
    before = {"images": images(project), "described": described(project), "ended": ended}
    shell(project, ask)
    before["next"] = table(project / "next.csv")
    shell(project, label)
    shell(project, fill)
    (project / f"{STUDY}.yaml").write_text(study.replace(FEWER, MORE), encoding="utf-8")
    before["planned"] = would_run(project)
    before["said"] = shell(project, again)
    return project, before


def test_a_run_ends_with_how_to_name_images(circle):
    _, before = circle
    *_, name, page = before["ended"].splitlines()
    program = f"predictors/{STUDY}/predict.py"
    assert name == f"Name the classes of new images: python {program} <images>"
    assert page == f"Open reports/{STUDY}/report.html"


def test_the_page_changes_the_shots_that_its_study_has(circle):
    (study,) = blocks("yaml")
    assert FEWER in study
    assert MORE in (ROOT / "docs/predictors.md").read_text(encoding="utf-8")


def test_what_to_label_is_least_sure_first_and_without_labels(circle):
    _, before = circle
    rows = before["next"]
    assert len(rows) == LABELLED
    probabilities = [float(row["probability"]) for row in rows]
    assert probabilities == sorted(probabilities)
    assert {str(Path(row["file"]).parent) for row in rows} == {"data/unlabelled"}
    # As the page says: they are harder than the images that were tested.
    right = sum(Path(row["file"]).stem.rsplit("_", 1)[0] == row["class"] for row in rows)
    assert right / LABELLED < before["described"]["measured"]["low"]


def test_only_new_images_pass_the_network(circle):
    project, before = circle
    after = images(project)
    assert before["images"] < after
    new = len(after) - len(before["images"])
    assert new >= LABELLED
    line = f"{len(after)} images: {len(before['images'])} adopted, {new} to compute"
    assert line in before["said"]


def test_the_forecast_is_held_against_what_came(circle):
    project, _ = circle
    rows = table(project / f"reports/{STUDY}/forecast.csv")
    summary = table(project / f"reports/{STUDY}/summary.csv")
    came = [row for row in rows if (row["shots"], row["up_to"]) == ("8", "4")]
    assert {row["layer"] for row in came} == {"block3_pool", "fc2"}
    for row in came:
        (measured,) = (
            each for each in summary if (each["layer"], each["shots"]) == (row["layer"], "8")
        )
        assert float(row["came"]) == pytest.approx(float(measured["test_accuracy_mean"]), abs=1e-5)
        assert 0 < float(row["low"]) <= float(row["accuracy"]) <= float(row["high"]) <= 1
    earlier = table(project / "forecast_before.csv")
    ahead = [row for row in earlier if (row["shots"], row["up_to"]) == ("8", "4")]
    assert len(ahead) == len(came)
    assert {row["came"] for row in ahead} == {""}


def test_the_predictor_is_made_anew_where_its_inputs_changed_and_not_otherwise(circle):
    project, before = circle
    assert before["planned"]["export"] == 1
    assert would_run(project) == {}
    old, new = before["described"], described(project)
    assert old["head"]["images"] == len(before["images"])
    assert new["head"]["images"] == len(images(project))
    assert (old["measured"]["shots"], new["measured"]["shots"]) == (4, 8)
    for key in ("model", "training_images"):
        assert old["sha256"][key] != new["sha256"][key]
    assert old["sha256"]["weights"] == new["sha256"]["weights"]


def test_the_test_images_are_those_of_before(circle):
    project, before = circle
    tested = {path for path in before["images"] if path.parts[2] == "test"}
    assert {path for path in images(project) if path.parts[2] == "test"} == tested
    for description in (before["described"], described(project)):
        assert description["measured"]["test_images"] == len(tested)
