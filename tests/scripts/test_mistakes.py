import math

import numpy as np
import pytest

from fewshot.data.draws import Draws, write_draws
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.heads.predictions import predict, write_predictions
from fewshot.point import Point
from fewshot.records import read_records, write_records
from fewshot.results.choices import Choice
from fewshot.results.classes import ClassResult, Confusion
from fewshot.results.images import JudgedImage
from mistakes import mistakes

NAMES = {
    "birds": ["<img src=x onerror=owned=1>", "=HYPERLINK(A1)", "two\r\nlines"],
    "fish": ["$\\frac{", "\u202egnp.exe"],
}
PER_CLASS, REPEATS = 10, 3
RECORDS = {"classes": ClassResult, "confusion": Confusion, "images": JudgedImage}


def write_dataset(folder, dataset):
    """Write pool and draws: four test images of each class, six to train on."""
    names, rng = NAMES[dataset], np.random.default_rng(0)
    labels = np.arange(PER_CLASS * len(names)) % len(names)
    places = np.empty((len(labels), REPEATS), int)
    for repeat in range(REPEATS):
        for label in range(len(names)):
            places[label :: len(names), repeat] = rng.permutation([0] * 4 + [*range(1, 7)])
    draws = Draws(labels, np.arange(len(labels)), places)
    write_draws(draws, folder / f"{dataset}.draws.csv")
    pool = [
        PoolRow(row, f"{names[label]};\n{row}.png", names[label], int(label), f"{row}", f"{row}")
        for row, label in enumerate(labels)
    ]
    write_records(folder / f"{dataset}.pool.csv", PoolRow, pool)
    return draws


def write_head(path, draws, shots, seed, repeats=REPEATS):
    """Write predictions of scores that know little of the class."""
    rng, said = np.random.default_rng(seed), []
    for repeat in range(repeats):
        scores = rng.normal(size=(len(draws.labels), draws.classes))
        scores += 1.5 * np.eye(draws.classes)[draws.labels]
        roles = draws.roles(repeat, draws.training_rows(repeat, shots))
        said.append(predict(scores, draws.labels, draws.groups, roles, kept="all")[0])
    write_predictions(path, said)
    return said


def choice(point, recommended):
    unknown = [math.nan] * 5
    return Choice(*point, 1, 3, 0.7, 0.6, 0.8, *unknown, 10, 0.1, 1, recommended)


@pytest.fixture
def world(tmp_path):
    """Two datasets, two heads at two numbers of shots; arguments of `mistakes`, and what is said."""
    draws = {dataset: write_dataset(tmp_path, dataset) for dataset in NAMES}
    points, said = [], {}
    for dataset in NAMES:
        for shots in (2, 4):
            for head in ("tuned", "ridge"):
                points.append(Point(dataset, "vgg16", "fc2", "1", shots, head))
                path = tmp_path / f"{points[-1].name}.{dataset}.h5"
                said[points[-1]] = write_head(path, draws[dataset], shots, len(said))
    # "ridge" is better with few shots, but what is said is said of the most.
    choices = [
        choice(point, int(point.head == {2: "ridge", 4: "tuned"}[point.shots])) for point in points
    ]
    write_records(tmp_path / "choices.csv", Choice, choices)
    arguments = {
        "points": [tuple(point) for point in points],
        "datasets": [*NAMES],
        "choices_path": tmp_path / "choices.csv",
        "predictions_paths": [tmp_path / f"{point.name}.{point.dataset}.h5" for point in points],
        "pools_paths": [tmp_path / f"{dataset}.pool.csv" for dataset in NAMES],
        "draws_paths": [tmp_path / f"{dataset}.draws.csv" for dataset in NAMES],
        **{f"{name}_path": tmp_path / f"{name}.csv" for name in RECORDS},
    }
    return arguments, draws, said


def tables_of(arguments):
    return {name: read_records(arguments[f"{name}_path"], kind) for name, kind in RECORDS.items()}


