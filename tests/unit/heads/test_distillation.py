"""Distillation: loss and gradient in float64, the limit of high T, optima found by SciPy."""

from functools import partial

import numpy as np
import pytest
from scipy.optimize import minimize

from fewshot.data.draws import Draws
from fewshot.heads.distillation import (
    objective,
    student_penalty,
    train_student,
    transfer_rows,
)
from fewshot.heads.eigenbasis import make_features
from fewshot.heads.penalty import choose_penalty

CLASSES = 4


def task(images=24, width=7, seed=0):
    """Features as the students have them, logits of a teacher, labelled rows and their labels."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((images, width)).astype(np.float32)
    features = make_features(rows)
    logits = (2 * rng.standard_normal((images, CLASSES))).astype(np.float32)
    labelled = rng.permutation(images)[:8]
    return features, logits, labelled, rng.integers(0, CLASSES, 8)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(targets, logits):
    return -np.mean(np.sum(targets * np.log(softmax(logits)), axis=1))


def written_out(weights, inputs, teacher, labelled, labels, temperature, hard_weight, l2):
    """Compute the loss as Hinton et al. write it, with the penalty on all rows but the bias."""
    logits = inputs @ weights
    soft = temperature**2 * cross_entropy(softmax(teacher / temperature), logits / temperature)
    hard = cross_entropy(np.eye(CLASSES)[labels], logits[labelled])
    norm = np.sum(weights[:-1] ** 2)
    return (1 - hard_weight) * soft + hard_weight * hard + l2 / 2 * norm


def ours(inputs, teacher, labelled, labels, temperature, hard_weight, l2):
    """Give the objective in float64 over the weights alone."""
    return partial(
        objective,
        inputs=inputs,
        soft_targets=softmax(teacher / temperature),
        labelled=labelled,
        hard_targets=np.eye(CLASSES)[labels],
        temperature=temperature,
        hard_weight=hard_weight,
        penalty=np.append(np.full(inputs.shape[1] - 1, l2), 0)[:, None],
    )


def with_bias(features):
    return np.column_stack([features, np.ones(len(features))]).astype(np.float64)


@pytest.mark.parametrize("temperature", [0.5, 1, 4, 16])
@pytest.mark.parametrize("hard_weight", [0, 0.1, 1])
def test_the_loss_is_that_of_the_paper_and_the_gradient_its_own(temperature, hard_weight):
    features, teacher, labelled, labels = task()
    inputs, teacher = with_bias(features.train), teacher.astype(np.float64)
    settings = (teacher, labelled, labels, temperature, hard_weight, 0.3)
    rng = np.random.default_rng(1)
    weights = rng.standard_normal((inputs.shape[1], CLASSES))
    value, gradient = ours(inputs, *settings)(weights)
    assert value == pytest.approx(written_out(weights, inputs, *settings), rel=1e-12)
    for place in np.ndindex(weights.shape):
        step = np.zeros_like(weights)
        step[place] = 1e-5
        ahead, behind = (written_out(weights + s * step, inputs, *settings) for s in (1, -1))
        assert (ahead - behind) / 2e-5 == pytest.approx(gradient[place], abs=1e-7)


def test_a_high_temperature_matches_centred_logits():
    # Hinton et al., section 2.1: N times the gradient is that of 1/2 |z - v|^2 with both centred.
    features, teacher, labelled, labels = task()
    teacher = teacher.astype(np.float64)
    teacher -= teacher.mean(axis=1, keepdims=True)
    inputs = with_bias(features.train)
    weights = np.random.default_rng(1).standard_normal((inputs.shape[1], CLASSES))
    logits = inputs @ weights
    logits -= logits.mean(axis=1, keepdims=True)
    expected = inputs.T @ (logits - teacher) / len(inputs)
    errors = []
    for temperature in (10, 100, 1000):
        _, gradient = ours(inputs, teacher, labelled, labels, temperature, 0, 0)(weights)
        errors.append(np.abs(CLASSES * gradient - expected).max())
    # What is left falls as 1/T.
    assert errors[0] < 0.2 * np.abs(expected).max()
    assert errors[1] < 0.15 * errors[0]
    assert errors[2] < 0.15 * errors[1]


def test_at_a_high_temperature_the_student_is_ridge_regression_on_logits():
    features, teacher, labelled, labels = task(images=40, width=12)
    centred = teacher - teacher.mean(axis=1, keepdims=True)
    l2 = 0.02
    weights, bias, _ = train_student(
        features, teacher, labelled, labels, temperature=64.0, hard_weight=0, l2=l2
    )
    # 1/(2 C) mean_i |z_i - v_i|^2 + l2/2 |W|^2, on centred features: the bias takes the mean.
    rows = features.train.astype(np.float64)
    normal = rows.T @ rows + len(rows) * CLASSES * l2 * np.eye(rows.shape[1])
    expected = np.linalg.solve(normal, rows.T @ centred)
    np.testing.assert_allclose(weights, expected, atol=0.03 * np.abs(expected).max())
    np.testing.assert_allclose(
        bias - bias.mean(), centred.mean(axis=0), atol=0.03 * np.abs(centred).max()
    )


@pytest.mark.parametrize("l2", [1e-4, 0.05])
@pytest.mark.parametrize("temperature", [1.0, 4.0, 16.0])
@pytest.mark.parametrize("hard_weight", [0.1, 0.9])
def test_the_optimum_is_reached(temperature, hard_weight, l2):
    features, teacher, labelled, labels = task(images=60, width=20)
    weights, bias, _ = train_student(
        features,
        teacher,
        labelled,
        labels,
        temperature=temperature,
        hard_weight=hard_weight,
        l2=l2,
    )
    inputs = with_bias(features.train)
    settings = (teacher.astype(np.float64), labelled, labels, temperature, hard_weight, l2)
    loss = ours(inputs, *settings)

    def flat(x):
        value, gradient = loss(x.reshape(inputs.shape[1], CLASSES))
        return value, gradient.ravel()

    start = np.zeros(inputs.shape[1] * CLASSES)
    options = {"maxiter": 5000, "maxfun": 10000, "ftol": 1e-15, "gtol": 1e-9}
    least = minimize(flat, start, jac=True, method="L-BFGS-B", options=options).fun
    at_zero = loss(start.reshape(-1, CLASSES))[0]
    found = written_out(np.vstack([weights, bias]), inputs, *settings)
    assert found - least <= 2e-4 * (at_zero - least)


def test_no_temperature_of_the_teacher_matters_when_labels_weigh_all():
    features, teacher, labelled, labels = task()
    fits = [
        train_student(
            features, logits, labelled, labels, temperature=temperature, hard_weight=1.0, l2=0.01
        )
        for logits, temperature in ((teacher, 1.0), (-teacher, 8.0))
    ]
    np.testing.assert_allclose(fits[0][0], fits[1][0], atol=1e-5)


def test_a_student_with_the_teachers_features_becomes_the_teacher():
    features, _, labelled, _ = task(images=60, width=9)
    rng = np.random.default_rng(3)
    teacher = features.train @ rng.standard_normal((9, CLASSES)).astype(np.float32)
    labels = teacher[labelled].argmax(axis=1)
    weights, bias, _ = train_student(
        features, teacher, labelled, labels, temperature=2.0, hard_weight=0.0, l2=1e-7
    )
    scores = features.train @ weights + bias
    assert np.mean(scores.argmax(axis=1) == teacher.argmax(axis=1)) > 0.97


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_the_penalty_comes_from_the_soft_targets(temperature):
    features, teacher, labelled, labels = task(images=40, width=30)
    soft = softmax(teacher / temperature)
    settings = {"temperature": temperature, "hard_weight": 0.5}
    *_, l2 = train_student(features, teacher, labelled, labels, **settings)
    assert l2 == pytest.approx(choose_penalty(features, soft, temperature) / CLASSES, rel=1e-3)


def test_soft_targets_that_cannot_be_learned_want_a_stronger_penalty():
    features, teacher, *_ = task(images=40, width=30)
    learnable = softmax(features.train[:, :CLASSES] * 4)
    chosen = [student_penalty(features, targets, 1.0) for targets in (learnable, softmax(teacher))]
    assert 3 * chosen[0] < chosen[1]


def test_transfer_is_over_the_training_images_or_all_that_may_be_trained_on():
    # Two classes by turns: their test images, their first, second and third training image, and two
    # images on neither side, one of which may be a copy of a test image.
    places = np.array([0, 2, 1, 0, 3, 1, 2, 3, -1, -1])
    draws = Draws(np.array([0, 1] * 5), np.arange(10), np.column_stack([places[::-1], places]))
    np.testing.assert_array_equal(transfer_rows(draws, 1, 1, "training"), [2, 5])
    np.testing.assert_array_equal(transfer_rows(draws, 1, 2, "training"), [1, 2, 5, 6])
    np.testing.assert_array_equal(transfer_rows(draws, 1, 1, "pool"), [1, 2, 4, 5, 6, 7])
