"""The cluster, and projects whose studies are sent to it."""

import shutil

import pytest
from cluster import Cluster, why_not
from projects import (
    INDEX,
    clone_project,
    copy_project,
    draw_classes,
    run,
    study,
    why_no_clone,
    write_study,
)
from submitted import GROUPED, ON_CLUSTER, POOL, end_all, run_on_cluster

# Long enough to be met half-way: 25 pieces of 16 images.
LONG = {
    "draws": {"test": 2, "images_per_class": 100, "repeats": 2},
    "extraction": {"batch_size": 8, "piece_images": 16},
}
PARTS = [INDEX.replace("1-of-1", f"{part}-of-2") for part in (1, 2)]


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
        end_all()
        cluster.stop()


@pytest.fixture
def queue(slurm):
    """Leave no run and no job behind, whatever a test does."""
    yield slurm
    end_all()
    slurm.cancel_all()


@pytest.fixture(scope="session")
def finished(slurm, tmp_path_factory):
    """Run a study on the cluster from a fresh clone; return the project and what was printed."""
    if reason := why_no_clone():
        pytest.skip(reason)
    project = clone_project(tmp_path_factory.mktemp("cluster") / "few shots")
    write_study(project, ON_CLUSTER)
    done = run_on_cluster(project, *GROUPED, limit=1800)
    assert done.returncode == 0, done.stdout
    return project, done.stdout


@pytest.fixture(scope="session")
def ready(slurm, tmp_path_factory):
    """Prepare, without the cluster, all that a longer extraction reads."""
    project = copy_project(tmp_path_factory.mktemp("ready") / "few shots")
    draw_classes(project / "data/shapes", 100)
    write_study(project, study(**LONG))
    run(project, POOL, "results/backbones/small.json")
    return project


@pytest.fixture
def extraction(ready, tmp_path, queue):
    """Copy the project in which only the extraction is missing."""
    target = tmp_path / "few shots"
    shutil.copytree(ready, target, symlinks=True)
    return target


@pytest.fixture(scope="session")
def in_parts(ready, tmp_path_factory):
    """Extract on the cluster in two parts, undisturbed; return the project and what was printed."""
    project = tmp_path_factory.mktemp("parts") / "few shots"
    shutil.copytree(ready, project, symlinks=True)
    write_study(project, study(**LONG, extraction__parts=2))
    done = run_on_cluster(project, *PARTS)
    assert done.returncode == 0, done.stdout
    return project, done.stdout
