"""What the predictions of a grid point say of its test images: values to take means of."""

from typing import NamedTuple

import numpy as np

from fewshot.data.draws import TEST, TRAINED
from fewshot.heads.predictions import read_ranks
from fewshot.results.statistics import two_way

TOP = 5  # classes among which the given one counts as found
MANY_CLASSES = 10  # above: fewer say little by their top five
# From predictions, in the order in which tables have them.
JUDGED = ("test_accuracy", "test_class_accuracy", "test_top5_accuracy", "calibrated_loss")


class Measure(NamedTuple):
    """A value of each test image, and its weight in the mean.

    Attributes
    ----------
    values, weights : ndarray of shape (repeats, images), float
        The weights of a repeat sum to 1, and are 0 for all but test images.
    is_fraction : bool
        Whether the mean is a fraction of images.
    """

    values: np.ndarray
    weights: np.ndarray
    is_fraction: bool

    def by_repeat(self):
        """Mean of each repeat: (repeats,)."""
        return (self.values * self.weights).sum(axis=1)

    def estimate(self, layout):
        """Mean over repeats and images with its interval.

        Parameters
        ----------
        layout : fewshot.results.statistics.Layout

        Returns
        -------
        fewshot.results.statistics.Estimate
        """
        return two_way(self.values, layout, self.weights, fraction=self.is_fraction)


def judge(predictions, labels):
    """Measure a head by its predictions.

    Parameters
    ----------
    predictions : fewshot.heads.predictions.Predictions
    labels : ndarray of shape (images,), int

    Returns
    -------
    dict of str to Measure
        By the names of `JUDGED`: the accuracy, the mean over classes of the accuracy of each, how
        often the given class is among the five highest (where there are more than ten classes),
        and the cross-entropy of the calibrated probabilities in nats.
    """
    tests = predictions.role == TEST
    plain = tests / tests.sum(axis=1, keepdims=True)
    measures = {"test_accuracy": Measure(predictions.rank == 0, plain, True)}
    by_class = np.stack([_class_weights(row, labels) for row in tests])
    measures["test_class_accuracy"] = Measure(predictions.rank == 0, by_class, True)
    if labels.max() >= MANY_CLASSES:
        measures["test_top5_accuracy"] = Measure(predictions.rank < TOP, plain, True)
    given = np.where(tests, predictions.given, 1)
    least = np.finfo(given.dtype).tiny  # what float32 has rounded to zero
    measures["calibrated_loss"] = Measure(-np.log(np.maximum(given, least)), plain, False)
    return measures


def read_right(path):
    """Read which images heads are right on.

    Parameters
    ----------
    path : str or Path
        Predictions of a grid point.

    Returns
    -------
    ndarray of shape (repeats, images), bool
        False for images that trained the head.
    """
    role, rank = read_ranks(path)
    return (rank == 0) & (role != TRAINED)


def _class_weights(tests, labels):
    """Weights that make all classes that are tested count alike."""
    counts = np.bincount(labels[tests], minlength=labels.max() + 1)
    return tests / np.maximum(counts[labels], 1) / (counts > 0).sum()
