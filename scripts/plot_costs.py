"""Draw what a repeat costs end to end and from cached activations."""

from fewshot.errors import input_error
from fewshot.figures.costs import costs_caption, costs_figure
from fewshot.figures.style import publish_figure
from fewshot.results.frames import read_rows
from fewshot.results.timings import COST_KEYS


def plot_costs(*, dataset, costs_path, png_path, svg_path, caption_path):
    """Draw time against shots for both approaches beside the report's, and say what it shows.

    Parameters
    ----------
    dataset : str
    costs_path : str
        Costs of the study, from `timings`.
    png_path, svg_path, caption_path : str
        Files written.

    Raises
    ------
    InputError
        If the table has no row of the dataset.
    """
    table = read_rows(costs_path, COST_KEYS)
    costs = table[table["dataset"] == dataset]
    if costs.empty:
        raise input_error(
            "Costs are drawn of datasets with heads end to end and cached on one layer",
            dataset,
            "give an experiment a head of solver end_to_end and one of solver sgd",
        )
    publish_figure(
        costs_figure(costs),
        costs_caption(costs),
        png_path=png_path,
        svg_path=svg_path,
        caption_path=caption_path,
    )


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        plot_costs(
            **snakemake.params.arguments,
            costs_path=snakemake.input.costs,
            png_path=snakemake.output.png,
            svg_path=snakemake.output.svg,
            caption_path=snakemake.output.caption,
        )
