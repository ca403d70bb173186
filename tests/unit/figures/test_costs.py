import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.figures.costs import costs_caption, costs_figure

SHOTS = (2, 4)
REPORT = {("end to end", 2): 60.0, ("end to end", 4): 120.0, ("cached", 2): 30.0, ("cached", 4): 6}


def table(end=(100.0, 300.0), cached=(50.0, 30.0), *, dataset="caltech256", role="caltech256"):
    """Costs of two approaches at 2 and 4 shots; 60 % of the cached is extraction, 30 % training."""
    rows = []
    for approach, head, totals in (("end to end", "whole", end), ("cached", "sgd", cached)):
        for shots, total in zip(SHOTS, totals, strict=True):
            rows.append(
                {
                    **{"dataset": dataset, "role": role, "approach": approach, "head": head},
                    **{"backbone": "vgg16", "layer": "fc2", "temperature": "1", "shots": shots},
                    **{"repeats": 5, "images": 0, "training_seconds": 0.3 * total},
                    **{"extraction_seconds": 0.6 * total, "compaction_seconds": 0.1 * total},
                    **{"total_seconds": total},
                    "report_minutes": REPORT[approach, shots] if role else np.nan,
                }
            )
    return pd.DataFrame(rows)


def test_lines_in_minutes_with_the_reports_dashed():
    figure = costs_figure(table())
    end, cached, report_end, report_cached = figure.axes[0].get_lines()
    np.testing.assert_allclose(end.get_ydata(), [100 / 60, 5])
    np.testing.assert_allclose(cached.get_ydata(), [50 / 60, 0.5])
    np.testing.assert_allclose(report_end.get_ydata(), [60, 120])
    np.testing.assert_allclose(report_cached.get_ydata(), [30, 6])
    for here, there in ((end, report_end), (cached, report_cached)):
        assert here.get_color() == there.get_color()
        assert (here.get_linestyle(), there.get_linestyle()) == ("-", "--")
    assert figure.axes[0].get_ylabel().startswith("minutes")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[0] == "end to end: whole on vgg16 fc2; total 6.67 min"
    assert labels[1].endswith("total 80 s")
    assert labels[2:] == ["report, end to end; total 3 h", "report, cached; total 36 min"]


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
    assert "over all shots 5 times as fast as whole (2 times at 2 shots and 10 times at 4" in said
    assert (
        "60 % on extraction, 30 % on training the head and 10 % on compaction of its 80 s" in said
    )
    assert "over all shots 5 times as fast as end to end (2 times at 2 shots and 20 times" in said
    assert "stands in" not in said
    assert "testing on all test images after every epoch" in said
    assert "a job of 5 repeats divided by their number" in said


def test_repeats_that_differ_are_told():
    costs = table()
    costs.loc[costs["approach"] == "end to end", "repeats"] = 2
    assert "a job of 2 to 5 repeats divided by their number" in costs_caption(costs)


def test_caption_changes_with_the_times():
    slower = costs_caption(table((100.0, 300.0), (200.0, 600.0)))
    assert "over all shots 0.5 times as fast as whole" in slower
    assert "over all shots 5 times as fast as end to end" in slower  # the report's stay


def test_a_dataset_that_stands_in_is_told():
    said = costs_caption(table(dataset="armenian"))
    assert "armenian stands in for Caltech-256" in said
    assert "report" not in costs_caption(table(dataset="birds", role=""))


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
