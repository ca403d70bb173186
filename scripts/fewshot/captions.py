"""What the figures of test accuracy show, in sentences computed from the results."""

import itertools

import numpy as np

from fewshot.claims import estimate, listed, percent, points

_FACTORS = ("backbone", "layer", "temperature", "shots", "head")
_PENALISED = ("logistic", "ridge")


def _label(row, factors):
    words = {"temperature": "T {:g}", "shots": "{}-shot"}
    return " · ".join(words.get(factor, "{}").format(row[factor]) for factor in factors)


def _lines(results, axis):
    """Split results into lines: label, keys, and accuracy in each repeat by the value on the axis.

    Returns
    -------
    list of (str, dict, dict)
        Of the lines with more than one value; the label has the factors in which they differ.
    """
    others = [factor for factor in _FACTORS if factor != axis]
    lines = []
    for _, line in results.groupby(others, sort=False):
        values = {key: rows["test_accuracy"].to_numpy() for key, rows in line.groupby(axis)}
        if len(values) > 1:
            lines.append((dict(line.iloc[0][others]), values))
    varied = [f for f in others if len({keys[f] for keys, _ in lines}) > 1]
    return [(_label(keys, varied) or "the line", keys, values) for keys, values in lines]


def _opening(results, axis, classes):
    repeats = results["repeat"].nunique()
    spread = "the bands are their 95 % intervals" if repeats > 1 else "without intervals"
    return (
        f"Test accuracy against {axis} on {results['dataset'].iloc[0]}. Lines are means over "
        f"{repeats} {'repeats' if repeats > 1 else 'repeat'}, {spread}; chance is 1/{classes} = "
        f"{100 / classes:.2g} %."
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


def _steps(values):
    """Say how many steps up a line are gains."""
    signs = step_signs(values)
    if len(values[0]) == 1:
        return "one repeat tells no gain from chance"
    counts = {
        "a gain": signs.count(1),
        "a loss": signs.count(-1),
        "not told from zero by these draws": signs.count(0),
    }
    said = [f"{n} of {len(signs)} steps {word}" for word, n in counts.items() if n]
    return "every step a gain" if counts["a gain"] == len(signs) else ", ".join(said)


def _spread(results):
    """Say how far a single draw lies from the mean, which an accuracy without interval hides."""
    if results["repeat"].nunique() == 1:
        return "With one repeat nothing tells how far another draw would lie from these numbers."
    deviations = 100 * results.groupby(list(_FACTORS))["test_accuracy"].std(ddof=1)
    return (
        "A single draw of training and test images, such as stands behind each number of the "
        f"original report, scatters about these means by {deviations.min():.1f} to "
        f"{deviations.max():.1f} points (standard deviation between repeats; median "
        f"{deviations.median():.1f})."
    )


def _regularisation(results, axis, solvers):
    """Say what a penalised head adds to gradient descent at a fixed rate, by value on the axis."""
    table = results.assign(solver=results["head"].map(solvers))
    place = [factor for factor in _FACTORS if factor not in (axis, "head")]
    sentences = []
    for _, group in table.groupby(place, sort=False):
        plain = group[group["solver"] == "sgd"]
        for head, tuned in group[group["solver"].isin(_PENALISED)].groupby("head", sort=False):
            gains = {
                value: estimate(_paired(tuned, plain, axis, value))
                for value in tuned[axis].unique()
                if value in set(plain[axis])
            }
            if gains:
                where = _label(group.iloc[0], [f for f in place if table[f].nunique() > 1])
                said = listed(f"{points(gain)} at {_value(axis, v)}" for v, gain in gains.items())
                against = f"{head} less {plain['head'].iloc[0]}"
                sentences.append(f"{against}{f' on {where}' if where else ''}: {said}.")
    return " ".join(sentences)


def _paired(one, other, axis, value):
    """Difference in accuracy in each repeat, both of one value on the axis."""
    pair = [
        table[table[axis] == value].drop_duplicates("repeat").set_index("repeat")["test_accuracy"]
        for table in (one, other)
    ]
    return (pair[0] - pair[1]).to_numpy()


def _value(axis, value):
    if axis == "shots":
        return f"{value} shots" if value > 1 else "1 shot"
    return f"T {value:g}" if axis == "temperature" else str(value)


def shots_caption(results, solvers, classes):
    """Say what a figure of accuracy against shots shows.

    Parameters
    ----------
    results : pandas.DataFrame
        From `fewshot.figure_data.read_accuracy`, of one dataset.
    solvers : dict of str to str
        Solver of each head.
    classes : int

    Returns
    -------
    str
        Paragraphs.
    """
    lines = _lines(results, "shots")
    lines.sort(key=lambda line: -line[2][max(line[2])].mean())
    said = []
    for label, _, values in lines:
        few, *_, many = sorted(values)
        said.append(
            f"{label}: {percent(estimate(values[few]))} at {_value('shots', few)}, "
            f"{percent(estimate(values[many]))} at {many}; "
            f"{_steps([values[key] for key in sorted(values)])}."
        )
    paragraphs = [_opening(results, "shots", classes), " ".join(said), _backbones(lines)]
    gains = _regularisation(results, "shots", solvers)
    return _paragraphs(*paragraphs, gains, _spread(results))


def _backbones(lines):
    """Hold the best line of each backbone, at its most shots, against the best of all."""
    best = {}
    for label, keys, values in lines:
        best.setdefault(keys["backbone"], (label, values))
    (first, values), *others = best.values()
    most = max(values)
    said = [
        f"At {most} shots {first} is above {label}, the best of its backbone, by "
        f"{points(estimate(values[most] - other[most]))}."
        for label, other in others
        if most in other
    ]
    return " ".join(said)


def layers_caption(results, layers, solvers, classes):
    """Say what a figure of accuracy against layer shows.

    Parameters
    ----------
    results, solvers, classes
        As for `shots_caption`.
    layers : list of str
        All layers, in the order of the network.

    Returns
    -------
    str
        Paragraphs.
    """
    said, signs = [], []
    for label, _, values in _lines(results, "layer"):
        ordered = sorted(values, key=layers.index)
        best = max(ordered, key=lambda layer: values[layer].mean())
        first = ordered[0]
        gain = points(estimate(values[best] - values[first]))
        above = "" if best == first else f", {gain} above {first}"
        said.append(
            f"{label}: best on {best} with {percent(estimate(values[best]))}{above}; from layer "
            f"to layer {_steps([values[layer] for layer in ordered])}."
        )
        signs += step_signs([values[layer] for layer in ordered])
    verdict = (
        "The original report: “higher layers generally produce more discriminative features”. "
        f"Here {signs.count(1)} of {len(signs)} steps to the next deeper layer gain beyond their "
        f"interval, {signs.count(-1)} lose, {signs.count(0)} the draws do not tell."
    )
    gains = _regularisation(results, "layer", solvers)
    if gains:
        gains = f"What regularisation and one scale add on each layer: {gains}"
    return _paragraphs(_opening(results, "layer", classes), " ".join(said), verdict, gains)


def temperatures_caption(results, solvers, classes):
    """Say what a figure of accuracy against T shows: what the report concluded, and what is so.

    Parameters and result are those of `shots_caption`. Results on other layers than the class
    probabilities are levels to which these are held.
    """
    softened = results[results["layer"] == "predictions"]
    levels = results[results["layer"] != "predictions"]
    opening = (
        f"{_opening(softened, 'T', classes)} Inputs of the heads are softmax(z / T), z the "
        "backbone's logits; level lines are heads on layers that know no T. As T grows, softmax(z "
        "/ T) tends to 1/N + (z - mean z) / (N T) with N its classes: the centred logits, at a "
        "scale that shrinks as 1 / T."
    )
    said = [_trend(*line, solvers) for line in _lines(softened, "temperature")]
    return _paragraphs(opening, " ".join(said), _held_against(softened, levels, solvers))


def _trend(label, keys, values, solvers):
    ordered = sorted(values)
    best = max(ordered, key=lambda t: values[t].mean())
    last = ordered[-1]
    change = estimate(values[last] - values[best])
    recipe = "fixed rate" if solvers[keys["head"]] == "sgd" else "one scale, tuned penalty"
    said = f"{label} ({recipe}): best at T {best:g} with {percent(estimate(values[best]))}"
    if best == last:
        rise = estimate(values[last] - values[ordered[0]])
        return f"{said}, the largest drawn, {points(rise)} from T {ordered[0]:g}."
    fall = {1: "above", -1: "below it", 0: "not told from it"}[change.sign]
    steps = step_signs([values[t] for t in ordered[ordered.index(best) :]])
    steady = ", falling at every step" if set(steps) == {-1} else ""
    return f"{said}; at T {last:g} {points(change)}, {fall}{steady}."


def _held_against(softened, levels, solvers):
    """Hold what the report concluded against the head that is blind to the scale of its inputs."""
    last = softened["temperature"].max()
    said = []
    for head in [h for h in softened["head"].unique() if solvers[h] in _PENALISED]:
        blind = softened[(softened["head"] == head) & (softened["temperature"] == last)]
        for layer in levels["layer"].unique():
            level = levels[(levels["layer"] == layer) & (levels["head"] == head)]
            if len(level):
                gap = estimate(_paired(blind, level.assign(temperature=last), "temperature", last))
                told = "told apart" if gap.sign else "not told apart"
                said.append(f"{head} at T {last:g} less {head} on {layer}: {points(gap)}, {told}.")
    concluded = "The original report found accuracy best at T 2 and falling steadily after it."
    fixed = softened[softened["head"].map(solvers) == "sgd"]
    blind = softened[softened["head"].map(solvers).isin(_PENALISED)]
    changes = [_last_less_first(table) for table in (fixed, blind) if len(table)]
    if len(changes) < 2:
        return _paragraphs(concluded, " ".join(said))
    falls, rises = (change.sign for change in changes)
    if falls < 0 and rises >= 0:
        so = (
            "the fall comes from a fixed rate and number of epochs on inputs that shrink, not from "
            "T, for it is gone where inputs are brought to one scale"
        )
    elif falls < 0:
        so = "here accuracy falls also where inputs are brought to one scale"
    else:
        so = "here the fall does not appear at the fixed rate"
    return _paragraphs(
        f"{concluded} From the smallest T to the largest the fixed rate changes accuracy by "
        f"{points(changes[0])}, the scale-aware head by {points(changes[1])}: {so}.",
        " ".join(said),
    )


def _last_less_first(table):
    first, last = table["temperature"].min(), table["temperature"].max()
    head = table["head"].iloc[0]
    ends = [table[(table["temperature"] == t) & (table["head"] == head)] for t in (last, first)]
    return estimate(np.subtract(*(end["test_accuracy"].to_numpy() for end in ends)))


def _paragraphs(*texts):
    return "\n\n".join(text for text in texts if text)
