"""Verdicts say what rows of choices, forecast, wanted and contrasts say: other rows, other words."""

import math

import pytest
from made_tables import EMPTY, grid, make_draws, make_tables, wobbling

from fewshot.page.verdicts import Verdict, tell_briefly, verdicts
from fewshot.results.choices import Choice
from fewshot.results.forecast import Forecast, Wanted

NAN = math.nan


def choice(point, rank=1, accuracy=0.8, among_best=1, recommended=0, behind=None):
    worse = [NAN] * 5 if behind is None else [behind, 0.0, 0.1, 0.5, 0.5]
    ends = accuracy - 0.1, accuracy + 0.1
    return Choice(*point, rank, 3, accuracy, *ends, *worse, 256, 0.01, among_best, recommended)


def said(choices, points=None, accuracies=(), **tables):
    """Say the verdict of birds."""
    found = make_tables(wobbling(points or grid(), accuracies or [0.8]))
    (verdict,) = verdicts(found._replace(choices=choices, **tables))
    return verdict


def ahead(gain, low, high, shots=16, up_to=8):
    (point,) = grid(shots=(shots,))
    return Forecast(*point, up_to, 0.8 + gain, 0.8, 0.95, gain, low, high, NAN)


def test_the_headline_has_accuracy_and_choice():
    (point,) = grid(layers=["predictions"], temperatures=["2"])
    verdict = said([choice(point, accuracy=0.8123, recommended=1)], [point])
    assert verdict.headline == (
        "81.2 % [71.2, 91.2] of test images are named rightly by predictions · T 2 of vgg16 with "
        "tuned after 8 images of each of 4 classes (chance: 1/4 = 25 %)."
    )
    assert verdict.short == (
        "81.2 % [71.2, 91.2] after 8 images a class, predictions · T 2 of vgg16 with tuned"
    )


TWO = grid(layers=("fc1", "fc2"))
THREE = grid(layers=("block1", "fc1", "fc2"))


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (
            [choice(TWO[0], recommended=1)],
            "Take fc1 of vgg16 with tuned: nothing else was measured at 8 images a class.",
        ),
        (
            [choice(TWO[0], recommended=1), choice(TWO[1], 2, 0.5, 0, behind=0.3)],
            "Take fc1 of vgg16 with tuned: the best of 2 choices, and told apart from all others. "
            "It is chosen on the same test images as its accuracy.",
        ),
        (
            [
                choice(THREE[1], recommended=1),
                choice(THREE[2], 2, 0.7, behind=0.1),
                choice(THREE[0], 3, 0.2, 0, behind=0.6),
            ],
            "Take fc1 of vgg16 with tuned: the best of 3 choices, and the cheapest of the 2 that "
            "can't be told apart. It is chosen on the same test images as its accuracy.",
        ),
        (
            [
                choice(THREE[2]),
                choice(THREE[1], 2, 0.7, recommended=1, behind=0.1),
                choice(THREE[0], 3, 0.2, 0, behind=0.6),
            ],
            "Take fc1 of vgg16 with tuned: the cheapest of the 2 of 3 choices that can't be told "
            "from the best (fc2 of vgg16 with tuned, 80.0 % [70.0, 90.0]). It is chosen on the same "
            "test images as its accuracy.",
        ),
        (
            # The first may not be recommended: the others are held against the second.
            [
                choice(THREE[2], behind=-0.1),
                choice(THREE[1], 2, 0.7, recommended=1),
                choice(THREE[0], 3, 0.2, 0, behind=0.6),
            ],
            "Take fc1 of vgg16 with tuned: the best of 3 choices (but for those end to end or of "
            "fewer repeats), and the cheapest of the 2 that can't be told apart. It is chosen on the "
            "same test images as its accuracy.",
        ),
        (
            # More accurate, but by a head that is never recommended.
            [choice(TWO[1], 1, 0.9, 0, behind=-0.1), choice(TWO[0], 2, recommended=1)],
            "Take fc1 of vgg16 with tuned: the best of 2 choices (but for those end to end or of "
            "fewer repeats), and told apart from all others. It is chosen on the same test images "
            "as its accuracy.",
        ),
    ],
)
def test_the_choice_comes_with_its_reason(choices, expected):
    assert said(choices).choice == expected


