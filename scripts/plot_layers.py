"""Draw test accuracy against layer."""

from fewshot.figure_data import count_classes, read_summary, select_points
from fewshot.figure_style import publish_figure
from fewshot.figures import layers_figure


def plot_layers(*, points, layers, summary_path, draws_path, png_path, svg_path):
    """Draw mean test accuracy and its 95 % interval against layer.

    Parameters
    ----------
    points : list of dict
        Grid points of one dataset that are drawn: a line for each backbone, T, shots and head.
    layers : list of str
        All their layers, in the order of the network.
    summary_path : str
        Means and intervals of the study.
    draws_path : str
        Draws of the dataset, from which the chance level follows.
    png_path, svg_path : str
        Files written.

    Raises
    ------
    InputError
        If the summary lacks a point, or no line has more than one layer.
    """
    table = select_points(read_summary(summary_path), points)
    publish_figure(layers_figure(table, layers, count_classes(draws_path)), png_path, svg_path)


if __name__ == "__main__":
    from fewshot.logs import job

    with job(snakemake.log[0], snakemake.threads):
        plot_layers(
            **snakemake.params.arguments,
            summary_path=snakemake.input.summary,
            draws_path=snakemake.input.draws,
            png_path=snakemake.output.png,
            svg_path=snakemake.output.svg,
        )
