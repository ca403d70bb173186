"""Accuracy against T: drawn and told by hand, and on made-up logits, where the fall of a fixed rate
appears and vanishes as it must.
"""

import numpy as np
import pytest
from made_tables import WOBBLE, grid, make_tables, wobbling

from fewshot.backbone.compact import coordinates_of, soften
from fewshot.figures.against_temperature import draw, say_temperatures
from fewshot.heads.train import train
from fewshot.study.figure_kinds import Figure

BOTH = ("sgd", "tuned")


def drawn(accuracy, **changes):
    tables = make_tables(accuracy, **changes)
    return draw(Figure("temperature", "", "birds", points=[*accuracy]), tables)


def softened(sgd, tuned, backbone="vgg16", wobble=WOBBLE, temperatures=("1", "2", "16")):
    """Accuracies of both heads at each T."""
    points = grid("birds", (backbone,), ("predictions",), temperatures, heads=BOTH)
    both = [each for pair in zip(sgd, tuned, strict=True) for each in pair]
    return wobbling(points, both, wobble)


def level(accuracy=0.8, layers=("centred_logits",), backbone="vgg16", wobble=WOBBLE):
    points = grid("birds", (backbone,), layers)
    return wobbling(points, [accuracy] * len(points), wobble)


def caption(accuracy, **changes):
    return drawn(accuracy, **changes)[1].split("\n\n")


def test_figure_by_hand():
    points = grid(layers=("predictions",), temperatures=("2", "0.5", "1"), shots=(2, 8))
    figure, _ = drawn(wobbling(points, 0.1 * np.arange(1, 7)))
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.5", "1", "2"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["2-shot", "8-shot"]
    np.testing.assert_allclose(axes.get_lines()[1].get_ydata(), [40, 60, 20])
    assert axes.get_xlabel() == "T (temperature of the class probabilities)"
    title = "birds: test accuracy against temperature\nvgg16 · predictions · tuned"
    assert figure.get_suptitle() == title


