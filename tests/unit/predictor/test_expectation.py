"""What is said of the names: counts, and the row of the table that holds for them."""

import pytest

from fewshot.predictor.expectation import expected_text

TRUST = [
    {"above": 0.0, "accuracy": 0.81, "low": 0.7, "high": 0.9},
    {"above": 0.9, "accuracy": 0.974, "low": 0.95, "high": 0.99},
    {"above": 0.95, "accuracy": 0.98, "low": None, "high": None},
    {"above": 0.99, "accuracy": None, "low": None, "high": None},
]
ALL = "Images named: 1,000. Of all test images 81 % [70, 90] were right. "
ABOVE = "Images named with 0.9 or more: 712 of 1,000 (71 %). Of test images named with 0.9 or "


@pytest.mark.parametrize(
    ("least", "text"),
    [
        (0, ALL),
        (0.9, f"{ABOVE}more 97 % [95, 99] were right. "),
        (
            0.93,
            "with 0.93 or more: 712 of 1,000 (71 %). Of test images named with 0.9 or more 97 % [95, 99] were right",
        ),
        (
            0.97,
            "with 0.97 or more: 712 of 1,000 (71 %). Of test images named with 0.95 or more 98 % were right",
        ),
        # No image of the measurement lay so high: what lay below is the least to expect.
        (
            0.995,
            "with 0.995 or more: 712 of 1,000 (71 %). Of test images named with 0.95 or more 98 % were right",
        ),
        (0.5, "with 0.5 or more: 712 of 1,000 (71 %). Of all test images 81 % [70, 90] were right"),
    ],
)
def test_the_row_at_the_probability_or_the_next_below_is_told(least, text):
    assert text in expected_text(TRUST, least, 1000, 712)


def test_what_was_not_measured_is_not_told():
    assert expected_text([], 0.9, 0, 0) == (
        "Images named with 0.9 or more: 0 of 0. How often such names are right was not measured."
    )
