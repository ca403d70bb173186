"""Captions say what the numbers say: other numbers, other sentences."""

import numpy as np
import pandas as pd
import pytest

from fewshot.figures.accuracy_caption import layers_caption, shots_caption, step_signs
from fewshot.figures.temperature_caption import temperatures_caption

SOLVERS = {"sgd": "sgd", "tuned": "logistic"}
WOBBLE = np.array([-0.01, 0.0, 0.01])  # what repeats share cancels in differences


def _results(lines, wobble=WOBBLE):
    """Results of birds: accuracy for each backbone, layer, T, shots and head, plus the wobble."""
    columns = ["backbone", "layer", "temperature", "shots", "head", "test_accuracy", "repeat"]
    rows = [
        (*key, accuracy + part, repeat)
        for key, accuracy in lines.items()
        for repeat, part in enumerate(wobble)
    ]
    return pd.DataFrame(rows, columns=columns).assign(dataset="birds")


def _shots(head="tuned", layer="fc2", backbone="vgg16", **accuracies):
    return {
        (backbone, layer, 1.0, int(shots[1:]), head): value for shots, value in accuracies.items()
    }


def test_steps_are_told_by_their_intervals():
    up, level = np.array([0.50, 0.51, 0.52]), np.array([0.1, 0.3, 0.2])
    assert step_signs([up, up + 0.1]) == [1]
    assert step_signs([up, up - 0.1]) == [-1]
    assert step_signs([level, level[::-1]]) == [0]
    assert step_signs([np.array([0.1]), np.array([0.9])]) == [0]  # one repeat has no interval


def test_shots_by_hand():
    lines = _shots("sgd", s2=0.30, s4=0.40, s8=0.50) | _shots("tuned", s2=0.5, s4=0.6, s8=0.55)
    caption = shots_caption(_results(lines), SOLVERS, 4, True)
    assert "chance is 1/4 = 25 %" in caption
    # sd 1 point, t(2) = 4.303, half width 4.303 / sqrt(3) = 2.48
    assert "tuned: 50.0 % [47.5, 52.5] at 2 shots, 55.0 % [52.5, 57.5] at 8" in caption
    assert "1 of 2 steps a gain, 1 of 2 steps a loss" in caption
    assert "\nsgd: 30.0 %" in caption  # a line of the figure on a line of text
    assert "sgd: 30.0 % [27.5, 32.5] at 2 shots, 50.0 % [47.5, 52.5] at 8; every step" in caption
    assert "tuned less sgd: +20.0 points [20.0, 20.0] at 2 shots" in caption
    assert "1.0 to 1.0 points" in caption


def test_backbones_are_held_against_the_best():
    lines = _shots(backbone="vgg16", s2=0.4, s4=0.9) | _shots(backbone="random", s2=0.2, s4=0.3)
    caption = shots_caption(_results(lines), SOLVERS, 4, True)
    assert (
        "At 4 shots vgg16 less random, the best of its backbone: +60.0 points [60.0, 60.0]."
        in caption
    )


def test_heads_with_other_repeats_are_held_against_each_other_on_the_draws_of_both():
    few = _results(_shots("sgd", backbone="vgg19", s2=0.3, s4=0.4))
    lines = _shots("tuned", s2=0.5, s4=0.5) | _shots("tuned", backbone="vgg19", s2=0.2, s4=0.2)
    results = pd.concat([_results(lines, np.array([*WOBBLE, -0.2, 0.3])), few])
    caption = shots_caption(results, SOLVERS, 4, True)
    assert "means over 3 to 5 repeats, the bands" in caption
    assert "tuned less sgd on vgg19: -10.0 points [-10.0, -10.0] at 2 shots" in caption
    best = results[results["backbone"] == "vgg16"]
    caption = shots_caption(pd.concat([best, few]), SOLVERS, 4, True)
    assert "the best of its backbone: +10.0 points [10.0, 10.0]." in caption


def test_one_repeat_claims_nothing():
    caption = shots_caption(_results(_shots(s2=0.3, s4=0.9), WOBBLE[:1]), SOLVERS, 4, True)
    assert "without intervals" in caption
    assert "one draw tells no step from zero" in caption
    assert "[" not in caption
    assert "nothing tells how far another draw would lie" in caption


