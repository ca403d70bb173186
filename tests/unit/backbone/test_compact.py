"""Compaction loses nothing: inner products stay, on rows of every kind."""

import numpy as np
import pytest

from fewshot.backbone.activations import COLUMNS
from fewshot.backbone.compact import class_scores, coordinates_of, factor, gram, soften
from fewshot.errors import InputError


def rectified(rows, width, seed=0):
    """Numbers as behind a ReLU: about half of them zero."""
    rng = np.random.default_rng(seed)
    return np.maximum(rng.standard_normal((rows, width)), 0).astype(np.float32)


def whole_numbers(rows, width, rank):
    """A product of small whole numbers of the given rank: its inner products are exact."""
    rng = np.random.default_rng(0)
    left, right = rng.integers(-3, 4, (rows, rank)), rng.integers(-3, 4, (rank, width))
    return (left @ right).astype(np.float32)


def repeated(rows):
    return rows[np.random.default_rng(1).integers(0, len(rows), 3 * len(rows))]


def assert_same_inner_products(coordinates, rows):
    """Hold them to 1e-5 of the product of the norms, in float64."""
    ours, exact = (x.astype(np.float64) @ x.astype(np.float64).T for x in (coordinates, rows))
    norms = np.sqrt(np.diag(exact))
    np.testing.assert_array_less(np.abs(ours - exact), 1e-5 * np.outer(norms, norms) + 1e-30)


def blocks(rows):
    return lambda start, stop: rows[:, start:stop]


KINDS = {
    "random": rectified(50, 9000),
    "one block": rectified(50, 400),
    "of low rank": whole_numbers(50, 9000, rank=7),
    "duplicated": repeated(rectified(20, 9000)),
    "with rows of zeros": rectified(50, 9000) * (np.arange(50) % 3 > 0)[:, None],
    "of all sizes": rectified(50, 9000) * np.logspace(-2, 2, 50, dtype=np.float32)[:, None],
    "nearly equal": 5 + rectified(50, 9000) / 20,
    "a single row": rectified(1, 9000),
}


@pytest.mark.parametrize("kind", KINDS)
def test_inner_products_stay(kind):
    rows = KINDS[kind]
    coordinates = coordinates_of(blocks(rows), *rows.shape)
    assert coordinates.dtype == np.float32
    assert coordinates.shape[1] <= len(rows)
    assert_same_inner_products(coordinates, rows)


@pytest.mark.parametrize("rank", [1, 7, 49])
def test_there_are_as_many_coordinates_as_the_rank(rank):
    rows = whole_numbers(50, 9000, rank)
    assert np.linalg.matrix_rank(rows) == rank
    assert coordinates_of(blocks(rows), *rows.shape).shape == (50, rank)


def test_zeros_alone_have_one_coordinate():
    zeros = np.zeros((4, 100), np.float32)
    np.testing.assert_array_equal(coordinates_of(blocks(zeros), 4, 100), np.zeros((4, 1)))


def test_copies_of_a_row_get_the_same_coordinates():
    rows = whole_numbers(20, 5000, 20)
    order = np.arange(60) % 20
    coordinates = coordinates_of(blocks(rows[order]), 60, 5000)
    assert coordinates.shape == (60, 20)
    np.testing.assert_allclose(coordinates, coordinates[:20][order], atol=1e-4)


def test_narrow_activations_are_taken_as_they_are():
    rows = rectified(50, 50)
    np.testing.assert_array_equal(coordinates_of(blocks(rows), 50, 50), rows)


def test_every_column_is_read_once():
    read = []

    def record(start, stop):
        read.append((start, stop))
        return np.ones((3, stop - start), np.float32)

    coordinates = coordinates_of(record, 3, 2 * COLUMNS + 1)
    assert read == [(0, COLUMNS), (COLUMNS, 2 * COLUMNS), (2 * COLUMNS, 2 * COLUMNS + 1)]
    np.testing.assert_allclose(coordinates @ coordinates.T, 2 * COLUMNS + 1)


@pytest.mark.parametrize("images", [1, 3, 4, 5, 50])
def test_gram_is_summed_over_blocks(images):
    rows = whole_numbers(images, 700, rank=20)
    total = gram([rows[:, 500:], rows[:, :20], rows[:, 20:500]], images)
    np.testing.assert_array_equal(np.tril(total), np.tril(rows @ rows.T))


def test_factor_of_a_known_matrix():
    # K = L L^T with L = [[2, 0], [1, 3]]: its rows have squared norms 4 and 10, and product 2.
    coordinates = factor(np.array([[4.0, 2.0], [2.0, 10.0]], order="F"))
    np.testing.assert_allclose(coordinates @ coordinates.T, [[4, 2], [2, 10]], rtol=1e-6)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_what_is_not_finite_is_refused(value):
    rows = rectified(5, 100)
    rows[3, 40] = value
    message = r"must be finite\. Received: 1 rows"
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match=message):
        coordinates_of(blocks(rows), 5, 100)


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [(0.5, [1 / 17, 16 / 17]), (1, [1 / 5, 4 / 5]), (2, [1 / 3, 2 / 3]), (1e6, [1 / 2, 1 / 2])],
)
def test_temperature_softens_odds_of_four_to_one(temperature, expected):
    logits = np.log(np.array([[3.0, 12.0]], np.float32))
    np.testing.assert_allclose(soften(logits, temperature), [expected], rtol=1e-5)


@pytest.mark.parametrize("images", [3, 200])
def test_coordinates_at_a_temperature_are_those_of_probabilities(images):
    logits = 3 * np.random.default_rng(0).standard_normal((images, 100)).astype(np.float32)
    odds = np.exp(logits.astype(np.float64) / 4)
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    coordinates = coordinates_of(blocks(logits), images, 100, temperature=4)
    assert coordinates.shape == (images, min(images, 100))
    assert_same_inner_products(coordinates, probabilities)


def test_class_scores_are_probabilities_logits_less_their_mean_or_logits():
    logits = np.array([[0, np.log(4), np.log(4)]], np.float32)
    np.testing.assert_allclose(class_scores(logits, 2.0), [[0.2, 0.4, 0.4]], rtol=1e-6)
    third = np.log(4) / 3
    np.testing.assert_allclose(
        class_scores(logits, centred=True), [[-2 * third, third, third]], rtol=1e-6
    )
    np.testing.assert_array_equal(class_scores(logits), logits)


def test_what_does_not_fit_into_memory_is_refused_before_it_is_read():
    told = r"^Coordinates of 1000000 images x 2000000 numbers must fit into memory\. Received: 12,"
    with pytest.raises(InputError, match=told + r".* GB needed, .* GB available\. Hint: pool the"):
        coordinates_of(None, 10**6, 2 * 10**6)
