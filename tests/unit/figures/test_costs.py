from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from made_tables import EMPTY
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.figures.costs import draw
from fewshot.figures.style import publish_figure
from fewshot.study.figure_kinds import Figure

SHOTS = (2, 4)
ORIGINAL = {("end to end", 2): 60.0, ("end to end", 4): 120.0, ("cached", 2): 30, ("cached", 4): 6}


def table(end=(100.0, 300.0), cached=(50.0, 30.0), *, dataset="caltech256", role="caltech256"):
    """Costs of two approaches at 2 and 4 shots."""
    rows = []
    for approach, head, totals in (("end to end", "whole", end), ("cached", "sgd", cached)):
        is_cached, numbered = approach == "cached", bool(role)
        for shots, total, summed, both in zip(
            SHOTS, totals, np.cumsum(totals), np.cumsum(end) / np.cumsum(cached), strict=True
        ):
            rows.append(
                {
                    **{"dataset": dataset, "role": role, "approach": approach, "head": head},
                    **{"backbone": "vgg16", "layer": "fc2", "temperature": "1", "shots": shots},
                    **{"repeats": 5, "total_seconds": total, "summed_seconds": summed},
                    "times": both if is_cached else np.nan,
                    "original_minutes": ORIGINAL[approach, shots] if numbered else np.nan,
                    # 60 / 30 minutes, and 180 / 36
                    "original_times": {2: 2, 4: 5}[shots] if is_cached and numbered else np.nan,
                }
            )
    return pd.DataFrame(rows)


def drawn(costs):
    dataset = costs["dataset"].iloc[0]
    return draw(Figure("costs", "", dataset), EMPTY._replace(costs=costs))


def costs_figure(costs):
    return drawn(costs)[0]


def costs_caption(costs):
    return drawn(costs)[1]


def test_lines_in_minutes_with_the_originals_dashed():
    figure = costs_figure(table())
    end, cached, original_end, original_cached = figure.axes[0].get_lines()
    np.testing.assert_allclose(end.get_ydata(), [100 / 60, 5])
    np.testing.assert_allclose(cached.get_ydata(), [50 / 60, 0.5])
    np.testing.assert_allclose(original_end.get_ydata(), [60, 120])
    np.testing.assert_allclose(original_cached.get_ydata(), [30, 6])
    for here, there in ((end, original_end), (cached, original_cached)):
        assert here.get_color() == there.get_color()
        assert (here.get_linestyle(), there.get_linestyle()) == ("-", "--")
    assert figure.axes[0].get_ylabel().startswith("minutes")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [
        "end to end: whole on vgg16 fc2",
        "cached: sgd on vgg16 fc2",
        "original, end to end",
        "original, cached",
    ]


def test_short_times_are_drawn_in_seconds():
    axes = costs_figure(table((10.0, 30.0), (5.0, 3.0), role="")).axes[0]
    assert axes.get_ylabel().startswith("seconds")
    np.testing.assert_allclose(axes.get_lines()[1].get_ydata(), [5, 3])
    assert len(axes.get_lines()) == 2


@pytest.mark.parametrize(("low", "high"), [(1.1, 1.9), (0.3, 7000.0)])
def test_the_axis_of_time_ends_at_ticks(low, high):
    axes = costs_figure(table((high, high), (low, low), role="")).axes[0]
    unit = 60 if axes.get_ylabel().startswith("minutes") else 1
    ticks = axes.get_yticks()
    assert ticks[0] <= low / unit
    assert high / unit <= ticks[-1]
    assert len(ticks) >= 2


def test_nothing_measured_is_drawn_and_said():
    costs = table((np.nan, np.nan), (np.nan, np.nan), role="")
    FigureCanvasAgg(costs_figure(costs)).draw()
    said = costs_caption(costs)
    assert "some times are missing" in said
    assert "times as fast" not in said


def test_caption_by_hand():
    said = costs_caption(table())
    assert "sgd on cached fc2 of vgg16 is over all shots 5 times as fast as whole, 80 s " in said
    assert said.endswith("against 6.67 min; in the original, on Caltech-256, 5 times.")
    assert "end to end and cached: single runs divided by 5 repeats.\n" in said
    assert said.count("\n\n") == 1


def test_times_above_ten_have_no_decimals_and_long_ones_are_in_hours():
    said = costs_caption(table((3600.0, 4500.0), (350.0, 350.0)))
    assert "12 times as fast as whole, 11.7 min against 2.25 h;" in said


def test_a_cached_head_is_held_against_its_own_layer():
    deep = table().assign(layer="fc1", head=lambda rows: rows["head"] + "_deep", times=7.0)
    said = costs_caption(pd.concat([deep, table()], ignore_index=True))
    assert (
        "sgd_deep on cached fc1 of vgg16 is over all shots 7 times as fast as whole_deep," in said
    )


def test_every_time_is_said_on_hovering(tmp_path):
    publish_figure(costs_figure(table()), "", tmp_path / "a.png")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    said = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert said[:2] == [
        "end to end: whole on vgg16 fc2, 2-shot: 100 s",
        "end to end: whole on vgg16 fc2, 4-shot: 5 min",
    ]
    assert said[4:6] == [
        "original, end to end, 2-shot: 60 min",
        "original, end to end, 4-shot: 2 h",
    ]
    assert len(said) == 8


def test_lines_are_told_apart_without_colour():
    lines = costs_figure(table()).axes[0].get_lines()
    assert len({(line.get_marker(), line.get_linestyle()) for line in lines}) == 4


def test_repeats_that_differ_are_told():
    costs = table()
    costs.loc[costs["approach"] == "end to end", "repeats"] = 2
    assert "divided by 2 to 5 repeats." in costs_caption(costs)


def test_caption_changes_with_the_times():
    slower = costs_caption(table((100.0, 300.0), (200.0, 600.0)))
    assert "over all shots 0.5 times as fast as whole" in slower
    assert slower.endswith("in the original, on Caltech-256, 5 times.")


def test_a_dataset_that_stands_in_is_told():
    said = costs_caption(table(dataset="armenian"))
    assert said.endswith("in the original, on Caltech-256, another task, 5 times.")
    assert "original" not in costs_caption(table(dataset="birds", role=""))


def test_long_names_are_whole():
    costs = table(dataset="a$b_c$" * 6).assign(backbone="mobilenet_alpha_050_$x$", layer="l" * 30)
    figure = costs_figure(costs)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    box = figure.get_tightbbox(canvas.get_renderer())
    width, height = figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width
    assert box.y1 <= height
