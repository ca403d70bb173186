"""Draw a study beside published numbers."""

from fewshot.data.draws import read_draws
from fewshot.errors import input_error
from fewshot.figures.comparison import comparison_figure
from fewshot.figures.comparison_caption import comparison_caption
from fewshot.figures.style import publish_figure
from fewshot.results.frames import read_rows

_TEXT = ("dataset", "role", "method", "approach", "source", "reference", "line")


def plot_comparison(
    *, dataset, comparison_path, passes_path, draws_path, png_path, svg_path, caption_path
):
    """Draw accuracy against training images a class beside published numbers, with a caption.

    Parameters
    ----------
    dataset : str
    comparison_path, passes_path : str
        Accuracy beside published numbers, and where these are passed, from `compare`.
    draws_path : str
        Draws of the dataset, which tell its classes and test images.
    png_path, svg_path, caption_path : str
        Files written.

    Raises
    ------
    InputError
        If the comparison has no row of the dataset.
    """
    tables = (read_rows(path, _TEXT) for path in (comparison_path, passes_path))
    comparison, passes = (table[table["dataset"] == dataset] for table in tables)
    if comparison.empty:
        raise input_error(
            "Datasets with a role in the report are compared",
            dataset,
            "give the dataset a role, or leave the figure out",
        )
    draws = read_draws(draws_path)
    publish_figure(
        comparison_figure(comparison, draws.classes),
        comparison_caption(comparison, passes, draws.classes, draws.tested),
        png_path=png_path,
        svg_path=svg_path,
        caption_path=caption_path,
    )


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        plot_comparison(
            **snakemake.params.arguments,
            comparison_path=snakemake.input.comparison,
            passes_path=snakemake.input.passes,
            draws_path=snakemake.input.draws,
            png_path=snakemake.output.png,
            svg_path=snakemake.output.svg,
            caption_path=snakemake.output.caption,
        )
