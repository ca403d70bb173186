"""Lines, panels and legends, whatever accuracy stands against."""

from itertools import chain
from xml.etree import ElementTree

import numpy as np
import pytest
from made_tables import WOBBLE, grid, make_tables, wobbling
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.errors import InputError
from fewshot.figures import against_layer, against_shots, against_temperature
from fewshot.figures.accuracy import MAX_LINES, best_point, say_drawn
from fewshot.figures.style import publish_figure
from fewshot.study.figure_kinds import Figure

LAYERS = ["block3_pool", "block4_pool", "block5_pool", "fc2", "predictions", "centred_logits"]
MODULES = {"shots": against_shots, "layer": against_layer, "temperature": against_temperature}
BOTH = ("sgd", "tuned")


def drawn(axis, points, accuracies=None, wobble=WOBBLE, layers=LAYERS, **changes):
    """Draw points whose accuracies are 1 %, 2 % and so on."""
    if accuracies is None:
        accuracies = 0.01 * np.arange(1, len(points) + 1)
    accuracy = wobbling(points, accuracies, wobble)
    tables = make_tables(accuracy, layers=layers, groups={axis: points}, **changes)
    return MODULES[axis].draw(Figure(axis, "", "birds", points=points), tables)[0]


def labels(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def titles(figure):
    return [axes.get_legend().get_title().get_text() for axes in figure.axes]


def assert_nothing_clipped_or_covered(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    box, (width, height) = figure.get_tightbbox(renderer), figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width
    assert box.y1 <= height
    for axes in figure.axes:
        for legend in (axes.get_legend(), *figure.legends):
            assert not legend.get_window_extent(renderer).overlaps(axes.get_window_extent())


def test_band_is_the_interval_within_0_and_100_percent():
    (band,) = drawn("shots", grid(shots=(2, 4)), (0.01, 0.5), 10 * WOBBLE).axes[0].collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == 0  # of 1 - 24.8 %
    assert heights.max() == pytest.approx(50 + 24.84, abs=0.01)


def test_one_repeat_has_no_band():
    figure = drawn("shots", grid(shots=(2, 4)), wobble=WOBBLE[1:2])
    assert not figure.axes[0].collections
    assert len(figure.legends[0].get_texts()) == 1


def test_line_with_one_value_is_left_out():
    points = grid(layers=("block3_pool", "fc2"), shots=(2, 4))[:3]  # fc2 has 2 shots alone
    figure = drawn("shots", points)
    assert len(figure.axes[0].get_lines()) == 2  # block3_pool and chance
    assert "block3_pool" in figure.get_suptitle()


@pytest.mark.parametrize("axis", MODULES)
def test_nothing_to_draw_is_an_error(axis):
    with pytest.raises(InputError, match="needs a line with more than one value of"):
        drawn(axis, grid())


def test_a_point_without_a_result_is_an_error():
    points = grid(shots=(2, 4))
    tables = make_tables(wobbling(points[:1], (0.5,)))
    with pytest.raises(InputError, match="birds/vgg16/fc2/1/4/tuned"):
        against_shots.draw(Figure("shots", "", "birds", points=points), tables)


def test_ticks_too_close_for_a_label_stay_without():
    axes = drawn("shots", grid(shots=range(1, 33))).axes[0]
    ticks = [tick.get_text() for tick in axes.get_xticklabels()]
    assert len(ticks) == 32
    assert ticks[:5] == ["1", "2", "3", "4", "5"]
    assert 8 < sum(map(bool, ticks)) < 17


def test_many_lines_become_panels_a_backbone():
    backbones = ("b", "a", "mobilenet_alpha_050")
    figure = drawn("shots", grid("birds", backbones, LAYERS[:4], shots=(2, 4), heads=BOTH))
    assert titles(figure) == [*backbones]
    for axes in figure.axes:
        assert len(axes.get_lines()) == MAX_LINES + 1
        assert labels(axes) == [f"{layer} · {head}" for layer in LAYERS[:4] for head in BOTH]
        looks = {
            (line.get_color(), line.get_marker(), line.get_linestyle())
            for line in axes.get_lines()[:-1]
        }
        assert len(looks) == MAX_LINES
        assert axes.get_ylim() == figure.axes[0].get_ylim()


@pytest.mark.parametrize(("lines", "expected"), [(8, [8]), (9, [4, 5]), (100, [7, 8] * 13)])
def test_lines_that_one_factor_tells_apart_share_panels(lines, expected):
    heads = tuple(f"head {number}" for number in range(lines))
    solvers = dict.fromkeys(heads, "logistic")
    points = grid("birds", shots=(2, 4), heads=heads)
    tables = make_tables(wobbling(points, [0.5] * len(points)), solvers=solvers)
    axes = against_shots.draw(Figure("shots", "", "birds", points=points), tables)[0].axes
    shown = [labels(each) for each in axes]
    assert [*chain(*shown)] == [*heads]
    assert {*map(len, shown)} == {*expected}
    assert len(axes) == -(-lines // MAX_LINES)


def test_panels_are_split_again_where_one_factor_is_not_enough():
    heads = ("sgd", "tuned", "ridge")
    figure = drawn("shots", grid("birds", ("a", "b"), LAYERS[:4], shots=(2, 4), heads=heads))
    assert len(figure.axes) == 8  # a backbone and a layer each
    assert titles(figure)[:2] == ["a · block3_pool", "a · block4_pool"]
    assert labels(figure.axes[0]) == [*heads]


def test_heads_of_one_layer_share_a_colour_and_differ_in_dash():
    axes = drawn("shots", grid(layers=("block3_pool", "fc2"), shots=(2, 4), heads=BOTH)).axes[0]
    looks = [(line.get_color(), line.get_linestyle()) for line in axes.get_lines()[:4]]
    assert looks[0][0] == looks[1][0] != looks[2][0] == looks[3][0]
    assert looks[0][1] == looks[2][1] != looks[1][1] == looks[3][1]


def test_long_and_odd_names_are_literal_and_whole():
    backbones = ("mobilenet_alpha_050_$x$", "b" * 30)
    layers = ("conv_pw_11_relu", "global_average_pooling2d")
    points = grid("birds", backbones, layers, heads=("sgd", "tuned_with_a_long_name"))
    solvers = {"sgd": "sgd", "tuned_with_a_long_name": "logistic"}
    figure = drawn("layer", points, layers=[*layers], solvers=solvers, classes=257)
    assert labels(figure.axes[0])[0] == "mobilenet_alpha_050_$x$ · sgd"
    assert_nothing_clipped_or_covered(figure)


@pytest.mark.parametrize("backbones", [("a",), ("a", "b", "c")])
def test_legends_never_lie_over_data(backbones):
    points = grid("birds", backbones, LAYERS[:4], shots=(2, 4), heads=BOTH)
    assert_nothing_clipped_or_covered(drawn("shots", points))


@pytest.mark.parametrize(
    ("few", "said"),
    [
        (3, "means over 3 repeats, 95 % intervals over draws and images."),
        (1, "means over 1 to 3 repeats, 95 % intervals over draws and images."),
    ],
)
def test_the_opening_counts_repeats(few, said):
    points = grid(heads=BOTH)
    tables = make_tables({points[0]: WOBBLE[:few], points[1]: WOBBLE})
    figure = Figure("shots", "", "birds", points=points)
    assert say_drawn(figure, tables, "T") == f"Test accuracy against T on birds: {said}"


def test_repeats_are_counted():
    points = grid(heads=BOTH)
    tables = make_tables(wobbling(points, (0.5, 0.6), WOBBLE[:1]))
    said = say_drawn(Figure("shots", "", "birds", points=points), tables, "shots")
    assert said.endswith(": means over 1 repeat, 95 % intervals over images.")


def test_the_first_of_equals_is_the_best():
    points = grid(layers=("block3_pool", "fc2"), heads=BOTH)
    tables = make_tables(wobbling(points, (0.1, 0.2, 0.4, 0.4)), layers=LAYERS)
    assert best_point(tables, points) == points[2]


def test_every_marker_says_its_number_on_hovering(tmp_path):
    points = grid(shots=(2, 4), heads=BOTH)
    publish_figure(drawn("shots", points, (0.1, 0.2, 0.3, 0.4)), "", tmp_path / "a.png")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    said = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert said == [
        "vgg16 · fc2 · 2-shot · sgd: 10.0 % [7.5, 12.5]",
        "vgg16 · fc2 · 4-shot · sgd: 30.0 % [27.5, 32.5]",
        "vgg16 · fc2 · 2-shot · tuned: 20.0 % [17.5, 22.5]",
        "vgg16 · fc2 · 4-shot · tuned: 40.0 % [37.5, 42.5]",
    ]


def test_figures_are_no_wider_than_a_page():
    points = grid("birds", ("a", "b", "c"), LAYERS[:4], shots=(2, 4), heads=BOTH)
    for some in (points, points[:4]):
        assert 8 <= drawn("shots", some).get_size_inches()[0] <= 10
