"""Accuracy against training images a class beside published numbers, after Zeiler & Fergus.

References
----------
.. [1] Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", 2013,
   arXiv:1311.2901, Figure 9.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fewshot.figures.style import (
    COLOURS,
    GREY,
    MARKERS,
    draw_chance,
    draw_line,
    draw_title,
    limit_accuracy,
    styled,
)
from fewshot.results.comparison import THIS_STUDY
from fewshot.study.original import ROLE_NAMES

_SIZE = (8.6, 6.4)  # inches
_BLACK = "#000000"
_REPORT_LOOKS = {  # the same in every figure: marker and line style
    "original, end to end": (MARKERS[3], "--"),
    "original, cached": (MARKERS[4], ":"),
    "original, abstract": (MARKERS[5], "none"),
}
_TICKS = (1, 2, 4, 8, 16, 30, 60)
_LABEL_GAP = 0.035  # of the axis, between labels at its right edge
_LABEL_PLACE = 1.012  # of the axis


@styled()
def comparison_figure(comparison, classes):
    """Draw accuracy against training images a class: this study, the report, and others.

    Parameters
    ----------
    comparison : pandas.DataFrame
        Rows of one dataset with the columns `fewshot.results.comparison.COMPARISON_COLUMNS`.
    classes : int
        Of this study's dataset; gives the chance level.

    Returns
    -------
    matplotlib.figure.Figure
        This study in colours with its intervals as bands, the report in black, others in grey with
        their names at the right; level lines where a publication names no number of images.
    """
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    own = comparison["source"] == THIS_STUDY
    report = comparison["method"].str.startswith("original")
    handles = _draw_own(axes, comparison[own]) + _draw_report(axes, comparison[report & ~own])
    handles.append(draw_chance(axes, classes))
    if comparison.loc[own, "low"].notna().any():
        label = "95 % interval of the mean over repeats"
        handles.append(Patch(color=GREY, alpha=0.3, linewidth=0, label=label))
    tops = comparison[["accuracy", "high"]].to_numpy()
    limit_accuracy(axes, np.nanmax([*tops.ravel(), 100 / classes]))
    _scale_x(axes, *comparison["training_images"].agg(["min", "max"]))
    _draw_others(axes, comparison[~report & ~own])
    axes.set_ylabel("test accuracy (%)")
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    dataset, role = comparison[["dataset", "role"]].iloc[0]
    stands_in = f"\n(stands in for {ROLE_NAMES[role]}, of which the published numbers are)"
    draw_title(figure, f"{dataset}, beside published numbers{stands_in if dataset != role else ''}")
    return figure


def _methods(table):
    for method, line in table.groupby("method", sort=False):
        line = line.sort_values("training_images")
        yield method, line, line[["training_images", "accuracy", "low", "high"]].to_numpy().T


def _draw_own(axes, table):
    return [
        draw_line(
            axes,
            *numbers,
            color=COLOURS[number % len(COLOURS)],
            marker=MARKERS[number % len(MARKERS)],
            label=method,
            zorder=3,
        )
        for number, (method, _, numbers) in enumerate(_methods(table))
    ]


def _draw_report(axes, table):
    handles = []
    for method, _, (images, accuracy, _, _) in _methods(table):
        marker, dashes = _REPORT_LOOKS[method]
        handles += axes.plot(
            images,
            accuracy,
            color=_BLACK,
            marker=marker,
            markersize=6,
            markerfacecolor="none",
            linestyle=dashes,
            label=method,
            zorder=4,
        )
    return handles


def _draw_others(axes, table):
    """Draw published lines in grey, each named at the height of its last number."""
    names = {}
    for number, (method, line, (images, accuracy, low, _)) in enumerate(_methods(table)):
        if np.isnan(images).any():
            axes.axhline(accuracy[0], color=GREY, linewidth=1)
        else:
            bars = np.nan_to_num(accuracy - low)
            axes.errorbar(
                images,
                accuracy,
                yerr=bars if bars.any() else None,
                color=GREY,
                marker=MARKERS[number % len(MARKERS)],
                linewidth=1,
                capsize=2,
            )
        names[method] = line["accuracy"].iloc[-1]
    for method, height in _spread(names, axes.get_ylim()).items():
        axes.annotate(
            method,
            (_LABEL_PLACE, height),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            color="#444444",
        )


def _spread(heights, limits):
    """Move labels down where they would touch the one above."""
    gap, last = _LABEL_GAP * (limits[1] - limits[0]), np.inf
    moved = {}
    for name, height in sorted(heights.items(), key=lambda item: -item[1]):
        last = moved[name] = min(height, last - gap)
    return moved


def _scale_x(axes, least, most):
    axes.set_xscale("log", base=2)
    ticks = [tick for tick in _TICKS if least <= tick <= most]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(0.93 * least, 1.07 * most)
    axes.set_xlabel("training images a class (shots)")
