"""Training end to end: the whole frozen network runs for every image in every epoch.

What the cached way is measured against. Importing this module imports keras and its backend.
"""

import time

import keras
import numpy as np
from keras import ops

from fewshot.backbone.devices import use_precision
from fewshot.backbone.networks import build_trunk, compiled_by_xla
from fewshot.data.decoding import decoded_batches, read_pool_image
from fewshot.errors import InputError

_TEST_BATCH = 64  # test images on the device at once
# ASSUME: the original augments nothing; where a study asks for it, these are small changes that
# leave the class of a photograph as it is.
_SHIFT = 0.1  # of the edge, at most
_ZOOM = 0.1  # of the size, at most
_HISTORY = ("loss", "accuracy", "val_loss", "val_accuracy")  # as Keras calls the measures


def build_classifier(backbone, weights_path, layer, *, classes, head, precision):
    """Build and compile a frozen network with a softmax layer on one of its layers.

    Parameters
    ----------
    backbone : dict
        network, include_top, image_size and digest of the weights, from `weights`.
    weights_path : str
    layer : str
        Where the softmax layer stands, or "logits". Its activations enter flattened.
    classes : int
    head : dict
        learning_rate, momentum and augment of the study's head.
    precision : {"float32", "float32_full", "bfloat16", "float16"}
        What the frozen network computes in; the softmax layer is float32.

    Returns
    -------
    keras.Model
        From uint8 RGB images of shape (batch, size, size, 3) to logits (batch, classes). Only the
        kernel and the bias of its last layer are trained. The network always runs as at inference:
        neither its normalisations nor its dropout learn.
    """
    size = backbone["image_size"]
    trunk = build_trunk(backbone, [layer], weights_path, precision=use_precision(precision))
    images = keras.Input((size, size, 3), dtype="uint8")
    seen = ops.cast(images, "float32")
    for change in _augmentation() if head["augment"] else ():
        seen = change(seen)
    (activations,) = trunk(seen, training=False)
    features = keras.layers.Flatten()(ops.cast(activations, "float32"))
    dense = keras.layers.Dense(classes, kernel_initializer="zeros", name="head")
    model = keras.Model(images, dense(features))
    optimizer = keras.optimizers.SGD(head["learning_rate"], head["momentum"])
    optimizer.build(model.trainable_variables)
    model.compile(
        optimizer,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=compiled_by_xla(),
    )
    return model


def _augmentation():
    return (
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomTranslation(_SHIFT, _SHIFT),
        keras.layers.RandomZoom(_ZOOM),
    )


def reset(model, seed, repeat):
    """Bring a classifier to the state before training, without building or tracing it anew.

    Parameters
    ----------
    model : keras.Model
        From `build_classifier`.
    seed, repeat : int
        Start the random changes of images, where there are any.
    """
    optimizer = model.optimizer
    # All that is trained, its momenta and the count of steps start at zero.
    for variable in (*model.trainable_variables, *optimizer.momentums, optimizer.iterations):
        variable.assign(ops.zeros_like(variable))
    changes = [layer for layer in model.layers if hasattr(layer, "generator")]
    sequences = np.random.SeedSequence([seed, repeat]).spawn(len(changes))
    for change, sequence in zip(changes, sequences, strict=True):
        change.generator.state.assign(sequence.generate_state(2))


