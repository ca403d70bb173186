"""Draw the learning curves of several layers, or of several temperatures, in one figure."""

from fewshot.data.draws import read_draws
from fewshot.figures.curve_captions import together_caption
from fewshot.figures.curves import curve_title, together_figure
from fewshot.figures.style import publish_figure
from fewshot.results.frames import read_curves


def plot_curves_together(
    *, points, axis, curves_paths, draws_path, png_path, svg_path, caption_path
):
    """Draw accuracy and loss on training and on test images against epoch, one line a grid point.

    Parameters
    ----------
    points : list of dict
        Grid points that differ in `axis` alone, in the order of their lines.
    axis : {"layer", "temperature"}
    curves_paths : list of str
        Learning curves of each of `points`, in the same order.
    draws_path : str
        Draws of the dataset, from which the chance level follows.
    png_path, svg_path, caption_path : str
        Files written.
    """
    tables = [read_curves(path) for path in curves_paths]
    classes = read_draws(draws_path).classes
    words = {"layer": "{layer}", "temperature": "T {temperature}"}[axis]
    labels = [words.format(**point) for point in points]
    title = curve_title(points[0], without=axis)
    publish_figure(
        together_figure(axis, labels, tables, classes, title),
        together_caption(axis, labels, tables, classes, title),
        png_path=png_path,
        svg_path=svg_path,
        caption_path=caption_path,
    )


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        plot_curves_together(
            **snakemake.params.arguments,
            curves_paths=snakemake.input.curves,
            draws_path=snakemake.input.draws,
            png_path=snakemake.output.png,
            svg_path=snakemake.output.svg,
            caption_path=snakemake.output.caption,
        )
