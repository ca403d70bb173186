"""Test accuracy of distilled students against T, and what it says in words."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fewshot.errors import input_error
from fewshot.figures.claims import Estimate, chance, listed, paragraphs, percent, points, told
from fewshot.figures.style import (
    COLOURS,
    DASHES,
    GREY,
    MARKERS,
    draw_chance,
    draw_title,
    limit_accuracy,
    styled,
)
from fewshot.results.frames import read_rows

_MAX_COLUMNS = 3
_PANEL_WIDTH, _PANEL_HEIGHT = 3.6, 2.9  # inches
_LEAST_WIDTH = 7.0
_LEGEND_ROW = 0.2
_TITLE_HEIGHT = 0.5
_ALONE, _TEACHER = COLOURS[6], COLOURS[2]  # of the lines beside students
_STUDENTS = (COLOURS[0], COLOURS[1], COLOURS[3], COLOURS[4], COLOURS[5])
_PANEL = ["backbone", "layer", "shots", "head"]
_TEACHER_KEYS = ["teacher_layer", "teacher_shots", "teacher_head"]
_TEXT = ("dataset", "name", "transfer", "kind", *_PANEL, *_TEACHER_KEYS)
_TRANSFERS = {"pool": "the unlabelled pool", "training": "its training images"}


def read_distillation(path, dataset):
    """Read the students of a dataset.

    Parameters
    ----------
    path : str
        CSV with the columns `fewshot.results.distillation.DISTILLATION_COLUMNS`.
    dataset : str

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    InputError
        If there is none.
    """
    table = read_rows(path, _TEXT)
    rows = table[table["dataset"] == dataset]
    if rows.empty:
        raise input_error(
            "A figure of distillation shows students of its dataset",
            f"{dataset}, but the table has {', '.join(table['dataset'].unique()) or 'none'}",
            "collect the results of distillation again",
        )
    return rows


def _teacher(row):
    return f"{row['teacher_layer']} · {row['teacher_shots']}-shot · {row['teacher_head']}"


def _draw_level(axes, row, **look):
    """Draw an accuracy that knows no T across the panel, with its interval as a band."""
    level, low, high = (100 * float(row[f"accuracy_{part}"]) for part in ("mean", "low", "high"))
    if np.isfinite(low):
        axes.axhspan(max(low, 0), min(high, 100), color=look["color"], alpha=0.12, linewidth=0)
    axes.axhline(level, **look)


def _draw_student(axes, rows, look, label):
    mean, low, high = (
        100 * rows[f"accuracy_{part}"].to_numpy() for part in ("mean", "low", "high")
    )
    bars = None
    if np.isfinite(low).any():
        bars = np.stack([mean - low.clip(0), high.clip(max=100) - mean])
    axes.errorbar(
        rows["temperature"],
        mean,
        yerr=bars,
        capsize=2.5,
        color=_STUDENTS[look % len(_STUDENTS)],
        marker=MARKERS[look % len(MARKERS)],
        linestyle=DASHES[look // len(_STUDENTS) % len(DASHES)],
        label=label,
    )


def _draw_alone(axes, panel):
    """Draw the student's layer without a teacher: with its own labels, and with the teacher's."""
    alone = panel[panel["kind"] == "alone"].iloc[0]
    _draw_level(axes, alone, color=_ALONE, label="student alone")
    # With as many labels as its teacher the student alone is the yardstick itself.
    labelled = panel[(panel["kind"] == "labelled") & (panel["shots"] != panel["teacher_shots"])]
    for number, (shots, rows) in enumerate(labelled.groupby("teacher_shots", sort=False)):
        dash = DASHES[(1 + number) % len(DASHES)]
        label = f"student's layer with the teacher's labels ({shots}-shot), no teacher"
        _draw_level(axes, rows.iloc[0], color=_ALONE, linestyle=dash, label=label)


def _draw_panel(axes, panel, looks, teachers):
    _draw_alone(axes, panel)
    for teacher, rows in panel[panel["kind"] == "teacher"].groupby(_TEACHER_KEYS, sort=False):
        dash = DASHES[(1 + teachers.index(teacher)) % len(DASHES)]
        first = rows.iloc[0]
        _draw_level(
            axes, first, color=_TEACHER, linestyle=dash, label=f"teacher: {_teacher(first)}"
        )
    for name, rows in panel[panel["kind"] == "distilled"].groupby("name", sort=False):
        label = f"{name}: distilled over {_TRANSFERS[rows['transfer'].iloc[0]]}"
        _draw_student(axes, rows.sort_values("temperature"), looks.index(name), label)
    ticks = np.sort(panel["temperature"].dropna().unique())
    axes.set_xscale("log", base=2)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("T (temperature of teacher and student)")
    place = panel.iloc[0]
    title = (place["backbone"], place["layer"], f"{place['shots']}-shot · {place['head']}")
    axes.set_title("\n".join(title), loc="left")


@styled()
def distillation_figure(table, classes):
    """Draw test accuracy against T: a panel for each student's layer and shots, a line a name.

    Parameters
    ----------
    table : pandas.DataFrame
        From `read_distillation`.
    classes : int
        Gives the chance level.

    Returns
    -------
    matplotlib.figure.Figure
    """
    panels = [rows for _, rows in table.groupby(_PANEL, sort=False)]
    looks = list(table["name"].unique())
    teachers = list(table[_TEACHER_KEYS].drop_duplicates().itertuples(index=False, name=None))
    lines = -(-len(panels) // _MAX_COLUMNS)
    columns = -(-len(panels) // lines)
    shots = table["teacher_shots"].nunique()
    legend = _LEGEND_ROW * (3 + len(looks) + len(teachers) + shots)
    size = (
        max(columns * _PANEL_WIDTH, _LEAST_WIDTH),
        lines * _PANEL_HEIGHT + legend + _TITLE_HEIGHT,
    )
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(lines, columns, sharey=True, squeeze=False)
    for axes in grid[:, 0]:
        axes.set_ylabel("test accuracy (%)")
    for axes in grid.flat[len(panels) :]:
        axes.remove()
    handles = {}
    for axes, panel in zip(grid.flat, panels, strict=False):
        _draw_panel(axes, panel, looks, teachers)
        draw_chance(axes, classes)
        drawn, labels = axes.get_legend_handles_labels()
        handles.update(zip(labels, drawn, strict=True))
    if table["accuracy_low"].notna().any():
        label = "95 % interval of the mean over repeats"
        handles[label] = Patch(color=GREY, alpha=0.3, linewidth=0, label=label)
    limit_accuracy(grid[0, 0], 100 * np.nanmax(table[["accuracy_mean", "accuracy_high"]]))
    figure.legend(handles.values(), handles, loc="outside lower center")
    draw_title(figure, f"{table['dataset'].iloc[0]}: students that learn from a teacher")
    return figure


def distillation_caption(table, classes, untested):
    """Say what the figure shows: whether each student is lifted, and at which T.

    Parameters
    ----------
    table : pandas.DataFrame
        From `read_distillation`.
    classes : int
        Gives the chance level.
    untested : int
        Images of each class that a repeat does not test on.

    Returns
    -------
    str
        Paragraphs parted by an empty line.
    """
    keys = ["name", *_PANEL]
    students = [rows for _, rows in table.groupby(keys, sort=False)]
    weights = listed(f"{weight:g}" for weight in table["hard_weight"].unique())
    drawn = (
        f"{table['dataset'].iloc[0]}: test accuracy of students against T. A student minimises "
        "(1 - a) T^2 times the cross-entropy of its class probabilities with the teacher's, both "
        "at T, plus a times that with the labels of its own training images at T = 1; "
        f"a = {weights}. It is tested at T = 1, on the same images as the student alone and the "
        "teacher."
    )
    repeats = int(table["repeats"].iloc[0])
    interval = (
        f"Bars, bands and brackets: 95 % interval of the mean over {repeats} repeats, each T by "
        "itself."
        if repeats > 1
        else "One repeat leaves no interval."
    )
    ends = (
        "A student sees the labels of its own training images; those of the teacher's others reach "
        f"it through the class probabilities alone. {interval} Chance is {chance(classes)}."
    )
    return paragraphs(drawn, *(_describe(rows, untested) for rows in students), ends)


def _estimate(row, measure):
    return Estimate(*(100 * row[f"{measure}_{part}"] for part in ("mean", "low", "high")))


def _describe(rows, untested):
    """Say of one student how it compares with itself alone and with the teacher's labels."""
    first = rows.iloc[0]
    alone, teacher = (rows[rows["kind"] == kind].iloc[0] for kind in ("alone", "teacher"))
    lifts, (low, high) = _gains(rows, "lift")
    spread = f"from {points(low[1])} at T {low[0]:g} to {points(high[1])} at T {high[0]:g}"
    if low[1] == high[1]:
        spread = points(low[1])
    verdict = _verdict(lifts) if np.isfinite(low[1].low) else "Of one draw no claim is made"
    return (
        f"{first['name']} ({first['backbone']}, {first['layer']}, {first['shots']}-shot, "
        f"{first['head']}, over {_TRANSFERS[first['transfer']]}): alone "
        f"{percent(_estimate(alone, 'accuracy'))}, teacher {_teacher(first)} "
        f"{percent(_estimate(teacher, 'accuracy'))}.\n"
        f"{verdict}; the difference is {spread}.{_yardstick(rows, untested)}"
    )


