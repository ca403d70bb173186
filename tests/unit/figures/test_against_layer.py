import numpy as np
import pytest
from made_tables import LAYERS, WOBBLE, grid, make_tables, wobbling

from fewshot.figures.against_layer import draw, say_layers
from fewshot.study.figure_kinds import Figure

BOTH = ("sgd", "tuned")


def drawn(points, accuracies, wobble=WOBBLE, **changes):
    tables = make_tables(wobbling(points, accuracies, wobble), **changes)
    return draw(Figure("layer", "", "birds", points=points), tables)


def caption(points, accuracies, wobble=WOBBLE, **changes):
    return drawn(points, accuracies, wobble, **changes)[1].split("\n\n")


def test_layers_stand_in_the_order_of_the_network():
    points = grid(layers=("fc2", "fc1", "block1"), heads=BOTH)
    figure, _ = drawn(points, 0.01 * np.arange(1, 7))
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["block1", "fc1", "fc2"]
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [5, 3, 1])
    assert axes.get_xlabel() == "layer, in the order of the network"


def test_backbones_share_a_panel_only_with_the_same_layers():
    same = grid(backbones=("a", "b"), layers=("fc1", "fc2"))
    assert len(drawn(same, np.full(4, 0.5))[0].axes) == 1
    points = [*same, *grid(backbones=("c",), layers=("stem", "top"))]
    figure, _ = drawn(points, np.full(6, 0.5), layers=["stem", "top", *LAYERS])
    titles = [axes.get_legend().get_title().get_text() for axes in figure.axes]
    assert titles == ["a", "b", "c"]
    assert [tick.get_text() for tick in figure.axes[2].get_xticklabels()] == ["stem", "top"]


@pytest.mark.parametrize(
    ("accuracies", "finding"),
    [
        (
            (0.2, 0.5, 0.8),
            "fc2 of 3 layers, 80.0 % [77.5, 82.5]; fc2 less block1 +60.0 points [60.0, 60.0]",
        ),
        (
            (0.2, 0.8, 0.5),
            "fc1 of 3 layers, 80.0 % [77.5, 82.5]; fc1 less block1 +60.0 points [60.0, 60.0]; fc2 "
            "less fc1 -30.0 points [-30.0, -30.0]",
        ),
        (
            (0.8, 0.5, 0.2),
            "block1 of 3 layers, 80.0 % [77.5, 82.5]; fc2 less block1 -60.0 points [-60.0, -60.0]",
        ),
    ],
)
def test_the_claim_about_depth_follows_the_data(accuracies, finding):
    points = grid(layers=("block1", "fc1", "fc2"))
    said = say_layers(make_tables(wobbling(points, accuracies)), points, "backbone", "head")
    assert said == f"vgg16 · tuned is highest on {finding}"


@pytest.mark.parametrize(
    ("accuracies", "finding"),
    [
        ((0.2, 0.5, 0.8), "fc2 · 8-shot · tuned, 80.0 % [77.5, 82.5]; fc2 less block1 +60.0"),
        ((0.2, 0.8, 0.5), "fc1 · 8-shot · tuned, 80.0 % [77.5, 82.5]; fc2 less fc1 -30.0"),
        ((0.8, 0.5, 0.2), "block1 · 8-shot · tuned, 80.0 % [77.5, 82.5]; fc2 less block1 -60.0"),
    ],
)
def test_the_caption_holds_the_best_layer_against_the_last_or_the_first(accuracies, finding):
    opening, best = caption(grid(layers=("block1", "fc1", "fc2")), accuracies)
    assert opening.endswith("means over 3 repeats, 95 % intervals over draws and images.")
    assert best.startswith(f"Highest: vgg16 · {finding} points [")
    assert best.count(" less ") == 1


def test_a_gain_within_the_spread_is_not_told():
    points = grid(layers=("fc1", "fc2"))
    tables = make_tables({points[0]: [0.1, 0.2, 0.3], points[1]: [0.4, 0.1, 0.2]})
    _, said = draw(Figure("layer", "", "birds", points=points), tables)
    assert "(zero lies inside: not told apart)." in said


def test_the_best_of_all_lines_is_described():
    points = grid(layers=("fc1", "fc2"), shots=(2, 8))
    said = caption(points, (0.1, 0.2, 0.3, 0.7))
    assert said[1].startswith("Highest: vgg16 · fc2 · 8-shot · tuned, 70.0 %")


def test_a_line_is_named_as_asked():
    points = grid(layers=("fc1", "fc2"))
    tables = make_tables(wobbling(points, (0.5, 0.7)))
    assert say_layers(tables, points, "head").startswith("tuned is highest on fc2 of 2 layers")
