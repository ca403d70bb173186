"""Measures of class scores, by hand."""

import numpy as np
import pytest

from fewshot.metrics import accuracy, cross_entropy, log_softmax


def test_log_softmax_of_known_odds():
    logits = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 3.0]]))
    expected = [[1 / 8, 2 / 8, 5 / 8], [1 / 3, 1 / 3, 1 / 3]]
    np.testing.assert_allclose(np.exp(log_softmax(logits)), expected, rtol=1e-12)


def test_log_softmax_leaves_its_argument_alone_and_keeps_its_type():
    logits = np.array([[1.0, 2.0]], np.float32)
    assert log_softmax(logits).dtype == np.float32
    assert logits.tolist() == [[1.0, 2.0]]


def test_cross_entropy_of_known_odds():
    logits = np.log(np.array([[1.0, 3.0], [1.0, 1.0]]))
    # The labels' probabilities are 3/4 and 1/2.
    expected = -(np.log(3 / 4) + np.log(1 / 2)) / 2
    assert cross_entropy(logits, np.array([1, 0])) == pytest.approx(expected, rel=1e-12)


def test_no_information_costs_the_logarithm_of_the_number_of_classes():
    assert cross_entropy(np.zeros((5, 7)), np.arange(5)) == pytest.approx(np.log(7))


@pytest.mark.parametrize(("label", "loss"), [(0, 0.0), (1, 2e4)])
def test_large_logits_neither_overflow_nor_vanish(label, loss):
    logits = np.array([[1e4, -1e4]], np.float32)
    assert cross_entropy(logits, np.array([label])) == loss
    assert log_softmax(logits)[0, label] == -loss


def test_accuracy_counts_the_first_of_equal_scores():
    scores = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]])
    # Of the lowest scores two would be right, of the last of equal ones three.
    assert accuracy(scores, np.array([1, 0, 0, 0, 1])) == 4 / 5