def count_batches(train_images, test_images, head):
    """Count the batches that a network runs on in a training: every image in every epoch.

    Parameters
    ----------
    train_images, test_images : int
    head : dict
        epochs and batch_size of the study's head.

    Returns
    -------
    int
    """
    return head["epochs"] * (-(-train_images // head["batch_size"]) - (-test_images // _TEST_BATCH))


def train(model, pool, train_rows, test_rows, head, rng, progress, *, root, framing, threads):
    """Train a classifier with Keras' `fit`; every image is decoded anew in every epoch.

    Parameters
    ----------
    model : keras.Model
        From `build_classifier`, after `reset`.
    pool : list of PoolRow
    train_rows, test_rows : ndarray of int
        Rows of the pool.
    head : dict
        epochs and batch_size of the study's head.
    rng : numpy.random.Generator
        For the order of images in the epochs.
    progress : fewshot.progress.Progress
        Told of every batch.
    root : str
        Folder of the images.
    framing : fewshot.data.framing.Framing
    threads : int
        For decoding.

    Returns
    -------
    curves : ndarray of shape (epochs, 4), float64
        Loss (mean cross-entropy in nats) and accuracy on the training images, then on the test
        images. Those on the test images are taken after each epoch. Those on the training images
        are the running means that `fit` reports: over the epoch's batches, each before its step.
        To run the training images once more would double the cost that is measured here.
    kernel : ndarray of shape (width, classes), float32
    bias : ndarray of shape (classes,), float32
    seconds : float

    Raises
    ------
    InputError
        If an image is missing or is not the one that was scanned.
    """
    start = time.perf_counter()
    orders = [train_rows[rng.permutation(len(train_rows))] for _ in range(head["epochs"])]
    size = head["batch_size"]
    steps = [rows[i : i + size] for rows in orders for i in range(0, len(rows), size)]
    errors = []
    decoding = {"root": root, "framing": framing, "threads": threads}
    try:
        history = model.fit(
            _decoded(pool, steps, errors, batch_size=size, **decoding),
            epochs=head["epochs"],
            steps_per_epoch=len(steps) // head["epochs"],
            validation_data=_TestImages([pool[row] for row in test_rows], errors, **decoding),
            shuffle=False,
            verbose=0,
            callbacks=[
                keras.callbacks.LambdaCallback(
                    on_epoch_end=_report,
                    on_train_batch_end=lambda batch, logs: progress.advance(),
                    on_test_batch_end=lambda batch, logs: progress.advance(),
                )
            ],
        ).history
    except Exception:
        if errors:  # which the backend has wrapped in its own
            raise errors[0] from None
        raise
    curves = np.stack([history[name] for name in _HISTORY], axis=1)
    return curves, *model.get_layer("head").get_weights(), time.perf_counter() - start


def score(model, pool, rows, *, root, framing, threads):
    """Scores of a trained classifier for some images.

    Parameters
    ----------
    model : keras.Model
    pool : list of PoolRow
    rows : ndarray of int
        Rows of the pool.
    root, framing, threads
        See `train`.

    Returns
    -------
    scores : ndarray of shape (images, classes), float32
        0 for images of the pool that are not asked for.
    seconds : float
    """
    start = time.perf_counter()
    chosen = [pool[row] for row in rows]
    batches = [chosen[first : first + _TEST_BATCH] for first in range(0, len(rows), _TEST_BATCH)]
    images = decoded_batches(batches, root, framing, _TEST_BATCH, threads)
    said = np.concatenate([model.predict_on_batch(batch) for batch in images])[: len(rows)]
    scores = np.zeros((len(pool), said.shape[1]), np.float32)
    scores[rows] = said
    return scores, time.perf_counter() - start


class _TestImages(keras.utils.PyDataset):
    """All test images in every evaluation: from a generator Keras would read ahead of its end."""

    def __init__(self, rows, errors, *, root, framing, threads):
        super().__init__(workers=threads)
        self._rows, self._errors, self._root, self._framing = rows, errors, root, framing

    def __len__(self):
        return -(-len(self._rows) // _TEST_BATCH)

    def __getitem__(self, batch):
        rows = self._rows[batch * _TEST_BATCH : (batch + 1) * _TEST_BATCH]
        try:
            images = [read_pool_image(self._root, row, self._framing) for row in rows]
        except InputError as error:
            self._errors.append(error)
            raise
        return np.stack(images), np.array([row.label for row in rows])


def _decoded(pool, batches, errors, **decoding):
    """Yield images and labels of each training batch; keep the error that ends it."""
    try:
        rows = [[pool[row] for row in batch] for batch in batches]
        for batch, images in zip(rows, decoded_batches(rows, **decoding), strict=True):
            yield images[: len(batch)], np.array([row.label for row in batch])
    except InputError as error:
        errors.append(error)
        raise


def _report(epoch, logs):
    print(
        f"epoch {epoch + 1}: test loss {logs['val_loss']:.4f}, "
        f"test accuracy {logs['val_accuracy']:.4f}",
        flush=True,
    )
