"""What the figures of test accuracy against shots and layer show, computed from the results."""

import itertools

from fewshot.figures.accuracy import FACTORS, line_label
from fewshot.figures.claims import (
    ONE_REPEAT,
    chance,
    count_repeats,
    difference,
    estimate,
    listed,
    paragraphs,
    percent,
    points,
    told,
)

PENALISED = ("logistic", "ridge")  # solvers that bring inputs to one scale and have a penalty


def split_lines(results, axis):
    """Split results into the lines that have more than one value on the axis.

    Parameters
    ----------
    results : pandas.DataFrame
        From `fewshot.results.frames.read_accuracy`, of one dataset.
    axis : {"shots", "layer", "temperature"}

    Returns
    -------
    list of (str, dict, dict)
        Label, which has the factors in which the lines differ; grid point without the axis; and
        for each value on the axis the accuracy in each repeat, ndarray of shape (repeats,).
    """
    others = [factor for factor in FACTORS if factor != axis]
    lines = []
    for _, line in results.groupby(others, sort=False):
        values = {key: rows["test_accuracy"].to_numpy() for key, rows in line.groupby(axis)}
        if len(values) > 1:
            lines.append((dict(line.iloc[0][others]), values))
    varied = [f for f in others if len({keys[f] for keys, _ in lines}) > 1]
    return [(line_label(keys, varied) or "the line", keys, values) for keys, values in lines]


def say_drawn(results, axis, classes):
    """Say what is drawn, over how many repeats, and what guessing would give.

    Parameters
    ----------
    results : pandas.DataFrame
        From `fewshot.results.frames.read_accuracy`, of one dataset.
    axis : str
        As a reader calls it.
    classes : int

    Returns
    -------
    str
    """
    repeats = results.groupby(list(FACTORS))["repeat"].nunique()
    spread = "the bands are their 95 % intervals" if repeats.max() > 1 else "without intervals"
    return (
        f"Test accuracy against {axis} on {results['dataset'].iloc[0]}. Lines are means over "
        f"{count_repeats(repeats)}, {spread}; chance is "
        f"{chance(classes)}."
    )


def step_signs(values):
    """Sign of each step from one value to the next, taken repeat by repeat: see `Estimate.sign`.

    Parameters
    ----------
    values : list of array of shape (repeats,)

    Returns
    -------
    list of int
    """
    return [estimate(b - a).sign for a, b in itertools.pairwise(values)]


def subtract(one, other):
    """Subtract the accuracies of two grid points, repeat by repeat, where both have it.

    Parameters
    ----------
    one, other : pandas.DataFrame
        Rows of a grid point each, with repeat and test_accuracy.

    Returns
    -------
    fewshot.figures.claims.Estimate
    """
    both = one.merge(other, on="repeat")
    return estimate(both["test_accuracy_x"] - both["test_accuracy_y"])


def _steps(values):
    """Say how many steps up a line are gains."""
    if len(values[0]) == 1:
        return "one draw tells no step from zero"
    signs = step_signs(values)
    counts = {
        "a gain": signs.count(1),
        "a loss": signs.count(-1),
        "not told from zero by these draws": signs.count(0),
    }
    if counts["a gain"] == len(signs):
        return "every step a gain"
    return ", ".join(f"{n} of {len(signs)} steps {word}" for word, n in counts.items() if n)


def _spread(results, in_report):
    """Say how far a single draw lies from the mean, which an accuracy without interval hides."""
    if results["repeat"].nunique() == 1:
        return ONE_REPEAT
    of_report = " Each number of the original report is of one draw." if in_report else ""
    deviations = 100 * results.groupby(list(FACTORS))["test_accuracy"].std(ddof=1)
    return (
        "A single draw of training and test images scatters about these means by "
        f"{deviations.min():.1f} to {deviations.max():.1f} points (standard deviation between "
        f"repeats; median {deviations.median():.1f}).{of_report}"
    )


