"""The `sgd` head beside a Dense layer that Keras trains: the same numbers after every epoch."""

import numpy as np
import pytest

from fewshot.backbone.compact import coordinates_of
from fewshot.heads.train import train

CLASSES, SHOTS, TESTS = 10, 9, 5
EPOCHS, BATCH, MOMENTUM = 20, 32, 0.9  # 90 images: the last batch of an epoch has 26


def task(width):
    """Sparse features as behind a ReLU, labels, the training and the test rows."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), SHOTS + TESTS)
    features = 0.5 * rng.standard_normal((CLASSES, width))[labels]
    features = np.maximum(features + rng.standard_normal(features.shape), 0).astype(np.float32)
    rows = rng.permutation(SHOTS + TESTS)[:, None] * CLASSES + np.arange(CLASSES)
    return features, labels, rows[:SHOTS].ravel(), rows[SHOTS:].ravel()


def keras_curves(features, labels, train_rows, test_rows, learning_rate, rng):
    """Loss and accuracy on training and test images after every epoch."""
    import keras

    model = keras.Sequential(
        [keras.Input(features.shape[1:]), keras.layers.Dense(CLASSES, kernel_initializer="zeros")]
    )
    model.compile(
        keras.optimizers.SGD(learning_rate, MOMENTUM),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # compiling takes longer than training
    )
    curves = []
    for _ in range(EPOCHS):
        order = train_rows[rng.permutation(len(train_rows))]
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            model.train_on_batch(features[batch], labels[batch])
        curves.append([])
        for rows in (train_rows, test_rows):
            model.reset_metrics()
            curves[-1] += model.test_on_batch(features[rows], labels[rows])
    return np.array(curves)


@pytest.mark.parametrize(("width", "learning_rate"), [(40, 0.01), (3000, 1e-3)])
def test_loss_and_accuracy_after_every_epoch(width, learning_rate):
    features, *rows = task(width)
    coordinates = coordinates_of(lambda start, stop: features[:, start:stop], *features.shape)
    assert coordinates.shape[1] == min(width, len(features))
    head = {"solver": "sgd", "epochs": EPOCHS, "batch_size": BATCH, "momentum": MOMENTUM}
    head["learning_rate"] = learning_rate
    _, curves, *_ = train(coordinates, *rows, head, np.random.default_rng(3), classes=CLASSES)
    expected = keras_curves(features, *rows, learning_rate, np.random.default_rng(3))
    assert expected[-1, 0] < 0.8 * expected[0, 0]  # something is learnt
    np.testing.assert_allclose(curves, expected, atol=1e-4, rtol=0)
