"""Messages that tell the rule, what was received and the way out."""

import pytest

from fewshot.errors import InputError, closest, input_error, nearest, unknown


def test_message_has_three_parts():
    error = input_error("Shots must be positive", "shots=0", "use 1 or more")
    assert str(error) == "Shots must be positive. Received: shots=0. Hint: use 1 or more."


def test_it_is_the_kind_of_error_that_can_be_told_apart():
    with pytest.raises(InputError):
        raise input_error("a", "b", "c")
    assert issubclass(InputError, ValueError)


def test_anything_can_be_received():
    assert "Received: [1, None]." in str(input_error("A rule", [1, None], "a hint"))


def test_a_question_ends_the_message_as_it_is():
    assert str(input_error("a", "b", "did you mean c?")) == "a. Received: b. Hint: did you mean c?"


def test_the_word_most_like_another_or_none():
    known = ["VGG16", "VGG19", "MobileNet", 256]
    assert closest("vgg-19", known) == "VGG19"
    assert closest(265, known) == "256"
    assert closest("x", known) is None
    assert closest("x", []) is None


def test_the_hint_is_the_nearest_word_or_all_of_them_or_another_one():
    known = ["VGG16", "VGG19", "MobileNet"]
    assert nearest("mobilnet", known) == "did you mean MobileNet?"
    assert nearest("x", known) == "known here: VGG16, VGG19, MobileNet"
    assert nearest("x", known, "see the list") == "see the list"


def test_only_an_unknown_word_is_wrong():
    assert unknown("fc2", {"fc1": [8], "fc2": [8]}, "no such layer") is None
    expected = ("no such layer", "fc3", "did you mean fc2?")
    assert unknown("fc3", {"fc1": [8], "fc2": [8]}, "no such layer") == expected
