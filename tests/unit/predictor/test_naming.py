"""Rows: what a predictor says of an image."""

import csv
import io

import numpy as np
import pytest

from fewshot.predictor.naming import header_line, name_image, row_line

CLASSES = ["cat", 'a, "b"\nc', "d\re"]


def parsed(*lines):
    text = b"".join(lines).decode(errors="surrogateescape")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_likeliest_class_is_named_and_the_next_is_the_runner_up():
    image = name_image("x.jpg", np.array([0.25, 0.125, 0.625], np.float32), CLASSES)
    assert (image.place, image.class_name, image.probability) == (2, "d\re", 0.625)
    assert (image.runner_up, image.runner_up_probability) == ("cat", 0.25)


def test_of_equal_ones_the_first_counts():
    image = name_image("x.jpg", np.array([0.2, 0.4, 0.4]), CLASSES)
    assert (image.class_name, image.runner_up) == (CLASSES[1], CLASSES[2])


@pytest.mark.parametrize(("least", "named"), [(0.625, "d\re"), (0.6251, "?")])
def test_below_a_probability_the_class_is_left_open(least, named):
    image = name_image("x.jpg", np.array([0.25, 0.125, 0.625]), CLASSES, least)
    assert image.class_name == named
    assert image.place == (2 if named != "?" else 3)
    assert (image.probability, image.runner_up) == (0.625, "cat")


def test_rows_hold_names_from_outside_and_end_in_a_newline_alone():
    path = 'dir/a\n"b",\udcff.jpg'
    image = name_image(path, np.array([0.25, 2 / 3, 1 / 12]), CLASSES)
    lines = header_line(CLASSES), row_line(image, with_all=True)
    assert parsed(*lines) == [
        ["file", "class", "probability", "runner_up", "runner_up_probability", *CLASSES],
        [path, CLASSES[1], "0.666667", "cat", "0.25", "0.25", "0.666667", "0.0833333"],
    ]
    assert b"\xff.jpg" in lines[1]  # as the system has it
    assert [line[-2:] for line in lines] == [b'"\n', b"3\n"]
    assert parsed(header_line(), row_line(image))[1] == [
        path,
        CLASSES[1],
        "0.666667",
        "cat",
        "0.25",
    ]
