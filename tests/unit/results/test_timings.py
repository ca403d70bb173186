import numpy as np
import pytest

from fewshot.data.draws import Draws
from fewshot.files import write_json
from fewshot.results.timings import (
    Timing,
    cost_rows,
    new_images,
    read_benchmark,
    read_extraction,
)

PLACE = ("birds", "vgg16", "fc2", "1")
HEADER = "s\th:m:s\tmax_rss\tmax_vms\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.39\t0:00:02\t82.29\t282.71\n", (2.39, 82.29)),
        ("0.41\t0:00:00\tNA\tNA\n", (0.41, np.nan)),
        ("0.41\t0:00:00\t0.00\t0.00\n", (0.41, np.nan)),
        ("0.41\t0:00:00\t-\t-\n", (0.41, np.nan)),
    ],
)
def test_benchmark_of_snakemake(tmp_path, text, expected):
    path = tmp_path / "job.benchmark.tsv"
    path.write_text(HEADER + text)
    np.testing.assert_equal(read_benchmark(path), expected)


def test_benchmark_that_is_missing(tmp_path):
    np.testing.assert_equal(read_benchmark(tmp_path / "absent.tsv"), (np.nan, np.nan))


def make_draws(classes, training):
    """8 test images and some training images of each class, 2 repeats."""
    ranks = [0] * 8 + list(range(1, training + 1))
    labels = np.tile(np.arange(classes), len(ranks))
    return Draws(labels, np.arange(len(labels)), np.repeat(ranks, classes)[:, None] * [[1, 1]])


def test_images_are_paid_once_and_add_up_to_all():
    assert new_images([2, 4, 8, 16], make_draws(257, 16)) == [257 * 10, 257 * 2, 257 * 4, 257 * 8]
    assert new_images([1], make_draws(3, 20)) == [27]
    assert sum(new_images([1, 3, 16], make_draws(11, 16))) == 11 * 24


def test_repeats_that_differ_in_test_images_are_paid_by_their_mean():
    places = np.array([[0, 0], [0, 0], [0, -1], [1, 1], [1, 1]])
    draws = Draws(np.array([0, 1, 1, 0, 1]), np.arange(5), places)
    assert new_images([1], draws) == [2 + 2.5]


