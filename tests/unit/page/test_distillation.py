import numpy as np
import pandas as pd
import pytest

from fewshot.page.distillation import distilled

COLUMNS = ["transfer", "kind", "shots", "temperature", "accuracy_mean", "lift_mean", "half"]


def lifts(*rows, half=None):
    """Make a table of students: all intervals are as wide as `half` says, in fractions."""
    table = pd.DataFrame(rows, columns=COLUMNS)
    half = table.pop("half") if half is None else half
    for name in ("accuracy", "lift"):
        table[f"{name}_low"] = table[f"{name}_mean"] - half
        table[f"{name}_high"] = table[f"{name}_mean"] + half
    table["over_labelled_mean"] = table["accuracy_mean"] - 0.55
    for name in ("low", "high"):
        table[f"over_labelled_{name}"] = table[f"accuracy_{name}"] - 0.55
    names = {"backbone": "small", "layer": "pool2", "head": "tuned", "teacher_shots": 16.0}
    return table.assign(**names)


OWN = [("training", "distilled", "2", at, 0.2, 0.0, 0.01) for at in ("1", "2")]
POOL = [
    ("pool", "alone", "1", "", 0.1, np.nan, 0.01),
    ("pool", "distilled", "1", "1", 0.5, 0.4, 0.02),
    ("pool", "distilled", "1", "16", 0.3, 0.2, 0.02),
    ("pool", "distilled", "2", "1", 0.52, 0.3, 0.02),
    ("pool", "distilled", "2", "16", 0.32, 0.1, 0.02),
]


def test_kinds_of_images_are_counted_apart():
    assert distilled(lifts(*POOL, *OWN)) == [
        "Taught over the pool, 4 of 4 pairs of student and temperature gain, +10.0 to +40.0 "
        "points; the mean lift is largest at T 1.",
        "Taught over the student's own images, none of 2 pairs of student and temperature can be "
        "told from zero.",
    ]


@pytest.mark.parametrize(
    ("lift", "expected"),
    [
        (0.3, "1 of 3 pairs of student and temperature gains, +30.0 points and 2 can't be told"),
        (-0.3, "1 of 3 pairs of student and temperature loses, -30.0 points and 2 can't be told"),
    ],
)
def test_gains_losses_and_what_the_draws_do_not_tell(lift, expected):
    (text,) = distilled(lifts(*OWN, ("training", "distilled", "2", "4", 0.4, lift, 0.01)))
    assert expected in text
    assert ("largest at T 4" in text) == (lift > 0)


def test_one_draw_tells_nothing_certain():
    (text,) = distilled(lifts(*POOL, half=np.nan))
    assert text == "Taught over the pool, students change by +10.0 to +40.0 points, of one draw."


def test_students_at_the_best_temperature_stand_beside_the_labels_of_the_teacher():
    labelled = [
        (place, "labelled", shots, "", 0.55, 0.4, 0.01)
        for place, shots in (("pool", "1"), ("pool", "2"), ("training", "2"))
    ]
    first, second = distilled(lifts(*POOL, *OWN, *labelled))
    assert first.endswith(
        "at T 1. As many labels as the teacher had, given to pool2 of small itself, reach 55.0 % "
        "[54.0, 56.0]; the students at T 1 less that: -5.0 points [-7.0, -3.0] (1-shot) and -3.0 "
        "points [-5.0, -1.0] (2-shot)."
    )
    assert "labels" not in second
