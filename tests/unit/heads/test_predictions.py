import numpy as np
import pytest
from scipy.special import softmax

from fewshot.data.draws import TEST, TRAINED, UNUSED
from fewshot.errors import InputError
from fewshot.heads.predictions import (
    Predictions,
    predict,
    read_predictions,
    read_ranks,
    write_predictions,
)

TIMES = 20  # as often as it takes for unused images to calibrate
SCORES = np.array([[3, 1, 2], [1, 1, 0], [0, 2, 2], [5, 4, 6], [1, 0, 2]] * TIMES, np.float32)
LABELS = np.array([0, 1, 2, 0, 1] * TIMES)
ROLES = np.array([TEST, UNUSED, UNUSED, TRAINED, TEST] * TIMES, np.int8)


def said(kept="all"):
    columns, temperature = predict(SCORES, LABELS, np.arange(len(LABELS)), ROLES, kept=kept)
    return Predictions(*columns), temperature


def test_what_is_said_by_hand():
    found, temperature = said()
    assert found.role.tolist() == ROLES.tolist()
    # Of equal scores the first counts: the second image is taken for class 0, the third for 1.
    assert found.named.tolist() == [0, 0, 1, 0, 2] * TIMES
    assert found.rank.tolist() == [0, 1, 1, 0, 2] * TIMES
    shares = softmax(SCORES / temperature, axis=1)
    shares[3::5] = 0
    rows = np.arange(len(LABELS))
    np.testing.assert_allclose(found.probability, shares[rows, found.named], rtol=1e-5)
    np.testing.assert_allclose(found.given, shares[rows, LABELS], rtol=1e-5)


def test_calibration_never_moves_a_rank():
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(200, 12)).astype(np.float32), rng.integers(0, 12, 200)
    roles = rng.choice([UNUSED, TEST], 200).astype(np.int8)
    columns, _ = predict(scores, labels, np.arange(200), roles, kept="all")
    found = Predictions(*columns)
    np.testing.assert_array_equal(found.named, scores.argmax(axis=1))
    order = np.argsort(-scores, axis=1)
    np.testing.assert_array_equal(found.rank, (order == labels[:, None]).argmax(axis=1))


def test_predictions_of_tests_alone_are_the_same():
    (every, temperature), (tests, same) = said(), said("tests")
    assert temperature == same
    for one, other in zip(tests, every, strict=True):
        np.testing.assert_array_equal(one, np.where(ROLES == TEST, other, 0))


def test_a_head_that_diverged_says_that_all_classes_are_alike():
    scores = np.full((40, 4), np.nan, np.float32)
    labels = np.arange(40) % 4
    roles = np.full(40, TEST, np.int8)
    columns, _ = predict(scores, labels, np.arange(40), roles, kept="all")
    found = Predictions(*columns)
    assert np.mean(found.rank == 0) == 0.25
    np.testing.assert_allclose([found.probability, found.given], 0.25)


def test_tests_alone_take_less_room(tmp_path):
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(4000, 20)).astype(np.float32), np.arange(4000) % 20
    roles = np.where(np.arange(4000) < 400, TEST, UNUSED).astype(np.int8)
    sizes = []
    for kept in ("all", "tests"):
        columns, _ = predict(scores, labels, np.arange(4000), roles, kept=kept)
        write_predictions(tmp_path / kept, [columns])
        sizes.append((tmp_path / kept).stat().st_size)
    assert sizes[0] <= 11 * 4000
    assert sizes[1] < sizes[0] / 4


def test_files_give_back_what_was_written(tmp_path):
    path = tmp_path / "head.predictions.h5"
    repeats = [said()[0], said("tests")[0]]
    write_predictions(path, repeats)
    for found, one, other in zip(read_predictions(path), *repeats, strict=True):
        np.testing.assert_array_equal(found, [one, other])
    pairs = ((each[0], each[2]) for each in repeats)
    for found, one, other in zip(read_ranks(path), *pairs, strict=True):
        np.testing.assert_array_equal(found, [one, other])


def test_a_file_that_is_not_whole_is_refused(tmp_path):
    (tmp_path / "head.predictions.h5").write_bytes(b"\x89HDF cut short")
    for read in (read_predictions, read_ranks):
        with pytest.raises(InputError, match=r"head\.predictions\.h5"):
            read(tmp_path / "head.predictions.h5")
