"""The map and the nearest images, against scikit-learn on handwritten digits."""

import numpy as np
import pytest
from made_answers import POINT, choice
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from fewshot.data.draws import TEST, TRAINED, Draws
from fewshot.heads.predictions import Predictions
from fewshot.results.neighbours import (
    NEAREST,
    embed,
    mapped_choice,
    nearest_trained,
    place_tests,
    placed_rows,
)

DIGITS, LABELS = load_digits(return_X_y=True)
DIGITS = DIGITS[:400].astype(np.float32)
LABELS = LABELS[:400]


def make_draws(tested, repeats=2, labels=LABELS):
    """Draw images 0, 1, ... of each class in turn: the first are tested in the first repeat."""
    places = np.zeros((len(labels), repeats), int)
    for repeat in range(repeats):
        for label in np.unique(labels):
            own = np.roll(np.flatnonzero(labels == label), -repeat * tested)
            places[own, repeat] = np.maximum(np.arange(len(own)) - tested + 1, 0)
    return Draws(labels, np.arange(len(labels)), places)


def make_predictions(draws, wrong):
    """Name every test image rightly but for some (repeat, row)."""
    role = np.where(draws.places.T == 0, TEST, TRAINED).astype(np.int8)
    rank = np.zeros(role.shape, np.uint8)
    rank[tuple(np.transpose(wrong))] = 1
    return Predictions(role, rank, rank, np.ones(role.shape), np.ones(role.shape))


def read(rows):
    assert (np.diff(rows) > 0).all()  # as coordinates are read
    return DIGITS[rows]


def test_the_map_keeps_neighbours():
    places = embed(DIGITS)
    assert trustworthiness(DIGITS, places, n_neighbors=10) > 0.97
    shuffled = np.random.default_rng(0).permutation(places)
    assert trustworthiness(DIGITS, shuffled, n_neighbors=10) < 0.6


def test_the_same_images_give_the_same_map_on_any_number_of_cores():
    from threadpoolctl import threadpool_limits

    with threadpool_limits(2):
        first = embed(DIGITS[:150])
    np.testing.assert_array_equal(first, embed(DIGITS[:150]))


def test_both_axes_have_one_scale_and_the_first_is_the_wider():
    for images in (30, 400):
        places = embed(DIGITS[:images])
        assert places.min() == pytest.approx(0)
        assert places.max() == pytest.approx(1)
        assert np.ptp(places[:, 1]) < np.ptp(places[:, 0]) == pytest.approx(1)
        np.testing.assert_allclose(places.min(axis=0) + places.max(axis=0), 1)


@pytest.mark.parametrize("images", [1, 2, 3, 4, 7, 31])
@pytest.mark.parametrize("numbers", [1, 2, 64])
def test_few_images_and_few_numbers_have_a_place(images, numbers):
    places = embed(DIGITS[:images, -numbers - 2 : -2])
    assert places.shape == (images, 2)
    assert np.isfinite(places).all()


def test_images_that_are_all_alike_lie_in_the_middle():
    np.testing.assert_array_equal(embed(np.ones((5, 3), np.float32)), np.full((5, 2), 0.5))


def test_the_scale_of_coordinates_does_not_matter():
    # A power of 2 rounds nothing.
    np.testing.assert_array_equal(embed(64 * DIGITS[:50]), embed(DIGITS[:50]))


def test_of_too_many_images_classes_have_as_many():
    draws = make_draws(10)
    assert placed_rows(draws).tolist() == draws.test_rows(0).tolist()
    chosen = placed_rows(draws, 25)
    assert len(chosen) == 25
    assert {*chosen} <= {*draws.test_rows(0)}
    assert sorted(np.bincount(LABELS[chosen])) == [2] * 5 + [3] * 5
    assert {*chosen} < {*placed_rows(draws, 26)}
    assert (np.diff(chosen) > 0).all()