@pytest.fixture
def index_paths(tmp_path):
    """Two parts of a pass that took 30 s for 60 images, and a pass over another layer."""
    parts = (
        {"fc2": {"seconds": 10.0, "runs": [["a", 0, 15], ["b", 3, 5]]}, "fc1": {"seconds": 1.0}},
        {"fc2": {"seconds": 20.0, "runs": [["c", 0, 40]]}},
        {"block5_pool": {"seconds": 99.0, "runs": [["d", 0, 60]]}},
    )
    paths = [tmp_path / f"{number}.json" for number in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        write_json(path, part)
    return paths


def test_extraction_of_a_layer_is_summed_over_its_parts(index_paths):
    assert read_extraction(index_paths, "fc2") == (60, 30.0)
    images, seconds = read_extraction(index_paths, "fc3")
    assert images == 0
    assert np.isnan(seconds)
    index_paths[1].unlink()
    assert np.isnan(read_extraction(index_paths, "fc2")[1])


@pytest.fixture
def draws():
    return make_draws(3, 12)


def job(stage, seconds, shots="", head=""):
    return Timing(stage, *PLACE, shots, head, seconds, 1.0)


@pytest.fixture
def timings():
    """What `costs` takes: compaction 6 s, training jobs of 10 s a shot and 1 s a shot."""
    jobs = [job("fetch", 7.0), job("compact", 6.0)]
    jobs += [job("train_end_to_end", 10.0 * k, k, "whole") for k in (2, 4, 8)]
    return jobs + [job("train_head", 1.0 * k, k, "sgd") for k in (8, 2, 4, 1)]


def costs(timings, index_paths, draws, **changes):
    points = [row.point for row in timings if row.head]
    arguments = {"repeats": {"whole": 2, "sgd": 2}, "draws": draws, "role": ""}
    arguments |= {"original_minutes": {}, "scoring": {}, **changes}
    return cost_rows(timings, points, {"vgg16": index_paths}, **arguments)


def test_costs_by_hand(timings, index_paths, draws):
    rows = costs(timings, index_paths, draws, original_minutes={("cached", 4): 20.0})
    ends, cached = rows[:3], rows[3:]
    assert [row.approach for row in rows] == ["end to end"] * 3 + ["cached"] * 3
    assert [row.shots for row in cached] == [2, 4, 8]  # 1 has no job end to end
    assert [row.total_seconds for row in ends] == [10, 20, 40]  # a job of 2 repeats
    assert [row.images for row in cached] == [30, 6, 12]
    # An image took 30 s / 60 to extract and 6 s / 60 to compact.
    np.testing.assert_allclose([row.extraction_seconds for row in cached], [15, 3, 6])
    np.testing.assert_allclose([row.compaction_seconds for row in cached], [3, 0.6, 1.2])
    np.testing.assert_allclose([row.training_seconds for row in cached], [1, 2, 4])
    np.testing.assert_allclose([row.total_seconds for row in cached], [19, 5.6, 11.2])
    assert [row.original_minutes for row in cached if row.shots == 4] == [20]
    assert sum(not np.isnan(row.original_minutes) for row in rows) == 1


def test_both_approaches_are_held_against_each_other_over_all_shots(timings, index_paths, draws):
    minutes = {("end to end", 2): 60.0, ("cached", 2): 20.0, ("end to end", 4): 7.0}
    minutes |= {("end to end", 8): 30.0, ("cached", 8): 10.0}
    rows = costs(timings, index_paths, draws, original_minutes=minutes)
    ends, cached = rows[:3], rows[3:]
    assert [row.summed_seconds for row in ends] == [10, 30, 70]
    np.testing.assert_allclose([row.summed_seconds for row in cached], [19, 24.6, 35.8])
    np.testing.assert_allclose([row.times for row in cached], [10 / 19, 30 / 24.6, 70 / 35.8])
    assert [row.original_times for row in cached] == [3, 3, 90 / 30]  # of 4 one time is not known
    assert np.isnan([(row.times, row.original_times) for row in ends]).all()
    assert np.isnan([row.original_times for row in costs(timings, index_paths, draws)]).all()


def test_of_two_heads_end_to_end_the_first_is_held_against(timings, index_paths, draws):
    timings += [job("train_end_to_end", 100.0 * k, k, "another") for k in (2, 4, 8)]
    rows = costs(timings, index_paths, draws, repeats={"whole": 2, "sgd": 2, "another": 2})
    assert [row.head for row in rows[::3]] == ["another", "whole", "sgd"]
    np.testing.assert_allclose([row.times for row in rows[6:]], [100 / 19, 300 / 24.6, 700 / 35.8])


def test_a_head_of_fewer_repeats_is_divided_by_its_own(timings, index_paths, draws):
    rows = costs(timings, index_paths, draws, repeats={"whole": 1, "sgd": 2})
    assert [row.repeats for row in rows] == [1] * 3 + [2] * 3
    assert [row.training_seconds for row in rows] == [20, 40, 80, 1, 2, 4]


def test_what_predictions_took_is_no_part_of_a_training(timings, index_paths, draws):
    point = next(row.point for row in timings if (row.head, row.shots) == ("whole", 4))
    rows = costs(timings, index_paths, draws, scoring={point: 6.0})
    assert [row.training_seconds for row in rows[:3]] == [10, 17, 40]  # of 2 repeats


def test_a_layer_with_one_approach_has_no_costs(timings, index_paths, draws):
    alone = [row for row in timings if row.stage != "train_end_to_end"]
    assert costs(alone, index_paths, draws) == []
    elsewhere = [
        row._replace(layer="fc1") if row.stage == "train_end_to_end" else row for row in timings
    ]
    assert costs(elsewhere, index_paths, draws) == []


@pytest.mark.parametrize("missing", ["compact", "train_head"])
def test_what_is_not_known_leaves_its_sum_open(timings, index_paths, draws, missing):
    timings = [row._replace(seconds=np.nan) if row.stage == missing else row for row in timings]
    rows = costs(timings, index_paths, draws)
    assert all(np.isnan(row.total_seconds) == (row.approach == "cached") for row in rows)
    assert not any(np.isnan(row.extraction_seconds) for row in rows)
