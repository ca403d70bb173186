"""A study is the same on anybody's machine and from anybody's folder."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from projects import STUDY, command, copy_project, draw_classes, study, write_study

# Root writes where it may not, but without its capabilities.
BARE = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
SMALL = ("--cores", "2", "--set-threads", "extract=1", "compact=1", "scan=1")


def as_anybody(place, *arguments, umask=0o022, **variables):
    """Run Snakemake in a folder, without root's rights, and return what it leaves."""
    return subprocess.run(
        [*BARE, sys.executable, "-m", "snakemake", *arguments],
        cwd=place,
        env={**os.environ, **variables},
        umask=umask,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def messages(printed):
    return [line for line in printed.splitlines() if " Received: " in line]


def write_protected(folder):
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o555)


def hostile_settings(folder):
    """Write what a person may have for other work, and return the variables that lead there."""
    home, other = folder / "home", folder / "other"
    (home / ".keras").mkdir(parents=True)
    keras = {"backend": "torch", "floatx": "float16", "image_data_format": "channels_first"}
    (home / ".keras/keras.json").write_text(json.dumps({**keras, "epsilon": 1e-3}))
    (home / ".config/matplotlib").mkdir(parents=True)
    matplotlibrc = "text.usetex: True\nsavefig.bbox: tight\naxes.facecolor: black\n"
    (home / ".config/matplotlib/matplotlibrc").write_text(matplotlibrc)
    (other / "fewshot").mkdir(parents=True)
    (other / "fewshot/__init__.py").write_text("raise SystemExit('of another project')")
    return {
        "HOME": str(home),
        "PYTHONPATH": str(other),
        "PYTHONWARNINGS": "error::DeprecationWarning",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "KERAS_MAX_EPOCHS": "1",
        "LC_ALL": "C",
    }


@pytest.mark.slow
def test_nothing_around_a_study_changes_it(finished, tmp_path):
    project = copy_project(tmp_path / "Müllers \N{SNAIL} kopie")
    place = tmp_path / "and elsewhere: \N{SNOWMAN}"
    draw_classes(place / "images", 6)
    changed = study(datasets__shapes__source="images")
    write_study(place, changed)
    (place / "matplotlibrc").write_text("savefig.dpi: 30\n")
    variables = hostile_settings(tmp_path)
    write_protected(project)
    write_protected(place / "images")
    where = ("-s", f"{project}/Snakefile", "--configfile", "study.yaml")
    done = as_anybody(place, *where, *SMALL, umask=0o077, **variables)
    assert done.returncode == 0, done.stdout
    for name in ("accuracy", "summary", "contrasts"):
        plain, there = (
            pd.read_csv(each / f"reports/tiny/{name}.csv") for each in (finished, place)
        )
        pd.testing.assert_frame_equal(
            *(t.drop(columns=t.filter(like="seconds").columns) for t in (plain, there))
        )
    figures = sorted((finished / "reports/tiny/figures/shapes").rglob("*.png"))
    assert len(figures) > 5
    for figure in figures:
        if figure.name != "costs.png":  # in seconds
            other = place / figure.relative_to(finished)
            assert other.read_bytes() == figure.read_bytes(), figure.name
    assert "weights" in json.loads((place / "results/backbones/small.json").read_text())
    assert as_anybody(place, *where, "--cores", "1", **variables).stdout.count("Nothing to be") == 1


def test_a_job_that_cannot_import_leaves_its_traceback(fresh):
    script = fresh / "scripts/fetch.py"
    script.write_text(f"import no_such_library\n{script.read_text()}")
    write_study(fresh, STUDY)
    draw_classes(fresh / "data/shapes", 6)
    done = command(fresh, "--configfile", "study.yaml", "--cores", "1", "--until", "fetch")
    assert done.returncode == 1
    log = (fresh / "results/shapes/fetch.log").read_text()
    assert log.startswith("Traceback")
    assert log.endswith("ModuleNotFoundError: No module named 'no_such_library'\n")


def test_another_backend_of_keras_is_refused_before_any_work(fresh):
    write_study(fresh, STUDY)
    done = as_anybody(fresh, "--configfile", "study.yaml", "-n", KERAS_BACKEND="torch")
    (message,) = messages(done.stdout)
    assert message.startswith("The backend of Keras is tensorflow or jax. Received: KERAS_BACKEND")
    assert "Traceback" not in done.stdout


def test_a_folder_that_cannot_be_written_is_one_message(fresh):
    write_study(fresh, STUDY)
    draw_classes(fresh / "data/shapes", 6)
    (fresh / "results").mkdir(0o555)
    done = as_anybody(fresh, "--configfile", "study.yaml", "--cores", "1", "--until", "fetch")
    (message,) = messages(done.stdout)
    assert f"Received: {fresh}/results, which can't be written." in message
    (fresh / "results").rmdir()
    for name in ("results", "reports", "predictors"):
        (fresh / name).write_text("no folder")
        done = as_anybody(fresh, "--configfile", "study.yaml", "--cores", "1", "--until", "fetch")
        (message,) = messages(done.stdout)
        assert f"Received: {fresh}/{name}, which can't be written." in message
        (fresh / name).unlink()
    (fresh / "results/shapes").mkdir(parents=True)
    (fresh / "results/shapes").chmod(0o555)
    done = as_anybody(fresh, "--configfile", "study.yaml", "--cores", "1", "--until", "fetch")
    (message,) = messages(done.stdout)
    assert f"Received: {fresh}/results/shapes, which can't be written." in message
    write_protected(fresh)
    for asked in ("-n", "--until"):
        done = as_anybody(fresh, "--configfile", "study.yaml", "--cores", "1", asked, "fetch")
        (message,) = messages(done.stdout)
        assert "which can't be written." in message
        assert "Traceback" not in done.stdout


def test_a_clone_whose_path_snakemake_would_take_for_wildcards_is_refused(tmp_path):
    project = copy_project(tmp_path / "br{a}ces")
    write_study(tmp_path, STUDY)
    where = ("-s", f"{project}/Snakefile", "--configfile", "study.yaml", "-n")
    (message,) = messages(command(tmp_path, *where).stdout)
    assert "none of { } < >" in message


def test_the_demo_is_found_from_another_folder(fresh, tmp_path):
    done = command(
        tmp_path, "-s", f"{fresh}/Snakefile", "--profile", f"{fresh}/profiles/demo", "-n"
    )
    assert done.returncode == 0, done.stdout
    done = command(fresh, "--directory", str(tmp_path / "new"), "--profile", "profiles/demo", "-n")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME"])
def test_a_cache_that_cannot_be_written_is_one_message(fresh, variable):
    write_study(fresh, STUDY)
    done = as_anybody(fresh, "--configfile", "study.yaml", "-n", **{variable: "/proc/none"})
    (message,) = messages(done.stdout)
    assert message.startswith("Snakemake needs a cache folder that can be written. Received: /proc")
    assert "set the environment variable XDG_CACHE_HOME" in message
    assert "Traceback" not in done.stdout
