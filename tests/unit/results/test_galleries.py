import math

import numpy as np
import pytest

from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.results.classes import Confusion
from fewshot.results.galleries import (
    MOST_SHOWN,
    Shown,
    galleries,
    largest_confusions,
    on_map,
    shown_images,
    wrong_most_surely,
)
from fewshot.results.images import JudgedImage
from fewshot.results.neighbours import Neighbour, Placed

RIGHT = {
    "class_name": "ibis",
    "tested": 4,
    "right": 1.0,
    "confidence": 0.9,
    "right_by_all": 1.0,
    "judged": 9,
    "probability": 0.9,
    "taken_for": "",
}


def images_of(*changes, dataset="birds"):
    """Images that are named rightly but for these changes; suspicion by probability."""
    rows = [RIGHT | change for change in changes]
    order = np.argsort([row["probability"] for row in rows], kind="stable")
    places = {int(row): place for place, row in enumerate(order, 1)}
    return [
        JudgedImage(dataset=dataset, row=row, image=f"{row}.png", suspicion=places[row], **each)
        for row, each in enumerate(rows)
    ]


def pool_of(images):
    return [PoolRow(each.row, each.image, each.class_name, 0, "", "") for each in images]


def galleries_of(images, neighbours=(), manifest=()):
    found = galleries("birds", images, neighbours, manifest, pool_of(images))
    return {gallery.key: gallery.shown for gallery in found}


def paths(shown):
    return [each.image for each in shown]


WRONG = {"right": 0.0, "taken_for": "jay"}


def test_wrong_ones_come_surest_first():
    images = images_of(
        {},
        WRONG | {"confidence": 0.6},
        WRONG | {"confidence": 0.8, "right": 0.25},
        WRONG | {"confidence": 0.99, "right": 0.5},  # as often right as wrong
        WRONG | {"confidence": math.nan, "right": math.nan, "tested": 0},
    )
    shown = galleries_of(images)["wrong"]
    assert paths(shown) == ["2.png", "1.png"]
    assert shown[0][1:4] == ("ibis", "jay", 0.8)
    assert wrong_most_surely(images) == [images[2], images[1]]
    assert wrong_most_surely(images, 1) == [images[2]]


def test_a_wrong_one_has_the_nearest_training_images_of_one_repeat_beside():
    images = images_of(WRONG, {"class_name": "jay"}, {}, WRONG | {"confidence": 0.1})
    near = [(0, 3, 1, 2), (0, 1, 2, 1), (0, 1, 1, 2)]  # row, repeat, place, neighbour
    neighbours = [Neighbour("birds", *each, 0.5) for each in near]
    elsewhere = [Neighbour("fish", 0, 0, 1, 2, 0.5)]
    first, second = galleries_of(images, elsewhere + neighbours)["wrong"]
    assert [each[:2] for each in first.beside] == [("2.png", "ibis"), ("1.png", "jay")]
    assert len(second.beside) == 0


def test_labels_that_are_rather_believed_are_not_to_look_at():
    images = images_of(
        *({"probability": each} for each in (0.9, 0.2, 0.4, 0.51, math.nan)),
    )
    shown = galleries_of(images)["labels"]
    assert paths(shown) == ["1.png", "2.png"]
    assert [each.probability for each in shown] == [0.2, 0.4]


def test_what_no_head_names_rightly():
    images = images_of({"right_by_all": 0.0}, {"right_by_all": 0.1}, {"right_by_all": math.nan})
    assert paths(galleries_of(images)["never"]) == ["0.png"]


def test_empty_galleries_are_left_out():
    assert galleries_of(images_of({}, {})) == {}


def test_a_gallery_has_an_end_and_other_datasets_are_none_of_its_business():
    images = images_of(*[WRONG] * (MOST_SHOWN + 5))
    others = images_of(*[WRONG | {"confidence": 1.0, "class_name": "cod"}] * 5, dataset="fish")
    shown = galleries("birds", others + images, [], [], pool_of(images))[0].shown
    assert paths(shown) == [f"{row}.png" for row in range(MOST_SHOWN)]
    assert {each.class_name for each in shown} == {"ibis"}


def manifest_row(image, class_name, status="ok", group="g", reason=""):
    return ManifestRow(image, class_name, status=status, group=group, reason=reason)


MANIFEST = [
    manifest_row("a copy.png", "ibis", "copy", "b", "same picture as the first.png"),
    manifest_row("same group.png", "ibis", "ok", "b"),
    manifest_row("the first.png", "ibis", "ok", "b"),
    manifest_row("turned.png", "ibis", "copy", "b", "mirrored or turned, the first.png"),
    manifest_row("lone.png", "ibis", "ok", "c"),
    manifest_row("two.png", "jay", "disputed", "d", "same picture as one.png of class ibis"),
    manifest_row("one.png", "ibis", "disputed", "d", "same picture as two.png of class jay"),
    manifest_row("kept.png", "ibis", "disputed", "e", "same picture as out.png of class fog"),
    manifest_row("out.png", "fog", "disputed", "e", "same picture as kept.png of class ibis"),
    manifest_row("no image.png", "ibis", "rejected", "", "empty file"),
]


