import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from fewshot.report_answers import answers

HEADS = {
    "tuned": {"solver": "logistic"},
    "sgd": {"solver": "sgd"},
    "whole": {"solver": "end_to_end"},
}
LAYERS = [["fc2"], ["fc1", "predictions"]]  # not in the order of the alphabet
BACKBONES = {
    "small": {"network": "SmallVGG", "weights": "a.h5", "layers": LAYERS},
    "random": {"network": "SmallVGG", "weights": "none", "layers": LAYERS},
    "other": {"network": "VGG16", "weights": "none", "layers": LAYERS},
}
KEYS = ("dataset", "backbone", "layer", "temperature", "shots", "head")


def results(*rows):
    """Make a table of rows: five keys of a grid point and its accuracy in each repeat."""
    return pd.DataFrame(
        [
            {
                **dict(zip(KEYS, (dataset, backbone, layer, 1.0, shots, head), strict=True)),
                **{
                    "repeat": repeat,
                    "test_accuracy": value,
                    "epochs": 11 if head == "whole" else 200,
                },
            }
            for dataset, backbone, layer, shots, head, values in rows
            for repeat, value in enumerate(values)
        ]
    )


def said(table, section=None, backbones=BACKBONES, **tables):
    study = {"heads": HEADS, "backbones": backbones}
    found = answers(table, dict.fromkeys(table["dataset"].unique(), 4), study, **tables)
    return [answer.text for answer in found if section in (None, answer.section)]


def test_the_highest_accuracy_at_the_most_shots():
    few, many = np.array([0.3, 0.5, 0.4]), np.array([0.7, 0.8, 0.9])
    table = results(
        ("birds", "small", "fc2", 2, "tuned", few),
        ("birds", "small", "fc2", 8, "tuned", many),
        ("birds", "small", "fc1", 8, "tuned", many - 0.1),
        ("birds", "small", "fc1", 4, "tuned", many + 0.1),
    )
    (text,) = said(table, "Accuracy against shots")
    low, high = t.interval(0.95, 2, 80, np.std(100 * many, ddof=1) / np.sqrt(3))
    assert f"tuned on fc2 names 80.0 % [{low:.1f}, {high:.1f}] of the test images" in text
    assert "with 8 training images a class, small frozen" in text
    assert "the highest of 2 measured there; chance is 1/4 = 25 %" in text
    low, high = t.interval(0.95, 2, 40, np.std(100 * (many - few), ddof=1) / np.sqrt(3))
    assert f"From 2 to 8 training images a class it changes by +40.0 points [{low:.1f}, " in text


def test_an_interval_that_holds_zero_is_said_to():
    table = results(
        ("birds", "small", "fc2", 2, "tuned", [0.4, 0.6]),
        ("birds", "small", "fc2", 4, "tuned", [0.6, 0.5]),
    )
    assert "zero lies inside: the draws don't tell" in said(table)[0]


def test_one_draw_has_no_interval():
    table = results(
        ("birds", "small", "fc2", 2, "tuned", [0.4]), ("birds", "small", "fc2", 4, "tuned", [0.6])
    )
    (text,) = said(table)
    assert "names 60.0 % of the test images" in text
    assert "+20.0 points, of one draw, without an interval" in text
    assert "[" not in text


def test_pretrained_is_held_against_the_same_network_alone():
    table = results(
        ("birds", "small", "fc2", 4, "tuned", [0.8, 0.81]),
        ("birds", "random", "fc2", 4, "tuned", [0.3, 0.31]),
        ("birds", "random", "fc2", 2, "tuned", [0.1, 0.1]),
        ("birds", "other", "fc2", 4, "tuned", [0.2, 0.2]),
    )
    _, text = said(table)
    assert text.startswith("birds: small less random, the same network with random weights, at 4")
    assert "+50.0 points [50.0, 50.0] (tuned on fc2)" in text


def test_a_study_of_random_networks_alone_compares_none():
    table = results(("birds", "random", "fc2", 4, "tuned", [0.3, 0.3]))
    assert len(said(table, backbones={"random": BACKBONES["random"]})) == 1


