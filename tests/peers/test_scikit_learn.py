"""The penalised heads beside scikit-learn, at the same penalty and on the features themselves."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifierCV

from fewshot.backbone.compact import coordinates_of
from fewshot.heads.eigenbasis import make_features
from fewshot.heads.fitted import Head, head_scores, head_weights
from fewshot.heads.logistic import SMOOTHING, smoothed, train_logistic
from fewshot.heads.penalty import PENALTIES, leave_out
from fewshot.heads.train import train

CLASSES, TESTS = 8, 50
SHAPES = [(1, 300), (4, 20), (4, 300), (12, 60)]  # images a class, width


def task(shots, width):
    """Sparse features as behind a ReLU, labels, the training and the test rows."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), shots + TESTS)
    features = 4 / np.sqrt(width) * rng.standard_normal((CLASSES, width))[labels]
    features = np.maximum(features + rng.standard_normal(features.shape), 0).astype(np.float32)
    return features, labels, *np.split(np.arange(len(labels)), [shots * CLASSES])


def scaled(features, train_rows):
    """Centre and bring to unit mean squared norm on the training rows, in float64."""
    features = features.astype(np.float64)
    features -= features[train_rows].mean(axis=0)
    return features / np.sqrt(np.mean(np.sum(features[train_rows] ** 2, axis=1)))


def objective(logits, targets, weights, l2):
    logits = logits - logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -np.mean(np.sum(targets * logits, axis=1)) + l2 / 2 * np.sum(weights**2)


def fit_softmax(rows, targets, l2):
    """Fit to soft targets: every row once a class, weighed with the class's part."""
    images, classes = targets.shape
    model = LogisticRegression(C=1 / (images * l2), tol=1e-8, max_iter=10_000)
    model.fit(
        np.repeat(rows, classes, axis=0),
        np.tile(np.arange(classes), images),
        sample_weight=targets.ravel(),
    )
    return model


@pytest.mark.parametrize("l2", [1e-5, 1e-3, 0.1])
@pytest.mark.parametrize(("shots", "width"), SHAPES)
def test_softmax_regression_with_hard_targets(shots, width, l2):
    features, labels, train_rows, test_rows = task(shots, width)
    rows, own = scaled(features, train_rows), labels[train_rows]
    model = LogisticRegression(C=1 / (len(own) * l2), tol=1e-8, max_iter=10_000)
    model.fit(rows[train_rows], own)
    in_basis = make_features(features[train_rows])
    weights, bias = train_logistic(in_basis.train, smoothed(own, CLASSES, 0), l2)
    ours = objective(in_basis.train @ weights + bias, np.eye(CLASSES)[own], weights, l2)
    theirs = objective(
        model.decision_function(rows[train_rows]), np.eye(CLASSES)[own], model.coef_, l2
    )
    assert ours == pytest.approx(theirs, rel=1e-4)
    head = Head(train_rows, bias, **in_basis.fitted(weights))
    scores = head_scores(features, head, centred=True)[test_rows]
    accuracy = np.mean(scores.argmax(axis=1) == labels[test_rows])
    assert accuracy == pytest.approx(model.score(rows[test_rows], labels[test_rows]), abs=0.005)


@pytest.mark.parametrize(("shots", "width"), SHAPES)
def test_tuned_head_at_its_own_penalty(shots, width):
    features, labels, train_rows, test_rows = task(shots, width)
    coordinates = coordinates_of(lambda start, stop: features[:, start:stop], *features.shape)
    result, _, head, _ = train(
        coordinates, labels, train_rows, test_rows, {"solver": "logistic"}, None, classes=CLASSES
    )
    rows, l2 = scaled(features, train_rows), result["l2"]
    targets = (1 - SMOOTHING) * np.eye(CLASSES)[labels[train_rows]] + SMOOTHING / CLASSES
    model = fit_softmax(rows[train_rows], targets, l2)
    # A head's weights are for centred coordinates as they came, the penalty for scaled features.
    centred = features - features[train_rows].mean(axis=0)
    scale = np.sqrt(np.mean(np.sum(centred[train_rows] ** 2, axis=1)))
    weights = scale * head_weights(features, head, centred=True)[0]
    ours = objective(rows[train_rows] @ weights + head.bias, targets, weights, l2)
    theirs = objective(model.decision_function(rows[train_rows]), targets, model.coef_, l2)
    assert ours == pytest.approx(theirs, rel=1e-4)
    score = model.score(rows[test_rows], labels[test_rows])
    assert result["test_accuracy"] == pytest.approx(score, abs=0.005)