def test_classes_are_those_of_the_recommended_head_at_the_most_shots(world):
    arguments, draws, said = world
    mistakes(**arguments)
    rows = tables_of(arguments)["classes"]
    assert [row.class_name for row in rows] == [*NAMES["birds"], *NAMES["fish"]]
    for dataset in NAMES:
        point = Point(dataset, "vgg16", "fc2", "1", 4, "tuned")
        own = [row for row in rows if row.dataset == dataset]
        assert {row[:6] for row in own} == {tuple(point)}
        tests = draws[dataset].places.T == 0
        named = np.stack([repeat[1] for repeat in said[point]])
        right = [
            (named == label)[tests & (draws[dataset].labels == label)].mean()
            for label in range(len(own))
        ]
        assert [row.accuracy for row in own] == pytest.approx(right, abs=1e-6)
        assert {row.judged for row in own} == {4 * REPEATS}


def test_confusion_counts_every_test_image(world):
    arguments, *_ = world
    mistakes(**arguments)
    rows = tables_of(arguments)["confusion"]
    for dataset, names in NAMES.items():
        own = [row for row in rows if row.dataset == dataset]
        assert sum(row.judged for row in own) == 4 * REPEATS * len(names)
        assert {row.class_name for row in own} | {row.named for row in own} == {*names}


def test_every_image_of_the_pools_has_a_row_by_its_name(world):
    arguments, draws, said = world
    mistakes(**arguments)
    rows = tables_of(arguments)["images"]
    pools = [read_records(path, PoolRow) for path in arguments["pools_paths"]]
    assert [(row.row, row.image, row.class_name) for row in rows] == [
        (row.row, row.image, row.class_name) for pool in pools for row in pool
    ]
    own = [row for row in rows if row.dataset == "birds"]
    tests = (draws["birds"].places == 0).sum(axis=1)
    assert [row.tested for row in own] == tests.tolist()
    # Of the line "tuned" alone; trained on at 2 and at 4 shots, an image is judged by neither.
    line = [
        np.stack([repeat[0] for repeat in said[point]]) != 0
        for point in said
        if (point.dataset, point.head) == ("birds", "tuned")
    ]
    assert [row.judged for row in own] == np.concatenate(line).sum(axis=0).tolist()
    assert sorted(row.suspicion for row in own) == [*range(1, 31)]


def test_a_head_of_fewer_repeats_is_judged_by_these(world, tmp_path):
    arguments, draws, _ = world
    for shots, head in ((2, "tuned"), (4, "tuned"), (4, "ridge")):
        point = Point("fish", "vgg16", "fc2", "1", shots, head)
        write_head(tmp_path / f"{point.name}.fish.h5", draws["fish"], shots, 7, repeats=2)
    mistakes(**arguments)
    rows = tables_of(arguments)["classes"]
    assert {row.judged for row in rows if row.dataset == "fish"} == {4 * 2}


def test_a_dataset_that_no_experiment_takes_has_no_rows(world):
    arguments, *_ = world
    choices = read_records(arguments["choices_path"], Choice)
    own = [choice for choice in choices if choice.dataset == "fish"]
    write_records(arguments["choices_path"], Choice, own)
    mistakes(**arguments)
    for rows in tables_of(arguments).values():
        assert {row.dataset for row in rows} == {"fish"}


def test_only_predictions_that_are_needed_are_read(world, tmp_path):
    arguments, *_ = world
    unneeded = [path for path in arguments["predictions_paths"] if "2-shot__ridge" in path.name]
    assert len(unneeded) == 2
    for path in unneeded:
        path.unlink()
    mistakes(**arguments)
    assert all(tables_of(arguments).values())


def test_damage_leaves_no_tables(world):
    arguments, *_ = world
    arguments["predictions_paths"][-1].write_bytes(b"cut off")
    with pytest.raises(InputError, match="4-shot__ridge"):
        mistakes(**arguments)
    assert not any(arguments[f"{name}_path"].exists() for name in RECORDS)
