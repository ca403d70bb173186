import numpy as np
import pytest
from scipy.special import softmax

from fewshot.data.draws import TEST, TRAINED, UNUSED
from fewshot.errors import InputError
from fewshot.heads.predictions import Predictions, predict, read_predictions, write_predictions

SCORES = np.array([[3, 1, 2], [1, 1, 0], [0, 2, 2], [5, 4, 6], [1, 0, 2]], np.float32)
LABELS = np.array([0, 1, 2, 0, 1])
ROLES = np.array([TEST, UNUSED, UNUSED, TRAINED, TEST], np.int8)


def said(kept="all"):
    columns, temperature = predict(SCORES, LABELS, np.arange(5), ROLES, kept=kept)
    return Predictions(*columns), temperature


def test_what_is_said_by_hand():
    found, temperature = said()
    assert found.role.tolist() == ROLES.tolist()
    # Of equal scores the first counts: the second image is taken for class 0, the third for 1.
    assert found.named.tolist() == [0, 0, 1, 0, 2]
    assert found.rank.tolist() == [0, 1, 1, 0, 2]
    shares = softmax(SCORES / temperature, axis=1)
    shares[3] = 0
    rows = np.arange(5)
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


def test_files_are_small_and_give_back_what_was_written(tmp_path):
    path = tmp_path / "head.predictions.h5"
    repeats = [said()[0], said("tests")[0]]
    write_predictions(path, repeats)
    for found, one, other in zip(read_predictions(path), *repeats, strict=True):
        np.testing.assert_array_equal(found, [one, other])
    assert sum(found.itemsize for found in read_predictions(path)) == 11


def test_a_file_that_is_not_whole_is_refused(tmp_path):
    (tmp_path / "head.predictions.h5").write_bytes(b"\x89HDF cut short")
    with pytest.raises(InputError, match=r"head\.predictions\.h5"):
        read_predictions(tmp_path / "head.predictions.h5")
