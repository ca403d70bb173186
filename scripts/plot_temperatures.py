"""Draw test accuracy against T."""

from fewshot.figure_data import count_classes, read_summary, select_points
from fewshot.figure_style import publish_figure
from fewshot.figures import temperatures_figure


def plot_temperatures(*, points, summary_path, draws_path, png_path, svg_path):
    """Draw mean test accuracy and its 95 % interval against T.

    Parameters
    ----------
    points : list of dict
        Grid points of one dataset that are drawn: a line for each backbone, layer, shots and head.
    summary_path : str
        Means and intervals of the study.
    draws_path : str
        Draws of the dataset, from which the chance level follows.
    png_path, svg_path : str
        Files written.

    Raises
    ------
    InputError
        If the summary lacks a point, or no line has more than one value of T.
    """
    table = select_points(read_summary(summary_path), points)
    publish_figure(temperatures_figure(table, count_classes(draws_path)), png_path, svg_path)


if __name__ == "__main__":
    from fewshot.logs import job

    with job(snakemake.log[0], snakemake.threads):
        plot_temperatures(
            **snakemake.params.arguments,
            summary_path=snakemake.input.summary,
            draws_path=snakemake.input.draws,
            png_path=snakemake.output.png,
            svg_path=snakemake.output.svg,
        )