def test_choices_at_fewer_shots_are_none_of_its_rivals():
    few, many = grid(shots=(4, 8))
    verdict = said([choice(few, recommended=1), choice(many, recommended=1)])
    assert verdict.choice.endswith("nothing else was measured at 8 images a class.")


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        ((0.03, 0.01, 0.05), "More images are worth it: "),
        ((0.03, 0.009, 0.05), "More images are probably worth it: "),
        ((0.005, -0.01, 0.02), "More images would probably add less than a point: "),
        ((0.005, -0.01, 0.009), "More images would add less than a point: "),
    ],
)
def test_whether_more_images_are_worth_it_follows_from_the_band_of_the_gain(gains, expected):
    (point,) = grid()
    verdict = said([choice(point, recommended=1)], forecast=[ahead(*gains)])
    assert verdict.more.startswith(f"{expected}twice as many, 16, should give ")
    written = f"{100 * gains[0]:+.1f} points [{100 * gains[1]:.1f}, {100 * gains[2]:.1f}]."
    assert verdict.more.endswith(written)


def test_the_last_of_several_forecasts_is_told_and_no_back_test():
    (point,) = grid()
    rows = [ahead(0.01, 0.0, 0.02, shots=11), ahead(0.02, 0.01, 0.03)]
    test = ahead(0.5, 0.4, 0.6, shots=8, up_to=4)._replace(came=0.8)
    verdict = said([choice(point, recommended=1)], forecast=[test, *rows])
    assert "16, should give 82.0 % [80.0, 95.0], +2.0 points [1.0, 3.0]" in verdict.more


def test_what_the_last_step_brought_is_told():
    points = grid(shots=(2, 4, 8))
    taken = [choice(points[2], recommended=1)]
    verdict = said(taken, points, (0.2, 0.5, 0.8), forecast=[ahead(0.02, 0.01, 0.03)])
    expected = "From 4 to 8 images a class it changed by +30.0 points [30.0, 30.0]."
    assert verdict.gained == expected
    alone = said(taken, points, (0.2, 0.5, 0.8))
    assert alone.gained == expected
    assert alone.more == (
        "Too few numbers of shots were measured to say what more images would give."
    )
    assert said(taken).gained == ""


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((3.4, 2.6, 5.2), "95 % is reached with about 3 images a class [3, 5]."),
        ((2.0, 2.0, NAN), "95 % is reached with 2 images a class, the fewest measured."),
        ((12.0, 9.0, NAN), "95 % should take about 12 images a class [9, ?]."),
        (
            (NAN, 14.0, NAN),
            "95 % lies beyond 16 images a class: collect to there, and run again.",
        ),
    ],
)
def test_the_wanted_accuracy_is_within_or_beyond(found, expected):
    points = grid(shots=(2, 4, 8))
    taken, accuracies = [choice(points[2], recommended=1)], (0.2, 0.5, 0.8)
    row = Wanted("birds", "vgg16", "fc2", "1", "tuned", 8, 0.95, *found)
    other = row._replace(layer="fc1", shots=1.0)
    assert said(taken, points, accuracies, wanted=[other, row]).wanted == expected
    assert said(taken, points, accuracies, wanted=[other]).wanted == ""


def test_a_dataset_without_a_choice_has_no_verdict():
    assert verdicts(EMPTY._replace(tasks={"birds": make_draws()})) == []


def made(count, letters=50, wanted=""):
    """Make verdicts whose texts tell which they are by their letters."""
    texts = ("s" * 20, *(letter * letters for letter in "hcmg"), wanted)
    return [Verdict(f"set{number}", *texts) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "letters", "wanted", "told"),
    [
        (1, 50, "w", "hcmgw"),  # all that is said
        (2, 50, "", "hcmg"),
        (2, 50, "w", "hcmgw"),
        (2, 150, "", "scm"),  # two lines each, but the first
        (3, 50, "w", "scm"),
        (4, 50, "", "sm"),
        (6, 50, "", "s"),
        (10, 50, "", "s"),
    ],
)
def test_a_terminal_gets_as_much_as_fits(count, letters, wanted, told):
    lines = tell_briefly(made(count, letters, wanted)).splitlines()
    assert len(lines) <= 10
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith("set") for line in lines) == count
    assert {line.removeprefix("set0: ").strip()[0] for line in lines[: len(lines) // count]} == {
        *told
    }


def test_of_too_many_datasets_the_first_are_told():
    lines = tell_briefly(made(25)).splitlines()
    assert len(lines) == 10
    assert lines[8].startswith("set8: ")
    assert lines[9] == "and 16 more datasets"


def test_names_move_nothing_in_a_terminal():
    verdict = made(1)[0]._replace(dataset="a\x1b[31m\nb", headline="\u202eknom")
    assert tell_briefly([verdict]).splitlines()[0] == "a\\x1b[31m\\nb: \\u202eknom"


def test_nothing_is_nothing():
    assert tell_briefly([]) == ""
