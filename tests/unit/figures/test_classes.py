import math

import numpy as np
import pytest
from made_answers import HOSTILE, SHORT, make_answers, names_of
from whole_figures import assert_whole

from fewshot.figures.classes import draw
from fewshot.figures.style import publish_figure
from fewshot.figures.vector import Hover
from fewshot.study.figure_kinds import Figure

FIGURE = Figure("classes", "", "birds")


def drawn(classes, *args, **changes):
    return draw(FIGURE, make_answers(classes, *args, **changes))


def names(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def means(axes):
    return axes.collections[-1].get_offsets()[:, 0]


def test_bars_by_hand():
    figure, _ = drawn(4)  # of the even ones 3 of 4 are right
    (axes,) = figure.axes
    assert names(axes) == ["ibis", "swan2", "owl1", "tern3"]
    np.testing.assert_allclose([bar.get_width() for bar in axes.patches], [75, 75, 100, 100])
    np.testing.assert_allclose(means(axes), [75, 75, 100, 100])
    intervals = [path.vertices[:, 0].tolist() for path in axes.collections[0].get_paths()]
    np.testing.assert_allclose(intervals, [[65, 87.5], [65, 87.5], [90, 100], [90, 100]])
    top, bottom = axes.transData.transform([(0, 0), (0, 3)])[:, 1]
    assert top > bottom  # the lowest stands on top
    overall, chance = axes.get_lines()[:2]
    assert set(overall.get_xdata()) == {87.5}
    assert set(chance.get_xdata()) == {25}
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "all test images: 87.5 %",
        "chance: 1/4 = 25 %",
        "a class, with its 95 % interval",
    ]
    assert figure.get_suptitle() == "birds: accuracy of each class\nvgg16 · fc2 · 16-shot · tuned"


@pytest.mark.parametrize("classes", [2, 20, 33, 40])
def test_up_to_forty_classes_all_are_named(classes):
    figure, _ = drawn(classes)
    found = [name for axes in figure.axes for name in names(axes)]
    assert sorted(found) == sorted(names_of(classes))
    assert len(figure.axes) == (1 if classes <= 20 else 2)
    accuracies = np.concatenate([means(axes) for axes in figure.axes])
    assert (np.diff(accuracies) >= 0).all()
    assert_whole(figure)


@pytest.mark.parametrize("classes", [41, 66, 257])
def test_of_more_the_ends_are_named_and_all_are_a_curve(classes):
    figure, _ = drawn(classes)
    curve, low, high = figure.axes
    line = curve.get_lines()[0]
    assert line.get_xdata().tolist() == [*range(1, classes + 1)]
    assert (np.diff(line.get_ydata()) >= 0).all()
    np.testing.assert_allclose(line.get_ydata()[:20], means(low))
    np.testing.assert_allclose(line.get_ydata()[-20:], means(high))
    assert (len(names(low)), len(names(high))) == (20, 20)
    assert not {*names(low)} & {*names(high)}
    assert [axes.get_title(loc="left") for axes in (low, high)] == [
        "the 20 lowest classes",
        "the 20 highest classes",
    ]
    assert_whole(figure)


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("classes", [2, 20, 33, 257])
def test_no_name_breaks_the_figure(classes):
    assert_whole(drawn(classes, HOSTILE)[0])
    assert_whole(drawn(classes, ("145.motorbikes-of-$very$_many_kinds-101",))[0])


def test_every_class_has_its_numbers_on_hovering(tmp_path):
    figure, caption = drawn(257)
    publish_figure(figure, caption, tmp_path / "a.png")
    svg = (tmp_path / "a.svg").read_text()
    assert svg.count("<title>") == 257 + 40
    said = "ibis: 75.0 % [65.0, 87.5] of 8 judgements of 4 images, 25 % named owl1"
    assert svg.count(f"<title>{said}</title>") == 2
    assert len(svg) < 300_000
    assert len(drawn(4)[0].findobj(Hover)) == 1


def test_another_dataset_is_not_drawn():
    study = make_answers(3)
    others = [row._replace(dataset="fish", class_name="pike") for row in study.classes]
    figure, _ = draw(FIGURE, study._replace(classes=others + study.classes))
    assert "pike" not in names(figure.axes[0])


def test_a_class_without_an_interval_is_drawn():
    study = make_answers(3)
    bare = [row._replace(low=math.nan, high=math.nan) for row in study.classes]
    figure, _ = draw(FIGURE, study._replace(classes=bare))
    assert_whole(figure)


def test_the_caption_names_the_lowest():
    opening, finding = drawn(4)[1].split("\n\n")
    assert opening == (
        "Accuracy of each class: vgg16 · fc2 · 16-shot · tuned on birds, 2 repeats, 95 % intervals "
        "over draws and images."
    )
    assert finding == "Lowest: ibis 75 % (25 % named owl1) and swan2 75 % (25 % named tern3)."
    study = make_answers(2, SHORT, wrong=4)
    assert draw(FIGURE, study)[1].endswith("Lowest: ibis 0 % (100 % named owl1) and owl1 100 %.")
    assert drawn(4, wrong=0)[1].endswith("No image of any class is named wrongly.")
