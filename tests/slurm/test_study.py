"""A study on a cluster: what is sent where, and that it finds what a local run finds."""

import re

import pandas as pd
import pytest
import yaml
from projects import HEADS
from submitted import describe, run_on_cluster, submissions

PASS = "results/shapes/small/passes/block4_pool+block5_pool+logits"
HEAD = "results/shapes/small/block5_pool/T1"


@pytest.fixture(scope="module")
def sent(finished):
    """Jobs of the whole study, as Snakemake names and as Slurm knows them."""
    _, printed = finished
    return [(rule, describe(number)) for number, rule in submissions(printed).items()]


def test_only_work_is_submitted_and_all_heads_in_one_job(sent):
    names = sorted(rule for rule, _ in sent)
    heads = "heads_train_head"
    assert names == ["check_gradients", *["compact"] * 4, "extract", "extract", heads, "scan"]


def test_gpu_rules_run_on_gpu_shared_and_nothing_else_does(sent):
    for rule, job in sent:
        assert job["Partition"] == ("gpu-shared" if rule == "extract" else "shared")
        assert (job.get("TresPerJob") == "gres:gpu:1") == (rule == "extract")
        assert job["JobState"] == "COMPLETED"


def test_a_group_of_heads_asks_for_the_sum_of_their_times_and_the_memory_of_one(sent):
    group = next(job for rule, job in sent if rule.startswith("heads"))
    assert group["TimeLimit"] == f"{HEADS * 10 // 60:02}:{HEADS * 10 % 60:02}:00"
    assert group["MinMemoryNode"] in ("8000M", "7.81G")
    assert group["NumCPUs"] == "4"


def test_two_parts_run_at_the_same_time_each_with_a_gpu_of_its_own(finished, sent):
    project, _ = finished
    parts = [job for rule, job in sent if rule == "extract"]
    assert max(job["StartTime"] for job in parts) < min(job["EndTime"] for job in parts)
    logs = [project / f"{PASS}/part-{part}-of-2.log" for part in (1, 2)]
    seen = [re.findall(r"CUDA_VISIBLE_DEVICES\D+(\d+)", log.read_text()) for log in logs]
    assert sorted(seen) == [["0"], ["1"]]


def test_results_equal_those_of_a_local_run_in_one_part(finished, local):
    tables = [
        pd.read_csv(project / "reports/tiny/accuracy.csv").drop(columns="seconds")
        for project in (finished[0], local)
    ]
    pd.testing.assert_frame_equal(*tables, rtol=1e-5)


def test_a_rerun_submits_only_what_is_stale(finished, queue):
    project, _ = finished
    done = run_on_cluster(project)
    assert (done.returncode, submissions(done.stdout)) == (0, {})
    assert "Nothing to be done" in done.stdout
    path = project / "study.yaml"
    changed = yaml.safe_load(path.read_text(encoding="utf-8"))
    changed["heads"]["sgd"]["epochs"] += 1
    path.write_text(yaml.safe_dump(changed), encoding="utf-8")
    done = run_on_cluster(project, f"{HEAD}/1-shot/sgd.csv", f"{HEAD}/1-shot/ridge.csv")
    assert done.returncode == 0, done.stdout
    assert list(submissions(done.stdout).values()) == ["heads_train_head"]
    assert "sgd.csv" in done.stdout
    assert "output: results/shapes/small/block5_pool/T1/1-shot/ridge" not in done.stdout
