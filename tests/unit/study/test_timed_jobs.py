"""The jobs that are measured, counted by hand, and where their benchmarks lie."""

from collections import Counter

from test_figure_grids import STUDY

from fewshot.study.read import read_study
from fewshot.study.timed_jobs import costed, timed_jobs


def test_every_job_that_snakemake_measures_is_there_once():
    jobs = timed_jobs(read_study(STUDY))
    assert Counter(job.stage for job in jobs) == {
        "fetch": 2,
        "scan": 2,
        "extract": 4,
        # fc2 of both networks on both; fc1 on both; two T and centred logits of letters.
        "compact": 4 + 2 + 3,
        # shots 3 x 2 x 2 x 2; layers fc1 2 x 2; T 2 x 2; logits 2; a student alone and with the
        # labels of its teacher, which is one of the shots.
        "train_head": 24 + 4 + 4 + 2 + 2,
        "train_end_to_end": 2,
        "distil": 1,
    }
    assert len({job.path for job in jobs}) == len(jobs)
    assert all(len(job.point) == 6 for job in jobs)


def test_paths_are_those_of_the_files_beside_them():
    paths = {job.stage: job.path for job in timed_jobs(read_study(STUDY))}
    assert paths["fetch"] == "results/digits/fetch.benchmark.tsv"
    assert paths["extract"] == "results/digits/random/passes/fc2/part-1-of-1.benchmark.tsv"
    student = "results/digits/vgg16/fc1/T1/2-shot/soft.distilled.benchmark.tsv"
    assert paths["distil"] == student


def test_costs_are_of_datasets_with_both_approaches():
    (letters,) = costed(read_study(STUDY))
    assert (letters["dataset"], letters["role"]) == ("letters", "caltech256")
    assert {point[5] for point in letters["points"]} == {"sgd", "end_to_end"}
    folder = "results/letters/vgg16/passes"
    name = "block5_pool+fc1+fc2+logits"
    assert letters["index_paths"] == {"vgg16": [f"{folder}/{name}/part-1-of-1.json"]}
    assert letters["repeats"] == {"sgd": 5, "tuned": 5, "end_to_end": 5}
