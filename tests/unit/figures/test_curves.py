"""Figures of learning curves, and what is said of them, against numbers made by hand."""

import math
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.figures.curves import Found, draw_alone, draw_together
from fewshot.figures.style import publish_figure
from fewshot.point import FACTORS, Point
from fewshot.results.contrasts import Contrast
from fewshot.results.curves import bands
from fewshot.study.figure_kinds import Figure

POINT = Point("a$b_c$", "vgg16", "conv_pw_11_relu", "1", 8, "sgd")
SOLVERS = {"sgd": "sgd", "whole": "end_to_end", "slow": "sgd"}
RISE = "test loss from its lowest test loss"
ACCURACY = "test accuracy from its lowest test loss"
TRAINED = "train loss from its lowest test loss"
GUESSING = "test loss above guessing"


def _curves(repeats, epochs=3):
    """Test accuracy 0.1 x epoch in repeat 0, 0.2 more in repeat 1; loss ten times that."""
    epoch, repeat = np.arange(1, epochs + 1)[:, None], np.arange(repeats)
    return {
        "train_loss": 0.5 / epoch + 0 * repeat,
        "train_accuracy": 1.0 + 0 * epoch * repeat,
        "test_loss": epoch + 2.0 * repeat,
        "test_accuracy": 0.1 * epoch + 0.2 * repeat,
    }


def _found(curves, classes=4, contrasts=(), point=POINT):
    row = {"repeats": curves["test_loss"].shape[1]}
    for part in ("train", "test"):
        row |= {f"{part}_accuracy_{end}": n for end, n in (("mean", 0.7), ("low", 0.675))}
        row[f"{part}_accuracy_high"] = 0.725
    return Found({point: bands(curves)}, list(contrasts), {point: row}, classes, SOLVERS)


def _alone(curves, classes=4, contrasts=(), point=POINT):
    figure = Figure("curves", "x.png", point.dataset, point.backbone, [point])
    return draw_alone(figure, _found(curves, classes, contrasts, point))


