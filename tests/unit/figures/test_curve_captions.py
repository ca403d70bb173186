import numpy as np
import pandas as pd
import pytest

from fewshot.figures.curve_captions import curves_caption, together_caption

POINT = {
    "dataset": "birds",
    "backbone": "vgg16",
    "layer": "fc2",
    "temperature": "1",
    "shots": 2,
    "head": "sgd",
}


def _curves(test_loss, test_accuracy, wobble=(-0.01, 0, 0.01), train_accuracy=1.0):
    """Curves of as many repeats as the wobble has values, which is added to loss and accuracy."""
    rows = [
        (repeat, epoch, 0.1, train_accuracy, loss + part, accuracy + part)
        for repeat, part in enumerate(wobble)
        for epoch, (loss, accuracy) in enumerate(zip(test_loss, test_accuracy, strict=True), 1)
    ]
    columns = ["repeat", "epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("test_loss", "said"),
    [
        ((3.0, 1.0, 2.5), "after epoch 2 of 3, 1.000 nats, and 1.500 nats [1.500, 1.500] higher"),
        ((3.0, 1.0, 2.5), "the head becomes more certain of its errors, while it makes fewer."),
        ((3.0, 1.0, 2.5), "picked on these same curves, so the rise is an upper bound."),
        ((3.0, 1.0, 1.04), "as good as level"),
        ((3.0, 1.0, 1.06), "while it makes fewer"),
        ((3.0, 2.0, 1.0), "lowest, 1.000 nats, after the last of 3 epochs: no overfitting yet"),
        ((3.0, np.inf, np.inf), "diverged"),
    ],
)
def test_overfitting_is_said_where_test_loss_grows(test_loss, said):
    caption = curves_caption(POINT, _curves(test_loss, (0.5, 0.6, 0.7)), 4, running=False)
    assert said in caption
    assert "70.0 % [67.5, 72.5] on test images" in caption


def _caption(test_loss, test_accuracy=(0.5, 0.6, 0.7), classes=4, **changes):
    curves = _curves(test_loss, test_accuracy, **changes)
    return curves_caption(POINT, curves, classes, running=False)


@pytest.mark.parametrize(
    ("accuracies", "overfits"),
    [((0.5, 0.6, 0.7), False), ((0.5, 0.6, 0.6), True), ((0.5, 0.6, 0.5), True)],
)
def test_overfitting_is_said_only_where_accuracy_does_not_rise(accuracies, overfits):
    assert ("overfitting" in _caption((3.0, 1.0, 1.2), accuracies)) == overfits


@pytest.mark.parametrize(
    ("test_loss", "classes", "said"),
    [
        # ln 4 = 1.39 and ln 20 = 3.00
        ((3.0, 1.0, 2.5), 4, "at the end, 2.5 nats, is above that of guessing, 1.4: for this loss"),
        (
            (3.0, 1.0, 2.5),
            4,
            "the steps on this layer are too long or too many (the head's learning_rate",
        ),
        (
            (43.6, 40.0, 30.0),
            4,
            "30 nats, is above that of guessing, 1.4, and so it is after every",
        ),
        ((3.0, 1.0, 1.39), 4, "1.4, though the draws don't tell."),
        ((3.0, 1.0, 2.5), 20, None),
    ],
)
def test_a_loss_above_that_of_guessing_is_said(test_loss, classes, said):
    caption = _caption(test_loss, classes=classes)
    assert said in caption if said else "guessing" not in caption


def test_a_loss_that_is_not_finite_is_held_against_nothing():
    assert "guessing" not in _caption((3.0, np.inf, np.inf))


def test_curves_end_to_end_are_held_against_cached_ones_at_the_same_epoch():
    whole = _curves((3.0, 2.0), (0.3, 0.4))
    longer = _curves((3.0, 2.0, 1.0), (0.5, 0.6, 0.9))

    def beside(*cached):
        return curves_caption(POINT, whole, 4, running=True, cached=cached).split("\n\n")

    assert beside(("sgd", longer))[2] == (
        "After the same 2 epochs sgd on cached activations has 60.0 % [57.5, 62.5] on test images; "
        "end to end less that: -20.0 points [-20.0, -20.0]."
    )
    other = _curves((3.0, 2.0), (0.3, 0.1))
    assert "less that: +30.0 points [30.0, 30.0]." in beside(("sgd", longer), ("slow", other))[2]
    level = _curves((3.0, 2.0), (0.3, 0.4), wobble=(0.01, 0, -0.01))
    assert "the draws don't tell" in beside(("sgd", level))[2]
    assert len(beside(("short", _curves((3.0,), (0.5,))))) == 2  # it has no such epoch
    more = _curves((3.0, 2.0), (0.5, 0.6), wobble=(-0.01, 0, 0.01, 0.3, 0.4))
    assert beside(("sgd", more)) == beside(("sgd", longer))  # on the draws of both


def test_a_rise_within_the_spread_is_none():
    curves = _curves((3.0, 1.0, 1.1), (0.5, 0.6, 0.7))
    last = curves["epoch"] == 3
    curves.loc[last, "test_loss"] += [-1.0, 0.0, 1.0]
    assert "do not tell from none" in curves_caption(POINT, curves, 4, running=False)


def test_a_rise_of_both_losses_is_no_overfitting():
    curves = _curves((3.0, 1.0, 2.5), (0.5, 0.6, 0.7))
    curves.loc[curves["epoch"] == 3, "train_loss"] = 0.9
    caption = curves_caption(POINT, curves, 4, running=False)
    assert "training loss rises too" in caption
    assert "overfitting" not in caption


def test_a_fall_of_accuracy_is_more_than_certainty():
    caption = curves_caption(POINT, _curves((3.0, 1.0, 2.5), (0.5, 0.6, 0.4)), 4, running=False)
    assert "test accuracy changes by -20.0 points [-20.0, -20.0]: overfitting." in caption


def test_one_repeat_has_no_interval():
    caption = curves_caption(POINT, _curves((3, 1, 2), (0.5, 0.6, 0.7), (0,)), 4, running=False)
    assert "One repeat" in caption
    assert "[" not in caption
    assert "One draw does not tell" in caption
    assert "overfitting" not in caption


def test_lines_are_listed_from_the_best():
    tables = [_curves((1.0,), (0.4,)), _curves((1.0,), (0.9,), train_accuracy=0.98)]
    caption = together_caption("layer", ["fc1", "fc2"], tables, 4, "birds: vgg16")
    assert "90.0 % [87.5, 92.5] (fc2) and 40.0 % [37.5, 42.5] (fc1)" in caption
    assert "fc2 less fc1: +50.0 points [50.0, 50.0]." in caption
    assert "Mean training accuracy is then 99.5 % or more on fc1." in caption
