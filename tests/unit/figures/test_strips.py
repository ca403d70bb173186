"""What stands below a panel of accuracy, read off the drawn axes."""

import math

import numpy as np
import pytest
from made_tables import grid

from fewshot.figures.accuracy import Line
from fewshot.figures.strips import Strip, draw_strip, limit_strip, make_panels, shared_handles

LOOKS = [{"color": "#0072B2", "linestyle": "-"}, {"color": "#D55E00", "linestyle": ":"}]
LAYERS = ("a", "b", "c")


def say(value):
    return f"{value:g} numbers"


def drawn(values, **changes):
    """Draw two lines, of the heads sgd and tuned, over three layers."""
    points = [grid(layers=LAYERS, heads=(head,)) for head in ("sgd", "tuned")]
    lines = [Line([1, 2, 3], own) for own in points]
    measured = {
        point: value
        for own, value in zip(points, values, strict=True)
        for point, value in zip(own, value, strict=True)
    }
    shared = {point: part for point in measured for part in changes.values()}
    strip = Strip("numbers", measured, say, shared, "pass")
    _, ((_, axes),) = make_panels(1, 2, ["accuracy", "numbers"])
    draw_strip(axes, strip, lines, LOOKS, {1: 1, 2: 2, 3: 3})
    limit_strip(axes, strip, measured)
    return axes, strip


def test_each_line_has_its_look_and_its_values():
    axes, _ = drawn(((1, 2, 3), (4, 5, 6)))
    first, second = axes.get_lines()
    assert (first.get_color(), second.get_color()) == ("#0072B2", "#D55E00")
    np.testing.assert_array_equal(second.get_xydata(), [[1, 4], [2, 5], [3, 6]])


def test_what_lines_have_alike_is_drawn_once_and_in_grey():
    axes, _ = drawn(((7, 8, 9), (7, 8, 9)))
    (line,) = axes.get_lines()
    assert line.get_color() == "#777777"
    np.testing.assert_array_equal(line.get_ydata(), [7, 8, 9])


def test_what_is_shared_stands_below_the_lines_and_in_the_legend():
    axes, strip = drawn(((7, 8, 9), (4, 5, 6)), shared=3)
    assert [line.get_ydata().tolist() for line in axes.get_lines()[1::2]] == [[3] * 3] * 2
    (handle,) = shared_handles([strip])
    assert handle.get_label() == "pass"
    assert shared_handles([strip._replace(shared={})]) == []


@pytest.mark.parametrize(("most", "scale"), [(30, "linear"), (3000, "log")])
def test_values_of_one_size_start_at_zero(most, scale):
    axes, _ = drawn(((10, 20, most), (10, 20, most)))
    assert axes.get_yscale() == scale
    if scale == "linear":
        assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] > most


def test_large_numbers_are_written_whole():
    axes, _ = drawn(((10, 20, 802816), (10, 20, 802816)))
    assert axes.yaxis.get_major_formatter()(100000) == "100,000"


def test_what_is_not_known_is_left_out():
    axes, _ = drawn(((math.nan,) * 3,) * 2)
    assert axes.get_yticks().size == 0
    (line,) = axes.get_lines()  # once: what is unknown is alike
    assert np.isnan(line.get_ydata()).all()


def test_panels_share_the_axes_of_a_strip_and_strips_that_of_a_panel():
    figure, grid_of_axes = make_panels(3, 1, ["accuracy", "numbers", "seconds"])
    assert len(figure.axes) == 3 * 3
    (first, *_), (second, below, lowest), _ = grid_of_axes
    second.set_xlim(0, 5)
    assert lowest.get_xlim() == below.get_xlim() == (0, 5)
    second.set_ylim(0, 40)
    assert first.get_ylim() == (0, 40)
    assert below.get_ylim() != (0, 40)
    assert [axes.get_ylabel() for axes in grid_of_axes[0]] == ["accuracy", "numbers", "seconds"]
    assert {axes.get_ylabel() for axes in grid_of_axes[1]} == {""}
