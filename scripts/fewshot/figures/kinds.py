"""What draws each kind of figure: see `fewshot.study.figure_kinds.KINDS`."""

from fewshot.figures import comparison, costs, curves, distillation
from fewshot.figures.accuracy import layers_figure, shots_figure, temperatures_figure
from fewshot.figures.accuracy_caption import layers_caption, shots_caption
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


# Of the rule plot_tables: from a `fewshot.study.figure_kinds.Figure` and a
# `fewshot.results.study_tables.StudyTables` to figure and caption.
DRAW = {
    "shots": _shots,
    "layer": _layers,
    "temperature": _temperatures,
    "distillation": distillation.draw,
    "comparison": comparison.draw,
    "costs": costs.draw,
}
# Of the rule plot_curves.
DRAW_CURVES = {
    "curves": curves.draw_alone,
    "layer_curves": curves.draw_together,
    "temperature_curves": curves.draw_together,
}
