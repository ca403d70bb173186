"""What draws each kind of figure: see `fewshot.study.figure_kinds.KINDS`."""

from fewshot.figures import curves
from fewshot.figures.accuracy import layers_figure, shots_figure, temperatures_figure
from fewshot.figures.accuracy_caption import layers_caption, shots_caption
from fewshot.figures.comparison import comparison_figure
from fewshot.figures.comparison_caption import comparison_caption
from fewshot.figures.costs import costs_caption, costs_figure
from fewshot.figures.distillation import distillation_caption, distillation_figure
from fewshot.figures.temperature_caption import temperatures_caption
from fewshot.results.frames import means


def _shots(figure, study):
    results, classes = study.accuracy(figure.points), study.tasks[figure.dataset].classes
    beside = study.roles[figure.dataset] is not None
    drawn = shots_figure(means(results), classes)
    return drawn, shots_caption(results, study.solvers, classes, beside)


def _layers(figure, study):
    results, classes = study.accuracy(figure.points), study.tasks[figure.dataset].classes
    beside = study.roles[figure.dataset] is not None
    drawn = layers_figure(means(results), study.layers, classes)
    return drawn, layers_caption(results, study.layers, study.solvers, classes, beside)


def _temperatures(figure, study):
    results, classes = study.accuracy(figure.points), study.tasks[figure.dataset].classes
    beside = study.roles[figure.dataset] is not None
    drawn = temperatures_figure(means(results), classes)
    return drawn, temperatures_caption(results, study.solvers, classes, beside)


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
    "shots": _shots,
    "layer": _layers,
    "temperature": _temperatures,
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
