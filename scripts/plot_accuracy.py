"""Draw test accuracy against shots, layer or temperature."""

from fewshot.data.draws import read_draws
from fewshot.figures.accuracy import layers_figure, shots_figure, temperatures_figure
from fewshot.figures.accuracy_caption import layers_caption, shots_caption
from fewshot.figures.style import publish_figure
from fewshot.figures.temperature_caption import temperatures_caption
from fewshot.results.frames import means, read_accuracy


def plot_accuracy(
    *,
    points,
    axis,
    solvers,
    layers,
    in_report,
    accuracy_path,
    draws_path,
    png_path,
    svg_path,
    caption_path,
):
    """Draw mean test accuracy and its 95 % interval, and say what it shows.

    Parameters
    ----------
    points : list of dict
        Grid points of one dataset that are drawn: a line for each that differs in more than `axis`.
    axis : {"shots", "layer", "temperature"}
    solvers : dict of str to str
        Solver of each head.
    layers : list of str
        All layers, in the order of the network.
    in_report : bool
        Whether the original report has a figure that this one is held against.
    accuracy_path : str
        Results of the study, a row a repeat.
    draws_path : str
        Draws of the dataset, from which the chance level follows.
    png_path, svg_path, caption_path : str
        Files written.

    Raises
    ------
    InputError
        If the results lack a point, or no line has more than one value of `axis`.
    """
    results = read_accuracy(accuracy_path, points)
    table, classes = means(results), read_draws(draws_path).classes
    if axis == "shots":
        figure = shots_figure(table, classes)
        caption = shots_caption(results, solvers, classes, in_report)
    elif axis == "layer":
        figure = layers_figure(table, layers, classes)
        caption = layers_caption(results, layers, solvers, classes, in_report)
    else:
        figure = temperatures_figure(table, classes)
        caption = temperatures_caption(results, solvers, classes, in_report)
    publish_figure(figure, caption, png_path=png_path, svg_path=svg_path, caption_path=caption_path)


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        plot_accuracy(
            **snakemake.params.arguments,
            accuracy_path=snakemake.input.accuracy,
            draws_path=snakemake.input.draws,
            png_path=snakemake.output.png,
            svg_path=snakemake.output.svg,
            caption_path=snakemake.output.caption,
        )
