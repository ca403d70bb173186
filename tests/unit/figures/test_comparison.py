import itertools
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from made_tables import EMPTY, make_basis
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.data.draws import Draws
from fewshot.figures.comparison import draw
from fewshot.figures.style import publish_figure
from fewshot.point import Point
from fewshot.results import published
from fewshot.results.comparison import (
    Compared,
    Surpassed,
    own_rows,
    published_rows,
    surpassed_rows,
)
from fewshot.results.questions import all_contrasts
from fewshot.results.statistics import mean_interval
from fewshot.study.figure_kinds import Figure

NUMBERS = ("reference_images", "first_shots", "sure_shots", "crossing", "claimed")
PATH = Path(published.__file__).with_name("published.csv")


def drawn(
    *,
    dataset="caltech256",
    role="caltech256",
    accuracies=((1, 0.40), (2, 0.51), (4, 0.60)),
    repeats=3,
    backbone="vgg16",
    heads=("tuned",),
    classes=257,
):
    """Draw a figure of a study whose repeats are 1 point apart, and tell it."""
    spread = 0.01 * (np.arange(repeats) - (repeats - 1) / 2)
    parts = [f"test_accuracy_{part}" for part in ("mean", "std", "low", "high")]
    summary = {
        Point(dataset, backbone, "fc2", "1", shots, head): {
            **dict(zip(parts, mean_interval(accuracy + spread), strict=True)),
            "repeats": repeats,
        }
        for head in heads
        for shots, accuracy in accuracies
    }
    rows = own_rows(summary, dict.fromkeys(heads, ""), role) + published_rows(PATH, dataset, role)
    surpassed = pd.DataFrame(surpassed_rows(rows, PATH), columns=Surpassed._fields)
    surpassed = surpassed.astype(dict.fromkeys(NUMBERS, float))
    basis = make_basis({}, dataset=dataset, comparison=rows, groups={})
    draws = {dataset: Draws(np.arange(classes), np.arange(classes), np.ones((classes, 1)))}
    study = EMPTY._replace(
        contrasts=all_contrasts(basis),
        comparison=pd.DataFrame(rows, columns=Compared._fields),
        surpassed=surpassed,
        tasks=draws,
    )
    return draw(Figure("comparison", "", dataset), study)


def comparison_figure(**changes):
    return drawn(**changes)[0]


def caption(**changes):
    return drawn(**changes)[1]


def lines_of(figure):
    return {line.get_label(): line for line in figure.axes[0].get_lines()}


def test_lines_of_all_methods():
    figure = comparison_figure()
    axes, lines = figure.axes[0], lines_of(figure)
    np.testing.assert_allclose(lines["fewshot: tuned on vgg16 fc2"].get_ydata(), [40, 51, 60])
    np.testing.assert_allclose(lines["original, cached"].get_ydata(), [40.9, 43.38, 61.9, 63.18])
    assert lines["original, cached"].get_linestyle() == ":"
    assert "chance: 1/257 = 0.39 %" in lines
    names = [text.get_text() for text in axes.texts]
    assert names[:2] == ["Ge & Yu 2017, fine-tuned", "VGG-16"]
    assert names[-1] == "Zeiler & Fergus 2013, from scratch"
    assert len(names) == 7
    assert axes.get_xticks().tolist() == [1, 2, 4, 8, 16, 30, 60]
    assert axes.get_xscale() == "log"


def test_the_originals_lines_look_the_same_beside_every_dataset():
    first, second = (
        lines_of(comparison_figure(dataset=name, role=name, classes=11))
        for name in ("caltech256", "urban_tribes")
    )
    for method in ("original, cached", "original, abstract"):
        looks = [
            (line[method].get_marker(), line[method].get_linestyle()) for line in (first, second)
        ]
        assert looks[0] == looks[1]
    looks = {
        first[f"original, {name}"].get_marker() for name in ("end to end", "cached", "abstract")
    }
    assert len(looks) == 3


def test_the_axis_starts_at_the_fewest_images_drawn():
    few = comparison_figure(role="urban_tribes").axes[0]
    many = comparison_figure(role="urban_tribes", accuracies=((4, 0.5), (8, 0.6)))
    for axes, least in ((few, 1), (many.axes[0], 2)):  # the original's fewest are 2
        assert axes.get_xticks()[0] == least
        assert least / 1.1 < axes.get_xlim()[0] < least


def test_names_beside_the_axis_do_not_touch():
    figure = comparison_figure()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in figure.axes[0].texts]
    assert all(above.y0 >= below.y1 for above, below in itertools.pairwise(boxes))


