import numpy as np
import pandas as pd
import pytest

from fewshot.curve_captions import curves_caption, together_caption

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
        ((3.0, 1.0, 2.5), "overfitting, the head becomes more certain"),
        ((3.0, 1.0, 1.001), "as good as level"),
        ((3.0, 2.0, 1.0), "lowest, 1.000 nats, after the last of 3 epochs: no overfitting yet"),
        ((3.0, np.inf, np.inf), "diverged"),
    ],
)
def test_overfitting_is_said_where_test_loss_grows(test_loss, said):
    caption = curves_caption(POINT, _curves(test_loss, (0.5, 0.6, 0.7)), 4, running=False)
    assert said in caption
    assert "70.0 % [67.5, 72.5] on test images" in caption


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
