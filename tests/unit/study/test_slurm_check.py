"""Slurm is asked before anything is submitted; here it is two small programs that answer."""

import os
from types import SimpleNamespace

import pytest

from fewshot.study.slurm_check import _minutes, refusals

# Partitions, the longest time of those that are asked for, and nodes that are down.
SINFO = """#!/bin/sh
case "$*" in
  "--noheader") exit 0 ;;
  *--format=%R*) printf 'shared\\nlong\\ngpu\\nshared\\n' ;;
  *--dead*) printf '{dead}' ;;
  *--partition=shared) echo 2:00:00 ;;
  *--partition=shared,long) printf '2:00:00\\n7-00:00:00\\n' ;;
  *--partition=gpu) echo infinite ;;
  *) echo "sinfo: $*" >&2; exit 2 ;;
esac
"""
SBATCH = """#!/bin/sh
echo "$*" >> "{asked}"
printf '{answer}' >&2
exit {code}
"""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Return a function that puts a Slurm in the way, and gives what its sbatch was asked."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    asked = tmp_path / "asked"
    asked.touch()

    def put(answer="sbatch: Job 7 to start at noon", code=0, dead="", sinfo=SINFO):
        sbatch = SBATCH.format(asked=asked, answer=answer, code=code)
        for name, text in {"sinfo": sinfo.replace("{dead}", dead), "sbatch": sbatch}.items():
            path = tmp_path / "bin" / name
            path.write_text(text)
            path.chmod(0o755)
        return lambda: asked.read_text().splitlines()

    return put


def job(name="scan", threads=2, is_local=False, **resources):
    resources = {"slurm_partition": "shared", "mem_mb": 4000, "runtime": 60, **resources}
    return SimpleNamespace(name=name, threads=threads, is_local=is_local, resources=resources)


@pytest.mark.parametrize(
    ("limit", "minutes"),
    [
        ("30:00", 30),
        ("1:00:00", 60),
        ("12:30:00", 750),
        ("1-00:00:00", 1440),
        ("2-01:30:00", 2 * 1440 + 90),
        ("59", 0),
        ("infinite", float("inf")),
        ("n/a", float("inf")),
    ],
)
def test_limits_of_slurm_in_minutes(limit, minutes):
    assert _minutes(limit) == minutes


def test_jobs_that_slurm_would_take_are_not_refused(slurm):
    asked = slurm()
    assert refusals([job(), job("train_head", slurm_partition="gpu", gpu=1)]) == []
    assert asked() == [
        "--test-only --partition=shared --mem=4000 --time=60 --cpus-per-task=2 --wrap=true",
        "--test-only --partition=gpu --gpus=1 --mem=4000 --time=60 --cpus-per-task=2 --wrap=true",
    ]


def test_jobs_that_ask_for_the_same_are_asked_about_once(slurm):
    asked = slurm()
    assert refusals([job(), job(), job(mem_mb=8000)]) == []
    assert len(asked()) == 2


def test_nothing_is_asked_about_local_jobs(slurm):
    asked = slurm(code=1)
    assert refusals([job(slurm_partition="none such", is_local=True)]) == []
    assert asked() == []


@pytest.mark.parametrize(
    ("gpu", "key"), [(None, "FEWSHOT_PARTITION"), (1, "FEWSHOT_GPU_PARTITION")]
)
def test_a_partition_that_is_not_there_is_told_with_those_that_are(slurm, gpu, key):
    asked = slurm()
    (told,) = refusals([job(slurm_partition="shared,shred", gpu=gpu)])
    rule = "no such partition. Received: shred. Hint: Slurm has gpu, long, shared."
    assert told == f"{key}: {rule}"
    assert asked() == []


def test_rules_that_ask_for_the_same_wrong_partition_are_one_line(slurm):
    slurm()
    wrong = {"slurm_partition": "shred"}
    assert len(refusals([job("scan", **wrong), job("compact", mem_mb=9, **wrong)])) == 1


def test_a_job_longer_than_its_partition_allows_is_told(slurm):
    slurm()
    (told,) = refusals([job(runtime=121)])
    rule = "scan.runtime: too long for its partition. Received: 121."
    assert told.startswith(f"{rule} Hint: the partition allows 2:00:00; ")


@pytest.mark.parametrize(
    ("partition", "runtime"),
    [("shared", 120), ("shared,long", 7 * 1440), ("gpu", 10**6), ("shared", None)],
)
def test_of_several_partitions_the_one_that_allows_the_most_counts(slurm, partition, runtime):
    slurm()
    assert refusals([job(slurm_partition=partition, runtime=runtime)]) == []


def test_what_a_job_does_not_ask_for_is_not_asked_about(slurm):
    asked = slurm()
    refusals([job(runtime=None, mem_mb=None, threads=1, slurm_account="abc123")])
    expected = "--test-only --partition=shared --account=abc123 --cpus-per-task=1 --wrap=true"
    assert asked() == [expected]


@pytest.mark.parametrize(("account", "received"), [(None, "nothing"), ("xyz", "xyz")])
def test_an_account_that_slurm_does_not_know_is_told(slurm, account, received):
    slurm("allocation failure: Invalid\\n  Account given", 1)
    (told,) = refusals([job(slurm_account=account)])
    rule = f"FEWSHOT_ACCOUNT: Slurm wants an account that it knows. Received: {received}."
    words = "Slurm says: allocation failure: Invalid Account given."
    assert told == f"{rule} Hint: set it to one of yours; {words}"


def test_a_job_that_no_node_can_run_is_told_with_what_it_asks_for(slurm):
    slurm("Requested node configuration is not available\\n", 1)
    (told,) = refusals([job("extract", slurm_partition="gpu", gpu=5)])
    received = "--partition=gpu --gpus=5 --mem=4000 --time=60 --cpus-per-task=2"
    assert told.startswith(f"extract: no node of Slurm can run this. Received: {received}. Hint: ")
    assert told.endswith("Slurm says: Requested node configuration is not available.")


def test_a_job_may_wait_for_nodes_that_are_down_now(slurm):
    slurm("Requested node configuration is not available", 1, dead="node7\\n")
    assert refusals([job()]) == []


def test_a_slurm_that_fails_is_told_in_its_own_words(slurm):
    asked = slurm(sinfo="#!/bin/sh\necho 'slurm_load_partitions:' >&2\necho no route >&2\nexit 1\n")
    (told,) = refusals([job()])
    rule = "sinfo: Slurm must answer. Received: slurm_load_partitions: no route."
    assert (
        told == f"{rule} Hint: start Snakemake where Slurm's commands work, such as a login node."
    )
    assert asked() == []


def test_a_machine_without_slurm_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (told,) = refusals([job()])
    assert told.startswith("sinfo: Slurm must answer. Received: ")
    assert "No such file or directory: 'sinfo'" in told
    assert refusals([]) == []
