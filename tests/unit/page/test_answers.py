import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from fewshot.page.answers import HEADLINE, answers

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
    assert f"tuned on fc2, 80.0 % [{low:.1f}, {min(high, 100):.1f}]" in text
    assert text.startswith("small: of the 2 measured at 8 shots the highest is")
    low, high = t.interval(0.95, 2, 40, np.std(100 * (many - few), ddof=1) / np.sqrt(3))
    assert f"from 2 to 8 shots it changes by +40.0 points [{low:.1f}, " in text


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ([0.3, 0.2], "with random weights it stays at 20 %"),
        ([0.04, 0.2], "with random weights it reaches 20 %"),
        ([0.3, 0.031], "with random weights it stays at 3.1 %"),
    ],
)
def test_the_headline_sets_the_best_line_beside_random_weights(control, expected):
    table = results(
        ("birds", "small", "fc2", 2, "tuned", [0.4, 0.42]),
        ("birds", "small", "fc2", 8, "tuned", [0.8, 0.84]),
        *(
            ("birds", backbone, "fc2", shots, "tuned", [at, at])
            for backbone in ("random", "other")
            for shots, at in zip((2, 8), control, strict=True)
        ),
    )
    first, *others = said(table)
    assert first == (
        "small, frozen, names 82 % of the test images of 4 classes rightly after 8 examples of "
        f"each (41 % after 2); {expected} (chance 25 %)."
    )
    assert said(table, HEADLINE) == [first]
    assert not [text for text in others if "frozen" in text]


@pytest.mark.parametrize(("accuracy", "written"), [(0.9996, "100.0 %"), (0.994, "99 %")])
def test_a_headline_rounds_nothing_up_to_all(accuracy, written):
    (text,) = said(results(("birds", "small", "fc2", 1, "tuned", [accuracy] * 2)), HEADLINE)
    assert f"names {written} of" in text
    assert "after 1 example of each (chance" in text


def test_headlines_of_all_backbones_come_before_the_rest():
    table = results(
        ("birds", "small", "fc2", 4, "tuned", [0.3, 0.3]),
        ("birds", "large", "fc2", 4, "tuned", [0.5, 0.5]),
    )
    backbones = dict.fromkeys(("small", "large"), BACKBONES["small"])
    found = answers(table, {"birds": 4}, {"heads": HEADS, "backbones": backbones})
    assert [(each.section, each.text.split(",")[0].split(":")[0]) for each in found] == [
        *((HEADLINE, name) for name in ("small", "large")),
        *(("Accuracy against shots", name) for name in ("small", "large")),
    ]


def test_an_interval_that_holds_zero_is_said_to():
    table = results(
        ("birds", "small", "fc2", 2, "tuned", [0.4, 0.6]),
        ("birds", "small", "fc2", 4, "tuned", [0.6, 0.5]),
    )
    assert "zero lies inside: the draws don't tell" in said(table, "Accuracy against shots")[0]


def test_one_draw_has_no_interval():
    table = results(
        ("birds", "small", "fc2", 2, "tuned", [0.4]), ("birds", "small", "fc2", 4, "tuned", [0.6])
    )
    assert said(table, "Accuracy against shots") == [
        "small: at 4 shots tuned on fc2, 60.0 %; from 2 to 4 shots it changes by +20.0 points, of "
        "one draw, without an interval."
    ]


def test_pretrained_is_held_against_the_same_network_alone():
    table = results(
        ("birds", "small", "fc2", 4, "tuned", [0.8, 0.81]),
        ("birds", "random", "fc2", 4, "tuned", [0.3, 0.31]),
        ("birds", "random", "fc2", 2, "tuned", [0.1, 0.1]),
        ("birds", "other", "fc2", 4, "tuned", [0.2, 0.2]),
    )
    _, text = said(table, "Accuracy against shots")
    assert text.startswith("small less random, the same network with random weights, at 4 shots")
    assert "+50.0 points [50.0, 50.0] (tuned on fc2)" in text


def test_a_study_of_random_networks_alone_compares_none():
    table = results(("birds", "random", "fc2", 4, "tuned", [0.3, 0.3]))
    headline, _ = said(table, backbones={"random": BACKBONES["random"]})
    assert headline.startswith("random, frozen with random weights, names 30 %")


