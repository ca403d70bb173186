import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.errors import InputError
from fewshot.figures.accuracy import MAX_LINES, layers_figure, shots_figure, temperatures_figure

LAYERS = ["block3_pool", "block4_pool", "block5_pool", "fc2"]


def _table(
    dataset="birds",
    backbones=("vgg16",),
    layers=("fc2",),
    temperatures=(1.0,),
    shots=(8,),
    heads=("sgd",),
    half=0.1,
):
    """Accuracy 0.01 in the first row, 0.02 in the second and so on, plus and minus `half`."""
    grid = itertools.product([dataset], backbones, layers, temperatures, shots, heads)
    columns = ["dataset", "backbone", "layer", "temperature", "shots", "head"]
    table = pd.DataFrame(grid, columns=columns)
    mean = 0.01 * np.arange(1, len(table) + 1)
    return table.assign(
        test_accuracy_mean=mean, test_accuracy_low=mean - half, test_accuracy_high=mean + half
    )


def _labels(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def _assert_nothing_clipped_or_covered(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    box = figure.get_tightbbox(renderer)
    width, height = figure.get_size_inches()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= width
    assert box.y1 <= height
    for axes in figure.axes:
        for legend in (axes.get_legend(), *figure.legends):
            assert not legend.get_window_extent(renderer).overlaps(axes.get_window_extent())


def test_shots_figure_by_hand():
    figure = shots_figure(_table(shots=(2, 4, 8), heads=("sgd", "tuned"), half=0.005), 257)
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
    assert axes.get_ylim() == pytest.approx((-0.02 * 6.5, 1.03 * 6.5))
    assert figure.get_suptitle() == "birds: test accuracy against shots\nvgg16 · fc2"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "chance: 1/257 = 0.39 %",
        "95 % interval of the mean over repeats",
    ]


def test_band_is_the_interval_within_0_and_100_percent():
    (band,) = shots_figure(_table(shots=(2, 4)), 2).axes[0].collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == 0  # of -9 %
    assert heights.max() == pytest.approx(12)


def test_one_repeat_has_no_band():
    figure = shots_figure(_table(shots=(2, 4), half=np.nan), 2)
    assert not figure.axes[0].collections
    assert len(figure.legends[0].get_texts()) == 1


def test_line_with_one_number_of_shots_is_left_out():
    table = _table(layers=("fc1", "fc2"), shots=(2, 4)).iloc[:3]  # fc2 has 2 shots alone
    figure = shots_figure(table, 2)
    assert len(figure.axes[0].get_lines()) == 2  # fc1 and chance
    assert "fc1" in figure.get_suptitle()


@pytest.mark.parametrize("draw", [shots_figure, temperatures_figure])
def test_nothing_to_draw_is_an_error(draw):
    with pytest.raises(InputError, match="more than one value of"):
        draw(_table(), 2)


@pytest.mark.parametrize("shots", [(8, 2, 4), (4, 8, 2)])
def test_shots_are_drawn_in_order(shots):
    line = shots_figure(_table(shots=shots), 2).axes[0].get_lines()[0]
    assert line.get_xdata().tolist() == [2, 4, 8]


def test_ticks_too_close_for_a_label_stay_without():
    axes = shots_figure(_table(shots=range(1, 33)), 2).axes[0]
    labels = [tick.get_text() for tick in axes.get_xticklabels()]
    assert len(labels) == 32
    assert labels[:5] == ["1", "2", "3", "4", "5"]
    assert 8 < sum(map(bool, labels)) < 17


def test_many_lines_become_panels_a_backbone():
    heads = ("sgd", "tuned")
    table = _table("x" * 30, ("a", "b", "mobilenet_alpha_050"), LAYERS, shots=(2, 4), heads=heads)
    figure = shots_figure(table, 20)
    assert [axes.get_legend().get_title().get_text() for axes in figure.axes] == [
        "a",
        "b",
        "mobilenet_alpha_050",
    ]
    for axes in figure.axes:
        assert len(axes.get_lines()) == MAX_LINES + 1
        assert _labels(axes) == [f"{layer} · {head}" for layer in LAYERS for head in heads]
        looks = {
            (line.get_color(), line.get_marker(), line.get_linestyle())
            for line in axes.get_lines()[:-1]
        }
        assert len(looks) == MAX_LINES
        assert axes.get_ylim() == figure.axes[0].get_ylim()


def test_panels_are_split_again_where_one_factor_is_not_enough():
    table = _table("x", ("a", "b"), LAYERS, (1.0, 2.0), (2, 4), ("sgd", "tuned"))
    figure = shots_figure(table, 20)
    assert len(figure.axes) == 8  # a backbone and a layer each
    assert _labels(figure.axes[0]) == ["T 1 · sgd", "T 1 · tuned", "T 2 · sgd", "T 2 · tuned"]


def test_layers_stand_in_the_order_of_the_network():
    table = _table(layers=LAYERS[::-1], heads=("sgd", "tuned"))
    axes = layers_figure(table, LAYERS, 2).axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == LAYERS
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [7, 5, 3, 1])


