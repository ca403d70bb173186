"""A project in which the tiny study is finished, and copies of it."""

import shutil
import socket
import subprocess
import sys

import pytest
from projects import (
    ALL,
    CHECK,
    STUDIED,
    STUDY,
    copy_project,
    draw_classes,
    jobs,
    run,
    write_study,
)

# A network namespace of its own: not even the machine itself can be reached.
CUT_OFF = ("unshare", "--map-root-user", "--net")
INTERFACES = "import socket; print(*(name for _, name in socket.if_nameindex()))"


@pytest.fixture(scope="session")
def finished(once):
    """Run the tiny study once, in a folder with a space in its name."""

    def make(folder):
        project = copy_project(folder / "few shots")
        draw_classes(project / "data/shapes", 6)
        write_study(project, STUDY)
        assert jobs(run(project)) == {**ALL, **CHECK, **STUDIED}

    return once("finished", make) / "few shots"


@pytest.fixture
def project(finished, tmp_path):
    """Copy the finished project with its dates."""
    target = tmp_path / "few shots"
    shutil.copytree(finished, target, symlinks=True)
    return target


@pytest.fixture
def fresh(tmp_path):
    """Copy the project in which nothing has run yet."""
    return copy_project(tmp_path / "few shots")


@pytest.fixture
def offline():
    """Return a function that runs Python without a network."""

    def offline(folder, *arguments):
        done = subprocess.run(
            [*CUT_OFF, sys.executable, *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    if not shutil.which("unshare") or subprocess.run([*CUT_OFF, "true"], check=False).returncode:
        pytest.skip("this machine allows no network namespaces")
    assert offline(None, "-c", INTERFACES).strip() == "lo"
    assert len(socket.if_nameindex()) > 1
    return offline