def _penalised_less_plain(results, axis, solvers):
    """Hold penalised heads against the first of gradient descent, by value on the axis."""
    table = results.assign(solver=results["head"].map(solvers))
    place = [factor for factor in FACTORS if factor not in (axis, "head")]
    sentences = []
    for _, group in table.groupby(place, sort=False):
        plain = group[group["solver"] == "sgd"]
        name = next(iter(plain["head"]), None)
        plain = dict(list(plain[plain["head"] == name].groupby(axis)))
        for head, tuned in group[group["solver"].isin(PENALISED)].groupby("head", sort=False):
            gains = {
                value: subtract(tuned[tuned[axis] == value], plain[value])
                for value in tuned[axis].unique()
                if value in plain
            }
            if gains:
                where = line_label(group.iloc[0], [f for f in place if table[f].nunique() > 1])
                said = listed(f"{points(gain)} at {_value(axis, v)}" for v, gain in gains.items())
                sentences.append(f"{head} less {name}{f' on {where}' if where else ''}: {said}.")
    return "\n".join(sentences)


def _value(axis, value):
    if axis == "shots":
        return f"{value} shots" if value > 1 else "1 shot"
    return str(value)


def shots_caption(results, solvers, classes, in_report):
    """Say what a figure of accuracy against shots shows.

    Parameters
    ----------
    results : pandas.DataFrame
        From `fewshot.results.frames.read_accuracy`, of one dataset.
    solvers : dict of str to str
        Solver of each head.
    classes : int
    in_report : bool
        Whether the original report has a figure that this one is held against.

    Returns
    -------
    str
        Paragraphs.
    """
    lines = split_lines(results, "shots")
    lines.sort(key=lambda line: -line[2][max(line[2])].mean())
    said = []
    for label, _, values in lines:
        few, *_, many = sorted(values)
        said.append(
            f"{label}: {percent(estimate(values[few]))} at {_value('shots', few)}, "
            f"{percent(estimate(values[many]))} at {many}; "
            f"{_steps([values[key] for key in sorted(values)])}."
        )
    return paragraphs(
        say_drawn(results, "shots", classes),
        "\n".join(said),
        _backbones(lines),
        _penalised_less_plain(results, "shots", solvers),
        _spread(results, in_report),
    )


def _backbones(lines):
    """Hold the best line of each backbone, at its most shots, against the best of all."""
    best = {}
    for label, keys, values in lines:
        best.setdefault(keys["backbone"], (label, values))
    (first, values), *others = best.values()
    most = max(values)
    said = [
        f"At {most} shots {first} less {label}, the best of its backbone: "
        f"{told(difference(values[most], other[most]))}."
        for label, other in others
        if most in other
    ]
    return "\n".join(said)


def layers_caption(results, layers, solvers, classes, in_report):
    """Say what a figure of accuracy against layer shows.

    Parameters
    ----------
    results, solvers, classes, in_report
        As for `shots_caption`.
    layers : list of str
        All layers, in the order of the network.

    Returns
    -------
    str
        Paragraphs.
    """
    said, signs = [], []
    for label, _, values in split_lines(results, "layer"):
        first, *_ = ordered = sorted(values, key=layers.index)
        best = max(ordered, key=lambda layer: values[layer].mean())
        above = f", {told(estimate(values[best] - values[first]))} from {first}"
        said.append(
            f"{label}: highest on {best} with {percent(estimate(values[best]))}"
            f"{'' if best == first else above}; from layer to layer "
            f"{_steps([values[layer] for layer in ordered])}."
        )
        signs += step_signs([values[layer] for layer in ordered])
    quote = "The original report: “higher layers generally produce more discriminative features”. "
    verdict = (
        f"{quote if in_report else ''}"
        f"Of all lines {signs.count(1)} of {len(signs)} steps to the next deeper layer gain beyond "
        f"their interval, {signs.count(-1)} lose, {signs.count(0)} the draws do not tell."
    )
    gains = _penalised_less_plain(results, "layer", solvers)
    if gains:
        gains = f"Inputs of one scale and a penalty against a fixed rate on raw inputs.\n{gains}"
    return paragraphs(say_drawn(results, "layer", classes), "\n".join(said), verdict, gains)