@pytest.mark.parametrize(("shots", "width"), SHAPES)
def test_ridge_head_at_its_own_penalty(shots, width):
    features, labels, train_rows, test_rows = task(shots, width)
    coordinates = coordinates_of(lambda start, stop: features[:, start:stop], *features.shape)
    result, *_ = train(
        coordinates, labels, train_rows, test_rows, {"solver": "ridge"}, None, classes=CLASSES
    )
    rows, targets = scaled(features, train_rows), np.eye(CLASSES)[labels]
    model = Ridge(alpha=len(train_rows) * result["l2"])
    model.fit(rows[train_rows], targets[train_rows])
    for part, chosen in (("train", train_rows), ("test", test_rows)):
        scores = model.predict(rows[chosen])
        loss = np.mean((scores - targets[chosen]) ** 2)
        assert result[f"{part}_loss"] == pytest.approx(loss, rel=1e-3, abs=1e-6)
        accuracy = np.mean(scores.argmax(axis=1) == labels[chosen])
        assert result[f"{part}_accuracy"] == pytest.approx(accuracy, abs=0.005)


@pytest.mark.parametrize("l2", [1e-5, 1e-3, 0.1])
@pytest.mark.parametrize(("shots", "width"), [(2, 300), (4, 20), (4, 300)])
def test_scores_of_images_left_out(shots, width, l2):
    features, labels, train_rows, _ = task(shots, width)
    rows, targets = scaled(features, train_rows)[train_rows], np.eye(CLASSES)[labels[train_rows]]
    own, model, expected = features[train_rows], Ridge(alpha=len(rows) * l2), []
    for image in range(len(rows)):
        others = np.arange(len(rows)) != image
        sums = targets[others].sum(axis=0)
        model.fit(rows[others], targets[others] * shots / sums)
        expected.append(model.predict(rows[image : image + 1])[0])
    scores_of = leave_out(make_features(own), targets.astype(np.float32))
    scores = scores_of(np.argmin(np.abs(PENALTIES / l2 - 1)))
    np.testing.assert_allclose(scores, expected, atol=2e-3 * np.abs(expected).max())


@pytest.mark.parametrize("steepness", [0.4, 0.7, 0.9])
@pytest.mark.parametrize(
    "images",
    [
        400,  # fewer than numbers an image
        3000,
        pytest.param(10_000, marks=pytest.mark.slow),
    ],
)
def test_ridge_head_where_the_spectrum_is_steep(images, steepness):
    rng = np.random.default_rng(0)
    labels = np.arange(images + 1000) % CLASSES
    features = 0.15 * rng.standard_normal((CLASSES, 512))[labels]
    features += rng.standard_normal(features.shape)
    features = (features * np.arange(1, 513) ** -steepness).astype(np.float32)
    train_rows, test_rows = np.split(np.arange(len(labels)), [images])
    result, *_ = train(
        features, labels, train_rows, test_rows, {"solver": "ridge"}, None, classes=CLASSES
    )
    rows = scaled(features, train_rows)
    model = RidgeClassifierCV(alphas=[images * result["l2"]])
    model.fit(rows[train_rows], labels[train_rows])
    score = model.score(rows[test_rows], labels[test_rows])
    assert result["test_accuracy"] == pytest.approx(score, abs=0.005)
