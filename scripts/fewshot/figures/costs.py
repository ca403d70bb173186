"""What a repeat costs end to end and from cached activations, drawn and in words."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from fewshot.figures.claims import count_repeats, listed, paragraphs
from fewshot.figures.index import ROLE_NAMES
from fewshot.figures.style import COLOURS, MARKERS, draw_title, styled

_SIZE = (7.0, 4.4)  # inches
_LINE = ("approach", "backbone", "layer", "temperature", "head")
_COLOURS = {"end to end": COLOURS[1], "cached": COLOURS[0]}
_PARTS = {"extraction": "extraction", "compaction": "compaction", "training": "training the head"}
_MINUTE, _HOUR = 60, 3600  # seconds


def _lines(costs):
    return [line.sort_values("shots") for _, line in costs.groupby(list(_LINE), sort=False)]


def _name(line):
    first = line.iloc[0]
    return f"{first['approach']}: {first['head']} on {first['backbone']} {first['layer']}"


def _duration(seconds):
    if np.isnan(seconds):
        return "not measured"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.3g} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.3g} min"
    return f"{seconds / _HOUR:.3g} h"


def _report_lines(costs):
    """Seconds of each approach in the report, by number of shots."""
    rows = costs.dropna(subset="report_minutes").drop_duplicates(["approach", "shots"])
    rows = rows.assign(seconds=_MINUTE * rows["report_minutes"]).sort_values("shots")
    lines = {name: rows[rows["approach"] == name].set_index("shots") for name in _COLOURS}
    return {name: line["seconds"] for name, line in lines.items() if len(line)}


@styled()
def costs_figure(costs):
    """Draw the time of one repeat against shots for both approaches, and the report's dashed.

    Parameters
    ----------
    costs : pandas.DataFrame
        Rows of one dataset with the columns `fewshot.results.timings.COST_COLUMNS`.

    Returns
    -------
    matplotlib.figure.Figure
        In minutes, or in seconds where half of the measured times are below one minute.
    """
    report = _report_lines(costs)
    unit = 1 if costs["total_seconds"].median() < _MINUTE else _MINUTE
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    for number, line in enumerate(_lines(costs)):
        axes.plot(
            line["shots"],
            line["total_seconds"] / unit,
            color=_COLOURS[line["approach"].iloc[0]],
            marker=MARKERS[number % len(MARKERS)],
            label=f"{_name(line)}; total {_duration(_total(line))}",
        )
    for approach, seconds in report.items():
        look = {"color": _COLOURS[approach], "linestyle": "--", "marker": "x"}
        label = f"report, {approach}; total {_duration(seconds.sum())}"
        axes.plot(seconds.index, seconds / unit, label=label, **look)
    _scale_axes(axes, sorted(set(costs["shots"])))
    axes.set_xlabel("shots (training images a class)")
    name = "minutes" if unit == _MINUTE else "seconds"
    axes.set_ylabel(f"{name} a repeat, new images included")
    figure.legend(loc="outside lower center")
    draw_title(figure, f"{costs['dataset'].iloc[0]}: time of one repeat")
    return figure


def _scale_axes(axes, shots):
    """Make both axes logarithmic, and let that of time end at ticks: 1, 2 or 5 times 10^n."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(shots, [str(value) for value in shots])
    axes.xaxis.set_minor_locator(NullLocator())
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


def _total(line):
    return line["total_seconds"].sum(skipna=False)


def costs_caption(costs):
    """Say how many times faster the cached approach is, here and in the report.

    Parameters
    ----------
    costs : pandas.DataFrame
        As `costs_figure` takes them.

    Returns
    -------
    str
        Paragraphs.
    """
    first = costs.iloc[0]
    opening = (
        f"Time of one repeat on {first['dataset']} against training images a class, end to end "
        "(the whole network runs on every image in every epoch) and cached (each image passes "
        "through the network once). The cached approach pays at the smallest number of shots for "
        "the test images too, and at each larger one for the images that it adds."
    )
    lines = _lines(costs)
    ends = [line for line in lines if line["approach"].iloc[0] == "end to end"]
    cached = [line for line in lines if line["approach"].iloc[0] == "cached"]
    said = [_compared(end, line) for line in cached for end in ends if _same_place(end, line)]
    said += map(_spent, cached)
    closing = (
        f"Times are wall times of single runs, without interval. Training is a job of "
        f"{count_repeats(costs['repeats'])} divided by their number: its start is included, and so "
        "is testing on all test images after every epoch, where there are epochs. For a small network "
        "and few images these two may be most of it. Extraction is that of all layers read in the "
        "same pass, loading of the network included, shared among the images."
    )
    return paragraphs(opening, "\n".join(filter(None, said)), _report_words(costs), closing)


def _same_place(one, other):
    keys = ["backbone", "layer", "temperature"]
    return (one[keys].iloc[0] == other[keys].iloc[0]).all()


def _compared(end, line):
    """Hold a cached line against one end to end, at each number of shots and in sum."""
    ratios = end.set_index("shots")["total_seconds"] / line.set_index("shots")["total_seconds"]
    ends = end["head"].iloc[0]
    if ratios.isna().any():
        return f"{_where(line)}: some times are missing, so there is no comparison with {ends}."
    return f"{_where(line)} is {_speeds(ratios, ends, _total(end) / _total(line))}."


def _where(line):
    return "{head} on cached {layer} of {backbone}".format(**line.iloc[0])


def _speeds(ratios, other, total):
    """Write how many times longer the other takes, in sum and by number of shots."""
    each = listed(f"{_factor(ratio)} times at {shots} shots" for shots, ratio in ratios.items())
    return f"over all shots {_factor(total)} times as fast as {other} ({each})"


def _factor(ratio):
    return f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"


def _spent(line):
    """Say in what the cached approach spends its time."""
    seconds = {name: line[f"{part}_seconds"].sum(skipna=False) for part, name in _PARTS.items()}
    total = sum(seconds.values())
    if np.isnan(total):
        return ""
    largest = sorted(seconds, key=seconds.get, reverse=True)
    shares = listed(f"{100 * seconds[name] / total:.0f} % on {name}" for name in largest)
    return f"{_where(line)} spends {shares} of its {_duration(total)}."


def _report_words(costs):
    report = _report_lines(costs)
    if set(report) != set(_COLOURS):
        return ""
    ratios = (report["end to end"] / report["cached"]).dropna()
    end, cached = (report[name][ratios.index].sum() for name in ("end to end", "cached"))
    dataset, role = costs.iloc[0][["dataset", "role"]]
    task = f"{ROLE_NAMES[role]} with VGG16, on a cluster's GPU end to end and on a laptop cached"
    stands_in = (
        f" {dataset} stands in for {ROLE_NAMES[role]}: its times can't be held against the report's."
        if dataset != role
        else ""
    )
    return (
        f"Dashed: the report's own times, of {task}. There the cached approach is "
        f"{_speeds(ratios, 'end to end', end / cached)}.{stands_in}"
    )
