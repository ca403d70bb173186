"""Test accuracy of distilled students against T."""

import numpy as np
from matplotlib.figure import Figure

from fewshot.figures.style import (
    COLOURS,
    DASHES,
    draw_chance,
    draw_title,
    interval_patch,
    limit_accuracy,
    look_of,
    scale_doubling,
    styled,
)
from fewshot.figures.words import (
    chance,
    count_repeats,
    intervals,
    listed,
    paragraphs,
    percent,
    points,
    told,
)
from fewshot.point import name_factor

_MAX_COLUMNS = 3
_PANEL_WIDTH, _PANEL_HEIGHT = 3.6, 2.9  # inches
_LEAST_WIDTH = 7.0
_LEGEND_ROW = 0.2
_TITLE_HEIGHT = 0.5
_ALONE, _TEACHER = COLOURS[6], COLOURS[2]  # of the lines beside students
_STUDENTS = (COLOURS[0], COLOURS[1], COLOURS[3], COLOURS[4], COLOURS[5])
_PANEL = ["backbone", "layer", "shots", "head"]
_TEACHER_KEYS = ["teacher_layer", "teacher_shots", "teacher_head"]
_TRANSFERS = {"pool": "the unlabelled pool", "training": "its training images"}
_VERDICTS = {
    1: "distillation lifts it",
    -1: "distillation lowers it",
    0: "neither lift nor loss that can be told",
}


@styled()
def draw(figure, study):
    """Draw test accuracy against T: a panel for each student's layer and shots, a line a name.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables

    Returns
    -------
    figure : matplotlib.figure.Figure
    caption : str
        Whether each student is lifted, and at which T most.
    """
    table, classes = study.of(figure.dataset, "distillation"), study.tasks[figure.dataset].classes
    panels = [rows for _, rows in table.groupby(_PANEL, sort=False)]
    looks = list(table["name"].unique())
    teachers = list(table[_TEACHER_KEYS].drop_duplicates().itertuples(index=False, name=None))
    entries = 3 + len(looks) + len(teachers) + table["teacher_shots"].nunique()
    drawn, grid = _make_grid(len(panels), entries)
    handles = {}
    for axes, panel in zip(grid, panels, strict=True):
        _draw_panel(axes, panel, looks, teachers)
        draw_chance(axes, classes)
        lines, labels = axes.get_legend_handles_labels()
        handles.update(zip(labels, lines, strict=True))
    limit_accuracy(grid[0], 100 * np.nanmax(table[["accuracy_mean", "accuracy_high"]]))
    interval = interval_patch(table["accuracy_low"])
    drawn.legend(handles=[*handles.values(), *interval], loc="outside lower center")
    draw_title(drawn, f"{figure.dataset}: students that learn from a teacher")
    return drawn, _tell(figure.dataset, table, study)


