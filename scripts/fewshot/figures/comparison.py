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
from fewshot.figures.words import ONE_REPEAT, chance, intervals, paragraphs, told
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
    axes.set_ylabel("test accuracy (%)")
    drawn.legend(handles=handles, loc="outside lower center", ncols=2)
    dataset, role = comparison[["dataset", "role"]].iloc[0]
    stands_in = f"\n(stands in for {ROLE_NAMES[role]}, of which the published numbers are)"
    draw_title(drawn, f"{dataset}, beside published numbers{stands_in if dataset != role else ''}")
    return drawn, _tell(dataset, role, comparison[is_own], study)


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
        f"Test accuracy on {dataset} against training images a class, beside published numbers "
        f"for {ROLE_NAMES[role]}: this study in colours, the original in black, others in grey."
    )
    closing = (
        "Grey bars are the ± that a publication gives; test images and protocol differ between "
        f"them. Bands are {intervals(own['repeats'])}; chance is "
        f"{chance(study.tasks[dataset].classes)}."
    )
    if dataset == role:
        surpassed = _tell_surpassed(study.of(dataset, "surpassed"))
        found = [surpassed, _tell_original(study.answers(dataset, "original"))]
    else:
        found = [
            f"{dataset} stands in for {ROLE_NAMES[role]}: the published numbers are of another "
            "task, so only the layout can be compared and nothing is claimed against them."
        ]
    one = ONE_REPEAT if own["repeats"].max() == 1 else ""
    return paragraphs(opening, *found, closing, one)


def _tell_surpassed(surpassed):
    """Say which line of this study is first above each reference, and where the original's are."""
    said = []
    columns = ["reference", "reference_images", "reference_accuracy"]
    for (name, images, level), rows in surpassed.groupby(columns, sort=False, dropna=False):
        where = "" if np.isnan(images) else f" at {images:g} images a class"
        above = rows.dropna(subset="first_shots").sort_values(
            ["first_shots", "sure_shots"], kind="stable"
        )
        is_original = above["line"].str.startswith(_ORIGINAL)
        own = above[~is_original].head(1)
        lines = [
            _tell_first(row)
            for part in (own, above[is_original])
            for row in part.to_dict("records")
        ]
        if own.empty:
            lines.insert(0, "no line of this study")
        said.append(f"Above {name}{where} ({level:g} %): {'; '.join(lines)}.")
    return "\n".join(said)


def _tell_first(row):
    plural = "s" if row["first_shots"] > 1 else ""
    said = f"{row['line']} from {row['first_shots']:g} shot{plural}"
    if row["line"].startswith(_ORIGINAL):
        said += "" if np.isnan(row["claimed"]) else f" (its text says about {row['claimed']:g})"
    elif np.isnan(row["sure_shots"]):
        said += ", its interval at none"
    elif row["sure_shots"] > row["first_shots"]:
        said += f", its interval from {row['sure_shots']:g}"
    if np.isnan(row["crossing"]):
        return f"{said}, the fewest measured"
    return f"{said}, crossing it at {row['crossing']:.1f}"


def _tell_original(differences):
    """Say how far each line is from the original's, at the most shots that both have."""
    most = {(each.a, each.b): each for each in differences}  # in the order of shots
    said = [f"{each.a} less {each.b}, {each.at}: {told(each)}." for each in most.values()]
    if not np.isnan([each.low for each in most.values()]).all():
        said.append("These allow for the original's single draw, taken to spread as ours do.")
    return "\n".join(said)