def test_layers_without_temperature_are_level_lines():
    accuracy = softened((0.1, 0.2, 0.3), (0.4, 0.5, 0.6)) | level(0.7, ("centred_logits", "fc2"))
    axes = drawn(accuracy)[0].axes[0]
    names = ["predictions · sgd", "predictions · tuned", "centred_logits · tuned", "fc2 · tuned"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == names
    sgd, tuned, logits, fc2 = axes.get_lines()[:4]
    np.testing.assert_allclose(sgd.get_ydata(), [10, 20, 30])
    for line in (logits, fc2):
        assert line.get_xdata().tolist() == [1, 2, 16]
        np.testing.assert_allclose(line.get_ydata(), 70)
        assert line.get_marker() == ""
    assert len({line.get_color() for line in (sgd, tuned, logits, fc2)}) == 4
    assert logits.get_linestyle() != fc2.get_linestyle()


def test_a_fall_that_the_scale_aware_head_lacks_is_blamed_on_the_recipe():
    opening, said = caption(softened((0.5, 0.6, 0.2), (0.5, 0.6, 0.8)) | level())
    assert opening.endswith(" Level lines know no T.")
    assert said == (
        "vgg16 · 8-shot, from T 1 to T 16: sgd -30.0 points [-30.0, -30.0], tuned +30.0 points "
        "[30.0, 30.0]: the fall comes from the fixed rate, not from T."
    )


def test_the_highest_t_is_told_beside_the_change():
    points = grid(layers=("predictions",), temperatures=("1", "2", "16"))
    said = say_temperatures(make_tables(wobbling(points, (0.5, 0.6, 0.2))), points)
    assert said == "-30.0 points [-30.0, -30.0] from T 1 to T 16, highest at T 2"


@pytest.mark.parametrize(
    ("sgd", "tuned", "so"),
    [
        ((0.5, 0.6, 0.2), (0.8, 0.7, 0.2), "accuracy falls also where inputs are brought to one"),
        ((0.5, 0.6, 0.7), (0.5, 0.6, 0.8), "no fall at the fixed rate can be told"),
    ],
)
def test_other_data_other_conclusion(sgd, tuned, so):
    assert f"]: {so}" in caption(softened(sgd, tuned))[1]


def test_a_difference_of_heads_that_the_draws_do_not_tell_is_no_cause():
    accuracy = softened((0.6, 0.6, 0.5), (0.6, 0.6, 0.6))
    noisy = next(p for p in accuracy if (p.head, p.temperature) == ("tuned", "16"))
    accuracy[noisy] = accuracy[noisy] + [-0.2, 0.0, 0.1]
    assert caption(accuracy)[1].endswith(": the two changes can't be told apart.")


def test_heads_with_other_repeats_are_blamed_on_the_draws_of_both():
    accuracy = softened((0.5, 0.6, 0.2), (0.5, 0.6, 0.8))
    few = {point: values[:2] for point, values in accuracy.items() if point.head == "sgd"}
    opening, said = caption(accuracy | few)
    assert "means over 2 to 3 repeats" in opening
    assert said.endswith(": the fall comes from the fixed rate, not from T.")


def test_a_head_without_another_has_no_verdict():
    accuracy = softened((0.5, 0.6, 0.2), (0.5, 0.6, 0.8))
    alone = {point: values for point, values in accuracy.items() if point.head == "sgd"}
    opening, said = caption(alone)
    assert "Level lines" not in opening
    assert said == "vgg16 · 8-shot, from T 1 to T 16: sgd -30.0 points [-30.0, -30.0]."


def test_the_best_backbone_is_spoken_of():
    falls = softened((0.5, 0.6, 0.2), (0.5, 0.6, 0.8))
    rises = softened((0.2, 0.3, 0.4), (0.5, 0.6, 0.9), "vgg19")
    said = caption(falls | rises)[1]
    assert said.startswith("vgg19 · 8-shot, from T 1 to T 16: sgd +20.0 points")
    assert said.endswith(": no fall at the fixed rate can be told.")
    assert "vgg16" not in said


def test_what_the_original_found_is_said_where_the_dataset_has_its_role():
    accuracy = softened((0.5, 0.6, 0.2), (0.5, 0.6, 0.8))
    said = caption(accuracy, role="caltech256")[1]
    assert said.endswith(" The original is highest at T 2.")
    assert "original" not in "".join(caption(accuracy))


CLASSES, SOURCES, IMAGES = 5, 40, 24
SGD = {"solver": "sgd", "epochs": 30, "batch_size": 4, "learning_rate": 0.05, "momentum": 0.9}
TUNED = {"solver": "logistic"}


@pytest.fixture(scope="module")
def world():
    """Logits of a backbone with 40 classes for images of 5 classes: a pattern and noise each."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), IMAGES)
    patterns = 3 * rng.standard_normal((CLASSES, SOURCES))
    noise = 3 * rng.standard_normal((len(labels), SOURCES)) + 4 * rng.standard_normal(
        (len(labels), 1)
    )
    logits = (patterns[labels] + noise).astype(np.float32)
    return logits, labels


def accuracy(world, head, temperature=None, *, centred=False, one_scale=False):
    logits, labels = world

    def read(start, stop):
        return logits[:, start:stop].copy()

    coordinates = coordinates_of(read, *logits.shape, temperature, centred)
    if one_scale:  # T (softmax(z / T) - 1/N) tends to (z - mean z) / N
        coordinates = (coordinates - np.float32(1 / SOURCES)) * np.float32(temperature)
    rows = np.arange(len(labels))
    rng = np.random.default_rng(0)
    result, *_ = train(
        coordinates, labels, rows[:20], rows[20:], head, rng, classes=labels.max() + 1
    )
    return result["test_accuracy"]


def test_softened_probabilities_tend_to_centred_logits(world):
    logits = world[0].astype(np.float64)
    centred = logits - logits.mean(axis=1, keepdims=True)
    errors = []
    for temperature in (200.0, 400.0, 800.0):
        limit = 1 / SOURCES + centred / (SOURCES * temperature)
        exact = np.exp(logits / temperature)
        exact /= exact.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(soften(world[0], temperature), exact, atol=1e-7)
        errors.append(np.abs(exact - limit).max())
    # O(1 / T^2): a quarter at twice the T
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.05)


def test_the_fall_appears_at_a_fixed_rate(world):
    falling = [accuracy(world, SGD, t) for t in (4.0, 16.0, 64.0)]
    assert falling[0] > falling[1] > falling[2]
    assert falling[2] < falling[0] - 0.3


def test_the_fall_vanishes_where_the_same_recipe_gets_inputs_of_one_scale(world):
    level = [accuracy(world, SGD, t, one_scale=True) for t in (4.0, 16.0, 64.0)]
    assert min(level[1:]) >= level[0]


def test_the_fall_vanishes_for_the_head_that_finds_the_scale_itself(world):
    tuned = [accuracy(world, TUNED, t) for t in (1.0, 4.0, 16.0, 128.0)]
    assert tuned[-1] > tuned[0]
    assert tuned[-1] == pytest.approx(accuracy(world, TUNED, centred=True), abs=0.011)
