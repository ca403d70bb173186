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
from fewshot.figures.vector import hover
from fewshot.figures.words import (
    count_repeats,
    intervals,
    listed,
    paragraphs,
    percent_of,
    told,
)
from fewshot.point import name_factor

_MAX_COLUMNS = 2
_PANEL_WIDTH, _PANEL_HEIGHT = 4.8, 3.1  # inches
_LEAST_WIDTH = 9.0
_LEGEND_ROW = 0.2
_TITLE_HEIGHT = 0.5
_ALONE, _TEACHER = COLOURS[6], COLOURS[2]  # of the lines beside students
_STUDENTS = (COLOURS[0], COLOURS[1], COLOURS[3], COLOURS[4], COLOURS[5])
_PANEL = ["backbone", "layer", "shots", "head"]
_TEACHER_KEYS = ["teacher_layer", "teacher_shots", "teacher_head"]
_TRANSFERS = {"pool": "the unlabelled pool", "training": "its training images"}
_VERDICTS = {1: "gain", -1: "lose", 0: "can't be told from themselves alone"}


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
        dash = DASHES[-1 - teachers.index(teacher) % len(DASHES)]
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
    texts = [
        f"{look['label']}, {name_factor('temperature', row.temperature)}: "
        f"{percent_of(row.accuracy_mean, row.accuracy_low, row.accuracy_high)}"
        for row in rows.itertuples()
    ]
    hover(axes, rows["temperature"], mean, texts)
    bars = None
    if np.isfinite(low).any():
        bars = np.stack([mean - low.clip(0), high.clip(max=100) - mean])
    axes.errorbar(rows["temperature"], mean, yerr=bars, capsize=2.5, **look)


def _name_teacher(row):
    return f"{row['teacher_layer']} · {row['teacher_shots']}-shot · {row['teacher_head']}"


def _tell(dataset, table, study):
    """Say what is drawn, how many students gain, and what the best one gains."""
    repeats = [int(table["repeats"].iloc[0])]
    opening = (
        f"Students that learn from a teacher on {dataset}, at each T: {count_repeats(repeats)}, "
        f"{intervals(repeats)}."
    )
    lifts = study.answers(dataset, "lift")
    best = max(lifts, key=lambda lift: lift.mean)
    finding = f"Of {count_lifts(lifts)}; most: {best.a} ({best.at}), {told(best)}."
    own = _only_own(table, study.tasks[dataset].most_untested)
    return paragraphs(opening, f"{finding}{own}")


def count_lifts(lifts):
    """Count students by what the interval of their lift allows to say.

    Parameters
    ----------
    lifts : list of fewshot.results.contrasts.Contrast
        Of a student beside itself alone, at one T each.

    Returns
    -------
    str
    """
    signs = [lift.sign for lift in lifts]
    said = [f"{signs.count(sign)} {word}" for sign, word in _VERDICTS.items() if sign in signs]
    return f"{len(signs)} students (one each T) {listed(said)}"


def _only_own(table, untested):
    """Name the students over the pool whose teacher was trained on all that it speaks on."""
    pool = table[(table["kind"] == "distilled") & (table["transfer"] == "pool")]
    names = pool["name"][untested <= pool["teacher_shots"].astype(int)].unique()
    speaks = "speaks on its own training images alone"
    return f" The teacher of {listed(names)} {speaks}." if len(names) else ""
