"""What a repeat costs end to end and from cached activations."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from fewshot.figures.style import COLOURS, MARKERS, draw_title, scale_doubling, styled
from fewshot.figures.vector import hover
from fewshot.figures.words import count_repeats, paragraphs
from fewshot.point import name_factor
from fewshot.study.original import ROLE_NAMES
from fewshot.study.solvers import CACHED, END_TO_END

_SIZE = (9.0, 4.8)  # inches
_PLACE = ["approach", "backbone", "layer", "temperature", "head"]
_COLOURS = {END_TO_END: COLOURS[1], CACHED: COLOURS[0]}
_MINUTE, _HOUR = 60, 3600  # seconds


@styled()
def draw(figure, study):
    """Draw the time of one repeat against shots for both approaches, and the original's dashed.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables

    Returns
    -------
    figure : matplotlib.figure.Figure
        In minutes, or in seconds where half of the measured times are below one minute.
    caption : str
    """
    costs = study.of(figure.dataset, "costs")
    lines = [line.sort_values("shots") for _, line in costs.groupby(_PLACE, sort=False)]
    name, unit = "minutes", _MINUTE
    if costs["total_seconds"].median() < _MINUTE:
        name, unit = "seconds", 1
    drawn = Figure(figsize=_SIZE, layout="constrained")
    axes = drawn.subplots()
    for number, line in enumerate(lines):
        label = "{approach}: {head} on {backbone} {layer}".format(**line.iloc[0])
        axes.plot(
            line["shots"],
            line["total_seconds"] / unit,
            color=_COLOURS[line["approach"].iloc[0]],
            marker=MARKERS[number % len(MARKERS)],
            label=label,
        )
        _hover(axes, line["shots"], line["total_seconds"], unit, label)
    _draw_original(axes, costs, unit)
    scale_doubling(axes, sorted(set(costs["shots"])))
    _scale_time(axes)
    axes.set_xlabel("shots (training images a class)")
    axes.set_ylabel(f"{name} a repeat, new images included")
    drawn.legend(loc="outside lower center")
    draw_title(drawn, f"{figure.dataset}: time of one repeat")
    return drawn, _tell(costs, lines)


def _draw_original(axes, costs, unit):
    """Draw what each approach took in the original, where that is known."""
    known = costs.dropna(subset="original_minutes").drop_duplicates(["approach", "shots"])
    for (approach, colour), marker in zip(_COLOURS.items(), "x+", strict=True):
        line = known[known["approach"] == approach].sort_values("shots")
        look = {"color": colour, "linestyle": "--", "marker": marker, "markersize": 7}
        if len(line):
            seconds, label = line["original_minutes"] * _MINUTE, f"original, {approach}"
            axes.plot(line["shots"], seconds / unit, label=label, **look)
            _hover(axes, line["shots"], seconds, unit, label)


def _hover(axes, shots, seconds, unit, label):
    texts = [
        f"{label}, {name_factor('shots', k)}: {_duration(each)}"
        for k, each in zip(shots, seconds, strict=True)
    ]
    hover(axes, shots, seconds / unit, texts)


def _scale_time(axes):
    """Make the axis of time logarithmic and let it end at ticks: 1, 2 or 5 times 10^n."""
    drawn = np.concatenate([line.get_ydata() for line in axes.get_lines()])
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        axes.set_yticks([])
        return
    ticks = np.outer(10.0 ** np.arange(-3, 9), [1, 2, 5]).ravel()
    first = max(np.searchsorted(ticks, drawn.min(), side="right") - 1, 0)
    ticks = ticks[first : np.searchsorted(ticks, drawn.max()) + 1]
    axes.set_yscale("log")
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_ylim(ticks[0] / 1.05, 1.05 * ticks[-1])
    axes.yaxis.set_minor_locator(NullLocator())


def _tell(costs, lines):
    """Say how many times faster the cached approach is over all shots, here and in the original."""
    opening = (
        f"Wall time of one repeat on {costs['dataset'].iloc[0]}, end to end and cached: single runs "
        f"divided by {count_repeats(costs['repeats'])}."
    )
    lasts = [line.iloc[-1] for line in lines]
    ends = [last for last in lasts if last["approach"] == END_TO_END]
    cached = next(last for last in lasts if last["approach"] == CACHED)
    return paragraphs(opening, f"{_compare(cached, ends)}{_tell_original(cached)}.")


def _compare(cached, ends):
    """Hold a cached head against the first one end to end on the same layer."""
    place = ["backbone", "layer", "temperature"]
    end = next(each for each in ends if (each[place] == cached[place]).all())
    where = "{head} on cached {layer} of {backbone}".format(**cached)
    if np.isnan(cached["times"]):
        return f"{where}: some times are missing, so there is no comparison with {end['head']}"
    return (
        f"{where} is over all shots {_factor(cached['times'])} times as fast as {end['head']}, "
        f"{_duration(cached['summed_seconds'])} against {_duration(end['summed_seconds'])}"
    )


def _factor(times):
    return f"{times:.2g}" if times < 10 else f"{times:.0f}"


def _duration(seconds):
    if seconds < 2 * _MINUTE:
        return f"{seconds:.3g} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.3g} min"
    return f"{seconds / _HOUR:.3g} h"


def _tell_original(cached):
    """Say what the original found, and whether it may be held against this."""
    if np.isnan(cached["original_times"]):
        return ""
    dataset, role = cached[["dataset", "role"]]
    other = ", another task" if dataset != role else ""
    times = _factor(cached["original_times"])
    return f"; in the original, on {ROLE_NAMES[role]}{other}, {times} times"
