import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.figures.comparison import comparison_figure
from fewshot.figures.comparison_caption import comparison_caption
from fewshot.results import published
from fewshot.results.comparison import (
    COMPARISON_COLUMNS,
    PASSES_COLUMNS,
    own_rows,
    passing_rows,
    published_rows,
)

PATH = Path(published.__file__).with_name("published.csv")


def tables(
    *,
    dataset="caltech256",
    role="caltech256",
    accuracies=((1, 0.40), (2, 0.51), (4, 0.60)),
    repeats=3,
    backbone="vgg16",
    heads=("tuned",),
):
    """Comparison and passes of a study whose repeats are 1 point apart."""
    keys = {"dataset": dataset, "backbone": backbone, "layer": "fc2", "temperature": 1.0}
    results = pd.DataFrame(
        {**keys, "shots": shots, "head": head, "test_accuracy": accuracy + 0.01 * repeat}
        for head in heads
        for shots, accuracy in accuracies
        for repeat in np.arange(repeats) - (repeats - 1) / 2
    )
    rows = own_rows(results, dict.fromkeys(heads, "logistic"), role)
    rows += published_rows(PATH, dataset, role)
    passes = pd.DataFrame(passing_rows(rows, PATH), columns=PASSES_COLUMNS)
    numbers = ["reference_images", "first_shots", "sure_shots", "crossing", "claimed"]
    return pd.DataFrame(rows, columns=COMPARISON_COLUMNS), passes.astype(
        dict.fromkeys(numbers, float)
    )


def caption(**changes):
    return comparison_caption(*tables(**changes), classes=257, test_images=2056)


def drawn(figure):
    return {line.get_label(): line for line in figure.axes[0].get_lines()}


def test_lines_of_all_methods():
    figure = comparison_figure(tables()[0], 257)
    axes, lines = figure.axes[0], drawn(figure)
    np.testing.assert_allclose(lines["fewshot: tuned on vgg16 fc2"].get_ydata(), [40, 51, 60])
    np.testing.assert_allclose(lines["report, cached"].get_ydata(), [40.9, 43.38, 61.9, 63.18])
    assert lines["report, cached"].get_linestyle() == ":"
    assert "chance: 1/257 = 0.39 %" in lines
    names = [text.get_text() for text in axes.texts]
    assert names[:2] == ["Ge & Yu 2017, fine-tuned", "VGG-16"]
    assert names[-1] == "Zeiler & Fergus 2013, from scratch"
    assert len(names) == 7
    assert axes.get_xticks().tolist() == [1, 2, 4, 8, 16, 30, 60]
    assert axes.get_xscale() == "log"


def test_the_reports_lines_look_the_same_beside_every_dataset():
    first, second = (
        drawn(comparison_figure(tables(dataset=name, role=name)[0], 11))
        for name in ("caltech256", "urban_tribes")
    )
    for method in ("report, cached", "report, abstract"):
        looks = [
            (line[method].get_marker(), line[method].get_linestyle()) for line in (first, second)
        ]
        assert looks[0] == looks[1]
    looks = {first[f"report, {name}"].get_marker() for name in ("end to end", "cached", "abstract")}
    assert len(looks) == 3


def test_the_axis_starts_at_the_fewest_images_drawn():
    few = comparison_figure(tables(role="urban_tribes")[0], 11).axes[0]
    many = comparison_figure(tables(role="urban_tribes", accuracies=((4, 0.5), (8, 0.6)))[0], 11)
    for axes, least in ((few, 1), (many.axes[0], 2)):  # the report's fewest are 2
        assert axes.get_xticks()[0] == least
        assert least / 1.1 < axes.get_xlim()[0] < least


def test_names_beside_the_axis_do_not_touch():
    figure = comparison_figure(tables()[0], 257)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in figure.axes[0].texts]
    assert all(above.y0 >= below.y1 for above, below in itertools.pairwise(boxes))


def test_what_names_no_images_is_a_level_line():
    figure = comparison_figure(tables(dataset="urban_tribes", role="urban_tribes")[0], 11)
    levels = [line for line in figure.axes[0].get_lines() if list(line.get_xdata()) == [0, 1]]
    assert sorted(line.get_ydata()[0] for line in levels) == [pytest.approx(100 / 11), 46, 71]


@pytest.mark.parametrize("classes", [2, 257])
def test_long_names_are_whole(classes):
    names = {"dataset": "a$b_c$" * 6, "backbone": "mobilenet_alpha_050_$x$"}
    heads = ("tuned_with_a_long_name", "sgd", "ridge", "another")
    figure = comparison_figure(tables(**names, heads=heads)[0], classes)
    assert "stands in for Caltech-256" in figure.get_suptitle()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    box = figure.get_tightbbox(canvas.get_renderer())
    width, height = figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width
    assert box.y1 <= height


def test_one_repeat_has_no_band():
    axes = comparison_figure(tables(repeats=1)[0], 257).axes[0]
    bands = [each for each in axes.collections if each.get_alpha()]
    assert not bands


def test_caption_says_where_a_reference_is_passed():
    said = caption()
    # 40 % at 1 shot and 51 % at 2: 48 % at 2^(8/11) = 1.7
    assert (
        "Above Bo et al. 2013 at 30 images a class (48 %): fewshot: tuned on vgg16 fc2 from 2 "
        "shots, crossing it at 1.7;" in said
    )
    # At 2 shots the interval is 51 -/+ 2.5: 50.2 lies inside it.
    assert "(50.2 %): fewshot: tuned on vgg16 fc2 from 2 shots, its interval from 4" in said
    assert "report, cached from 8 shots (its text says about 6), crossing it at 5.2" in said
    assert "report, end to end from 8 shots (its text says about 12), crossing it at 7.1" in said


def test_caption_changes_with_the_results():
    low = caption(accuracies=((1, 0.10), (2, 0.20), (4, 0.30)))
    assert "(48 %): fewshot: tuned on vgg16 fc2 at no number of shots;" in low
    high = caption(accuracies=((1, 0.70), (2, 0.80), (4, 0.90)))
    assert "(48 %): fewshot: tuned on vgg16 fc2 from 1 shot, the fewest measured;" in high
    assert "0 of 2 differences are above zero, 2 below, 0 the draws don't tell" in low
    assert "2 of 2 differences are above zero, 0 below, 0 the draws don't tell" in high


def test_distance_from_the_report_allows_for_its_single_draw():
    # s = 1 point, t = 4.303, n = 3: half width 4.303 sqrt(1 + 1/3) = 4.97
    said = caption(accuracies=((2, 0.46), (4, 0.46)))
    assert "less report, cached: +5.1 points [0.1, 10.1] at 2 and +2.6 points [-2.3, 7.6] at 4" in (
        said
    )
    assert "at 4 shots.\nThese intervals" in said  # a line of the figure on a line of text
    assert "1 of 2 differences are above zero, 0 below, 1 the draws don't tell" in said


def test_spread_of_one_draw_is_computed():
    said = caption()
    assert "of 8 test images a class (2056 in all), has a standard error of 1.0 to 1.0" in said
    assert "between the 3 repeats" in said


def test_one_repeat_claims_no_interval():
    said = caption(repeats=1)
    assert "With one repeat nothing tells" in said
    assert "interval at none" not in said
    assert "draws don't tell" not in said
    assert "+10.1 points at 2" in said


def test_a_dataset_that_stands_in_claims_nothing():
    said = caption(dataset="armenian")
    assert "armenian stands in for Caltech-256: the published numbers are of another task" in said
    assert "Above" not in said
    assert "less report" not in said
