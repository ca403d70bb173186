"""Accuracy against training images a class beside published numbers, after Zeiler & Fergus.

References
----------
.. [1] Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", 2013,
   arXiv:1311.2901, Figure 9.
"""

import numpy as np
from matplotlib.figure import Figure

from fewshot.figures.style import (
    GREY,
    MARKERS,
    draw_chance,
    draw_line,
    draw_title,
    interval_patch,
    limit_accuracy,
    look_of,
    scale_doubling,
    styled,
)
from fewshot.figures.vector import hover
from fewshot.figures.words import intervals, paragraphs, percent_of, told
from fewshot.results.comparison import THIS_STUDY
from fewshot.study.original import ROLE_NAMES

_SIZE = (8.6, 6.4)  # inches
_BLACK = "#000000"
_ORIGINAL = "original"  # the methods of it start so
_ORIGINAL_LOOKS = {  # the same in every figure: marker and line style
    "original, end to end": (MARKERS[3], "--"),
    "original, cached": (MARKERS[4], ":"),
    "original, abstract": (MARKERS[5], "none"),
}
_TICKS = (1, 2, 4, 8, 16, 30, 60)
_LABEL_GAP = 0.035  # of the axis, between labels at its right edge
_LABEL_PLACE = 1.012  # of the axis


@styled()
def draw(figure, study):
    """Draw accuracy against training images a class: this study, the original, and others.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables

    Returns
    -------
    figure : matplotlib.figure.Figure
        This study in colours with its intervals as bands, the original in black, others in grey
        with their names at the right; level lines where a publication names no number of images.
    caption : str
        Where this study surpasses published numbers, and how far it is from the original's. Of a
        dataset that only stands in nothing is claimed.
    """
    comparison = study.of(figure.dataset, "comparison")
    classes = study.tasks[figure.dataset].classes
    drawn = Figure(figsize=_SIZE, layout="constrained")
    axes = drawn.subplots()
    is_own = comparison["source"] == THIS_STUDY
    is_original = comparison["method"].str.startswith(_ORIGINAL)
    handles = _draw_own(axes, comparison[is_own])
    handles += _draw_original(axes, comparison[is_original & ~is_own])
    handles.append(draw_chance(axes, classes))
    handles += interval_patch(comparison.loc[is_own, "low"])
    tops = comparison[["accuracy", "high"]].to_numpy()
    limit_accuracy(axes, np.nanmax([*tops.ravel(), 100 / classes]))
    _scale_images(axes, *comparison["training_images"].agg(["min", "max"]))
    _draw_others(axes, comparison[~is_original & ~is_own])
    measured = comparison.dropna(subset="training_images")
    hover(axes, measured["training_images"], measured["accuracy"], map(_say, measured.itertuples()))
    axes.set_ylabel("test accuracy (%)")
    drawn.legend(handles=handles, loc="outside lower center", ncols=2)
    dataset, role = comparison[["dataset", "role"]].iloc[0]
    stands_in = f"\n(stands in for {ROLE_NAMES[role]}, of which the published numbers are)"
    draw_title(drawn, f"{dataset}, beside published numbers{stands_in if dataset != role else ''}")
    return drawn, _tell(dataset, role, comparison[is_own], study)


def _say(row):
    plural = "s" if row.training_images > 1 else ""
    accuracy = percent_of(*(each / 100 for each in (row.accuracy, row.low, row.high)))
    return f"{row.method}, {row.training_images:g} training image{plural} a class: {accuracy}"


def _methods(table):
    for method, line in table.groupby("method", sort=False):
        line = line.sort_values("training_images")
        yield method, line, line[["training_images", "accuracy", "low", "high"]].to_numpy().T


def _draw_own(axes, table):
    return [
        draw_line(axes, *numbers, **look_of(number), label=method, zorder=3)
        for number, (method, _, numbers) in enumerate(_methods(table))
    ]


def _draw_original(axes, table):
    handles = []
    for method, _, (images, accuracy, _, _) in _methods(table):
        marker, dashes = _ORIGINAL_LOOKS[method]
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


def _scale_images(axes, least, most):
    scale_doubling(axes, [tick for tick in _TICKS if least <= tick <= most])
    axes.set_xlim(0.93 * least, 1.07 * most)
    axes.set_xlabel("training images a class (shots)")


def _tell(dataset, role, own, study):
    opening = (
        f"Test accuracy on {dataset}, in colours with {intervals(own['repeats'])}, beside numbers "
        f"for {ROLE_NAMES[role]}: the original in black, others in grey with the ± that they give."
    )
    if dataset != role:
        finding = (
            f"{dataset} stands in for {ROLE_NAMES[role]}: of another task, the published numbers "
            "are held against nothing."
        )
        return paragraphs(opening, finding)
    surpassed = _tell_surpassed(study.of(dataset, "surpassed"))
    return paragraphs(opening, f"{surpassed}{_tell_original(study.answers(dataset, 'original'))}")


def _tell_surpassed(surpassed):
    """Say which is the highest published number that a line of this study is above, and where."""
    is_own = ~surpassed["line"].str.startswith(_ORIGINAL)
    above = surpassed[is_own].dropna(subset="first_shots")
    if above.empty:
        return "No published number is surpassed."
    order = ["reference_accuracy", "first_shots", "sure_shots"]
    row = above.sort_values(order, ascending=[False, True, True], kind="stable").iloc[0]
    images = row["reference_images"]
    where = "" if np.isnan(images) else f" at {images:g} images a class"
    level = f"{row['reference_accuracy']:g} %"
    return f"Above {row['reference']}{where} ({level}): {_tell_first(row)}."


def _tell_first(row):
    plural = "s" if row["first_shots"] > 1 else ""
    said = f"{row['line']} from {row['first_shots']:g} shot{plural}"
    if np.isnan(row["sure_shots"]):
        return f"{said}, its interval at none"
    sure = row["sure_shots"] > row["first_shots"]
    return f"{said}, its interval from {row['sure_shots']:g}" if sure else said


def _tell_original(differences):
    """Say how far a line is from the original's, at the most shots that both have."""
    most = {(each.a, each.b): each for each in differences}  # in the order of shots
    return "".join(
        f" {each.a} less {each.b}, {each.at}: {told(each)}." for each in [*most.values()][:1]
    )