def test_approaches_are_compared_draw_by_draw_on_the_same_layer():
    table = results(
        ("birds", "small", "fc2", 2, "whole", [0.5, 0.6]),
        ("birds", "small", "fc2", 2, "sgd", [0.4, 0.5]),
        ("birds", "small", "fc2", 4, "whole", [0.5, 0.6]),
        ("birds", "small", "fc2", 4, "sgd", [0.5, 0.6]),
        ("birds", "small", "fc1", 4, "sgd", [0.9, 0.9]),
    )
    assert said(table, "End to end against cached") == [
        "birds: end to end (whole, 11 epochs) less cached (sgd, 200 epochs) on fc2 of small: with "
        "2 shots +10.0 points [10.0, 10.0]; with 4 shots +0.0 points [0.0, 0.0] (zero lies inside: "
        "the draws don't tell)."
    ]


def test_layers_are_compared_in_the_order_of_the_network():
    table = results(
        ("birds", "small", "fc1", 4, "tuned", [0.5, 0.6]),
        ("birds", "small", "fc2", 4, "tuned", [0.7, 0.8]),
        ("birds", "small", "fc2", 8, "tuned", [0.9, 0.9]),
        ("birds", "small", "predictions", 4, "tuned", [1.0, 1.0]),
    )
    (text,) = said(table, "Layers")
    assert text.startswith(
        "birds, small: the mean of tuned with 4 training images a class is highest on fc2, "
    )
    assert "75.0 % [11.5, 100.0]" in text  # 75 +- 12.706 * 5, up to 100
    assert text.endswith("; fc1 less fc2 is -20.0 points [-20.0, -20.0].")
    assert not said(table[table["layer"] != "fc2"], "Layers")


def test_temperatures_are_compared_head_by_head():
    rows = [
        ("birds", "small", "predictions", 8, head, [at, at + 0.01])
        for head, accuracies in (("sgd", (0.6, 0.5, 0.2)), ("tuned", (0.5, 0.7, 0.8)))
        for at in accuracies
    ]
    table = results(*rows)
    table["temperature"] = np.repeat([1.0, 2.0, 16.0] * 2, 2)
    assert said(table, "Temperature") == [
        "birds, small: from T 1 to T 16 the accuracy of sgd on the network's class probabilities, "
        "with 8 training images a class, changes by -40.0 points [-40.0, -40.0]; from T 1 to T 16 "
        "the accuracy of tuned on the network's class probabilities, with 8 training images a "
        "class, changes by +30.0 points [30.0, 30.0]."
    ]


def costs(*rows):
    columns = ["dataset", "backbone", "layer", "head", "approach", "total_seconds"]
    return pd.DataFrame([("birds", "small", *row) for row in rows], columns=columns)


@pytest.mark.parametrize(("cached", "ratio"), [(2.0, "10 times"), (4.0, "5 times")])
def test_times_are_summed_over_shots_and_compared_on_one_layer(cached, ratio):
    table = costs(
        ("fc2", "whole", "end to end", 5.0),
        ("fc2", "whole", "end to end", 15.0),
        ("fc2", "sgd", "cached", cached / 2),
        ("fc2", "sgd", "cached", cached / 2),
        ("fc1", "sgd", "cached", 100.0),
    )
    (text,) = said(results(("birds", "small", "fc2", 4, "tuned", [0.3, 0.3])), "Cost", costs=table)
    assert f"20 s end to end (whole) and {cached:.3g} s cached (sgd)" in text
    assert f"The first is {ratio} the second" in text


def test_unmeasured_times_are_not_told():
    table = costs(
        ("fc2", "whole", "end to end", 5.0),
        ("fc2", "whole", "end to end", np.nan),
        ("fc2", "sgd", "cached", 1.0),
    )
    found = results(("birds", "small", "fc2", 4, "tuned", [0.3, 0.3]))
    assert not said(found, "Cost", costs=table)


def test_lifts_are_counted_by_their_intervals():
    columns = ["dataset", "kind", "lift_low", "lift_high"]
    lifts = [(0.01, 0.02), (0.01, 0.03), (-0.01, 0.02), (-0.05, -0.01)]
    rows = [("birds", "alone", np.nan, np.nan), *(("birds", "distilled", *lift) for lift in lifts)]
    table = results(("birds", "small", "fc2", 4, "tuned", [0.3, 0.3]))
    (text,) = said(table, "Distillation", lifts=pd.DataFrame(rows, columns=columns))
    assert "of 4 pairs" in text
    assert (
        "more than the interval in 2, and lowers it so in 1; the draws don't tell in the other 1"
        in text
    )
    one = pd.DataFrame([("birds", "distilled", np.nan, np.nan)], columns=columns)
    assert "one draw says nothing certain" in said(table, "Distillation", lifts=one)[0]
