from xml.etree import ElementTree

import numpy as np
import pytest
from made_answers import HOSTILE, make_answers, names_of
from whole_figures import assert_whole, text_boxes

from fewshot.figures.confusion import draw
from fewshot.figures.style import publish_figure
from fewshot.figures.vector import Photograph
from fewshot.study.figure_kinds import Figure

FIGURE = Figure("confusion", "", "birds")
LONG = ("145.motorbikes-of-$very$_many_kinds-101",)


def drawn(classes, *args, **changes):
    return draw(FIGURE, make_answers(classes, *args, **changes))


def cells(axes):
    """Shares of a matrix by the names of row and column."""
    (shades,) = (each for each in axes.collections if each.get_array() is not None)
    rows, columns = (
        [label.get_text() for label in labels]
        for labels in (axes.get_yticklabels(), axes.get_xticklabels())
    )
    corners = [path.vertices[0].astype(int) for path in shades.get_paths()]
    values = shades.get_array().tolist()
    return {(rows[y], columns[x]): value for (x, y), value in zip(corners, values, strict=True)}


def texts(figure):
    return [text.get_text() for text in text_boxes(figure)]


def test_a_matrix_by_hand():
    figure, _ = drawn(4)
    axes = figure.axes[0]
    assert cells(axes) == {
        ("ibis", "ibis"): 75,
        ("ibis", "owl1"): 25,
        ("owl1", "owl1"): 100,
        ("swan2", "swan2"): 75,
        ("swan2", "tern3"): 25,
        ("tern3", "tern3"): 100,
    }
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("class given", "class named")
    assert [text.get_text() for text in axes.texts] == ["75", "25", "100", "75", "25", "100"]
    assert figure.get_suptitle().startswith("birds: classes and what they are named\n")
    # Rows run down, as one reads.
    top, bottom = axes.transData.transform([(0, 0), (0, 4)])[:, 1]
    assert top > bottom


def test_confused_classes_lie_together():
    study = make_answers(20)
    apart = {name: names_of(20)[(n + 7) % 20] for n, name in enumerate(names_of(20))}
    confusion = [
        row._replace(named=apart[row.class_name]) if row.named != row.class_name else row
        for row in study.confusion
    ]
    axes = draw(FIGURE, study._replace(confusion=confusion))[0].axes[0]
    order = [label.get_text() for label in axes.get_yticklabels()]
    gaps = [
        abs(order.index(row.class_name) - order.index(row.named))
        for row in confusion
        if row.named != row.class_name
    ]
    assert len(gaps) == 10
    assert np.mean(gaps) < 3  # as the classes come, 7 or 13


def test_more_is_darker_and_no_number_is_lost_on_its_shade():
    figure, _ = drawn(4)
    axes = figure.axes[0]
    text_boxes(figure)
    (shades,) = (each for each in axes.collections if each.get_array() is not None)
    lightness = shades.get_facecolors()[:, :3] @ [0.2126, 0.7152, 0.0722]
    order = np.argsort(shades.get_array())
    assert (np.diff(lightness[order]) <= 0).all()
    for text, light in zip(axes.texts, lightness, strict=True):
        assert abs(light - (text.get_color() == "white")) > 0.4


@pytest.mark.parametrize("classes", [2, 3, 12, 13, 20, 33, 40])
def test_up_to_forty_classes_are_a_matrix_with_all_names(classes):
    figure, _ = drawn(classes)
    axes = figure.axes[0]
    for labels in (axes.get_yticklabels(), axes.get_xticklabels()):
        assert sorted(label.get_text() for label in labels) == sorted(names_of(classes))
    assert bool(axes.texts) == (classes <= 12)
    assert figure.get_size_inches()[0] <= 10
    assert_whole(figure)


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("names", [HOSTILE, LONG])
@pytest.mark.parametrize("classes", [2, 12, 33, 66])
def test_no_name_breaks_the_figure(classes, names):
    assert_whole(drawn(classes, names)[0])


@pytest.mark.parametrize("classes", [41, 66, 257])
def test_of_more_the_largest_confusions_are_listed_with_photographs(classes):
    study = make_answers(classes)
    larger = [
        row._replace(share=0.5, judged=4) if row.class_name == "swan10" else row
        for row in study.confusion
    ]
    figure, caption = draw(FIGURE, study._replace(confusion=larger))
    said = texts(figure)
    assert [text for text in said if text.endswith(" %")] == ["50 %"] + ["25 %"] * 19
    assert said[said.index("50 %") : said.index("50 %") + 3] == ["50 %", "swan10", "named tern11"]
    assert len(figure.findobj(Photograph)) == 40
    assert_whole(figure)
    assert caption.endswith("Most often confused: swan10, 50 % named tern11.")


def test_photographs_hide_no_text_and_no_other():
    figure, _ = drawn(66)
    boxes = [*text_boxes(figure).values(), *(each.box() for each in figure.findobj(Photograph))]
    assert not any(
        one.overlaps(other)
        for place, one in enumerate(boxes)
        for other in boxes[:place]
        if one in boxes[-40:]
    )


def test_without_photographs_there_are_names_and_shares():
    figure, _ = drawn(66, shown=False)
    assert not figure.findobj(Photograph)
    assert "ibis" in texts(figure)
    assert_whole(figure)


@pytest.mark.parametrize("classes", [3, 66])
def test_no_confusion_is_said(classes):
    figure, caption = drawn(classes, wrong=0)
    assert caption.endswith("No class is ever named another.")
    assert_whole(figure)


def test_the_caption_says_what_is_drawn_and_the_largest():
    opening, finding = drawn(4)[1].split("\n\n")
    assert opening == (
        "Share of each class's test images (row) that is named each class (column): "
        "vgg16 · fc2 · 16-shot · tuned on birds."
    )
    assert finding == "Most often confused: ibis, 25 % named owl1."


def test_every_cell_has_its_numbers_on_hovering(tmp_path):
    figure, caption = drawn(4)
    publish_figure(figure, caption, tmp_path / "a.png")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert not [*root.iter("{http://www.w3.org/2000/svg}image")]  # all can be turned dark
    said = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert said[:2] == ["ibis named itself: 75 %, 6 times", "ibis named owl1: 25 %, 2 times"]
    assert len(said) == 6
