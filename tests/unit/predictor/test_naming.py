"""Rows: what a predictor says of an image."""

import csv
import io

import numpy as np
import pytest

from fewshot.names import shown
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


def test_on_a_terminal_names_drive_nothing_and_stay_on_their_line():
    image = name_image("\x1b[2J\n\udcff.jpg", np.array([0.25, 0.5, 0.25]), CLASSES)
    lines = header_line(CLASSES, shown), row_line(image, True, shown)
    assert parsed(*lines)[0][-2:] == ['a, "b"\\nc', "d\\re"]
    assert parsed(*lines)[1][:2] == ["\\x1b[2J\\n\\udcff.jpg", 'a, "b"\\nc']
    assert not {*b"\x1b\r"} & {*b"".join(lines)}
    assert [line.count(b"\n") for line in lines] == [1, 1]