def test_disputed_ones_come_before_copies_and_what_they_are_copies_of():
    images = images_of({}, {"class_name": "jay"})
    shown = galleries_of(images, (), MANIFEST)["copies"]
    # Class fog is excluded, so that the picture it shares with ibis is one of ibis.
    assert paths(shown) == ["one.png", "two.png", "a copy.png", "the first.png", "turned.png"]
    assert shown[0][:3] == ("one.png", "ibis", "same picture as two.png of class jay")
    assert all(math.isnan(each.probability) for each in shown)
    assert shown[3] == Shown("the first.png", "ibis", "", shown[3].probability)


def confusion_of(*cells, dataset="birds"):
    return [Confusion(dataset, *cell) for cell in cells]


def test_the_largest_confusions_have_an_image_of_each_class():
    cells = confusion_of(
        ("ibis", "ibis", 90, 0.9),
        ("ibis", "jay", 10, 0.1),
        ("jay", "ibis", 30, 0.3),
        ("kite", "ibis", 20, 0.3),
        ("jay", "jay", 70, 0.7),
    )
    fish = confusion_of(("cod", "eel", 90, 0.9), dataset="fish")
    images = images_of(
        {"class_name": "ibis", "right": 1.0, "probability": 0.5},
        {"class_name": "ibis", "right": 1.0, "probability": 0.8},
        {"class_name": "ibis", "right": 1.0, "probability": 0.9, "tested": 0},
        {"class_name": "jay", "right": 0.5, "taken_for": "ibis", "confidence": 0.9},
        {"class_name": "jay", "right": 0.0, "taken_for": "ibis", "confidence": 0.2},
        {"class_name": "jay", "right": 0.0, "taken_for": "ibis", "confidence": 0.6},
        {"class_name": "ibis", "right": 0.9, "taken_for": "kite"},
    )
    found = largest_confusions("birds", fish + cells, images)
    assert [(each.confusion.class_name, each.confusion.named) for each in found] == [
        *(("jay", "ibis"), ("kite", "ibis"), ("ibis", "jay")),
    ]
    assert [(each.image, each.other) for each in found] == [
        *(("5.png", "1.png"), ("", "1.png"), ("", "3.png")),
    ]
    assert largest_confusions("birds", cells, images, 1) == found[:1]


def place(points):
    return [Placed("birds", row, *map(float, point), 1) for row, point in enumerate(points)]


def test_few_images_that_lie_apart_are_all_on_the_map():
    corners = place([(0, 0), (1, 1), (0, 1), (1, 0), (0.5, 0.5)])
    assert sorted(on_map(corners), key=lambda each: each.row) == corners


def test_of_images_in_one_place_one_is_on_the_map():
    assert len(on_map(place([(0.31, 0.31), (0.325, 0.325), (0.33, 0.33)]))) == 1
    # A cell of 20 from 0.3 to 0.35: the second lies in its middle.
    assert on_map(place([(0.31, 0.31), (0.325, 0.325), (0.33, 0.33)]))[0].row == 1


def test_of_images_in_one_place_a_wrong_one_is_on_the_map():
    right, wrong = place([(0.325, 0.325), (0.31, 0.31)])
    assert on_map([right, wrong._replace(right=0)]) == [wrong._replace(right=0)]


def test_a_map_of_many_is_thinned_evenly():
    rng = np.random.default_rng(0)
    placed = place(rng.random((3000, 2)))
    chosen = on_map(placed, 50)
    assert 40 <= len(chosen) <= 50
    quarters = [(each.x > 0.5, each.y > 0.5) for each in chosen]
    assert all(quarters.count(one) >= 8 for one in {*quarters})
    assert on_map(placed[::-1], 50) == chosen
    assert on_map([]) == []


def test_every_image_that_is_shown_is_listed_once():
    images = images_of(
        WRONG | {"probability": 0.1, "right_by_all": 0.0, "confidence": 0.7},
        {"class_name": "jay", "probability": 0.99},
        {},
        {},
        {},
    )
    neighbours = [Neighbour("birds", 0, 0, 1, 3, 0.5)]
    cells = confusion_of(("ibis", "jay", 1, 0.5))
    placed = [Placed("birds", 2, 0.5, 0.5, 1), Placed("fish", 4, 0.5, 0.5, 1)]
    pool = pool_of(images)
    found = shown_images("birds", images, cells, placed, neighbours, MANIFEST, pool)
    copies = ["a copy.png", "one.png", "the first.png", "turned.png", "two.png"]
    assert found == ["0.png", "1.png", "2.png", "3.png", *copies]


@pytest.mark.parametrize("name", ["<b>\n.png", "$\\frac{.png", "=1+1", "\u202egnp"])
def test_names_are_kept_as_they_are(name):
    images = [images_of(WRONG)[0]._replace(image=name, class_name=name, taken_for=name)]
    shown = galleries_of(images)["wrong"]
    assert shown[0][:3] == (name, name, name)
