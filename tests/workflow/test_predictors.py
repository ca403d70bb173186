"""Predictors of a study: made anew only when stale, and beside what else lies in their folder."""

import json
import re
import shutil

import pytest
import yaml
from projects import fail, jobs, run, run_study

pytestmark = pytest.mark.slow

FOLDER = "predictors/letters"
# The page tells the whole study, and what is made of all of it is made again with it.
TOLD = {"index_figures": 1, "paper": 1, "report": 1}


@pytest.fixture
def project(every, tmp_path):
    """A copy of a finished study."""
    copy = tmp_path / "few shots"
    shutil.copytree(every, copy, symlinks=True)
    return copy


def change(project, **keys):
    path = project / "study.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **keys}, sort_keys=False))


def description(project):
    return json.loads((project / FOLDER / "predictor.json").read_text())


def planned(project):
    return jobs(run_study(project, "--dry-run").stdout)


def test_it_is_what_the_study_recommends_on_every_image(every):
    said = description(every)
    assert said["head"]["shots"] == "all"
    assert said["head"]["images"] == sum(said["head"]["by_class"]) == 6 * len(said["classes"])
    assert said["head"]["solver"] in ("sgd", "logistic")
    assert said["data"]["source"] == "armenian.zip"
    assert said["difference"] < 1e-3
    assert str(every) not in json.dumps(said)


def test_what_it_does_not_follow_from_leaves_it_alone(project):
    change(project, gallery=False, wanted_accuracy=0.9)
    for folder in project.glob("results/letters/small/*/pieces"):
        shutil.rmtree(folder)
    shutil.rmtree(project / "results/letters/small/passes")
    found = planned(project)
    assert "report" in found
    assert "export" not in found


@pytest.mark.parametrize("name", ["model.keras", "predict.py", "README.md"])
def test_a_file_of_it_that_is_gone_comes_back(project, name):
    (project / FOLDER / name).unlink()
    assert planned(project)["export"] == 1


def test_another_study_does_not_write_over_it(project):
    change(project, study="other")
    printed = fail(project)
    rule = "A predictor must have a name that no other study's has. Received: predictors/letters, "
    assert f"{rule}of the study every. Hint: give it another name" in printed
    shutil.rmtree(project / FOLDER)
    assert planned(project)["export"] == 1


def test_others_are_made_anew_beside_what_a_person_put_there(project):
    (project / FOLDER / "classes.csv").write_text("mine")
    two = {"dataset": "letters", "backbone": "small", "layer": "fc2", "head": "tuned", "shots": 2}
    letters = {"dataset": "letters", "formats": ["litert"]}
    change(project, predictors={"letters": letters, "two": two})
    assert planned(project) == {"export": 2, **TOLD}
    printed = run(project)
    assert "python predictors/<name>/predict.py <images> (<name>: letters, two)" in printed
    assert description(project)["formats"]["litert"] < 1e-3
    assert (project / FOLDER / "model.tflite").is_file()
    said = json.loads((project / "predictors/two/predictor.json").read_text())
    assert said["head"]["images"] == 2 * len(said["classes"])
    change(project, predictors={"letters": {"dataset": "letters"}})
    printed = run(project)
    assert f"python {FOLDER}/predict.py <images>\n" in printed
    assert description(project)["formats"] == {}
    assert not (project / FOLDER / "model.tflite").exists()
    assert (project / FOLDER / "classes.csv").read_text() == "mine"
    assert (project / "predictors/two").is_dir()  # of what no study asks for nothing is deleted


def test_damage_behind_it_is_said_and_nothing_half_made_is_left(project):
    change(project, predictors={"letters": {"dataset": "letters", "formats": ["litert"]}})
    path = project / "results/backbones/small.weights.h5"
    path.write_bytes(path.read_bytes()[:-1000])
    printed = fail(project)
    assert re.search(r"Error: .*small\.weights\.h5", printed)
    assert not (project / FOLDER / "predictor.json").exists()
    assert [*project.rglob(".partial-*")] == []
