"""What is recommended against shots, as measured and as forecast."""

import numpy as np
from matplotlib.figure import Figure

from fewshot.figures.style import (
    COLOURS,
    GREY,
    draw_chance,
    draw_line,
    draw_title,
    interval_patch,
    limit_accuracy,
    scale_doubling,
    styled,
)
from fewshot.figures.vector import hover
from fewshot.figures.words import paragraphs, percent, percent_of
from fewshot.results.choices import recommended
from fewshot.results.tables import TEST_ACCURACY

_SIZE = 5.6, 3.8  # inches: it stands beside a table, where smaller letters could not be read


@styled()
def draw(figure, study):
    """Draw the recommended line of a dataset, its forecast, and what was forecast of its end.

    Parameters
    ----------
    figure : fewshot.study.figure_kinds.Figure
    study : fewshot.results.study_tables.StudyTables

    Returns
    -------
    figure : matplotlib.figure.Figure
    caption : str
    """
    point = recommended(study.choices)[figure.dataset].point
    line = sorted(p for p in study.summary if p.line == point.line)
    measured = np.array(
        [[100 * study.summary[each][part] for part in TEST_ACCURACY] for each in line]
    )
    ahead, tests = study.forecasts(point)
    drawn = Figure(figsize=_SIZE, layout="constrained")
    axes = drawn.subplots()
    shots = [each.shots for each in line]
    draw_line(
        axes, shots, *np.clip(measured, 0, 100).T, color=COLOURS[0], marker="o", label="measured"
    )
    says = [f"{p.shots} shots: {percent(study.summary[p], 'test_accuracy')}" for p in line]
    hover(axes, shots, measured[:, 0], says)
    _draw_ahead(axes, (shots[-1], *measured[-1]), ahead)
    _draw_tests(axes, tests)
    ticks = sorted({*shots, *(row.shots for row in ahead[-1:])})
    scale_doubling(axes, ticks)
    axes.set(xlabel="shots (training images a class)", ylabel="test accuracy (%)")
    draw_chance(axes, study.tasks[figure.dataset].classes)
    for row in study.wanted_of(point):
        label = f"wanted: {100 * row.accuracy:g} %"
        axes.axhline(100 * row.accuracy, color=COLOURS[2], linestyle=":", label=label)
    highest = [*measured.ravel(), *(100 * row.high for row in ahead)]
    limit_accuracy(axes, np.nanmax(highest))
    handles = [*axes.get_legend_handles_labels()[0], *interval_patch(measured[:, 1])]
    drawn.legend(handles=handles, loc="outside lower center", ncols=2)
    where = point.label("backbone", "layer", "temperature", "head")
    draw_title(drawn, f"{figure.dataset}: what is recommended, {where}")
    return drawn, _tell(figure.dataset, where, ahead, tests)


def _draw_ahead(axes, last, ahead):
    if ahead:
        shots, mean, *_ = last
        rows = [(row.shots, row.accuracy, row.low, row.high) for row in ahead]
        x, *parts = np.array([(shots, *[mean / 100] * 3), *rows]).T
        look = {"color": COLOURS[1], "linestyle": "--", "label": "forecast, with its 95 % band"}
        draw_line(axes, x, *(100 * part for part in parts), **look)
        says = [
            f"{row.shots} shots, forecast: {percent_of(row.accuracy, row.low, row.high)}"
            for row in ahead
        ]
        hover(axes, x[1:], 100 * parts[0][1:], says)


def _draw_tests(axes, tests):
    if tests:
        mean = [100 * row.accuracy for row in tests]
        ends = [
            [100 * (row.accuracy - row.low) for row in tests],
            [100 * (row.high - row.accuracy) for row in tests],
        ]
        axes.errorbar(
            [row.shots for row in tests],
            mean,
            ends,
            **{"fmt": "D", "color": GREY, "markerfacecolor": "white", "capsize": 2},
            **{"linewidth": 1, "label": "forecast from half the shots"},
        )


def _tell(dataset, where, ahead, tests):
    opening = f"Test accuracy of {where} on {dataset}, measured and forecast to twice the shots."
    if not ahead:
        return f"{opening} A forecast needs three numbers of shots."
    said = [
        f"From {row.up_to} shots, {percent_of(row.accuracy, row.low, row.high)} was forecast at "
        f"{row.shots}; {percent_of(row.came)} came."
        for row in tests[-1:]
    ]
    return paragraphs(opening, *said)
