"""The main answers of a study in sentences, computed from its tables."""

from typing import NamedTuple

import numpy as np

from fewshot.figures.claims import estimate, listed, percent, told
from fewshot.page.distillation import distilled
from fewshot.study.forward_passes import SCORES

HEADLINE = ""  # in the place of a section: what a reader with ten seconds should know
_LINE = ["dataset", "backbone", "layer", "temperature", "head"]


class Answer(NamedTuple):
    """A sentence or two on a dataset, and the section of the report that has the figures for it."""

    dataset: str
    section: str  # HEADLINE for the first sentence of a dataset
    text: str


def answers(results, classes, study, costs=None, lifts=None):
    """Answer the questions that the study's results decide.

    Parameters
    ----------
    results : pandas.DataFrame
        From `fewshot.results.frames.read_accuracy`, all grid points.
    classes : dict of str to int
        Number of classes of each dataset.
    study : dict
    costs : pandas.DataFrame or None
        dataset, backbone, layer, head, approach ("end to end" or "cached") and total_seconds, a
        row for each number of shots.
    lifts : pandas.DataFrame or None
        Students, with the columns `fewshot.results.distillation.DISTILLATION_COLUMNS`.

    Returns
    -------
    list of Answer
        Dataset by dataset, headlines first.
    """
    backbones = study["backbones"]
    controls = [name for name, backbone in backbones.items() if backbone["weights"] == "none"]
    trained = [name for name in backbones if name not in controls] or controls
    found = []
    for dataset, count in classes.items():
        own = results[results["dataset"] == dataset]
        said = []
        for backbone in trained:
            alike = [
                name
                for name in controls
                if name != backbone and backbones[name]["network"] == backbones[backbone]["network"]
            ]
            said += _of_backbone(own, backbones[backbone], backbone, alike, count)
        said += _both_approaches(own, study["heads"])
        said += _times(costs[costs["dataset"] == dataset]) if costs is not None else []
        if lifts is not None:
            texts = distilled(lifts[lifts["dataset"] == dataset])
            said += [("Distillation", text) for text in texts]
        # False before True: headlines, then the rest in its order.
        said.sort(key=lambda each: each[0] != HEADLINE)
        found += [Answer(dataset, *each) for each in said]
    return found


def _of_backbone(own, settings, backbone, controls, classes):
    """Say what one backbone reaches on one dataset: pairs of a section and its sentence."""
    alone = own[own["backbone"] == backbone]
    layers = [layer for entry in settings["layers"] for layer in entry]
    said = _best(own, backbone, controls, classes, settings["weights"] == "none")
    for control in controls:
        said += _beside_control(own, backbone, control)
    said += _layers(alone, [layer for layer in layers if layer not in SCORES])
    return said + _temperatures(alone)


def _named(row):
    temperature = f" at T {row['temperature']:g}" if row["temperature"] != 1 else ""
    return f"{row['head']} on {row['layer']}{temperature}"


def _best(own, backbone, controls, classes, random):
    """Give the highest accuracy at the most shots, and how far it is above that at the fewest."""
    alone = own[own["backbone"] == backbone]
    if alone.empty:
        return []
    most = alone[alone["shots"] == alone["shots"].max()]
    means = most.groupby(_LINE, sort=False)["test_accuracy"].mean()
    best = dict(zip(_LINE, means.idxmax(), strict=True))
    by_shots = _by_shots(own, best)
    few, many = min(by_shots), max(by_shots)
    chosen = f"of the {len(means)} measured at {many} shots the highest is" * (len(means) > 1)
    text = f"{backbone}: {chosen or f'at {many} shots'} {_named(best)}, "
    text += percent(estimate(by_shots[many]))
    if many > few:
        gain = told(estimate(by_shots[many] - by_shots[few]))
        text += f"; from {few} to {many} shots it changes by {gain}"
    others = {name: _by_shots(own, {**best, "backbone": name}) for name in controls}
    headline = _headline(by_shots, others, f"{backbone}, frozen", random, classes)
    return [(HEADLINE, headline), ("Accuracy against shots", f"{text}.")]


def _by_shots(own, line):
    """Find the test accuracies of a line, an array of shape (repeats,) for each shots."""
    rows = own[(own[list(line)] == list(line.values())).all(axis=1)]
    return {int(shots): each["test_accuracy"].to_numpy() for shots, each in rows.groupby("shots")}


def _headline(by_shots, controls, name, random, classes):
    few, many = min(by_shots), max(by_shots)
    start = f" ({_plain(by_shots[few])} after {few})" if many > few else ""
    text = (
        f"{name}{' with random weights' * random}, names {_plain(by_shots[many])} of the test "
        f"images of {classes} classes rightly after {many} example{'s' * (many > 1)} of "
        f"each{start}"
    )
    beside = next((line for line in controls.values() if many in line), None)
    if beside:
        rises = few in beside and many > few and estimate(beside[many] - beside[few]).sign > 0
        text += f"; with random weights it {'reaches' if rises else 'stays at'} "
        text += _plain(beside[many])
    return f"{text} (chance {100 / classes:.2g} %)."


def _plain(accuracies):
    """Round a mean accuracy for a headline, where neither 0 nor 100 % may come of rounding."""
    value = 100 * np.mean(accuracies)
    return f"{value:.0f} %" if 10 <= value < 99.5 else f"{value:.1f} %"