@pytest.mark.parametrize(
    ("accuracies", "best", "counts"),
    [((0.2, 0.5, 0.8), "fc2", (2, 0)), ((0.2, 0.8, 0.5), "fc1", (1, 1))],
)
def test_the_claim_about_depth_follows_the_data(accuracies, best, counts):
    layers = ["block1_pool", "fc1", "fc2"]
    lines = {
        ("vgg16", layer, 1.0, 8, "tuned"): accuracy
        for layer, accuracy in zip(layers, accuracies, strict=True)
    }
    caption = layers_caption(_results(lines), layers, SOLVERS, 4, True)
    assert f"highest on {best} with 80.0 %" in caption
    assert "+60.0 points [60.0, 60.0] from block1_pool" in caption
    gains, losses = counts
    assert f"Of all lines {gains} of 2 steps to the next deeper layer gain" in caption
    assert f"{losses} lose, 0 the draws do not tell" in caption


def _temperatures(sgd, tuned, logits=0.8, backbone="vgg16", wobble=WOBBLE):
    lines = {
        (backbone, "predictions", temperature, 8, head): accuracy
        for head, accuracies in (("sgd", sgd), ("tuned", tuned))
        for temperature, accuracy in zip((1.0, 2.0, 16.0), accuracies, strict=True)
    }
    return _results({**lines, (backbone, "centred_logits", 1.0, 8, "tuned"): logits}, wobble)


def test_a_fall_that_the_scale_aware_head_lacks_is_blamed_on_the_recipe():
    results = _temperatures((0.5, 0.6, 0.2), (0.5, 0.6, 0.8))
    caption = temperatures_caption(results, SOLVERS, 4, True)
    assert "highest at T 2 with 60.0 %" in caption
    assert "at T 16 -40.0 points [-40.0, -40.0], falling at every step" in caption
    assert "highest at T 16 with 80.0 % [77.5, 82.5], the largest drawn" in caption
    assert (
        "changes by -30.0 points [-30.0, -30.0] at the fixed rate (sgd) and by +30.0 points"
        in caption
    )
    assert (
        "on inputs that shrink, not from T itself: with inputs brought to one scale the draws tell "
        "no fall." in caption
    )
    assert "tuned at T 16 less tuned on centred_logits: +0.0 points" in caption


@pytest.mark.parametrize(
    ("sgd", "tuned", "so"),
    [
        ((0.5, 0.6, 0.2), (0.8, 0.7, 0.2), "falls also where inputs are brought to one scale"),
        ((0.5, 0.6, 0.7), (0.5, 0.6, 0.8), "the draws tell no fall at the fixed rate"),
    ],
)
def test_other_data_other_conclusion(sgd, tuned, so):
    assert so in temperatures_caption(_temperatures(sgd, tuned), SOLVERS, 4, True)


def test_heads_with_other_repeats_are_blamed_on_the_draws_of_both():
    sides = [
        _temperatures((0.5, 0.6, 0.2), (0.5, 0.6, 0.8), wobble=wobble)
        for wobble in (WOBBLE[:2], np.array([*WOBBLE[:2], 0.1, -0.1]))
    ]
    mixed = [each[(each["head"] == head)] for each, head in zip(sides, SOLVERS, strict=True)]
    caption = temperatures_caption(pd.concat(mixed), SOLVERS, 4, True)
    assert "means over 2 to 4 repeats" in caption
    assert "the fall comes from a fixed rate and number of epochs" in caption


def test_one_draw_blames_nothing():
    results = _temperatures((0.5, 0.6, 0.2), (0.5, 0.6, 0.8), wobble=WOBBLE[:1])
    caption = temperatures_caption(results, SOLVERS, 4, True)
    assert "of one draw no claim is made" in caption
    assert "[" not in caption


def test_a_difference_of_heads_that_the_draws_do_not_tell_is_no_cause():
    results = _temperatures((0.6, 0.6, 0.5), (0.6, 0.6, 0.6))
    noisy = (results["head"] == "tuned") & (results["temperature"] == 16)
    results.loc[noisy, "test_accuracy"] += [-0.2, 0.0, 0.1]
    caption = temperatures_caption(results, SOLVERS, 4, True)
    assert "the draws don't tell the two changes apart" in caption


def test_each_backbone_has_its_own_verdict():
    falls = _temperatures((0.5, 0.6, 0.2), (0.5, 0.6, 0.8), backbone="vgg16")
    rises = _temperatures((0.2, 0.3, 0.4), (0.5, 0.6, 0.8), 0.7, backbone="vgg19")
    caption = temperatures_caption(pd.concat([falls, rises]), SOLVERS, 4, True)
    assert "vgg16: From T 1 to T 16 accuracy changes by -30.0 points [-30.0, -30.0]" in caption
    assert "vgg19: From T 1 to T 16 accuracy changes by +20.0 points [20.0, 20.0]" in caption
    assert "vgg16: tuned at T 16 less tuned on centred_logits: +0.0 points" in caption
    assert "vgg19: tuned at T 16 less tuned on centred_logits: +10.0 points" in caption
