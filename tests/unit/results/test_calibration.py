import numpy as np
import pytest

from fewshot.data.draws import TEST, UNUSED
from fewshot.heads.predictions import Predictions
from fewshot.results.calibration import BINS, calibration_error, reliability


def made(right, probability, role=None):
    shape = np.shape(right)
    role = np.full(shape, TEST) if role is None else role
    rank = 1 - np.asarray(right, int)
    predictions = Predictions(role, rank, rank, np.asarray(probability), np.zeros(shape))
    return predictions, np.arange(shape[1])


def test_bins_are_of_equal_size_and_ascend():
    rng = np.random.default_rng(0)
    confidence = rng.random((3, 100))
    role = np.where(rng.random((3, 100)) < 0.5, TEST, UNUSED)
    rows = reliability(*made(rng.random((3, 100)) < confidence, confidence, role))
    assert len(rows) == BINS
    assert sum(row[0] for row in rows) == (role == TEST).sum()
    assert max(row[0] for row in rows) - min(row[0] for row in rows) <= 1
    assert np.all(np.diff([row[1] for row in rows]) > 0)
    assert all(0 <= low <= accuracy <= high <= 1 for _, _, accuracy, low, high in rows)


def test_the_error_by_hand():
    # Ten bins of ten: half are right, at a confidence of 0.75.
    right = np.tile([True, False], 50)[None]
    rows = reliability(*made(right, np.full((1, 100), 0.75)))
    assert calibration_error(rows) == pytest.approx(0.25)
    assert calibration_error([(30, 0.9, 0.8, 0, 1), (10, 0.5, 0.9, 0, 1)]) == pytest.approx(0.175)


def test_confidence_that_is_meant_has_none():
    rng = np.random.default_rng(1)
    confidence = rng.random((4, 20_000))
    rows = reliability(*made(rng.random(confidence.shape) < confidence, confidence))
    assert calibration_error(rows) < 0.01


def test_few_predictions_make_few_bins():
    assert len(reliability(*made([[True, False, True]], [[0.5, 0.6, 0.7]]))) == 1
    assert len(reliability(*made(np.ones((1, 35), bool), np.full((1, 35), 0.5)))) == 3
