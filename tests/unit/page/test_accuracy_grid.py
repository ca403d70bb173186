import math

import pytest
from made_tables import grid, make_tables, wobbling

from fewshot.page.accuracy_grid import SHADES, accuracy_grid
from fewshot.results.choices import Choice


def make_choices(points, taken):
    """Make a row of choices.csv for each point, and recommend some."""
    numbers = 1, 3, *[0.0] * 8, 256, math.nan, 1
    return [Choice(*point, *numbers, int(point in taken)) for point in points]


def laid_out(accuracies, taken=(), dataset="birds"):
    tables = make_tables(wobbling(accuracies, accuracies.values()))
    return accuracy_grid(tables._replace(choices=make_choices(accuracies, taken)), dataset)


def test_rows_are_layers_best_first_and_columns_shots():
    points = grid(layers=["fc1", "fc2"], shots=(2, 8))
    found = laid_out(dict(zip(points, (0.1, 0.2, 0.3, 0.4), strict=True)))
    assert found.shots == [2, 8]
    assert [(row.backbone, row.layer, row.head) for row in found.rows] == [
        ("vgg16", "fc2", "tuned"),
        ("vgg16", "fc1", "tuned"),
    ]
    # Half width of three draws one point apart: see made_tables.
    assert [(cell.mean, cell.interval) for cell in found.rows[0].cells] == [
        ("30.0", "[27.5, 32.5]"),
        ("40.0", "[37.5, 42.5]"),
    ]
    assert [cell.shade for row in found.rows for cell in row.cells] == [7, SHADES, 0, 3]


def test_what_is_recommended_at_the_most_shots_comes_first_and_gaps_are_empty():
    layers = {"fc1": 8, "block1": 4, "fc2": 4}
    points = [
        point for name, shots in layers.items() for point in grid(layers=[name], shots=(shots,))
    ]
    found = laid_out(dict(zip(points, (0.3, 0.1, 0.9), strict=True)), [points[0], points[2]])
    assert [row.layer for row in found.rows] == ["fc1", "fc2", "block1"]
    assert found.rows[0].cells[0].mean == ""
    assert found.rows[0].cells[0].shade == 0


def test_a_row_has_the_head_of_the_recommended_choice_or_its_best():
    points = [
        *grid(layers=["fc1", "fc2"], heads=("sgd", "tuned")),
        *grid(layers=["block1"], heads=("ridge", "sgd")),
    ]
    accuracies = dict(zip(points, (0.5, 0.4, 0.7, 0.8, 0.2, 0.3), strict=True))
    heads = {row.layer: row.head for row in laid_out(accuracies, [points[3]]).rows}
    assert heads == {"fc2": "tuned", "fc1": "tuned", "block1": "sgd"}
    heads = {row.layer: row.head for row in laid_out(accuracies).rows}
    assert heads == {"fc2": "tuned", "fc1": "sgd", "block1": "sgd"}


def test_a_cell_has_what_is_recommended_with_so_many_images():
    points = grid(shots=(2, 8), heads=("sgd", "tuned"))
    accuracies = dict(zip(points, (0.5, 0.4, 0.7, 0.8), strict=True))
    (row,) = laid_out(accuracies, [points[0], points[3]]).rows
    assert row.head == "tuned"
    assert [(cell.mean, cell.head, cell.recommended) for cell in row.cells] == [
        ("50.0", "sgd", True),
        ("80.0", "", True),
    ]


def test_what_was_measured_alone_is_shown_and_no_choice():
    points = [*grid(shots=(2, 8), heads=("sgd",)), *grid(shots=(8,))]
    (row,) = laid_out(dict(zip(points, (0.5, 0.7, 0.8), strict=True)), [points[0], points[2]]).rows
    assert [(cell.mean, cell.head, cell.recommended) for cell in row.cells] == [
        ("50.0", "sgd", False),
        ("80.0", "", True),
    ]


@pytest.mark.parametrize(
    ("layer", "temperature", "written"),
    [("predictions", "2", "predictions · T 2"), ("fc2", "1", "fc2")],
)
def test_a_temperature_stands_where_a_layer_knows_one(layer, temperature, written):
    points = grid(layers=[layer], temperatures=[temperature])
    (row,) = laid_out({points[0]: 0.5}).rows
    assert row.layer == written


def test_one_accuracy_has_a_shade_and_another_dataset_no_row():
    (point,) = grid()
    assert laid_out({point: 0.5}).rows[0].cells[0].shade == 0
    assert laid_out({point: 0.5}, dataset="fish") == ([], [])
