import itertools
from xml.etree import ElementTree

import numpy as np
import pytest
from made_answers import HOSTILE, POINT, choice, make_answers, names_of
from whole_figures import assert_whole, text_boxes

from fewshot.figures.maps import draw, draw_pictures
from fewshot.figures.style import publish_figure
from fewshot.figures.vector import Photograph
from fewshot.study.figure_kinds import Figure

FIGURE = Figure("map", "", "birds")
LONG = ("145.motorbikes-of-$very$_many_kinds-101",)


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def offsets(axes):
    return {
        each.get_label(): each.get_offsets().tolist()
        for each in axes.collections
        if not each.get_label().startswith("_")
    }


@pytest.mark.parametrize("classes", [2, 20])
def test_few_classes_have_colours_and_wrong_ones_rings(classes):
    study = make_answers(classes)
    figure, _ = draw(FIGURE, study)
    (axes,) = figure.axes
    assert legend(figure) == [*names_of(classes), "wrong"]
    found = offsets(axes)
    for number, name in enumerate(names_of(classes)):
        own = study.map[4 * number : 4 * number + 4]
        np.testing.assert_allclose(found[name], [(each.x, each.y) for each in own])
    wrong = [(each.x, each.y) for each in study.map if not each.right]
    np.testing.assert_allclose(found["wrong"], wrong)
    looks = {
        (each.get_paths()[0].vertices.tobytes(), bool(each.get_facecolors()[0].min() == 1))
        for each in axes.collections[:classes]
    }
    assert len(looks) == classes  # told apart without colour
    assert_whole(figure)


@pytest.mark.parametrize("classes", [21, 66, 257])
def test_many_classes_are_right_or_wrong(classes):
    study = make_answers(classes)
    figure, _ = draw(FIGURE, study)
    found = offsets(figure.axes[0])
    assert legend(figure) == [*found] == ["right", "wrong"]
    for name, right in (("right", 1), ("wrong", 0)):
        own = [(each.x, each.y) for each in study.map if each.right == right]
        np.testing.assert_allclose(found[name], own)
    assert_whole(figure)


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("names", [HOSTILE, LONG])
@pytest.mark.parametrize("classes", [2, 20])
def test_no_name_breaks_the_figure(classes, names):
    figure, _ = draw(FIGURE, make_answers(classes, names))
    assert_whole(figure)
    map_box = figure.axes[0].get_window_extent()
    assert map_box.width > 0.4 * figure.bbox.width
    assert not any(box.overlaps(map_box) for box in text_boxes(figure).values())


def test_both_axes_have_one_scale():
    for drawn in (draw, draw_pictures):
        figure, _ = drawn(FIGURE, make_answers(12))
        text_boxes(figure)
        transform = figure.axes[0].transData.transform
        origin, right, up = transform([(0, 0), (1, 0), (0, 1)])
        assert right[0] - origin[0] == pytest.approx(up[1] - origin[1])


@pytest.mark.parametrize("classes", [2, 66, 257])
def test_photographs_lie_near_their_places_and_hide_no_other(classes):
    study = make_answers(classes)
    figure, _ = draw_pictures(FIGURE, study)
    text_boxes(figure)
    found = figure.findobj(Photograph)
    assert min(classes, 30) <= len(found) <= 200
    boxes = [each.box() for each in found]
    frame = figure.axes[0].get_window_extent()
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    for box in boxes:
        assert frame.x0 <= box.x0 <= box.x1 <= frame.x1
        assert frame.y0 <= box.y0 <= box.y1 <= frame.y1
    places = figure.axes[0].transData.transform([(each.x, each.y) for each in study.map])
    for box in boxes:
        middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        assert np.abs(places - middle).max(axis=1).min() <= 0.6 * max(box.width, box.height)
    assert_whole(figure)


def test_wrong_photographs_have_a_frame():
    study = make_answers(66)
    figure, _ = draw_pictures(FIGURE, study)
    jpegs = {study.thumbnails["birds"][each.image]: each.right for each in study.images}
    framed = [each for each in figure.findobj(Photograph) if each.frame]
    assert 0 < len(framed) < len(figure.findobj(Photograph))
    assert {jpegs[each.jpeg] for each in framed} == {0.0}


def test_an_image_without_a_thumbnail_is_a_point():
    study = make_answers(3)
    few = dict([*study.thumbnails["birds"].items()][:1])
    figure, _ = draw_pictures(FIGURE, study._replace(thumbnails={"birds": few}))
    assert len(figure.findobj(Photograph)) <= 1
    assert len(figure.axes[0].collections[0].get_offsets()) == 12


@pytest.mark.parametrize("drawn", [draw, draw_pictures])
def test_every_image_says_what_it_is_on_hovering(tmp_path, drawn):
    figure, caption = drawn(FIGURE, make_answers(3))
    publish_figure(figure, caption, tmp_path / "a.png")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    said = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "ibis/0.jpg: ibis, wrong, mostly taken for owl1" in said
    if drawn is draw:
        assert len(said) == 12
        assert "owl1/3.jpg: owl1, right" in said


def test_the_caption_says_what_is_drawn_and_the_largest_confusion():
    opening, finding = draw(FIGURE, make_answers(3))[1].split("\n\n")
    assert opening == (
        "Test images of the first repeat of birds by t-SNE: near each other where vgg16 · fc2 is "
        "alike. With rings: named wrongly."
    )
    assert finding == "Most often confused: ibis, 25 % named owl1."
    assert "With crosses: named wrongly." in draw(FIGURE, make_answers(21))[1]
    assert "With orange frames: named wrongly." in draw_pictures(FIGURE, make_answers(21))[1]
    assert draw(FIGURE, make_answers(3, wrong=0))[1].endswith("No class is ever named another.")


def test_the_layer_is_the_one_that_has_coordinates():
    whole = POINT._replace(layer="top", head="whole")
    study = make_answers(3)._replace(solvers={"whole": "end_to_end", "tuned": "logistic"})
    figure, _ = draw(FIGURE, study._replace(choices=[choice(whole), choice(POINT, 2, 0)]))
    assert figure.get_suptitle().endswith("\nvgg16 · fc2")
