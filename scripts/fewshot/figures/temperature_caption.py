"""What a figure of test accuracy against T shows, computed from the results."""

import numpy as np

from fewshot.figures.accuracy import line_label
from fewshot.figures.accuracy_caption import PENALISED, say_drawn, split_lines, step_signs, subtract
from fewshot.figures.claims import difference, estimate, paragraphs, percent, points, told

_CONCLUDED = "The original report found accuracy best at T 2 and falling steadily after it."
_PLACE = ["backbone", "shots"]  # where heads differ in T alone


def temperatures_caption(results, solvers, classes, in_report):
    """Say what a figure of accuracy against T shows: what the report concluded, and what is so.

    Parameters and result are those of `fewshot.figures.accuracy_caption.shots_caption`. Results on other layers
    than the class probabilities are levels to which these are held.
    """
    softened = results[results["layer"] == "predictions"]
    levels = results[results["layer"] != "predictions"]
    level_lines = "; level lines are heads on layers that know no T" if len(levels) else ""
    opening = (
        f"{say_drawn(softened, 'T', classes)} Inputs of the heads are softmax(z / T), z the "
        f"backbone's logits{level_lines}. As T grows, softmax(z / T) tends to 1/N + (z - mean z) / "
        "(N T) with N its classes: the centred logits, at a scale that shrinks as 1 / T."
    )
    said = [_trend(*line, solvers) for line in split_lines(softened, "temperature")]
    varied = [key for key in _PLACE if softened[key].nunique() > 1]
    verdicts, gaps = [], []
    for (backbone, shots), grid in softened.groupby(_PLACE, sort=False):
        where = line_label(grid.iloc[0], varied)
        where = f"{where}: " if where else ""
        same = levels[(levels["backbone"] == backbone) & (levels["shots"] == shots)]
        verdicts += [where + text for text in _fall(grid, solvers)]
        gaps += [where + text for text in _gaps(grid, same, solvers)]
    verdict = "\n".join([_CONCLUDED, *verdicts] if in_report else verdicts)
    return paragraphs(opening, "\n".join(said), verdict, "\n".join(gaps))


def _trend(label, keys, values, solvers):
    ordered = sorted(values)
    best = max(ordered, key=lambda t: values[t].mean())
    first, last = ordered[0], ordered[-1]
    recipe = "fixed rate" if solvers[keys["head"]] == "sgd" else "one scale, tuned penalty"
    said = f"{label} ({recipe}): highest at T {best:g} with {percent(estimate(values[best]))}"
    if best == last:
        rise = told(estimate(values[last] - values[first]))
        return f"{said}, the largest drawn, {rise} from T {first:g}."
    signs = step_signs([values[t] for t in ordered[ordered.index(best) :]])
    steady = ", falling at every step" if set(signs) == {-1} else ""
    return f"{said}; at T {last:g} {told(estimate(values[last] - values[best]))}{steady}."


def _fall(grid, solvers):
    """Say whether a fall at the fixed rate is there for the head that is blind to scale, too."""
    heads = grid["head"].unique()
    fixed = [head for head in heads if solvers[head] == "sgd"]
    blind = [head for head in heads if solvers[head] in PENALISED]
    if not (fixed and blind):
        return
    first, last = grid["temperature"].min(), grid["temperature"].max()
    by_temperature = [
        grid[grid["head"] == head].pivot(
            index="repeat", columns="temperature", values="test_accuracy"
        )
        for head in (fixed[0], blind[0])
    ]
    changes = [table[last] - table[first] for table in by_temperature]
    of_fixed, of_blind = map(estimate, changes)
    if np.isnan(of_fixed.low):
        so = "of one draw no claim is made"
    elif of_fixed.sign >= 0:
        so = "here the draws tell no fall at the fixed rate"
    elif of_blind.sign < 0:
        so = "here accuracy falls also where inputs are brought to one scale"
    elif difference(changes[1], changes[0]).sign > 0:
        so = (
            "the fall comes from a fixed rate and number of epochs on inputs that shrink, not from "
            "T itself: with inputs brought to one scale the draws tell no fall"
        )
    else:
        so = "the draws don't tell the two changes apart"
    yield (
        f"From T {first:g} to T {last:g} accuracy changes by {points(of_fixed)} at the fixed rate "
        f"({fixed[0]}) and by {points(of_blind)} where inputs are brought to one scale "
        f"({blind[0]}): {so}."
    )


def _gaps(grid, levels, solvers):
    """Hold each head that is blind to scale, at the largest T, against itself on other layers."""
    last = grid["temperature"].max()
    for head in [head for head in grid["head"].unique() if solvers[head] in PENALISED]:
        blind = grid[(grid["head"] == head) & (grid["temperature"] == last)]
        for layer, level in levels[levels["head"] == head].groupby("layer", sort=False):
            yield f"{head} at T {last:g} less {head} on {layer}: {told(subtract(blind, level))}."