def test_backbones_share_a_panel_only_with_the_same_layers():
    same = _table(backbones=("a", "b"), layers=LAYERS)
    assert len(layers_figure(same, LAYERS, 2).axes) == 1
    other = _table(backbones=("c",), layers=("stem", "top"))
    figure = layers_figure(pd.concat([other, same], ignore_index=True), ["stem", "top", *LAYERS], 2)
    assert [axes.get_legend().get_title().get_text() for axes in figure.axes] == ["c", "a", "b"]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["stem", "top"]


def test_temperatures_figure_by_hand():
    table = _table(temperatures=(0.5, 1.0, 2.0), shots=(2, 8), layers=("predictions",))
    axes = temperatures_figure(table, 2).axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.5", "1", "2"]
    assert _labels(axes) == ["2-shot", "8-shot"]
    np.testing.assert_allclose(axes.get_lines()[1].get_ydata(), [2, 4, 6])


def test_layers_without_temperature_are_level_lines():
    softened = _table(temperatures=(1.0, 4.0, 16.0), layers=("predictions",), heads=("sgd",))
    level = _table(layers=("centred_logits", "fc2"), heads=("tuned",))
    axes = temperatures_figure(pd.concat([softened, level], ignore_index=True), 2).axes[0]
    names = ["predictions · sgd", "centred_logits · tuned", "fc2 · tuned"]
    assert _labels(axes) == names
    (sgd, logits, fc2) = axes.get_lines()[:3]
    np.testing.assert_allclose(sgd.get_ydata(), [1, 2, 3])
    for line, height in ((logits, 1), (fc2, 2)):
        assert line.get_xdata().tolist() == [1, 4, 16]
        np.testing.assert_allclose(line.get_ydata(), height)
        assert line.get_marker() == ""
    assert len({line.get_color() for line in (sgd, logits, fc2)}) == 3
    assert logits.get_linestyle() != fc2.get_linestyle()


def test_long_and_odd_names_are_literal_and_whole():
    names = {"dataset": "a$b_c$" * 5, "backbones": ("mobilenet_alpha_050_$x$", "b" * 30)}
    layers = ("conv_pw_11_relu", "global_average_pooling2d")
    heads = ("sgd", "tuned_with_a_long_name")
    figure = layers_figure(_table(**names, layers=layers, heads=heads), list(layers), 257)
    assert figure.get_suptitle().startswith("a$b_c$a$b_c$")
    assert _labels(figure.axes[0])[0] == "mobilenet_alpha_050_$x$ · sgd"
    _assert_nothing_clipped_or_covered(figure)


@pytest.mark.parametrize("backbones", [("a",), ("a", "b", "c")])
def test_legends_never_lie_over_data(backbones):
    table = _table(backbones=backbones, layers=LAYERS, shots=(2, 4), heads=("sgd", "tuned"))
    _assert_nothing_clipped_or_covered(shots_figure(table, 20))
