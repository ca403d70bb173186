"""A project in which the tiny study is finished, and copies of it."""

import shutil

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