def _differences(first, second, keys):
    """Subtract test accuracies repeat by repeat, wherever both sides were measured.

    Yields
    ------
    (dict, Estimate)
        A row of both sides for each pair of grid points: what is no key ends in "_x" and "_y".
    """
    keys = [*keys, "shots"]
    both = first.merge(second, on=[*keys, "repeat"])
    heads = [column for column in ("head_x", "head_y") if column in both]
    for _, rows in both.groupby([*keys, *heads], sort=False):
        yield rows.iloc[0], estimate(rows["test_accuracy_x"] - rows["test_accuracy_y"])


def _beside_control(own, backbone, control):
    sides = [own[own["backbone"] == name] for name in (backbone, control)]
    compared = list(_differences(*sides, ["dataset", "layer", "temperature", "head"]))
    if not compared:
        return []
    most = max(row["shots"] for row, _ in compared)
    said = [f"{told(each)} ({_named(row)})" for row, each in compared if row["shots"] == most]
    text = (
        f"{backbone} less {control}, the same network with random weights, at {most} shots: "
        f"{listed(said)}."
    )
    return [("Accuracy against shots", text)]


def _both_approaches(own, heads):
    """Subtract the cached approach from the end to end one, on the same layer and images."""
    solvers = own["head"].map(lambda name: heads[name]["solver"])
    sides = [own[solvers == solver] for solver in ("end_to_end", "sgd")]
    said = {}
    for row, difference in _differences(*sides, ["dataset", "backbone", "layer", "temperature"]):
        pair = (
            f"End to end ({row['head_x']}, {row['epochs_x']:.0f} epochs) less cached "
            f"({row['head_y']}, {row['epochs_y']:.0f} epochs) on {row['layer']} of "
            f"{row['backbone']}"
        )
        said.setdefault(pair, []).append(f"at {row['shots']} shots {told(difference)}")
    return [
        ("End to end against cached", f"{pair}: {'; '.join(differences)}.")
        for pair, differences in said.items()
    ]


def _between(rows, column, first, last):
    """Subtract test accuracy at one value of a column from that at another, by repeat."""
    values = [rows[rows[column] == value]["test_accuracy"].to_numpy() for value in (first, last)]
    return told(estimate(values[1] - values[0]))


def _layers(own, layers):
    """Compare the layers of each head, at the most shots among those that most layers have."""
    own = own[own["layer"].isin(layers)]
    own = own.sort_values("layer", key=lambda names: names.map(layers.index), kind="stable")
    said = []
    for head, rows in own.groupby("head"):
        # In falling order, so that the most shots come first where several have as many layers.
        counts = rows.groupby("shots")["layer"].nunique().sort_index(ascending=False)
        rows = rows[rows["shots"] == counts.idxmax()]
        accuracies = rows.groupby("layer", sort=False)["test_accuracy"]
        if len(accuracies) < 2:
            continue
        best, first, last = accuracies.mean().idxmax(), *rows["layer"].iloc[[0, -1]]
        # Where the best stands at an end, the difference of both ends says all.
        pairs = [(best, last)] * (best != last) + [(last, first)] * (best != first)
        differences = [
            f"{layer} less {other} {_between(rows, 'layer', other, layer)}"
            for layer, other in pairs
        ]
        said.append(
            f"{head} at {counts.idxmax()} shots is highest on {best} of {len(accuracies)} layers, "
            f"{percent(estimate(accuracies.get_group(best)))}; {', '.join(differences)}"
        )
    return _joined("Layers", own, said)


def _temperatures(own):
    """Compare the highest with the lowest T for each head on the class probabilities."""
    own = own[own["layer"] == "predictions"].sort_values(["temperature", "repeat"])
    said = []
    for (shots, head), rows in own.groupby(["shots", "head"]):
        first, last = rows["temperature"].iloc[[0, -1]]
        if first != last:
            said.append(
                f"{head} on the class probabilities at {shots} shots changes from T {first:g} to "
                f"T {last:g} by {_between(rows, 'temperature', first, last)}"
            )
    return _joined("Temperature", own, said)


def _joined(section, own, said):
    return [(section, f"{own['backbone'].iloc[0]}: {'; '.join(said)}.")] if said else []


def _times(costs):
    """Hold the time of both approaches, summed over the shots, against each other."""
    keys = ["dataset", "backbone", "layer", "head", "approach"]
    sums = costs.groupby(keys, sort=False)["total_seconds"]
    totals = sums.agg(lambda seconds: seconds.sum(skipna=False)).dropna().reset_index()
    sides = [totals[totals["approach"] == name] for name in ("end to end", "cached")]
    return [
        (
            "Cost",
            f"One repeat at all shots on {row['layer']} of {row['backbone']} takes "
            f"{row['total_seconds_x']:.3g} s end to end ({row['head_x']}) and "
            f"{row['total_seconds_y']:.3g} s cached ({row['head_y']}), extraction included. The "
            f"first is {row['total_seconds_x'] / row['total_seconds_y']:.2g} times the second.",
        )
        for _, row in sides[0].merge(sides[1], on=keys[:3]).iterrows()
    ]
