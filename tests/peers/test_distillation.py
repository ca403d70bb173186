"""Distilled students beside scikit-learn, on the features themselves."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fewshot.heads.distillation import train_student
from fewshot.heads.eigenbasis import make_features
from fewshot.heads.fitted import Head, head_scores

CLASSES, IMAGES, TESTS = 5, 40, 200


def task(width):
    """Rows at unit mean squared norm around their mean, labels, and logits of a teacher."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), (IMAGES + TESTS) // CLASSES)
    rows = 2 * rng.standard_normal((CLASSES, width))[labels] / np.sqrt(width)
    rows += rng.standard_normal(rows.shape) / np.sqrt(width)
    rows -= rows[:IMAGES].mean(axis=0)
    rows /= np.sqrt(np.mean(np.sum(rows[:IMAGES] ** 2, axis=1)))
    teacher = 3 * np.eye(CLASSES)[labels] + rng.standard_normal((len(labels), CLASSES))
    return rows.astype(np.float32), labels, teacher.astype(np.float32)


def students(rows, teacher, labelled, labels, **settings):
    """Logits of training and test rows by a student."""
    features = make_features(rows[:IMAGES])
    weights, bias, _ = train_student(features, teacher[:IMAGES], labelled, labels, **settings)
    head = Head(np.arange(IMAGES), bias, **features.fitted(weights))
    scores = head_scores(rows, head, centred=True)
    return scores[:IMAGES], scores[IMAGES:]


@pytest.mark.parametrize("l2", [1e-3, 0.05])
@pytest.mark.parametrize("width", [15, 300])
def test_labels_alone_are_plain_softmax_regression(width, l2):
    rows, labels, teacher = task(width)
    own = np.arange(IMAGES)
    ours = students(rows, teacher, own, labels[:IMAGES], temperature=1.0, hard_weight=1.0, l2=l2)
    model = LogisticRegression(C=1 / (IMAGES * l2), tol=1e-8, max_iter=10_000)
    model.fit(rows[:IMAGES], labels[:IMAGES])
    for scores, part in zip(ours, (rows[:IMAGES], rows[IMAGES:]), strict=True):
        theirs = model.decision_function(part)
        scores = scores - scores.mean(axis=1, keepdims=True)
        np.testing.assert_allclose(scores, theirs, atol=0.02 * np.abs(theirs).max())


@pytest.mark.parametrize("hard_weight", [0.1, 0.6])
@pytest.mark.parametrize("width", [15, 300])
def test_soft_targets_and_labels_are_one_regression_on_weighed_copies(width, hard_weight):
    # At T = 1 the loss is one over rows that stand for every class, weighed by both targets.
    rows, labels, teacher = task(width)
    labelled = np.arange(3 * CLASSES)
    ours = students(
        rows,
        teacher,
        labelled,
        labels[labelled],
        temperature=1.0,
        hard_weight=hard_weight,
        l2=0.01,
    )
    soft = np.exp(teacher[:IMAGES])
    soft *= (1 - hard_weight) / IMAGES / soft.sum(axis=1, keepdims=True)
    soft[labelled, labels[labelled]] += hard_weight / len(labelled)
    model = LogisticRegression(C=1 / 0.01, tol=1e-10, max_iter=10_000)
    model.fit(
        np.repeat(rows[:IMAGES], CLASSES, axis=0),
        np.tile(np.arange(CLASSES), IMAGES),
        sample_weight=soft.ravel(),
    )
    for scores, part in zip(ours, (rows[:IMAGES], rows[IMAGES:]), strict=True):
        theirs = model.decision_function(part)
        scores = scores - scores.mean(axis=1, keepdims=True)
        np.testing.assert_allclose(scores, theirs, atol=0.02 * np.abs(theirs).max())
