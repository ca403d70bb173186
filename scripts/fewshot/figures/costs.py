"""What a repeat costs end to end and from cached activations."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from fewshot.figures.style import COLOURS, MARKERS, draw_title, scale_doubling, styled
from fewshot.figures.words import count_repeats, paragraphs
from fewshot.study.original import ROLE_NAMES
from fewshot.study.solvers import CACHED, END_TO_END

_SIZE = (7.0, 4.4)  # inches
_PLACE = ["approach", "backbone", "layer", "temperature", "head"]
_COLOURS = {END_TO_END: COLOURS[1], CACHED: COLOURS[0]}
_MINUTE, _HOUR = 60, 3600  # seconds
_CLOSING = (
    "Wall times of single runs, without interval. A training job's time is divided by its {}: its "
    "start is included, and so is testing after every epoch. Extraction is that of all layers read "
    "in the same pass, loading of the network included, shared among the images."
)


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
        axes.plot(
            line["shots"],
            line["total_seconds"] / unit,
            color=_COLOURS[line["approach"].iloc[0]],
            marker=MARKERS[number % len(MARKERS)],
            label="{approach}: {head} on {backbone} {layer}".format(**line.iloc[0]),
        )
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
    for approach, colour in _COLOURS.items():
        line = known[known["approach"] == approach].sort_values("shots")
        look = {"color": colour, "linestyle": "--", "marker": "x"}
        if len(line):
            minutes = line["original_minutes"] * _MINUTE / unit
            axes.plot(line["shots"], minutes, label=f"original, {approach}", **look)


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
        f"Time of one repeat on {costs['dataset'].iloc[0]} against training images a class, end to "
        "end (the network runs on every image in every epoch) and cached (it runs once on each "
        "image). Cached, the fewest shots pay for the test images too, and more shots for the "
        "images that they add."
    )
    lasts = [line.iloc[-1] for line in lines]
    ends = [last for last in lasts if last["approach"] == END_TO_END]
    said = [_compare(last, ends) for last in lasts if last["approach"] == CACHED]
    closing = _CLOSING.format(count_repeats(costs["repeats"]))
    return paragraphs(opening, "\n".join(said), _tell_original(lasts[-1]), closing)


def _compare(cached, ends):
    """Hold a cached head against the first one end to end on the same layer."""
    place = ["backbone", "layer", "temperature"]
    end = next(each for each in ends if (each[place] == cached[place]).all())
    where = "{head} on cached {layer} of {backbone}".format(**cached)
    if np.isnan(cached["times"]):
        return f"{where}: some times are missing, so there is no comparison with {end['head']}."
    return (
        f"{where} is over all shots {_factor(cached['times'])} times as fast as {end['head']}: "
        f"{_duration(cached['summed_seconds'])} against {_duration(end['summed_seconds'])}."
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
    stands_in = (
        f" {dataset} stands in for {ROLE_NAMES[role]}: its times can't be held against these."
        if dataset != role
        else ""
    )
    return (
        f"Dashed: the original's times, of {ROLE_NAMES[role]} with VGG16, end to end on a "
        "cluster's GPU and cached on a laptop. There cached is "
        f"{_factor(cached['original_times'])} times as fast as end to end.{stands_in}"
    )
