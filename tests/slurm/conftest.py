"""The cluster, and projects whose studies are sent to it."""

import shutil

import pytest
from cluster import Cluster, why_not
from projects import STUDY, copy_project, draw_classes, run, study, write_study
from submitted import POOL, end_all, run_on_cluster

# Long enough to be met half-way: 25 pieces of 16 images.
LONG = study(
    draws={"test_per_class": 2, "images_per_class": 100, "repeats": 2},
    extraction={"batch_size": 8, "piece_images": 16},
)


@pytest.fixture(scope="session")
def slurm():
    """Start a Slurm where that is possible and disturbs nobody, and stop it at the end."""
    if reason := why_not():
        pytest.skip(reason)
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def queue(slurm):
    """Leave no run and no job behind, whatever a test does."""
    yield slurm
    end_all()
    slurm.cancel_all()


@pytest.fixture(scope="session")
def finished(slurm, tmp_path_factory):
    """Run the tiny study on the cluster, its extraction in two parts; return what was printed."""
    project = copy_project(tmp_path_factory.mktemp("cluster") / "few shots")
    draw_classes(project / "data/shapes", 6)
    write_study(project, study(extraction={"parts": 2}))
    done = run_on_cluster(project)
    assert done.returncode == 0, done.stdout
    return project, done.stdout


@pytest.fixture(scope="session")
def local(slurm, tmp_path_factory):
    """Run the tiny study without a cluster and in one part."""
    project = copy_project(tmp_path_factory.mktemp("local") / "few shots")
    draw_classes(project / "data/shapes", 6)
    write_study(project, STUDY)
    run(project)
    return project


@pytest.fixture(scope="session")
def ready(slurm, tmp_path_factory):
    """Prepare, without the cluster, all that a longer extraction reads."""
    project = copy_project(tmp_path_factory.mktemp("ready") / "few shots")
    draw_classes(project / "data/shapes", 100)
    write_study(project, LONG)
    run(project, POOL, "results/backbones/small.json")
    return project


@pytest.fixture
def extraction(ready, tmp_path, queue):
    """Copy the project in which only the extraction is missing."""
    target = tmp_path / "few shots"
    shutil.copytree(ready, target, symlinks=True)
    return target
