"""Extractions that the cluster or a person breaks off: they are carried on, not done anew."""

import json
import os
import re
import signal

import numpy as np
import pytest
from cluster import GPUS, slurm, wait
from projects import INDEX, half_written
from submitted import (
    begin_now,
    describe,
    finish,
    freeze_half_way,
    gpu_jobs,
    pieces,
    run_on_cluster,
    start,
    submissions,
    submit,
)

from fewshot.backbone.activations import read_columns

pytestmark = pytest.mark.slow

LOG = INDEX.removesuffix(".json") + ".log"


def activations(project):
    """Read what the indices of the extraction stand for, layer by layer."""
    read = {}
    for index in sorted((project / INDEX).parent.glob("part-*.json")):
        for layer, entry in json.loads(index.read_text()).items():
            folder = project / f"results/shapes/small/{layer}/pieces"
            part = read_columns(entry["runs"], folder, 0, entry["width"])
            read.setdefault(layer, []).append(part)
    return {layer: np.concatenate(parts) for layer, parts in read.items()}


@pytest.fixture(scope="module")
def undisturbed(in_parts):
    """Activations without a break, from the cluster too: last digits depend on threads."""
    return activations(in_parts[0])


def test_two_parts_run_at_the_same_time_each_with_a_gpu_of_its_own(in_parts):
    project, printed = in_parts
    parts = [describe(number) for number in submissions(printed)]
    assert len(parts) == 2
    assert max(job["StartTime"] for job in parts) < min(job["EndTime"] for job in parts)
    logs = sorted((project / INDEX).parent.glob("part-*.log"))
    seen = [re.findall(r"CUDA_VISIBLE_DEVICES\D+(\d+)", log.read_text()) for log in logs]
    assert sorted(seen) == [["0"], ["1"]]


def check_carried_on(project, before, undisturbed):
    """Whole pieces were kept as they were, and the result is what it would have been."""
    after = pieces(project)
    assert before.keys() < after.keys()
    # Of the three layers some may have had the piece at which the job was broken off: it is made
    # anew for all of them.
    assert len(before.items() - after.items()) < 3
    assert " 0 adopted" not in (project / LOG).read_text()
    assert half_written(project) == []
    found = activations(project)
    assert found.keys() == undisturbed.keys()
    for layer, values in undisturbed.items():
        np.testing.assert_array_equal(found[layer], values)


def test_a_cancelled_job_fails_and_the_next_run_carries_on(undisturbed, extraction):
    process = start(extraction, INDEX, "--retries", "0")
    freeze_half_way(extraction)
    before = pieces(extraction)
    slurm("scancel", *map(str, gpu_jobs()))
    done = finish(process)
    assert done.returncode != 0
    assert "CANCELLED" in done.stdout
    done = run_on_cluster(extraction, INDEX)
    assert done.returncode == 0, done.stdout
    check_carried_on(extraction, before, undisturbed)


def test_a_job_out_of_time_is_tried_again_with_more_and_carries_on(undisturbed, extraction):
    process = start(extraction, INDEX)
    freeze_half_way(extraction)
    before = pieces(extraction)
    (number,) = gpu_jobs()
    # The four hours of the profile are over.
    slurm("scontrol", "update", f"JobId={number}", "EndTime=now")
    done = finish(process)
    assert done.returncode == 0, done.stdout
    assert "TIMEOUT" in done.stdout
    again = submissions(done.stdout).keys() - {number}
    (second,) = map(describe, again)
    assert (second["TimeLimit"], second["MinMemoryNode"]) == ("08:00:00", "48000M")
    check_carried_on(extraction, before, undisturbed)


def test_a_job_whose_node_went_down_is_queued_again_and_carries_on(undisturbed, extraction, queue):
    process = start(extraction, INDEX)
    freeze_half_way(extraction)
    before = pieces(extraction)
    (number,) = gpu_jobs()
    queue.lose_node()
    wait(lambda: not gpu_jobs(), 90, "the job to leave its node")
    queue.restart_node()
    begin_now(number)
    done = finish(process)
    assert done.returncode == 0, done.stdout
    assert list(submissions(done.stdout)) == [number], done.stdout
    check_carried_on(extraction, before, undisturbed)


def test_a_preempted_job_is_queued_again_by_slurm_and_carries_on(undisturbed, extraction):
    process = start(extraction, INDEX)
    freeze_half_way(extraction)
    before = pieces(extraction)
    (number,) = gpu_jobs()
    # All GPUs of the node at once, in a partition that goes before all others.
    urgent = submit("--partition=urgent", f"--gpus={GPUS}", "--mem=1", "--wrap=sleep 60")
    wait(lambda: describe(urgent)["JobState"] == "RUNNING", 90, "the urgent job to start")
    assert describe(number)["JobState"] == "PENDING"
    # Warned before it is killed, a job may still close a piece that it has computed.
    assert before.items() <= pieces(extraction).items()
    slurm("scancel", str(urgent))
    begin_now(number)
    done = finish(process)
    assert done.returncode == 0, done.stdout
    assert list(submissions(done.stdout)) == [number], done.stdout
    assert describe(number)["Restarts"] == "1"
    check_carried_on(extraction, before, undisturbed)


def test_ctrl_c_cancels_the_jobs_and_the_next_run_carries_on(undisturbed, extraction):
    process = start(extraction, INDEX)
    freeze_half_way(extraction)
    before = pieces(extraction)
    os.killpg(process.pid, signal.SIGINT)
    assert finish(process, 180).returncode != 0
    wait(lambda: not gpu_jobs(), 90, "its jobs to be cancelled")
    done = run_on_cluster(extraction, INDEX)
    assert done.returncode == 0, done.stdout
    check_carried_on(extraction, before, undisturbed)
