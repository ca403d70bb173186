"""The main answers of a study in sentences, computed from its tables."""

from typing import NamedTuple

from fewshot.claims import chance, estimate, listed, percent, told
from fewshot.report_figures import CLASS_SCORES

_LINE = ["dataset", "backbone", "layer", "temperature", "head"]


class Answer(NamedTuple):
    """A sentence or two, and the section of the report that has the figures for it."""

    section: str
    text: str


def answers(results, classes, study, costs=None, lifts=None):
    """Answer the questions that the study's results decide.

    Parameters
    ----------
    results : pandas.DataFrame
        From `fewshot.figure_data.read_accuracy`, all grid points.
    classes : dict of str to int
        Number of classes of each dataset.
    study : dict
    costs : pandas.DataFrame or None
        dataset, backbone, layer, head, approach ("end to end" or "cached") and total_seconds, a
        row for each number of shots.
    lifts : pandas.DataFrame or None
        Students: kind, and for kind "distilled" the ends of the interval of the difference to the
        student alone, lift_low and lift_high.

    Returns
    -------
    list of Answer
    """
    backbones = study["backbones"]
    controls = [name for name, backbone in backbones.items() if backbone["weights"] == "none"]
    trained = [name for name in backbones if name not in controls]
    found = []
    for dataset, count in classes.items():
        own = results[results["dataset"] == dataset]
        for backbone in trained or controls:
            alone = own[own["backbone"] == backbone]
            found += _best(alone, count)
            for control in controls if trained else []:
                if backbones[control]["network"] == backbones[backbone]["network"]:
                    found += _beside_control(own, backbone, control)
            layers = [layer for entry in backbones[backbone]["layers"] for layer in entry]
            found += _layers(alone, [layer for layer in layers if layer not in CLASS_SCORES])
            found += _temperatures(alone)
        found += _both_approaches(own, study["heads"])
    found += _times(costs) if costs is not None else []
    return found + (_distilled(lifts) if lifts is not None else [])


def _named(row):
    temperature = f" at T {row['temperature']:g}" if row["temperature"] != 1 else ""
    return f"{row['head']} on {row['layer']}{temperature}"


def _best(own, classes):
    """Give the highest accuracy at the most shots, and how far it is above that at the fewest."""
    if own.empty:
        return []
    most = own[own["shots"] == own["shots"].max()]
    means = most.groupby(_LINE, sort=False)["test_accuracy"].mean()
    best = dict(zip(_LINE, means.idxmax(), strict=True))
    line = own[(own[_LINE] == list(best.values())).all(axis=1)]
    by_shots = {
        int(shots): rows["test_accuracy"].to_numpy() for shots, rows in line.groupby("shots")
    }
    few, many = min(by_shots), max(by_shots)
    reached = percent(estimate(by_shots[many]))
    chosen = f"the highest of {len(means)} measured there" if len(means) > 1 else "the one measured"
    text = (
        f"{best['dataset']}: with {many} training images a class, {best['backbone']} frozen, "
        f"{_named(best)} names {reached} of the test images rightly, {chosen}; chance is "
        f"{chance(classes)}."
    )
    if many > few:
        gain = told(estimate(by_shots[many] - by_shots[few]))
        text += f" From {few} to {many} training images a class it changes by {gain}."
    return [Answer("Accuracy against shots", text)]


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
        f"{compared[0][0]['dataset']}: {backbone} less {control}, the same network with random "
        f"weights, at {most} training images a class: {listed(said)}."
    )
    return [Answer("Accuracy against shots", text)]


def _both_approaches(own, heads):
    """Subtract the cached approach from the end to end one, on the same layer and images."""
    solvers = own["head"].map(lambda name: heads[name]["solver"])
    sides = [own[solvers == solver] for solver in ("end_to_end", "sgd")]
    said = {}
    for row, difference in _differences(*sides, ["dataset", "backbone", "layer", "temperature"]):
        pair = (
            f"{row['dataset']}: end to end ({row['head_x']}, {row['epochs_x']:.0f} epochs) less "
            f"cached ({row['head_y']}, {row['epochs_y']:.0f} epochs) on {row['layer']} of "
            f"{row['backbone']}"
        )
        said.setdefault(pair, []).append(f"with {row['shots']} shots {told(difference)}")
    return [
        Answer("End to end against cached", f"{pair}: {'; '.join(differences)}.")
        for pair, differences in said.items()
    ]


