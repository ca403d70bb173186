import pytest
from made_tables import make_tables

from fewshot.page.distillation import say_distilled
from fewshot.results.contrasts import Contrast

AT = "small · pool2 · 2-shot · tuned"


def pair(name, temperature, lift, half=0.01, at=AT):
    """Make the lift of a student, and its difference from labels: 0.55 less."""
    a = f"{name} at T {temperature}"
    return [
        Contrast("birds", question, a, b, at, mean, mean - half, mean + half, p, p, 3)
        for question, b, mean in (
            ("lift", "alone", lift),
            ("over_labelled", "16 labels a class", lift - 0.55),
        )
        for p in [float(abs(mean) < half)]
    ]


def said(*pairs, **distillations):
    settings = {
        name: {"temperatures": [1, 16], "transfer": transfer}
        for name, transfer in distillations.items()
    }
    tables = make_tables({})._replace(contrasts=[each for both in pairs for each in both])
    return say_distilled({"distillation": settings}, tables, "birds")


def test_a_distillation_by_hand():
    other = "small · pool2 · 1-shot · tuned"
    pairs = (pair("soft", 1, 0.4), pair("soft", 16, 0.2), pair("soft", 1, 0.6, at=other))
    assert said(*pairs, soft="pool") == [
        "soft, taught over the pool: of 3 students (one each T) 3 gain. Highest is soft at T 1 "
        f"({other}): +60.0 points [59.0, 61.0] beside itself alone, +5.0 points [4.0, 6.0] beside 16 "
        "labels a class."
    ]


@pytest.mark.parametrize(
    ("lifts", "expected"),
    [
        ((0.3, 0.0), "1 gain and 1 can't be told from themselves alone"),
        ((-0.3, 0.0), "1 lose and 1 can't be told from themselves alone"),
        ((-0.3, 0.3), "1 gain and 1 lose"),
        ((0.0, 0.0), "2 can't be told from themselves alone"),
    ],
)
def test_gains_losses_and_what_the_draws_do_not_tell(lifts, expected):
    (text,) = said(*map(pair, ("soft", "soft"), (1, 16), lifts), soft="training")
    assert text.startswith("soft, taught over the student's own images: of 2 students (one each")
    assert f"(one each T) {expected}. Highest is" in text


def test_distillations_are_counted_apart():
    first, second = said(
        pair("soft", 1, 0.4),
        pair("own", 1, -0.1),
        pair("own", 16, 0.1),
        soft="pool",
        own="training",
    )
    assert "of 1 students" in first
    assert "of 2 students" in second
    assert "own at T 16" in second


def test_a_dataset_without_students_has_none():
    assert said(soft="pool") == []
