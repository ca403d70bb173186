import math

import numpy as np
import pytest
from made_tables import WOBBLE, grid, make_tables, wobbling
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.figures.forecast import draw
from fewshot.results.choices import Choice
from fewshot.results.forecast import Forecast, Wanted
from fewshot.study.figure_kinds import Figure


def tables(shots=(2, 4, 8, 16), ahead=(24, 32), wanted=False, backbone="vgg16"):
    points = grid(backbones=(backbone,), shots=shots)
    made = make_tables(wobbling(points, np.linspace(0.5, 0.8, len(points)), WOBBLE))
    last, nan = points[-1], math.nan
    choice = Choice(*last, 1, 3, 0.8, 0.7, 0.9, *[nan] * 5, 4096, 0.1, 1, 1)
    numbers = 0.85, 0.75, 0.95, 0.05, -0.05, 0.15
    forecast = [Forecast(*last._replace(shots=each), last.shots, *numbers, nan) for each in ahead]
    if ahead:
        forecast.insert(0, Forecast(*last, 8, 0.78, 0.7, 0.86, 0.0, 0.0, 0.0, 0.8))
    place = last.dataset, last.backbone, last.layer, last.temperature, last.head
    rows = [Wanted(*place, last.shots, 0.9, nan, 20.0, nan)] if wanted else []
    return made._replace(choices=[choice], forecast=forecast, wanted=rows)


def test_measured_forecast_and_back_test_are_drawn():
    figure, said = draw(Figure("forecast", "", "birds"), tables(wanted=True))
    (axes,) = figure.axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_allclose(lines["measured"].get_xdata(), [2, 4, 8, 16])
    np.testing.assert_allclose(lines["measured"].get_ydata(), [50, 60, 70, 80])
    ahead = lines["forecast, with its 95 % band"]
    # It starts where the measured line ends.
    np.testing.assert_allclose(ahead.get_xdata(), [16, 24, 32])
    np.testing.assert_allclose(ahead.get_ydata(), [80, 85, 85])
    assert lines["wanted: 90 %"].get_ydata()[0] == 90
    (tests,) = axes.containers
    assert tests.get_label() == "forecast from half the shots"
    np.testing.assert_allclose(tests.lines[0].get_ydata().astype(float), [78])
    assert "From 8 shots, 78.0 % [70.0, 86.0] was forecast at 16; 80.0 % came." in said


@pytest.mark.parametrize("shots", [(8,), (2, 8)])
def test_too_few_shots_are_drawn_without_a_forecast(shots):
    figure, said = draw(Figure("forecast", "", "birds"), tables(shots, ahead=()))
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    np.testing.assert_allclose(lines["measured"].get_xdata(), shots)
    assert "A forecast needs three numbers of shots." in said


@pytest.mark.parametrize("backbone", ["a", "$x_{y}$ " * 12])
def test_nothing_lies_outside(backbone):
    figure, _ = draw(Figure("forecast", "", "birds"), tables(wanted=True, backbone=backbone))
    FigureCanvasAgg(figure).draw()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width
    assert box.y1 <= height
