"""Gradient descent on inner products, against the same steps taken on weights in float64."""

import numpy as np
import pytest

from fewshot.heads.sgd import ByGram, ByRows, head_of, products_of, train_sgd


def task(images, width, classes, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(images) % classes)
    patterns = rng.standard_normal((classes, width))[labels]
    rows = np.maximum(patterns + rng.standard_normal((images, width)), 0)
    return rows.astype(np.float32), labels


def orders(images, epochs):
    rng = np.random.default_rng(7)
    return [rng.permutation(images) for _ in range(epochs)]


def log_probabilities(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def measures(rows, labels, weights):
    logits = rows @ weights
    loss = -np.mean(log_probabilities(logits)[np.arange(len(labels)), labels])
    return [loss, np.mean(logits.argmax(axis=1) == labels)]


def descend(train, test, classes, order, batch_size, learning_rate, momentum):
    """Take every step on weights (d, classes): v = m v - r g, w = w + v."""
    (rows, labels), (test_rows, test_labels) = train, test
    rows, test_rows = rows.astype(np.float64), test_rows.astype(np.float64)
    weights = velocity = np.zeros((rows.shape[1], classes))
    curves = []
    for permutation in order:
        for start in range(0, len(rows), batch_size):
            batch = permutation[start : start + batch_size]
            slopes = np.exp(log_probabilities(rows[batch] @ weights))
            slopes[np.arange(len(batch)), labels[batch]] -= 1
            gradient = rows[batch].T @ slopes / len(batch)
            velocity = momentum * velocity - learning_rate * gradient
            weights = weights + velocity
        curves.append(measures(rows, labels, weights) + measures(test_rows, test_labels, weights))
    return weights, np.array(curves)


@pytest.mark.parametrize("by", ["gram", "rows"])
@pytest.mark.parametrize(
    ("images", "batch_size", "momentum", "width"),
    [
        (50, 16, 0.9, 12),  # the last batch has 2 images
        (50, 16, 0.9, 200),  # more numbers than images
        (50, 10, 0.0, 12),
        (50, 50, 0.9, 12),  # all images in every step
        (50, 64, 0.5, 12),  # a batch with room left
        (50, 1, 0.9, 12),
        (600, 32, 0.9, 30),
        (600, 7, 0.99, 30),
        (600, 400, 0.9, 30),
        (5, 2, 0.9, 3),
    ],
)
def test_the_same_steps_as_on_weights(by, images, batch_size, momentum, width):
    train, test = task(images, width, 5), task(30, width, 5, seed=1)
    settings = {"batch_size": batch_size, "learning_rate": 2e-3, "momentum": momentum}
    order = orders(images, 6)
    products = {
        "gram": ByGram(train[0] @ train[0].T, test[0] @ train[0].T),
        "rows": ByRows(train[0], test[0]),
    }[by]
    solution, curves = train_sgd(
        products,
        train[1],
        test[1],
        classes=5,
        order=iter(order),
        **settings,
    )
    weights, expected = descend(train, test, 5, order, **settings)
    assert curves.shape == (6, 4)
    np.testing.assert_allclose(curves, expected, atol=1e-5)
    found = train[0].T @ solution if by == "gram" else solution
    np.testing.assert_allclose(found, weights, atol=1e-5)


def test_one_step_by_hand():
    # Rows 1 and 2 of classes 0 and 1, from zero: probabilities 1/2, so the gradient of the logits
    # of the first is (-1/2, 1/2) / 2 and that of the second the opposite. A = -r G.
    gram = np.array([[1.0, 2.0], [2.0, 4.0]], np.float32)
    coefficients, curves = train_sgd(
        ByGram(gram, gram[:1]),
        np.array([0, 1]),
        np.array([0]),
        classes=2,
        order=[np.array([1, 0])],
        batch_size=2,
        learning_rate=0.4,
        momentum=0.9,
    )
    np.testing.assert_allclose(coefficients, [[0.1, -0.1], [-0.1, 0.1]], rtol=1e-6)
    # Logits of the rows: K A = [[-0.1, 0.1], [-0.2, 0.2]].
    losses = [np.log(1 + np.exp(0.2)), np.log(1 + np.exp(-0.4))]
    np.testing.assert_allclose(curves, [[np.mean(losses), 0.5, losses[0], 0]], rtol=1e-5)


def test_the_labels_of_test_images_change_nothing_but_their_own_measures():
    (rows, labels), (test_rows, test_labels) = task(50, 12, 5), task(30, 12, 5, seed=1)
    runs = [
        train_sgd(
            ByRows(rows, test_rows),
            labels,
            tested,
            classes=5,
            order=orders(50, 3),
            batch_size=16,
            learning_rate=2e-3,
            momentum=0.9,
        )
        for tested in (test_labels, (test_labels + 1) % 5)
    ]
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    np.testing.assert_array_equal(runs[0][1][:, :2], runs[1][1][:, :2])
    assert np.all(runs[0][1][:, 2] != runs[1][1][:, 2])


@pytest.mark.parametrize("width", [6, 12, 29, 40, 90])  # of 60 images
def test_a_head_has_the_smaller_of_coefficients_and_weights(width):
    train, test = task(60, width, 5), task(30, width, 5, seed=1)
    settings = {"batch_size": 16, "learning_rate": 2e-3, "momentum": 0.9}
    order = orders(60, 4)
    solution, curves = train_sgd(
        products_of(train[0], test[0]), train[1], test[1], classes=5, order=order, **settings
    )
    head = head_of(solution, train[0])
    with_bias = [(np.column_stack([rows, np.ones(len(rows))]), own) for rows, own in (train, test)]
    weights, expected = descend(*with_bias, 5, order, **settings)
    np.testing.assert_allclose(curves, expected, atol=1e-5)
    np.testing.assert_allclose(head["bias"], weights[-1], atol=1e-5)
    assert ("weights" in head) == (width < 60)
    found = head["weights"] if width < 60 else train[0].T @ head["coefficients"]
    np.testing.assert_allclose(found, weights[:-1], atol=1e-5)
