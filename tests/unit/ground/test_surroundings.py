"""What the process of a job finds in its environment, whatever a person has in theirs."""

import importlib.util
import os
import subprocess
import sys

import pytest

from fewshot.errors import InputError
from fewshot.surroundings import (
    check_cache,
    job_environment,
    models_folder,
)


def test_a_persons_settings_of_python_keras_and_matplotlib_are_gone(tmp_path):
    person = {
        "PATH": "/bin",
        "PYTHONPATH": "/other",
        "PYTHONWARNINGS": "error",
        "PYTHONOPTIMIZE": "2",
        "PYTHONIOENCODING": "ascii",
        "KERAS_MAX_EPOCHS": "1",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MATPLOTLIBRC": "/other",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    assert job_environment(person, tmp_path) == {
        "PATH": "/bin",
        "PYTHONPATH": str(tmp_path),
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "Agg",
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": "/dev/null",
    }


def test_a_job_of_a_job_has_the_same(tmp_path):
    first = job_environment({"KERAS_HOME": "/kept"}, tmp_path)
    assert first["FEWSHOT_MODELS"] == "/kept/models"
    assert job_environment(first, tmp_path) == first


def test_another_backend_is_refused():
    with pytest.raises(InputError) as told:
        job_environment({"KERAS_BACKEND": "torch"}, "scripts")
    assert str(told.value) == (
        "The backend of Keras is tensorflow or jax. Received: KERAS_BACKEND=torch. Hint: unset the "
        "environment variable KERAS_BACKEND or set it to one of these; that of keras.json does not "
        "count."
    )


def test_a_backend_that_is_not_installed_is_refused():
    if importlib.util.find_spec("jax"):
        assert job_environment({"KERAS_BACKEND": "jax"}, "scripts")["KERAS_BACKEND"] == "jax"
        return
    with pytest.raises(
        InputError, match=r"Received: KERAS_BACKEND=jax, which is not\. Hint: .*pip"
    ):
        job_environment({"KERAS_BACKEND": "jax"}, "scripts")


def test_python_of_a_job_writes_utf_8_and_imports_no_other_package(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/choice.py").write_text("print('mine \\u00fc')")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/choice.py").write_text("print('other')")
    person = {**os.environ, "PYTHONPATH": str(tmp_path / "other"), "LC_ALL": "POSIX"}
    person["PYTHONIOENCODING"] = "ascii"
    done = subprocess.run(
        [sys.executable, "-c", "import choice, site; print(site.ENABLE_USER_SITE)"],
        env=job_environment(person, tmp_path / "mine"),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == "mine ü\nFalse\n"


def test_models_lie_where_they_are_told_to(monkeypatch, tmp_path):
    monkeypatch.setenv("FEWSHOT_MODELS", str(tmp_path / "kept"))
    assert models_folder() == tmp_path / "kept"


@pytest.mark.parametrize("value", [None, ""])
def test_else_models_lie_in_the_home_folder(monkeypatch, tmp_path, value):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("FEWSHOT_MODELS", raising=False)
    if value is not None:
        monkeypatch.setenv("FEWSHOT_MODELS", value)
    assert models_folder() == tmp_path / ".keras/models"


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "closed").mkdir(0o555)
    (tmp_path / "open").mkdir()
    (tmp_path / "file").touch()
    # Root may write anywhere, but without its capabilities.
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    code = "from fewshot.surroundings import check_writable; check_writable(*{})"
    for here, folders, named in (
        (tmp_path, ["open", "absent"], None),
        (tmp_path, ["open", "closed"], tmp_path / "closed"),
        (tmp_path, ["open/deep/er", "closed/deep/er"], tmp_path / "closed"),
        (tmp_path, ["file"], tmp_path / "file"),
        (tmp_path / "closed", ["absent"], tmp_path / "closed"),
    ):
        done = subprocess.run(
            [*bare, sys.executable, "-c", code.format(folders)],
            cwd=here,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        told = f"Received: {named}, which can't be written." in done.stderr
        assert (done.returncode, told) == ((1, True) if named else (0, False)), done.stderr


def test_a_cache_folder_is_made_or_refused(tmp_path):
    check_cache(tmp_path / "home/.cache/snakemake")
    assert (tmp_path / "home/.cache/snakemake").is_dir()
    with pytest.raises(InputError, match=r"Received: /sys/x \(.*set the .* XDG_CACHE_HOME"):
        check_cache("/sys/x")  # not even by root