def test_what_names_no_images_is_a_level_line():
    figure = comparison_figure(dataset="urban_tribes", role="urban_tribes", classes=11)
    levels = [line for line in figure.axes[0].get_lines() if list(line.get_xdata()) == [0, 1]]
    assert sorted(line.get_ydata()[0] for line in levels) == [pytest.approx(100 / 11), 46, 71]


@pytest.mark.parametrize("classes", [2, 257])
def test_long_names_are_whole(classes):
    names = {"dataset": "a$b_c$" * 6, "backbone": "mobilenet_alpha_050_$x$"}
    heads = ("tuned_with_a_long_name", "sgd", "ridge", "another")
    figure = comparison_figure(**names, heads=heads, classes=classes)
    assert "stands in for Caltech-256" in figure.get_suptitle()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    box = figure.get_tightbbox(canvas.get_renderer())
    width, height = figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width
    assert box.y1 <= height


def test_one_repeat_has_no_band():
    axes = comparison_figure(repeats=1).axes[0]
    bands = [each for each in axes.collections if each.get_alpha()]
    assert not bands


def test_caption_says_which_is_the_highest_reference_that_is_surpassed():
    opening, finding = caption(accuracies=((1, 0.40), (2, 0.51), (4, 0.54))).split("\n\n")
    assert opening == (
        "Test accuracy on caltech256, in colours with 95 % intervals over draws and images, beside "
        "numbers for Caltech-256: the original in black, others in grey with the ± that they give."
    )
    # At 2 shots the interval is 51 -/+ 2.5: 50.2 lies inside it.
    said = "(50.2 %): fewshot: tuned on vgg16 fc2 from 2 shots, its interval from 4."
    assert finding.startswith("Above ")
    assert said in finding
    assert (
        caption()
        .split("\n\n")[1]
        .startswith(
            "Above Bo et al. 2013 at 60 images a class (55.2 %): fewshot: tuned on vgg16 fc2 from 4 shots."
        )
    )


def test_of_several_lines_the_first_above_a_reference_is_named():
    said = caption(heads=("tuned", "ridge"))
    assert "fewshot: tuned on vgg16 fc2 from 4 shots" in said
    assert "ridge" not in said


def test_caption_changes_with_the_results():
    low = caption(accuracies=((1, 0.10), (2, 0.20), (4, 0.30)))
    assert "No published number is surpassed." in low
    high = caption(accuracies=((1, 0.70), (2, 0.80), (4, 0.90)))
    assert "%): fewshot: tuned on vgg16 fc2 from " in high
    assert "(50.2 %)" not in high  # higher ones are surpassed


def test_an_interval_that_is_nowhere_above_is_told():
    # 49 -/+ 2.5 at the most shots
    said = caption(accuracies=((1, 0.40), (2, 0.49)))
    assert "(48 %): fewshot: tuned on vgg16 fc2 from 2 shots, its interval at none." in said


def test_distance_from_the_original_allows_for_its_single_draw():
    # s = 1 point, t = 4.303, n = 3: half width 4.303 sqrt(1 + 1/3) = 4.97
    line = "fewshot: tuned on vgg16 fc2 less original, cached"
    said = caption(accuracies=((2, 0.40), (4, 0.46)))
    assert f"{line}, 4-shot: +2.6 points [-2.3, 7.6] (zero lies inside" in said
    assert "2-shot" not in said
    assert f"{line}, 2-shot: +5.1 points [0.1, 10.1]." in caption(accuracies=((2, 0.46),))


def test_of_one_repeat_the_distance_has_no_interval():
    said = caption(repeats=1)
    assert "95 % intervals over images," in said
    assert "4-shot: +16.6 points, of one draw, without an interval" in said


def test_a_dataset_that_stands_in_claims_nothing():
    opening, finding = caption(dataset="armenian").split("\n\n")
    assert "Test accuracy on armenian" in opening
    assert finding == (
        "armenian stands in for Caltech-256: of another task, the published numbers are held "
        "against nothing."
    )


def test_every_number_is_said_on_hovering(tmp_path):
    publish_figure(comparison_figure(), "", tmp_path / "a.png")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    said = {each.text for each in root.iter("{http://www.w3.org/2000/svg}title")}
    line = "fewshot: tuned on vgg16 fc2"
    assert f"{line}, 1 training image a class: 40.0 % [37.5, 42.5]" in said
    assert "original, cached, 8 training images a class: 61.9 %" in said
    assert any(
        text.startswith("Bo et al. 2013, 30 training images a class: 48.0 %") for text in said
    )