def _gains(rows, measure):
    """Give T and a difference of each distilled student, by T, and the lowest and highest."""
    students = rows[rows["kind"] == "distilled"].sort_values("temperature")
    gains = [(row["temperature"], _estimate(row, measure)) for _, row in students.iterrows()]
    by_mean = sorted(gains, key=lambda gain: gain[1].mean)
    return gains, (by_mean[0], by_mean[-1])


def _yardstick(rows, untested):
    """Hold a student against its layer with as many labels as the teacher had."""
    first = rows.iloc[0]
    own, shots = int(first["shots"]), int(first["teacher_shots"])
    said = ""
    if own != shots:
        level = _estimate(rows[rows["kind"] == "labelled"].iloc[0], "accuracy")
        _, ends = _gains(rows, "over_labelled")
        less = [f"the student at T {t:g} less that: {told(gain)}" for t, gain in ends[::-1]]
        labels = "label" if shots == 1 else "labels"
        said = (
            f"\n{first['layer']} with the teacher's {shots} {labels} a class, without a teacher: "
            f"{percent(level)}; {'; '.join(dict.fromkeys(less))}."
        )
    spoken = untested if first["transfer"] == "pool" else own
    if spoken <= shots:
        said += "\nEvery image on which the teacher speaks is one that it was trained on."
    return said


def _verdict(lifts):
    """Say at which T the lift's interval lies above zero, below it, or holds it."""
    words = {
        1: "distillation lifts it {}",
        -1: "distillation lowers it {}",
        0: "neither lift nor loss beyond its interval {}",
    }
    found = []
    for sign, text in words.items():
        temperatures = [temperature for temperature, lift in lifts if lift.sign == sign]
        if temperatures:
            whole = 1 < len(temperatures) == len(lifts)
            named = listed([f"{temperature:g}" for temperature in temperatures])
            found.append(text.format(f"at {'every T:' if whole else 'T'} {named}"))
    sentence = "; ".join(found)
    return sentence[0].upper() + sentence[1:]
