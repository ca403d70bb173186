"""Messages that tell the rule, what was received and the way out."""

import pytest

from fewshot.errors import InputError, input_error


def test_message_has_three_parts():
    error = input_error("Shots must be positive", "shots=0", "use 1 or more")
    assert str(error) == "Shots must be positive. Received: shots=0. Hint: use 1 or more."


def test_it_is_the_kind_of_error_that_can_be_told_apart():
    with pytest.raises(InputError):
        raise input_error("a", "b", "c")
    assert issubclass(InputError, ValueError)


def test_anything_can_be_received():
    assert "Received: [1, None]." in str(input_error("A rule", [1, None], "a hint"))
