"""Setting up: a Python that won't do is refused by name, and a moved clone is set up anew."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from projects import ROOT


@pytest.fixture
def bootstrap():
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "envs/bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path):
    """What make needs of a clone, with an environment that is said to be complete."""
    folder = tmp_path / "few shots"
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copytree(ROOT / "envs", folder / "envs")
    (folder / ".venv/.complete").write_text(f"{folder}\n")
    return folder


def planned(clone):
    done = subprocess.run(
        ["make", "-n", "environment"], cwd=clone, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("limits", [((3, 98), (3, 99)), ((3, 0), (3, 1))])
def test_another_python_is_refused_before_anything_is_done(
    bootstrap, tmp_path, monkeypatch, limits
):
    monkeypatch.setenv("PATH", "")  # no uv
    monkeypatch.setattr(bootstrap, "OLDEST", limits[0])
    monkeypatch.setattr(bootstrap, "NEWEST", limits[1])
    (tmp_path / ".venv/bin").mkdir(parents=True)
    with pytest.raises(SystemExit) as told:
        bootstrap.build(str(tmp_path / ".venv"), str(ROOT / "envs/cpu.txt"))
    here = f"{sys.version_info[0]}.{sys.version_info[1]}, of {sys.executable}"
    between = " to ".join(f"{major}.{minor}" for major, minor in limits)
    start = f"The locked environment needs Python {between}. Received: {here}. Hint: "
    assert str(told.value).startswith(start)
    assert (tmp_path / ".venv/bin").is_dir()  # what was there stays


def test_nothing_of_a_person_leads_pip_astray(bootstrap, monkeypatch, tmp_path):
    for name in ("PYTHONPATH", "PIP_TARGET", "PIP_USER"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PIP_INDEX_URL", "kept")
    told = tmp_path / "told"
    code = f"import json, os; json.dump(dict(os.environ), open({str(told)!r}, 'w'))"
    bootstrap._run(sys.executable, "-c", code)
    environment = json.loads(told.read_text())
    assert environment["PIP_INDEX_URL"] == "kept"
    assert {"PYTHONPATH", "PIP_TARGET", "PIP_USER"}.isdisjoint(environment)


@pytest.mark.parametrize("name", ["a$HOME", "a`touch b`", 'quo"te', "it's", "ümläut 🐟 {x}"])
def test_make_works_in_a_clone_of_any_name(clone, name):
    clone = clone.rename(clone.with_name(name))
    (clone / "envs/bootstrap.py").write_text("")
    for _ in range(2):
        subprocess.run(["make", "environment"], cwd=clone, check=True, capture_output=True)
        assert (clone / ".venv/.complete").read_text() == f"{clone}\n"
    assert "bootstrap.py" not in planned(clone)


def test_the_versions_of_python_are_the_same_everywhere(bootstrap):
    oldest, newest = (".".join(map(str, each)) for each in (bootstrap.OLDEST, bootstrap.NEWEST))
    workflow = yaml.safe_load((ROOT / ".github/workflows/check.yaml").read_text())
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["python"] == [oldest, newest]
    assert f"--python-version {oldest} " in (ROOT / "Makefile").read_text()
    for page in ("README.md", "docs/machine.md"):
        assert f"Python {oldest} to {newest}" in (ROOT / page).read_text(encoding="utf-8")


def test_an_environment_is_built_once(clone):
    assert "bootstrap.py" not in planned(clone)


def test_a_moved_clone_and_one_whose_python_is_gone_are_set_up_anew(clone):
    moved = clone.rename(clone.with_name("renamed"))
    assert "python3 envs/bootstrap.py .venv envs/cpu.txt" in planned(moved)
    back = moved.rename(clone)
    assert "bootstrap.py" not in planned(back)
    Path(back, ".venv/bin/python").unlink()
    Path(back, ".venv/bin/python").symlink_to("/no/such/python")
    assert "bootstrap.py" in planned(back)
