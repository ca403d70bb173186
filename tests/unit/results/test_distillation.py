import pytest
from made_tables import judge, make_draws
from scipy import stats

from fewshot.point import Point
from fewshot.records import write_table
from fewshot.results.distillation import DISTILLATION_COLUMNS, read_students, summarise_student
from fewshot.study.grid import Student

ALONE = Point("birds", "vgg16", "block3_pool", "1", 1, "tuned")
TEACHER = ALONE._replace(layer="fc2", shots=16)
STUDENT = Student("unlabelled", TEACHER, ALONE, ALONE._replace(shots=16), [2], 0.1, "pool")
ROWS = [
    [repeat, kind, temperature, 0.1, accuracy, 1.5, 0.2]
    for kind, temperature, accuracies in (
        ("alone", "", (0.1, 0.5, 0.3)),
        ("distilled", "2", (0.2, 0.7, 0.6)),
        ("labelled", "", (0.3, 0.5, 0.4)),
        ("teacher", "", (0.9, 0.8, 0.7)),
    )
    for repeat, accuracy in enumerate(accuracies)
]


def summarised(repeats=3):
    accuracies = {}
    for _, kind, temperature, _, accuracy, *_ in ROWS:
        accuracies.setdefault((kind, temperature), []).append(accuracy)
    draws = make_draws(repeats)
    right = {key: judge(values[:repeats], draws) for key, values in accuracies.items()}
    return summarise_student(STUDENT, right, draws)


def test_the_lift_is_taken_image_by_image():
    table = [dict(zip(DISTILLATION_COLUMNS, row, strict=True)) for row in summarised()]
    alone, distilled, labelled, teacher = table
    assert {key: distilled[key] for key in DISTILLATION_COLUMNS[:14]} == {
        "dataset": "birds",
        "backbone": "vgg16",
        "name": "unlabelled",
        "layer": "block3_pool",
        "shots": 1,
        "head": "tuned",
        "teacher_layer": "fc2",
        "teacher_shots": 16,
        "teacher_head": "tuned",
        "transfer": "pool",
        "hard_weight": 0.1,
        "kind": "distilled",
        "temperature": "2",
        "repeats": 3,
    }
    # Lifts of 10, 20 and 30 points: s = 10, t = 4.303, half width 4.303 * 10 / sqrt 3 = 24.8.
    assert float(distilled["lift_mean"]) == pytest.approx(0.2)
    assert float(distilled["lift_low"]) == pytest.approx(0.2 - 0.2484, abs=1e-4)
    assert float(distilled["lift_high"]) == pytest.approx(0.2 + 0.2484, abs=1e-4)
    assert float(distilled["accuracy_mean"]) == pytest.approx(0.5)
    assert float(teacher["lift_mean"]) == pytest.approx(0.5)
    # Over the teacher's labels: -10, 20 and 20 points, s = 17.32, half width 43.0.
    assert float(distilled["over_labelled_mean"]) == pytest.approx(0.1)
    assert float(distilled["over_labelled_low"]) == pytest.approx(0.1 - 0.4303, abs=1e-4)
    assert float(distilled["over_labelled_high"]) == pytest.approx(0.1 + 0.4303, abs=1e-4)
    assert float(distilled["over_labelled_p"]) == pytest.approx(2 * stats.t.sf(1, 2), abs=1e-6)
    assert float(alone["over_labelled_mean"]) == pytest.approx(-0.1)
    assert float(labelled["lift_mean"]) == pytest.approx(0.1)
    for row, difference in ((alone, "lift"), (labelled, "over_labelled")):
        assert [row[f"{difference}_{part}"] for part in ("mean", "low", "high", "p")] == [""] * 4


def test_students_are_read_as_they_were_written(tmp_path):
    write_table(tmp_path / "students.csv", DISTILLATION_COLUMNS, summarised())
    alone, distilled, *_ = read_students(tmp_path / "students.csv")
    assert (distilled.name, distilled.kind, distilled.temperature) == (
        "unlabelled",
        "distilled",
        "2",
    )
    assert float(distilled.lift_mean) == pytest.approx(0.2)
    assert alone.lift_mean == ""
