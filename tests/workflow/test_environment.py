"""Setting up: what the lock holds, a Python that won't do, and a clone that was moved."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from projects import ROOT

from fewshot.study.networks import FAMILIES

# What each adds to cpu.txt, beside the libraries of NVIDIA.
GPU_LOCKS = {
    "gpu.txt": set(),
    "gpu-jax.txt": {"jax", "jaxlib", "jax-cuda12-pjrt", "jax-cuda12-plugin"},
}


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


def requirements(name):
    """Names of the requirements of a file in envs/ that hold on this machine, each with its text."""
    lines = (ROOT / "envs" / name).read_text().replace("\\\n", "").splitlines()
    plain = (re.sub(r"\s--hash=\S+|\s*#.*", "", line).strip() for line in lines)
    found = [Requirement(each) for each in plain if each and not each.startswith("-r")]
    return {canonicalize_name(each.name): each for each in found if holds(each)}


def left_out():
    lines = (ROOT / "envs/overrides.txt").read_text().splitlines()
    names = {re.split(r"[;#]", line)[0].strip() for line in lines} - {""}
    assert len(names) > 3
    return names


def holds(requirement, extras=("",)):
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)


def needed(waiting, without):
    """Names of what some packages require, with all that these require in turn."""
    found = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        wanted = {(name, extra) for extra in ("", *requirement.extras)}
        if name in without or wanted <= found:
            continue
        found |= wanted
        required = map(Requirement, distribution(name).requires or ())
        waiting += [each for each in required if holds(each, ("", *requirement.extras))]
    return {name for name, _ in found}


def test_the_lock_holds_what_is_needed_and_nothing_else():
    # It is installed without looking for what is missing in it.
    locked = requirements("cpu.txt")
    assert needed([*requirements("cpu.in").values()], left_out()) == locked.keys()
    for name, each in locked.items():
        assert each.specifier.contains(distribution(name).version), name


def pins(name):
    """What a lock says of each package, hashes and markers included; where each is told, left out."""
    entries = re.split(r"\n(?=\S)", (ROOT / "envs" / name).read_text())
    kept = [re.sub(r"\n\s+#.*", "", each).strip() for each in entries]
    return {each for each in kept if each and not each.startswith("#")}


@pytest.mark.parametrize("lock", GPU_LOCKS)
def test_a_lock_with_cuda_is_that_of_the_cpu_and_more(lock):
    assert len(pins("cpu.txt")) > 100
    assert pins("cpu.txt") <= pins(lock)
    added = {each.partition("==")[0] for each in pins(lock) - pins("cpu.txt")}
    assert "nvidia-cudnn-cu12" in added
    assert {each for each in added if not each.startswith("nvidia-")} == GPU_LOCKS[lock]


def test_jax_and_what_it_computes_with_are_of_one_version():
    versions = re.findall(r"^jax[\w-]*==(\S+) \\", (ROOT / "envs/gpu-jax.txt").read_text(), re.M)
    assert len(versions) == 4
    assert len({*versions}) == 1


@pytest.mark.parametrize("name", ["cpu", "gpu", "gpu-jax"])
def test_every_environment_is_locked_audited_and_there_for_conda(name):
    assert f"$(COMPILE) envs/{name}.in -o envs/{name}.txt\n" in (ROOT / "Makefile").read_text()
    audit = yaml.safe_load((ROOT / ".github/workflows/audit.yaml").read_text())
    assert name in audit["jobs"]["audit"]["strategy"]["matrix"]["environment"]
    deploy = ROOT / f"envs/{name}.post-deploy.sh"
    assert f"--require-hashes -r envs/{name}.txt\n" in deploy.read_text()
    assert subprocess.run(["bash", "-n", deploy], check=False).returncode == 0
    assert yaml.safe_load((ROOT / f"envs/{name}.yaml").read_text())["dependencies"][-1] == "pip"


@pytest.mark.parametrize("lock", ["cpu.txt", *GPU_LOCKS])
def test_what_no_network_for_images_imports_is_left_out(lock):
    held = re.findall(r"^([\w-]+)==", (ROOT / "envs" / lock).read_text(), re.MULTILINE)
    assert {"keras-hub", "tokenizers"} <= {*held}
    assert left_out().isdisjoint(held)


def test_networks_for_images_import_nothing_that_is_left_out():
    converted = ("dinov2", "dinov3", "vit", "deit", "swin_transformer")  # from Hugging Face
    modules = [f"utils.transformers.convert_{name}" for name in converted]
    code = f"""
import importlib, sys
left_out = dict.fromkeys({[name.replace("-", "_") for name in left_out()]!r})
sys.modules.update(left_out)  # not to be imported, installed or not
import keras_hub
print(len([getattr(keras_hub.models, each) for each in {[*FAMILIES]!r}]))
print(len([importlib.import_module("keras_hub.src." + each) for each in {modules!r}]))
print([name for name in sys.modules if name.split(".")[0] in left_out and sys.modules[name]])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{len(FAMILIES)}\n{len(modules)}\n[]\n"


@pytest.mark.parametrize("network", ["SmallVGG", "MobileNet"])
def test_jobs_of_other_networks_do_not_import_kerashub(network, tmp_path):
    code = f"""
import sys
import export, extract, weights
from settings_of import settings_of
weights.weights(
    settings=settings_of({network!r}), seed=0, weights_path="net.weights.h5", backbone_path="net.json"
)
print([name for name in sys.modules if name.partition(".")[0] in ("keras_hub", "tokenizers")])
"""
    paths = os.pathsep.join(str(ROOT / each) for each in ("scripts", "tests/workflow"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "net.json").is_file()


def test_no_instruction_has_pip_look_for_what_the_lock_leaves_out():
    pages = [*ROOT.glob("docs/*.md"), *ROOT.glob("envs/*.sh"), ROOT / "README.md"]
    lines = [line for page in pages for line in page.read_text(encoding="utf-8").splitlines()]
    installing = [line for line in lines if re.search(r"pip install .*-r envs/", line)]
    assert len(installing) >= 4
    assert [line for line in installing if "--no-deps --require-hashes" not in line] == []
