"""Study files and --config as people give them: what is taken, merged and refused, by Snakemake."""

import json
import os
import subprocess
import sys

import pytest
import yaml
from projects import EVERY_RULE, STUDY, command, draw_classes, jobs, write_study

QUIET = ("--quiet", "host", "rules")


@pytest.fixture
def project(fresh):
    draw_classes(fresh / "data/shapes", 5)
    write_study(fresh, STUDY)
    return fresh


def planned(project, *arguments):
    done = command(project, "--dry-run", *arguments)
    assert done.returncode == 0, done.stdout
    return jobs(done.stdout)


def refused(project, *arguments):
    """What Snakemake prints of a study that it refuses, before it makes anything."""
    done = command(project, "--dry-run", *QUIET, *arguments)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stdout
    assert not (project / "results").exists()
    return done.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"study: tiny\n\tdraws: {}\n", "line 2: YAML takes no tab here"),
        ("study: tiny\n".encode("utf-16"), "line 1: a study is text in UTF-8. Received: UTF-16"),
        (b"{}\n", "line 1: a study is a mapping"),
    ],
)
def test_what_snakemake_cant_read_or_would_take_for_nothing_has_a_line(project, content, said):
    (project / "study.yaml").write_bytes(content)
    printed = refused(project, "--configfile", "study.yaml")
    assert f"The config has 1 error:\nstudy.yaml, {said}" in printed


def test_a_study_that_a_profile_names_is_checked_like_one_of_the_command_line(project):
    study = project / "profiles/demo/study.yaml"
    lines = len(study.read_text().splitlines())
    study.write_text(study.read_text() + "\tseed: 1\n")
    printed = refused(project, "--profile", "profiles/demo")
    assert f"profiles/demo/study.yaml, line {lines + 1}: YAML takes no tab here" in printed


def test_without_the_profile_the_snakefile_checks_what_can_be_read(project):
    with (project / "study.yaml").open("a") as file:
        file.write("draws: {images_per_class: 5}\n")
    printed = refused(project, "--workflow-profile", "none", "--configfile", "study.yaml")
    assert "study.yaml, line " in printed
    assert "a key is given once. Received: draws" in printed


def test_the_check_comes_from_the_snakefile_that_is_run_and_harms_no_other(project, tmp_path):
    (project / "twice.yaml").write_text("a: 1\na: 2\n")
    stranger = tmp_path / "stranger"
    (stranger / "fewshot").mkdir(parents=True)
    (stranger / "fewshot/__init__.py").write_text("raise RuntimeError('a stranger')\n")
    (stranger / "Snakefile").write_text("rule all:\n    shell: 'true'\n")
    other = ("--snakefile", str(stranger / "Snakefile"), "--configfile", "twice.yaml")
    assert command(project, "--dry-run", *other).returncode == 0
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--dry-run", "--configfile", "twice.yaml"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(stranger)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "twice.yaml, line 2: a key is given once" in done.stderr
    assert "stranger" not in done.stderr


def test_two_files_are_merged_key_by_key_and_lists_as_a_whole(project):
    second = {
        "draws": {"images_per_class": 4},
        "experiments": {"shots": {"shots": [2], "heads": ["ridge"]}},
    }
    (project / "second.json").write_text(json.dumps(second, indent="\t"))
    assert planned(project, "--configfile", "study.yaml")["train_head"] == 9
    both = planned(project, "--configfile", "study.yaml", "second.json")
    # ridge on block5_pool at two shots is in "layers", too: two layers, and two temperatures.
    assert both["train_head"] == 4
    printed = refused(project, "--configfile", "second.json")
    assert "backbones: required key is missing" in printed
    assert "This is what second.json says." in printed
    assert "config.yaml" not in printed


def test_a_setting_changes_the_study_that_it_is_given_with(project):
    given = ("--config", "study=2026", "draws={repeats: 1, images_per_class: 4}")
    study = ("--configfile", "study.yaml", *given)
    # The job of Snakemake that it runs in is told the same settings.
    done = command(project, *study, "--cores", "1", "--until", "draw")
    assert done.returncode == 0, done.stdout
    header, *rows = (project / "results/shapes/draws.csv").read_text().splitlines()
    assert [name for name in header.split(",") if "repeat" in name] == ["repeat_0"]
    assert len(rows) == 4 * 4  # classes, images of each
    assert planned(project, "reports/2026/report.html", *study)["report"] == 1


def test_alone_it_changes_config_yaml(project):
    (project / "config.yaml").write_text(yaml.safe_dump(STUDY))
    assert planned(project, "--config", "experiments={layers: {shots: [1, 2]}}")["train_head"] == 10
    printed = refused(project, "--config", "draws={repeats: many}")
    assert "draws.repeats: must be a whole number. Received: 'many'." in printed
    assert "This is what config.yaml and --config say." in printed
    (project / "config.yaml").unlink()
    printed = refused(project, "--config", "study=mine")
    assert "config.yaml: a study is a file that can be read. Received: nothing is there." in printed


def test_a_setting_in_a_wrong_form_is_told_the_right_one(project):
    printed = refused(project, "--configfile", "study.yaml", "--config", "draws.repeats=3")
    assert "--config: a setting is key=value. Received: draws.repeats=3." in printed
    assert "draws='{repeats: 3}'" in printed


def test_a_layer_mistyped_under_backbones_is_told_there_before_any_work(project):
    study = {**EVERY_RULE, "datasets": STUDY["datasets"], "predictors": {}}
    wrong = yaml.safe_load(yaml.safe_dump(study))
    (layers,) = wrong["backbones"]["small"]["layers"]
    layers[layers.index("fc2")] = "fc22"
    write_study(project, wrong)
    printed = refused(project, "--configfile", "study.yaml")
    assert "The config has 1 error:\nbackbones.small.layers: no such layer." in printed
    assert "Received: fc22. Hint: did you mean fc2?" in printed


def test_one_mistyped_everywhere_fails_with_the_weights_before_the_images(project):
    write_study(project, yaml.safe_load(yaml.safe_dump(STUDY).replace("block4_pool", "block4_pol")))
    done = command(project, "--configfile", "study.yaml", "--cores", "1")
    assert done.returncode == 1
    assert "Layers of backbones.small must be SmallVGG's. Received: block4_pol." in done.stdout
    assert "did you mean block4_pool?" in done.stdout
    assert not (project / "results/shapes/source.json").exists()
    assert not (project / "results/backbones/small.json").exists()
