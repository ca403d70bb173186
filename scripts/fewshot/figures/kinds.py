"""What draws each kind of figure: see `fewshot.study.figure_kinds.KINDS`."""

from fewshot.figures import (
    against_depth,
    against_layer,
    against_shots,
    against_temperature,
    classes,
    comparison,
    confusion,
    costs,
    curves,
    distillation,
    forecast,
    maps,
    reliability,
)

# Of the rule plot_tables: from a `fewshot.study.figure_kinds.Figure` and a
# `fewshot.results.study_tables.StudyTables` to figure and caption.
DRAW = {
    "forecast": forecast.draw,
    "shots": against_shots.draw,
    "depth": against_depth.draw,
    "layer": against_layer.draw,
    "temperature": against_temperature.draw,
    "classes": classes.draw,
    "confusion": confusion.draw,
    "map": maps.draw,
    "map_pictures": maps.draw_pictures,
    "distillation": distillation.draw,
    "comparison": comparison.draw,
    "costs": costs.draw,
    "reliability": reliability.draw,
}
# Of the rule plot_curves.
DRAW_CURVES = {
    "curves": curves.draw_alone,
    "layer_curves": curves.draw_together,
    "temperature_curves": curves.draw_together,
}
