"""Distillation from coordinates to table, beside heads that train_head left."""

import csv

import h5py
import numpy as np
import pytest

from collect_distillation import collect_distillation
from distil import distil
from fewshot.backbone.coordinates import write_coordinates
from fewshot.data.draws import TEST, UNUSED, Draws, read_draws, write_draws
from fewshot.errors import InputError
from fewshot.heads.predictions import read_predictions
from fewshot.point import Point
from fewshot.study.grid import Student
from train_head import train_head

CLASSES, TESTS, SHOTS, REPEATS = 4, 5, 12, 3
TEMPERATURES = [1, 4.0]
HEADS = {"alone": ("shallow", 1), "labelled": ("shallow", 8), "teacher": ("deep", 8)}


@pytest.fixture
def world(tmp_path):
    """Save a shallow layer, which says little, a deep one, which says all, and heads on both."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), TESTS + SHOTS)
    points = rng.standard_normal((CLASSES, 30))[labels]
    for layer, noise in (("shallow", 2.0), ("deep", 0.3)):
        rows = (points + noise * rng.standard_normal(points.shape)).astype(np.float32)
        write_coordinates(rows, tmp_path / f"{layer}.h5", tmp_path / f"{layer}.json")
    ranks = np.array([0] * TESTS + list(range(1, SHOTS + 1)))
    draws = np.empty((len(labels), REPEATS), np.int64)
    for repeat in range(REPEATS):
        for label in range(CLASSES):
            draws[label::CLASSES, repeat] = rng.permutation(ranks)
    write_draws(Draws(labels, np.arange(len(labels)), draws), tmp_path / "draws.csv")
    for name, (layer, shots) in HEADS.items():
        train(tmp_path, name, layer, shots)
    return tmp_path


def train(folder, name, layer, shots, **settings):
    train_head(
        coordinates_path=folder / f"{layer}.h5",
        index_path=folder / f"{layer}.json",
        draws_path=folder / "draws.csv",
        shots=shots,
        head={"solver": "logistic", **settings},
        seed=0,
        predictions="all",
        results_path=folder / f"{name}.csv",
        curves_path=folder / f"{name}.curves.csv",
        weights_path=folder / f"{name}.weights.h5",
        predictions_path=folder / f"{name}.predictions.h5",
    )


def run(folder, transfer="pool", hard_weight=0.1, name="students"):
    distil(
        coordinates_path=folder / "shallow.h5",
        index_path=folder / "shallow.json",
        teacher_coordinates_path=folder / "deep.h5",
        teacher_index_path=folder / "deep.json",
        teacher_weights_path=folder / "teacher.weights.h5",
        draws_path=folder / "draws.csv",
        alone_path=folder / "alone.csv",
        teacher_path=folder / "teacher.csv",
        labelled_path=folder / "labelled.csv",
        shots=1,
        temperatures=TEMPERATURES,
        hard_weight=hard_weight,
        transfer=transfer,
        predictions="all",
        results_path=folder / f"{name}.csv",
        predictions_path=folder / f"{name}.predictions.h5",
    )
    return table(folder / f"{name}.csv")


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def accuracies(rows, kind, temperature=""):
    chosen = [row for row in rows if (row["kind"], row["temperature"]) == (kind, temperature)]
    return [float(row["test_accuracy"]) for row in chosen]


def test_every_repeat_has_each_temperature_beside_heads_without_soft_targets(world):
    rows = run(world)
    assert len(rows) == REPEATS * (len(TEMPERATURES) + 3)
    for kind in ("alone", "labelled", "teacher"):
        own = [float(row["test_accuracy"]) for row in table(world / f"{kind}.csv")]
        assert accuracies(rows, kind) == own
    for temperature in ("1", "4"):
        assert len(accuracies(rows, "distilled", temperature)) == REPEATS
    assert all(float(row["l2"]) > 0 and float(row["seconds"]) > 0 for row in rows)


def test_students_have_the_repeats_of_their_teacher(world):
    whole = run(world)
    for name, (layer, shots) in HEADS.items():
        train(world, name, layer, shots, repeats=2)
    rows = run(world)
    assert len(rows) == 2 * (len(TEMPERATURES) + 3)
    for kind in ("alone", "labelled", "teacher"):
        assert accuracies(rows, kind) == accuracies(whole, kind)[:2]
    for temperature in ("1", "4"):
        assert (
            accuracies(rows, "distilled", temperature)
            == accuracies(whole, "distilled", temperature)[:2]
        )


def test_the_unlabelled_pool_lifts_a_student_with_one_image_a_class(world):
    rows = run(world)
    alone, teacher = (np.mean(accuracies(rows, kind)) for kind in ("alone", "teacher"))
    lifted = np.mean(accuracies(rows, "distilled", "4"))
    assert teacher > 0.9
    assert alone + 0.1 < lifted <= teacher


def test_a_student_sees_the_labels_of_its_own_images_alone(world):
    expected = [row for row in run(world) if row["kind"] == "distilled"]
    labels, groups, draws = read_draws(world / "draws.csv")
    for seen, same in ((draws[:, 0] < 2, True), (draws[:, 0] != 1, False)):
        # Others than its own and the test images of the first repeat; then its own.
        changed = np.where(seen, labels, (labels + 1) % CLASSES)
        write_draws(Draws(changed, groups, draws), world / "draws.csv")
        found = [row for row in run(world, name="other") if row["kind"] == "distilled"]
        unchanged = [
            ours["test_loss"] == theirs["test_loss"]
            for ours, theirs in zip(found, expected, strict=True)
            if ours["repeat"] == "0"
        ]
        assert unchanged == [same] * len(TEMPERATURES)


def test_where_labels_weigh_all_the_temperature_and_the_teacher_do_not_matter(world):
    rows = run(world, transfer="training", hard_weight=1)
    assert accuracies(rows, "distilled", "1") == accuracies(rows, "distilled", "4")


def test_a_teacher_that_is_not_whole_is_refused(world):
    with h5py.File(world / "teacher.weights.h5", "a") as file:
        file.attrs["complete"] = False
    with pytest.raises(InputError, match=r"weights\.h5 \(not complete\)"):
        run(world)
    assert not (world / "students.csv").exists()


def test_table_of_two_students(world):
    run(world)
    run(world, transfer="training", name="own")
    alone = Point("b$x_1$", "vgg16", "shallow", "1", 1, "tuned")
    labelled = alone._replace(shots=8)
    places = (labelled._replace(layer="deep"), alone, labelled)
    students = [
        Student(name, *places, TEMPERATURES, 0.1, transfer).plain()
        for name, transfer in (("over_the_pool", "pool"), ("own", "training"))
    ]
    files = {name: [world / f"{name}.predictions.h5"] * 2 for name in HEADS}
    names = "students", "own"
    collect_distillation(
        students=students,
        files={
            "results": [world / f"{name}.csv" for name in names],
            "predictions": [world / f"{name}.predictions.h5" for name in names],
            **files,
        },
        draws_paths=[world / "draws.csv"] * 2,
        table_path=world / "table.csv",
    )
    rows = table(world / "table.csv")
    assert [(row["name"], row["kind"], row["temperature"]) for row in rows[:5]] == [
        ("over_the_pool", "alone", ""),
        ("over_the_pool", "distilled", "1"),
        ("over_the_pool", "distilled", "4"),
        ("over_the_pool", "labelled", ""),
        ("over_the_pool", "teacher", ""),
    ]
    assert len(rows) == 10
    results = table(world / "students.csv")
    lift = np.subtract(accuracies(results, "distilled", "4"), accuracies(results, "alone"))
    assert float(rows[2]["lift_mean"]) == pytest.approx(lift.mean())
    over = np.subtract(accuracies(results, "distilled", "4"), accuracies(results, "labelled"))
    assert float(rows[2]["over_labelled_mean"]) == pytest.approx(over.mean())
    assert float(rows[2]["lift_low"]) < lift.mean() < float(rows[2]["lift_high"])
    assert 0 <= float(rows[2]["lift_p"]) < float(rows[2]["over_labelled_p"]) <= 1


def test_predictions_of_students_are_in_the_order_of_the_table(world):
    rows = [row for row in run(world) if row["kind"] == "distilled"]
    said = read_predictions(world / "students.predictions.h5")
    assert len(rows) == len(said.rank)
    for row, role, rank in zip(rows, said.role, said.rank, strict=True):
        assert float(row["test_accuracy"]) == pytest.approx(np.mean(rank[role == TEST] == 0))
        # What the teacher spoke of has trained the student: nothing else is left of the pool.
        assert UNUSED not in role