def _make_grid(panels, entries):
    """Make a figure with an axes for each panel, and room for a legend of so many entries."""
    lines = -(-panels // _MAX_COLUMNS)
    columns = -(-panels // lines)
    width = max(columns * _PANEL_WIDTH, _LEAST_WIDTH)
    height = lines * _PANEL_HEIGHT + entries * _LEGEND_ROW + _TITLE_HEIGHT
    drawn = Figure(figsize=(width, height), layout="constrained")
    grid = drawn.subplots(lines, columns, sharey=True, squeeze=False)
    for axes in grid[:, 0]:
        axes.set_ylabel("test accuracy (%)")
    for axes in grid.flat[panels:]:
        axes.remove()
    return drawn, grid.flat[:panels]


def _draw_panel(axes, panel, looks, teachers):
    _draw_alone(axes, panel)
    for teacher, rows in panel[panel["kind"] == "teacher"].groupby(_TEACHER_KEYS, sort=False):
        dash = DASHES[(1 + teachers.index(teacher)) % len(DASHES)]
        label = f"teacher: {_name_teacher(rows.iloc[0])}"
        _draw_level(axes, rows.iloc[0], color=_TEACHER, linestyle=dash, label=label)
    for name, rows in panel[panel["kind"] == "distilled"].groupby("name", sort=False):
        label = f"{name}: distilled over {_TRANSFERS[rows['transfer'].iloc[0]]}"
        look = look_of(looks.index(name), _STUDENTS)
        _draw_student(axes, rows.sort_values("temperature"), label=label, **look)
    scale_doubling(axes, np.sort(panel["temperature"].dropna().unique()))
    axes.set_xlabel("T (temperature of teacher and student)")
    place = panel.iloc[0]
    title = (place["backbone"], place["layer"], f"{place['shots']}-shot · {place['head']}")
    axes.set_title("\n".join(title), loc="left")


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


def _draw_level(axes, row, **look):
    """Draw an accuracy that knows no T across the panel, with its interval as a band."""
    level, low, high = (100 * float(row[f"accuracy_{part}"]) for part in ("mean", "low", "high"))
    if np.isfinite(low):
        axes.axhspan(max(low, 0), min(high, 100), color=look["color"], alpha=0.12, linewidth=0)
    axes.axhline(level, **look)


def _draw_student(axes, rows, **look):
    mean, low, high = (
        100 * rows[f"accuracy_{part}"].to_numpy() for part in ("mean", "low", "high")
    )
    bars = None
    if np.isfinite(low).any():
        bars = np.stack([mean - low.clip(0), high.clip(max=100) - mean])
    axes.errorbar(rows["temperature"], mean, yerr=bars, capsize=2.5, **look)


def _name_teacher(row):
    return f"{row['teacher_layer']} · {row['teacher_shots']}-shot · {row['teacher_head']}"


def _tell(dataset, table, study):
    """Say what is drawn, and of each student what it gains."""
    task, weights = study.tasks[dataset], listed(f"{a:g}" for a in table["hard_weight"].unique())
    gains = {
        (contrast.question, contrast.a, contrast.at): contrast
        for question in ("lift", "over_labelled")
        for contrast in study.answers(dataset, question)
    }
    opening = (
        f"{dataset}: test accuracy of students against T. A student learns from its teacher's "
        "class probabilities, both softened by T, and with the weight "
        f"a = {weights} from the labels of its own training images. It is tested at T = 1, on the "
        "same images as the student alone and the teacher."
    )
    repeats = [int(table["repeats"].iloc[0])]
    means = f"Means over {count_repeats(repeats)} with their {intervals(repeats)}"
    students = [rows for _, rows in table.groupby(["name", *_PANEL], sort=False)]
    said = (_tell_student(rows, gains, task.most_untested) for rows in students)
    return paragraphs(opening, *said, f"{means}; chance is {chance(task.classes)}.")


def _tell_student(rows, gains, untested):
    """Say of one student how it compares with itself alone and with the teacher's labels."""
    first = rows.iloc[0]
    at = " · ".join(name_factor(factor, first[factor]) for factor in _PANEL)
    lift, over = (
        {
            t: gains[question, f"{first['name']} at {name_factor('temperature', t)}", at]
            for t in sorted(rows["temperature"].dropna())
        }
        for question in ("lift", "over_labelled")
    )
    best = max(lift, key=lambda temperature: lift[temperature].mean)
    highest = f"highest at T {best:g}: " if len(lift) > 1 else ""
    said = (
        f"{first['name']} ({at}, over {_TRANSFERS[first['transfer']]}): alone "
        f"{_reach(rows, 'alone')}, teacher {_name_teacher(first)} {_reach(rows, 'teacher')}.\n"
        f"{_judge(lift)}; the difference is {highest}{points(lift[best])}."
    )
    if first["shots"] != first["teacher_shots"]:
        labels = f"{first['teacher_shots']} label{'s' * (first['teacher_shots'] != '1')}"
        said += (
            f"\n{first['layer']} with the teacher's {labels} a class, without a teacher: "
            f"{_reach(rows, 'labelled')}; the student at T {best:g} less that: {told(over[best])}."
        )
    spoken = untested if first["transfer"] == "pool" else int(first["shots"])
    if spoken <= int(first["teacher_shots"]):
        said += "\nEvery image on which the teacher speaks is one that it was trained on."
    return said


def _reach(rows, kind):
    return percent(rows[rows["kind"] == kind].iloc[0], "accuracy")


def _judge(lifts):
    """Say at which T the lift's interval lies above zero, below it, or holds it."""
    found = []
    for sign, verdict in _VERDICTS.items():
        alike = [f"{temperature:g}" for temperature, lift in lifts.items() if lift.sign == sign]
        if alike:
            every = 1 < len(alike) == len(lifts)
            found.append(f"{verdict} at {'every T:' if every else 'T'} {listed(alike)}")
    sentence = "; ".join(found)
    return sentence[0].upper() + sentence[1:]
