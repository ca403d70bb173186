"""Jobs that ask for a GPU, on a machine that shows them none."""

import shutil

import pytest
from projects import INDEX, fail, run, study, write_study

pytestmark = pytest.mark.slow

BASELINE = "results/shapes/small/block5_pool/T1/2-shot/baseline.csv"
ASKED = ("--set-resources", "extract:gpu=1", "train_end_to_end:gpu=1")


@pytest.fixture
def blind(project, monkeypatch):
    """The finished project without activations, with a head that trains end to end, without GPUs."""
    shutil.rmtree(project / "results/shapes/small")
    changes = {
        "heads__baseline": {"solver": "end_to_end", "epochs": 1},
        "experiments__baseline": {"layers": ["block5_pool"], "shots": [2], "heads": ["baseline"]},
    }
    write_study(project, study(**changes))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.delenv("FEWSHOT_ALLOW_CPU", raising=False)
    return project


def test_a_job_that_sees_no_gpu_fails_at_once_and_says_what_to_do(blind):
    printed = fail(blind, "--keep-going", *ASKED, "--", INDEX, BASELINE)
    message = (
        "Error: A job that asked for a GPU must see one. Received: gpu=1, CUDA_VISIBLE_DEVICES -1"
    )
    assert printed.count(message) == 2
    assert "set FEWSHOT_ALLOW_CPU=1, to run on the CPU" in printed
    assert "Traceback" not in printed
    assert not list(blind.glob("results/shapes/small/**/*.h5"))


def test_it_runs_on_the_cpu_where_that_is_allowed(blind, monkeypatch):
    monkeypatch.setenv("FEWSHOT_ALLOW_CPU", "1")
    run(blind, *ASKED, "--", INDEX, BASELINE)
    for log in (INDEX, BASELINE):
        told = (blind / log).with_suffix(".log").read_text()
        assert "CUDA_VISIBLE_DEVICES -1\n" in told
        assert "A GPU was asked for, but FEWSHOT_ALLOW_CPU is 1: running on the CPU\n" in told
    assert "batches/s, 0 s left" in told


def test_where_no_gpu_is_asked_for_the_cpu_is_good_enough(blind):
    run(blind, INDEX)
    assert "A GPU was asked for" not in (blind / INDEX).with_suffix(".log").read_text()
