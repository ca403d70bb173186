import numpy as np
import pytest
from made_tables import WOBBLE, grid, make_tables, wobbling

from fewshot.figures.against_shots import draw, say_shots
from fewshot.study.figure_kinds import Figure

BOTH = ("sgd", "tuned")


def drawn(points, accuracies, wobble=WOBBLE, **changes):
    tables = make_tables(wobbling(points, accuracies, wobble), **changes)
    return draw(Figure("shots", "", "birds", points=points), tables)


def caption(points, accuracies, wobble=WOBBLE, **changes):
    return drawn(points, accuracies, wobble, **changes)[1].split("\n\n")


def test_figure_by_hand():
    points = grid(shots=(4, 2, 8), heads=BOTH)  # drawn in order all the same
    figure, _ = drawn(points, (0.03, 0.04, 0.01, 0.02, 0.05, 0.06), 0.2 * WOBBLE, classes=257)
    (axes,) = figure.axes
    sgd, tuned, chance = axes.get_lines()
    assert [sgd.get_label(), tuned.get_label()] == ["sgd", "tuned"]
    assert sgd.get_xdata().tolist() == [2, 4, 8]
    np.testing.assert_allclose(sgd.get_ydata(), [1, 3, 5])
    np.testing.assert_allclose(tuned.get_ydata(), [2, 4, 6])
    assert set(chance.get_ydata()) == {100 / 257}
    assert axes.get_xscale() == "log"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["2", "4", "8"]
    assert axes.get_xlabel() == "shots (training images a class)"
    assert axes.get_ylabel() == "test accuracy (%)"
    top = 6 + 0.2 * 4.303 / np.sqrt(3)
    assert axes.get_ylim() == pytest.approx((-0.02 * top, 1.03 * top), rel=1e-3)
    assert figure.get_suptitle() == "birds: test accuracy against shots\nvgg16 · fc2"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "chance: 1/257 = 0.39 %",
        "95 % interval",
    ]


def test_the_best_line_and_what_it_gains():
    _, finding = caption(grid(shots=(2, 4, 8), heads=BOTH), (0.3, 0.5, 0.4, 0.6, 0.5, 0.55))
    assert finding == (
        "Highest at 8 shots: vgg16 · fc2 · tuned, 55.0 % [52.5, 57.5]; from 2 to 8 shots it "
        "changes by +5.0 points [5.0, 5.0]."
    )


def test_the_best_is_one_at_the_most_shots():
    points = [*grid(layers=("fc1",), shots=(2, 4)), *grid(shots=(4, 8))]
    said = caption(points, (0.4, 0.9, 0.2, 0.3))
    assert said[1].startswith("Highest at 8 shots: vgg16 · fc2 · tuned, 30.0 %")


def test_of_one_repeat_intervals_are_over_images():
    opening, finding = caption(grid(shots=(2, 4)), (0.3, 0.9), WOBBLE[:1])
    assert "means over 1 repeat, 95 % intervals over images." in opening
    assert "+60.0 points [60.0, 60.0]" in finding


def test_a_line_without_a_contrast_has_no_gain():
    points = grid(shots=(2, 4))
    tables = make_tables(wobbling(points, (0.3, 0.9)), groups={})
    assert say_shots(tables, points, "layer", "head") == "fc2 · tuned, 90.0 % [87.5, 92.5]"
    assert say_shots(tables, points[:1], "head") == "tuned, 30.0 % [27.5, 32.5]"
