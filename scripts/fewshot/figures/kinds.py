"""What draws each kind of figure: see `fewshot.study.figure_kinds.KINDS`."""

from fewshot.figures import against_layer, against_shots, against_temperature, curves
from fewshot.figures.comparison import comparison_figure
from fewshot.figures.comparison_caption import comparison_caption
from fewshot.figures.costs import costs_caption, costs_figure
from fewshot.figures.distillation import distillation_caption, distillation_figure


def _distillation(figure, study):
    table, task = study.of(figure.dataset, "distillation"), study.tasks[figure.dataset]
    caption = distillation_caption(table, task.classes, untested=task.untested)
    return distillation_figure(table, task.classes), caption


def _comparison(figure, study):
    comparison, surpassed = (study.of(figure.dataset, n) for n in ("comparison", "surpassed"))
    task = study.tasks[figure.dataset]
    caption = comparison_caption(comparison, surpassed, task.classes, task.tested)
    return comparison_figure(comparison, task.classes), caption


def _costs(figure, study):
    costs = study.of(figure.dataset, "costs")
    return costs_figure(costs), costs_caption(costs)


# Of the rule plot_tables: from a `fewshot.study.figure_kinds.Figure` and a
# `fewshot.results.study_tables.StudyTables` to figure and caption.
DRAW = {
    "shots": against_shots.draw,
    "layer": against_layer.draw,
    "temperature": against_temperature.draw,
    "distillation": _distillation,
    "comparison": _comparison,
    "costs": _costs,
}
# Of the rule plot_curves.
DRAW_CURVES = {
    "curves": curves.draw_alone,
    "layer_curves": curves.draw_together,
    "temperature_curves": curves.draw_together,
}
