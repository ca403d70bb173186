"""Draw the figures that follow from the tables of a study."""

from fewshot.figures.kinds import DRAW
from fewshot.figures.style import publish_figure
from fewshot.results.study_tables import TABLES, read_study_tables
from fewshot.study.figure_kinds import from_plain


def plot_tables(*, figures, png_paths, table_paths, **facts):
    """Draw figures with their captions.

    Parameters
    ----------
    figures : list of tuple
        See `fewshot.study.figure_kinds.to_plain`.
    png_paths : list of str
        File of each figure, in the same order; SVG and caption are written beside it.
    table_paths : dict of str to str or None
    **facts
        Paths and facts that `fewshot.results.study_tables.read_study_tables` takes.

    Raises
    ------
    InputError
        If a table lacks what a figure shows.
    """
    study = read_study_tables(table_paths, **facts)
    for figure, path in zip(from_plain(figures), png_paths, strict=True):
        publish_figure(*DRAW[figure.kind](figure, study), path)


def main(snakemake):
    """Do what the rule says."""
    plot_tables(
        **snakemake.params.arguments,
        table_paths={name: snakemake.input.get(name) or None for name in TABLES},
        thumbnails_paths=snakemake.input.thumbnails,
        draws_paths=snakemake.input.draws,
        png_paths=snakemake.output.png,
    )