def test_approaches_are_compared_draw_by_draw_on_the_same_layer():
    table = results(
        ("birds", "small", "fc2", 2, "whole", [0.5, 0.6]),
        ("birds", "small", "fc2", 2, "sgd", [0.4, 0.5]),
        ("birds", "small", "fc2", 4, "whole", [0.5, 0.6]),
        ("birds", "small", "fc2", 4, "sgd", [0.5, 0.6]),
        ("birds", "small", "fc1", 4, "sgd", [0.9, 0.9]),
    )
    assert said(table, "End to end against cached") == [
        "End to end (whole, 11 epochs) less cached (sgd, 200 epochs) on fc2 of small: at 2 shots "
        "+10.0 points [10.0, 10.0]; at 4 shots +0.0 points [0.0, 0.0] (zero lies inside: the draws "
        "don't tell)."
    ]


def test_approaches_with_other_repeats_are_compared_on_the_draws_of_both():
    table = results(
        ("birds", "small", "fc2", 2, "whole", [0.5, 0.6]),
        ("birds", "small", "fc2", 2, "sgd", [0.4, 0.5, 0.0, 0.9]),
    )
    (text,) = said(table, "End to end against cached")
    assert text.endswith("at 2 shots +10.0 points [10.0, 10.0].")


def test_layers_are_compared_in_the_order_of_the_network():
    table = results(
        ("birds", "small", "fc1", 4, "tuned", [0.5, 0.6]),
        ("birds", "small", "fc2", 4, "tuned", [0.7, 0.8]),
        ("birds", "small", "fc2", 8, "tuned", [0.9, 0.9]),
        ("birds", "small", "predictions", 4, "tuned", [1.0, 1.0]),
    )
    # 75 +- 12.706 * 5, up to 100
    assert said(table, "Layers") == [
        "small: tuned at 4 shots is highest on fc2 of 2 layers, 75.0 % [11.5, 100.0]; fc2 less fc1 "
        "+20.0 points [20.0, 20.0]."
    ]
    assert not said(table[table["layer"] != "fc2"], "Layers")


def test_a_layer_in_the_middle_is_held_against_the_last():
    accuracies = {"low": 0.2, "middle": 0.7, "top": 0.6}
    rows = [("birds", "small", name, 4, "tuned", [at] * 2) for name, at in accuracies.items()]
    backbones = {"small": {**BACKBONES["small"], "layers": [list(accuracies)]}}
    (text,) = said(results(*rows), "Layers", backbones)
    assert "middle less top +10.0 points [10.0, 10.0], top less low +40.0 points" in text


def test_layers_are_compared_at_the_most_shots_that_most_of_them_have():
    rows = [
        ("birds", "small", layer, shots, "tuned", [shots / 100] * 2)
        for shots in (2, 4, 8)
        for layer in ("fc1", "fc2")
    ]
    rows.append(("birds", "small", "fc2", 16, "tuned", [0.9] * 2))
    assert said(results(*rows), "Layers")[0].startswith("small: tuned at 8 shots")


def test_temperatures_are_compared_head_by_head():
    rows = [
        ("birds", "small", "predictions", 8, head, [at, at + 0.01])
        for head, accuracies in (("sgd", (0.6, 0.5, 0.2)), ("tuned", (0.5, 0.7, 0.8)))
        for at in accuracies
    ]
    table = results(*rows)
    table["temperature"] = np.repeat([1.0, 2.0, 16.0] * 2, 2)
    assert said(table, "Temperature") == [
        "small: sgd on the class probabilities at 8 shots changes from T 1 to T 16 by -40.0 points "
        "[-40.0, -40.0]; tuned on the class probabilities at 8 shots changes from T 1 to T 16 by "
        "+30.0 points [30.0, 30.0]."
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


def test_each_answer_stands_under_its_dataset():
    table = results(
        ("birds", "small", "fc2", 4, "tuned", [0.3, 0.3]),
        ("fish", "small", "fc2", 4, "tuned", [0.5, 0.5]),
    )
    times = costs(("fc2", "whole", "end to end", 5.0), ("fc2", "sgd", "cached", 1.0))
    found = answers(
        table, {"birds": 4, "fish": 3}, {"heads": HEADS, "backbones": BACKBONES}, costs=times
    )
    assert [(each.dataset, each.section) for each in found] == [
        *(("birds", section) for section in (HEADLINE, "Accuracy against shots", "Cost")),
        *(("fish", section) for section in (HEADLINE, "Accuracy against shots")),
    ]