def _inside(figure):
    """Say whether everything that is drawn lies on the figure."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    box = figure.get_tightbbox(renderer)
    width, height = figure.get_size_inches()
    return box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


def test_panels_show_means_in_percent_and_chance():
    figure, _ = _alone(_curves(2))
    loss, accuracy = figure.axes
    assert [loss.get_ylabel(), loss.get_xlabel()] == ["loss: cross-entropy (nats)", "epoch"]
    assert [accuracy.get_ylabel(), accuracy.get_xlabel()] == ["accuracy (%)", "epoch"]
    train, test = loss.get_lines()
    np.testing.assert_allclose(train.get_ydata(), [0.5, 0.25, 0.5 / 3])
    np.testing.assert_allclose(test.get_ydata(), [2, 3, 4])
    train, test, chance = accuracy.get_lines()
    np.testing.assert_allclose(train.get_ydata(), [100, 100, 100])
    np.testing.assert_allclose(test.get_ydata(), [20, 30, 40])
    assert set(chance.get_ydata()) == {25}
    assert chance.get_linestyle() == "--"
    assert chance.get_label() == "chance: 1/4 = 25 %"


def test_lines_differ_in_marker_as_well():
    for axes in _alone(_curves(2))[0].axes:
        markers = [line.get_marker() for line in axes.get_lines()[:2]]
        assert len(set(markers)) == 2


@pytest.mark.parametrize(("repeats", "count"), [(1, 0), (2, 2), (5, 2)])
def test_bands_only_with_several_repeats(repeats, count):
    figure, _ = _alone(_curves(repeats))
    assert [len(axes.collections) for axes in figure.axes] == [count, count]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[:3] == ["train images", "test images", "chance: 1/4 = 25 %"]
    assert len(labels) == (3 if repeats == 1 else 4)


@pytest.mark.parametrize(("classes", "label"), [(2, "50"), (3, "33"), (257, "0.39")])
def test_chance_lies_on_the_accuracy_axis(classes, label):
    accuracy = _alone(_curves(2), classes)[0].axes[1]
    bottom, top = accuracy.get_ylim()
    assert bottom < 100 / classes < top
    assert bottom < 0
    assert 100 < top < 105
    assert accuracy.get_lines()[2].get_label() == f"chance: 1/{classes} = {label} %"


def test_band_of_two_repeats_does_not_flatten_the_loss():
    loss = _alone(_curves(2))[0].axes[0]
    assert loss.get_ylim()[1] == pytest.approx(1.03 * 1.5 * 4)  # the highest mean is 4


def test_diverged_run_leaves_a_figure_that_says_so():
    curves = _curves(2)
    for measure in ("train_loss", "test_loss"):
        curves[measure] = curves[measure].astype(float)
        curves[measure][1:] = np.inf
        curves[measure][2:] = np.nan
    figure, caption = _alone(curves)
    assert np.isfinite(figure.axes[0].get_ylim()).all()
    FigureCanvasAgg(figure).draw()
    assert "Training diverged: the loss is not finite." in caption


def test_title_is_literal_and_fits():
    softened = POINT._replace(layer="predictions", temperature="0.5")
    long = {key: f"{getattr(POINT, key)}_MWMWMWMWMWMWMWMW" for key in (*FACTORS[:2], "head")}
    heads = SOLVERS | {long["head"]: "sgd"}
    for point, title in (
        (POINT, "a$b_c$: vgg16 · conv_pw_11_relu · 8-shot · sgd"),
        (softened, "a$b_c$: vgg16 · predictions · T 0.5 · 8-shot · sgd"),
        (POINT._replace(**long), None),
    ):
        found = _found(_curves(2), 257, point=point)._replace(solvers=heads)
        figure, _ = draw_alone(Figure("curves", "x.png", "", "", [point]), found)
        assert title in (None, figure.get_suptitle())
        assert not figure._suptitle.get_parse_math()
        assert _inside(figure)


def _contrast(question, mean, half, a="epoch 3", b="epoch 2", at=None):
    at = at or POINT.label(*FACTORS)
    ends = (math.nan, math.nan) if half is None else (mean - half, mean + half)
    p = math.nan if half is None else float(abs(mean) < half)
    return Contrast(POINT.dataset, question, a, b, at, mean, *ends, p, p, 3)


def _said(rise=0.5, accuracy=0.1, trained=-0.1, half=0.01, more=()):
    """Caption where test loss is lowest, 3 nats, after epoch 1 and then rises."""
    questions = {RISE: rise, ACCURACY: accuracy, TRAINED: trained}
    contrasts = [_contrast(question, mean, half) for question, mean in questions.items()]
    return _alone(_curves(3), contrasts=[*contrasts, *more])[1]


def test_a_rise_of_test_loss_is_told_with_its_interval_and_accuracy():
    assert (
        "Test loss is lowest after epoch 2 of 3 and ends 0.500 nats [0.490, 0.510] higher, "
        "test accuracy +10.0 points [9.0, 11.0]"
    ) in _said()
    assert _said().count("\n\n") == 1


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ({}, ": fewer errors, but surer ones."),
        ({"accuracy": 0.0}, ": overfitting."),
        ({"accuracy": -0.2}, ": overfitting."),
        ({"rise": 0.005}, ": a rise that these draws do not tell from none."),
        ({"rise": 0.1}, ": as good as level."),  # below 5 % of 3 nats
        ({"trained": 0.9}, "; training loss rises too: the steps are too long to settle."),
        ({"half": None}, ", of one draw."),
    ],
)
def test_a_rise_is_judged_as_far_as_its_interval_tells(numbers, verdict):
    assert verdict in _said(**numbers)


def test_no_rise_is_no_overfitting():
    caption = _alone(_curves(3))[1]
    assert "lowest after the last of 3 epochs: no overfitting yet" in caption


@pytest.mark.parametrize(("mean", "half", "is_said"), [(1.0, 0.5, True), (1.0, 1.5, False)])
def test_a_loss_above_that_of_guessing_is_said(mean, half, is_said):
    caption = _said(more=[_contrast(GUESSING, mean, half)])
    text = "Test loss ends 1.000 nats above that of guessing: the head's steps are too long or too"
    assert (text in caption) == is_said


def test_of_curves_end_to_end_it_is_said_what_those_on_training_images_are():
    caption = _alone(_curves(3), point=POINT._replace(head="whole"))[1]
    assert "Those on training images are running means over an epoch, as Keras" in caption
    assert "running" not in _alone(_curves(3))[1]


def test_one_repeat_has_no_interval():
    curves = _curves(1)
    found = _found(curves)
    row = found.summary[POINT] | dict.fromkeys(
        [f"{part}_accuracy_{end}" for part in ("train", "test") for end in ("low", "high")],
        math.nan,
    )
    found = found._replace(summary={POINT: row})
    _, caption = draw_alone(Figure("curves", "x.png", "", "", [POINT]), found)
    assert "sgd, one repeat, without intervals." in caption
    assert "[" not in caption


def _together(axis, values):
    points = [POINT._replace(**{"layer": "predictions", axis: value}) for value in values]
    founds = [_found(_curves(2), point=point) for point in points]
    summary = {}
    for number, found in enumerate(founds):
        for point, row in found.summary.items():
            summary[point] = row | {"test_accuracy_mean": 0.4 + 0.5 * number}
    found = founds[0]._replace(
        bands={point: each.bands[point] for each, point in zip(founds, points, strict=True)},
        summary=summary,
        contrasts=[
            _contrast(
                axis, 0.5, 0.1, "fc2", "fc1", points[0].label(*(f for f in FACTORS if f != axis))
            )
        ],
    )
    return draw_together(Figure(f"{axis}_curves", "x.png", POINT.dataset, "vgg16", points), found)


@pytest.mark.parametrize(
    ("axis", "values", "labels"),
    [("layer", ("fc1", "fc2"), ["fc1", "fc2"]), ("temperature", ("1", "16"), ["T 1", "T 16"])],
)
def test_four_panels_with_a_line_each(axis, values, labels):
    figure, caption = _together(axis, values)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["train images", "test images"] * 2
    assert [line.get_label() for line in figure.axes[2].get_lines()] == labels
    assert [len(axes.get_lines()) for axes in figure.axes] == [3, 3, 2, 2]
    assert figure.get_suptitle().endswith(f", by {axis}")
    assert _inside(figure)
    assert f"one line a {axis}" in caption
    assert f"Test accuracy ends between 90.0 % [67.5, 72.5] ({labels[1]}) and 40.0 %" in caption
    assert caption.endswith(f"and 40.0 % [67.5, 72.5] ({labels[0]}).")


def test_lines_together_say_their_numbers_where_they_have_markers(tmp_path):
    figure, _ = _together("layer", ("fc1", "fc2"))
    publish_figure(figure, "", tmp_path / "a.png")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    said = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    # 3 epochs of the first line, 2 of the second, whose first marker is one later; four panels.
    assert len(said) == 4 * 5
    assert said[:2] == [
        "fc1, epoch 1: 100.0 % [100.0, 100.0]",
        "fc1, epoch 2: 100.0 % [100.0, 100.0]",
    ]
    assert "fc2, epoch 2: 3.000 nats" in said