def test_a_test_image_is_where_its_coordinates_lie_and_right_where_it_is():
    draws = make_draws(4)
    rows = draws.test_rows(0)
    predictions = make_predictions(draws, [(0, rows[3]), (1, draws.test_rows(1)[0])])
    placed = place_tests("birds", draws, predictions, read)
    assert [each.row for each in placed] == rows.tolist()
    np.testing.assert_array_equal([(each.x, each.y) for each in placed], embed(DIGITS[rows]))
    assert [each.row for each in placed if not each.right] == [rows[3]]
    assert {each.dataset for each in placed} == {"birds"}


def test_nearest_training_images_are_those_of_scikit_learn():
    draws, shots = make_draws(6), 20
    first, second = draws.test_rows(0)[[5, 40]], draws.test_rows(1)[[7, 12, 30]]
    wrong = [*((0, row) for row in first), *((1, row) for row in second)]
    rows = [*second, *first]
    found = nearest_trained("birds", rows, shots, draws, make_predictions(draws, wrong), read)
    assert [each.row for each in found] == np.repeat(rows, NEAREST).tolist()
    for repeat, own in ((0, first), (1, second)):
        trained = draws.training_rows(repeat, shots)
        # As heads see them: see fewshot.heads.eigenbasis.
        centred = DIGITS[trained] - DIGITS[trained].mean(axis=0)
        unit = np.sqrt((centred**2).sum(axis=1).mean())
        finder = NearestNeighbors(n_neighbors=NEAREST).fit(DIGITS[trained] / unit)
        distances, nearest = finder.kneighbors(DIGITS[own] / unit)
        for row, expected, images in zip(own, distances, trained[nearest], strict=True):
            ours = [each for each in found if each.row == row]
            assert [each.neighbour for each in ours] == images.tolist()
            assert [(each.repeat, each.place) for each in ours] == [(repeat, n) for n in (1, 2, 3)]
            np.testing.assert_allclose([each.distance for each in ours], expected, rtol=1e-5)


def test_the_repeat_is_the_first_in_which_the_image_is_wrong():
    draws = make_draws(30, repeats=3)
    row = next(row for row in draws.test_rows(0) if (draws.places[row] == 0).all())
    found = nearest_trained("b", [row], 2, draws, make_predictions(draws, [(2, row)]), read)
    assert {each.repeat for each in found} == {2}
    assert {*draws.training_rows(2, 2)} > {each.neighbour for each in found}


def test_an_image_that_is_never_wrong_has_no_neighbours():
    draws = make_draws(4)
    row = draws.test_rows(0)[0]
    assert nearest_trained("b", [row], 2, draws, make_predictions(draws, [(1, row)]), read) == []


def test_fewer_training_images_are_fewer_neighbours():
    labels = np.repeat([0, 1], 4)
    draws = make_draws(3, 1, labels)
    predictions = make_predictions(draws, [(0, 0)])
    found = nearest_trained("b", [0], 1, draws, predictions, lambda rows: DIGITS[rows])
    assert len(found) == 2


def test_the_mapped_layer_is_the_recommended_one_that_has_coordinates():
    ends, cached = POINT._replace(layer="top", head="whole"), POINT._replace(layer="fc1")
    fewer = POINT._replace(shots=8)
    choices = [
        choice(ends, 1, 1),
        choice(POINT, 3, 0),
        choice(cached, 2, 0),
        choice(fewer, 1, 1),
    ]
    folders = {POINT.folder, cached.folder}
    assert mapped_choice(choices, folders)["birds"].point == cached
    assert mapped_choice(choices, {*folders, ends.folder})["birds"].point == ends
    assert mapped_choice(choices, {fewer._replace(layer="x").folder}) == {}


def test_where_only_the_network_itself_was_run_at_the_most_shots_fewer_are_mapped():
    ends = POINT._replace(layer="top", head="whole")
    cached = [POINT._replace(shots=shots) for shots in (1, 2)]
    choices = [choice(ends, 1, 1), *(choice(point, 1, 1) for point in cached)]
    assert mapped_choice(choices, {POINT.folder})["birds"].point == cached[1]
