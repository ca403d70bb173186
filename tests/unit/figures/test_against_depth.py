"""Accuracy against block with what each costs, read off the drawn axes; captions from the tables."""

import itertools
import math

import numpy as np
import pytest
from made_tables import WOBBLE, grid, make_tables, wobbling
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.errors import InputError
from fewshot.figures.against_depth import draw, say_depth
from fewshot.results.depth import Depth
from fewshot.study.figure_kinds import Figure


def sweep(backbone="vit", blocks=3, pooling="mean", shots=8, head="tuned"):
    """List the points of a sweep from the first block to the last."""
    layers = [f"stage{number}@{pooling}" for number in range(1, blocks + 1)]
    return grid(backbones=(backbone,), layers=layers, shots=(shots,), heads=(head,))


def world(*sweeps, accuracies=None, wobble=WOBBLE, numbers=384, seconds=(50.0, 2.0, 1.0)):
    """Make tables in which blocks have the accuracies 1 %, 2 % and so on, if no others are given."""
    points = [point for own in sweeps for point in own]
    accuracies = 0.01 * np.arange(1, len(points) + 1) if accuracies is None else accuracies
    layers = [*dict.fromkeys(point.layer for point in points)]
    tables = make_tables(
        wobbling(points, accuracies, wobble), groups={"depth": points}, layers=layers
    )
    rows = [
        Depth(*point, point.layer.split("@")[1], block, len(own), 0, 0, 0, numbers, *seconds)
        for own in sweeps
        for block, point in enumerate(own, start=1)
    ]
    return Figure("depth", "", "birds", points=points), tables._replace(depth=rows)


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_accuracy_numbers_and_seconds_stand_over_the_same_blocks():
    drawn, _ = draw(*world(sweep()))
    accuracy, numbers, seconds = drawn.axes
    np.testing.assert_allclose(accuracy.get_lines()[0].get_xydata(), [[1, 1], [2, 2], [3, 3]])
    np.testing.assert_allclose(numbers.get_lines()[0].get_xydata(), [[1, 384], [2, 384], [3, 384]])
    total, shared = (line.get_ydata().tolist() for line in seconds.get_lines())
    assert (total, shared) == ([50 + 2 + 1] * 3, [50] * 3)
    assert [text.get_text() for text in seconds.get_xticklabels()] == ["1", "2", "3"]
    assert seconds.get_xlabel() == "block, from the image on"
    assert accuracy.get_xlim() == numbers.get_xlim() == seconds.get_xlim() == (0.5, 3.5)


def test_chance_interval_and_forward_pass_are_explained():
    drawn, _ = draw(*world(sweep()))
    (below,) = drawn.legends
    assert [text.get_text() for text in below.get_texts()] == [
        *("chance: 1/4 = 25 %", "95 % interval", "forward pass")
    ]


def test_lines_differ_in_pooling_shots_and_head():
    lines = [
        sweep(pooling=pooling, shots=shots, head=head)
        for pooling in ("mean", "cls")
        for shots in (2, 8)
        for head in ("tuned", "ridge")
    ]
    drawn, _ = draw(*world(*lines))
    assert len(drawn.axes) == 3
    assert legend(drawn.axes[0])[:3] == [
        *("blocks@mean · 2-shot · tuned", "blocks@mean · 2-shot · ridge"),
        "blocks@mean · 8-shot · tuned",
    ]


def test_more_lines_than_can_be_followed_make_a_panel_a_pooling():
    lines = [
        sweep(pooling=pooling, shots=shots) for pooling in ("mean", "cls") for shots in range(1, 7)
    ]
    drawn, _ = draw(*world(*lines))
    titles = [axes.get_legend().get_title().get_text() for axes in drawn.axes if axes.get_legend()]
    assert titles == ["blocks@mean", "blocks@cls"]


def test_networks_of_other_depths_have_panels_of_their_own():
    alike, _ = draw(*world(sweep("vit"), sweep("dino")))
    assert len(alike.axes) == 3
    assert legend(alike.axes[0]) == ["vit", "dino"]
    apart, _ = draw(*world(sweep("vit"), sweep("dino", blocks=5)))
    assert len(apart.axes) == 2 * 3
    last = [axes.get_xlim()[1] for axes in apart.axes if axes.get_legend()]
    assert last == [3.5, 5.5]


@pytest.mark.parametrize(("blocks", "labels"), [(24, 24), (48, 1 + 24)])
def test_deep_networks_have_ticks_that_can_be_read(blocks, labels):
    drawn, _ = draw(*world(sweep(blocks=blocks)))
    canvas = FigureCanvasAgg(drawn)
    canvas.draw()
    shown = [text for text in drawn.axes[-1].get_xticklabels() if text.get_text()]
    assert len(shown) == labels
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in shown]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))


def test_a_block_without_a_row_is_an_error():
    figure, tables = world(sweep())
    with pytest.raises(InputError, match="birds/vit/stage3@mean/1/8/tuned"):
        draw(figure, tables._replace(depth=tables.depth[:2]))


def test_times_that_are_not_known_are_not_drawn():
    drawn, _ = draw(*world(sweep(), seconds=(math.nan, 2.0, 1.0)))
    assert np.isnan(drawn.axes[-1].get_lines()[0].get_ydata()).all()
    assert len(drawn.legends[0].get_texts()) == 2


@pytest.mark.parametrize(
    ("accuracies", "said"),
    [
        (
            (0.5, 0.8, 0.7),
            "best block stage2@mean, 2 of 3, 80.0 % [77.5, 82.5]; less stage3@mean +10.0 points "
            "[10.0, 10.0]",
        ),
        (
            (0.5, 0.7, 0.8),
            "best block stage3@mean, 3 of 3, 80.0 % [77.5, 82.5]; it is the last",
        ),
    ],
)
def test_the_best_block_is_held_against_the_last(accuracies, said):
    _, tables = world(sweep(), accuracies=accuracies)
    assert say_depth(tables, sweep()) == said


def test_the_best_of_many_is_judged_beside_all_of_them():
    # Of one block a difference of 1.5 (0.5) points is told apart, p = .035; of 12 it is not.
    wobble = 0.015 + np.array([-0.005, 0.0, 0.005])
    for blocks, verdict in ((2, ""), (12, "(not told apart among all that answer this question)")):
        points = sweep(blocks=blocks)
        figure, tables = world(points, accuracies=np.full(blocks, 0.5))
        accuracy = dict.fromkeys(points, 0.5 + 0 * wobble) | {points[0]: 0.5 + wobble}
        changed = make_tables(accuracy, groups={"depth": points}, layers=tables.layers)
        said = say_depth(changed._replace(depth=tables.depth), figure.points)
        assert said.endswith(f"+1.5 points [0.3, 2.7] {verdict}".strip())


def test_the_caption_says_what_seconds_are_and_how_the_best_was_found():
    lines = sweep(shots=2), sweep(shots=8)
    _, caption = draw(*world(*lines, accuracies=(0.1, 0.2, 0.1, 0.3, 0.6, 0.5)))
    opening, cost, finding = caption.split("\n\n")
    assert opening == (
        "Test accuracy against block on birds: means over 3 repeats, 95 % intervals over draws and "
        "images."
    )
    assert cost.startswith("Seconds are of the forward pass over all images, which the blocks of a")
    assert finding.startswith("Highest: vit · 8-shot · tuned, best block stage2@mean, 2 of 3, 60.0")
    assert "It is chosen among the blocks on the same test images" in finding
