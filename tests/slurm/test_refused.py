"""Jobs that a cluster would never run: one clear line, and nothing is submitted."""

import pytest
from cluster import slurm
from projects import HEADS, STUDY, copy_project, draw_classes, study, write_study
from submitted import ON_GPU, run_on_cluster, submissions

pytestmark = pytest.mark.slow


@pytest.fixture
def new(tmp_path, queue):
    """Write a study of which nothing has run."""
    project = copy_project(tmp_path / "few shots")
    draw_classes(project / "data/shapes", 6)
    write_study(project, STUDY)
    return project


@pytest.fixture
def wants_accounts(queue):
    queue.want_accounts(True)
    yield
    queue.want_accounts(False)


def refusal(project, *arguments, **environment):
    done = run_on_cluster(project, *arguments, **environment)
    assert done.returncode != 0
    assert submissions(done.stdout) == {}
    assert slurm("squeue", "--noheader") == ""
    assert not (project / "results/shapes/source.json").exists()
    return done.stdout


def test_a_partition_that_is_not_there(new):
    printed = refusal(new, FEWSHOT_PARTITION="shred")
    expected = (
        "FEWSHOT_PARTITION: no such partition. Received: shred. "
        "Hint: Slurm has compute, gpu-shared, shared, urgent."
    )
    assert expected in printed


def test_a_gpu_partition_that_is_not_there(new):
    printed = refusal(new, FEWSHOT_GPU_PARTITION="gpu")
    assert "FEWSHOT_GPU_PARTITION: no such partition. Received: gpu." in printed


def test_more_gpus_than_a_node_has(new):
    printed = refusal(new, *ON_GPU, "extract:gpu=5")
    assert "extract: no node of Slurm can run this. Received: --partition=gpu-shared" in printed
    assert "Requested node configuration is not available" in printed


def test_more_time_than_the_partition_allows(new):
    printed = refusal(new, "--set-resources", "scan:runtime=3000")
    assert "scan.runtime: too long for its partition. Received: 3000." in printed
    assert "the partition allows 2-00:00:00" in printed


def test_heads_that_only_together_take_more_time_than_the_partition_allows(new):
    each = ("--set-resources", "train_head:slot=1", "train_head:runtime=600")
    printed = refusal(new, *each)
    assert (
        f"heads_train_head.runtime: too long for its partition. Received: {600 * HEADS}." in printed
    )


def test_thirty_heads_make_a_group(new):
    heads = {f"ridge{number}": {"solver": "ridge"} for number in range(34)}
    write_study(
        new, study(heads=heads, experiments={"shots": {"layers": ["block5_pool"], "shots": [1]}})
    )
    each = ("--set-resources", "train_head:slot=1", "train_head:runtime=1000")
    printed = refusal(new, *each)
    for count in (30, 4):
        assert (
            f"heads_train_head.runtime: too long for its partition. Received: {1000 * count}."
            in printed
        )


@pytest.mark.usefixtures("wants_accounts")
def test_an_account_that_is_missing(new):
    printed = refusal(new)
    assert "FEWSHOT_ACCOUNT: Slurm wants an account that it knows. Received: nothing." in printed
    assert "this cluster charges accounts" in printed


@pytest.mark.usefixtures("wants_accounts")
def test_an_account_that_is_given(new):
    done = run_on_cluster(new, "results/shapes/manifest.csv", FEWSHOT_ACCOUNT="abc123")
    assert done.returncode == 0, done.stdout
    assert list(submissions(done.stdout).values()) == ["scan"]
