"""Draw the accuracy of distilled students against temperature."""

from fewshot.data.draws import read_draws
from fewshot.figures.distillation import (
    distillation_caption,
    distillation_figure,
    read_distillation,
)
from fewshot.figures.style import publish_figure


def plot_distillation(*, dataset, table_path, draws_path, png_path, svg_path, caption_path):
    """Draw students of a dataset at each T beside themselves alone and their teachers.

    Parameters
    ----------
    dataset : str
    table_path : str
        Distillation's table of the study.
    draws_path : str
        Draws of the dataset, which tell its classes and how many images of each are not tested on.
    png_path, svg_path, caption_path : str
        Files written.

    Raises
    ------
    InputError
        If the table has no student of the dataset.
    """
    table = read_distillation(table_path, dataset)
    draws = read_draws(draws_path)
    publish_figure(
        distillation_figure(table, draws.classes),
        distillation_caption(table, draws.classes, untested=draws.untested),
        png_path=png_path,
        svg_path=svg_path,
        caption_path=caption_path,
    )


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        plot_distillation(
            **snakemake.params.arguments,
            table_path=snakemake.input.table,
            draws_path=snakemake.input.draws,
            png_path=snakemake.output.png,
            svg_path=snakemake.output.svg,
            caption_path=snakemake.output.caption,
        )
