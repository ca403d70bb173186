"""Draw the figures that follow from the tables of a study."""

from fewshot.figures.kinds import DRAW
from fewshot.figures.style import publish_figure
from fewshot.results.study_tables import read_study_tables
from fewshot.study.figure_kinds import from_plain


def plot_tables(*, figures, png_paths, **tables):
    """Draw figures with their captions.

    Parameters
    ----------
    figures : list of tuple
        See `fewshot.study.figure_kinds.to_plain`.
    png_paths : list of str
        File of each figure, in the same order; SVG and caption are written beside it.
    **tables
        Paths and facts that `fewshot.results.study_tables.read_study_tables` takes.

    Raises
    ------
    InputError
        If a table lacks what a figure shows.
    """
    study = read_study_tables(**tables)
    for figure, path in zip(from_plain(figures), png_paths, strict=True):
        publish_figure(*DRAW[figure.kind](figure, study), path)


def main(snakemake):
    """Do what the rule says."""
    plot_tables(
        **snakemake.params.arguments,
        summary_path=snakemake.input.summary,
        contrasts_path=snakemake.input.contrasts,
        calibration_path=snakemake.input.calibration,
        distillation_path=snakemake.input.distillation or None,
        costs_path=snakemake.input.costs or None,
        comparison_path=snakemake.input.comparison or None,
        surpassed_path=snakemake.input.surpassed or None,
        draws_paths=snakemake.input.draws,
        png_paths=snakemake.output.png,
    )
