from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from made_tables import grid, make_tables
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.figures.reliability import draw
from fewshot.figures.style import publish_figure
from fewshot.results.calibration import Reliability
from fewshot.study.figure_kinds import Figure


def drawn(points, errors):
    """Draw heads that are right a tenth less often than they say, in three bins each."""
    confidence = np.array([0.2, 0.5, 0.9])
    bins = [
        Reliability(*point, 50, c, c - 0.1, c - 0.2, min(c, 1.0))
        for point in points
        for c in confidence
    ]
    summary = {point: {"ece": error} for point, error in zip(points, errors, strict=True)}
    tables = make_tables({})._replace(
        calibration=pd.DataFrame(bins, columns=Reliability._fields), summary=summary
    )
    return draw(Figure("reliability", "", "birds", points=points), tables)


def test_a_panel_for_each_number_of_shots_and_a_line_for_each_head():
    points = grid(shots=(2, 16), heads=("sgd", "tuned"))
    figure, said = drawn(points, (0.4, 0.031, 0.02, 0.01))
    assert [axes.get_title() for axes in figure.axes] == [
        "vgg16 · fc2\n2-shot",
        "vgg16 · fc2\n16-shot",
    ]
    for axes in figure.axes:
        lines = {line.get_label(): line for line in axes.get_lines()}
        assert {*lines} == {"sgd", "tuned", "right as often as said"}
        np.testing.assert_allclose(lines["tuned"].get_xdata(), [20, 50, 90])
        np.testing.assert_allclose(lines["tuned"].get_ydata(), [10, 40, 80])
        assert (axes.get_xlabel(), axes.get_xlim()) == ("confidence (%)", axes.get_ylim())
    assert [text.get_text() for text in figure.axes[0].texts] == [
        "sgd: ECE 40.0 %",
        "tuned: ECE 3.1 %",
    ]
    assert "(ECE) is 1.0 % (vgg16 · 16-shot · tuned) to 40.0 % (vgg16 · 2-shot · sgd)." in said


def test_one_grid_point_has_one_error():
    _, said = drawn(grid(), (0.05,))
    assert "(ECE) is 5.0 % (vgg16 · 8-shot · tuned)." in said


@pytest.mark.parametrize("shots", [(1,), (1, 2, 3, 4, 8, 16)])
@pytest.mark.parametrize("backbones", [("a",), ("a_long_name_of_a_network", "b")])
def test_all_fits_and_nothing_overlaps(shots, backbones):
    points = grid(backbones=backbones, shots=shots, heads=("sgd", "tuned", "ridge"))
    figure, _ = drawn(points, [0.1] * len(points))
    FigureCanvasAgg(figure).draw()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width
    assert box.y1 <= height
    titles = [axes.title.get_window_extent() for axes in figure.axes]
    assert not any(
        one.overlaps(other) for place, one in enumerate(titles) for other in titles[:place]
    )


def test_every_marker_says_its_numbers_on_hovering(tmp_path):
    figure, caption = drawn(grid(), (0.05,))
    publish_figure(figure, caption, tmp_path / "a.png")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    said = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert said[0] == "tuned: 20.0 % sure, right in 10.0 % [0.0, 20.0] of 50"
    assert len(said) == 3