def _ends(rows, column):
    """Subtract test accuracy at the first value of a column from that at the last, by repeat."""
    first, last = rows[column].iloc[[0, -1]]
    values = [rows[rows[column] == value]["test_accuracy"].to_numpy() for value in (first, last)]
    return first, last, estimate(values[1] - values[0])


def _layers(own, layers):
    """Compare the layers of each head, at the number of shots that most layers have."""
    own = own[own["layer"].isin(layers)]
    own = own.sort_values("layer", key=lambda names: names.map(layers.index), kind="stable")
    said = []
    for head, rows in own.groupby("head"):
        shots = rows.groupby("shots")["layer"].nunique().idxmax()
        rows = rows[rows["shots"] == shots]
        accuracies = rows.groupby("layer")["test_accuracy"]
        if len(accuracies) > 1:
            best = accuracies.mean().idxmax()
            first, last, difference = _ends(rows, "layer")
            said.append(
                f"the mean of {head} with {shots} training images a class is highest on {best}, "
                f"{percent(estimate(accuracies.get_group(best)))}; {last} less {first} is "
                f"{told(difference)}"
            )
    return _joined("Layers", own, said)


def _temperatures(own):
    """Compare the highest with the lowest T for each head on the class probabilities."""
    own = own[own["layer"] == "predictions"].sort_values(["temperature", "repeat"])
    said = []
    for (shots, head), rows in own.groupby(["shots", "head"]):
        first, last, difference = _ends(rows, "temperature")
        if first != last:
            said.append(
                f"from T {first:g} to T {last:g} the accuracy of {head} on the network's class "
                f"probabilities, with {shots} training images a class, changes by "
                f"{told(difference)}"
            )
    return _joined("Temperature", own, said)


def _joined(section, own, said):
    if not said:
        return []
    place = f"{own['dataset'].iloc[0]}, {own['backbone'].iloc[0]}"
    return [Answer(section, f"{place}: {'; '.join(said)}.")]


def _times(costs):
    """Hold the time of both approaches, summed over the shots, against each other."""
    keys = ["dataset", "backbone", "layer", "head", "approach"]
    sums = costs.groupby(keys, sort=False)["total_seconds"]
    totals = sums.agg(lambda seconds: seconds.sum(skipna=False)).dropna().reset_index()
    sides = [totals[totals["approach"] == name] for name in ("end to end", "cached")]
    return [
        Answer(
            "Cost",
            f"{row['dataset']}: one repeat at all shots on {row['layer']} of {row['backbone']} "
            f"takes {row['total_seconds_x']:.3g} s end to end ({row['head_x']}) and "
            f"{row['total_seconds_y']:.3g} s cached ({row['head_y']}), extraction included. The "
            f"first is {row['total_seconds_x'] / row['total_seconds_y']:.2g} times the second.",
        )
        for _, row in sides[0].merge(sides[1], on=keys[:3]).iterrows()
    ]


def _distilled(lifts):
    """Count how often the student gains by more than its interval."""
    said = []
    for dataset, rows in lifts[lifts["kind"] == "distilled"].groupby("dataset", sort=False):
        gains, losses = (rows["lift_low"] > 0).sum(), (rows["lift_high"] < 0).sum()
        text = (
            f"{dataset}: of {len(rows)} pairs of student and temperature, distillation raises the "
            f"student's test accuracy by more than the interval in {gains}, and lowers it so in "
            f"{losses}; the draws don't tell in the other {len(rows) - gains - losses}."
        )
        if rows["lift_low"].isna().all():
            text = f"{dataset}: one draw says nothing certain of distillation."
        said.append(Answer("Distillation", text))
    return said
