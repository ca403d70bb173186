"""Take the differences between results that figures and page speak of."""

from fewshot.data.draws import read_draws
from fewshot.point import Point
from fewshot.records import read_records, write_rows
from fewshot.results.comparison import Compared
from fewshot.results.contrasts import Basis, Contrast
from fewshot.results.curves import read_curves
from fewshot.results.distillation import read_students
from fewshot.results.judged import read_right
from fewshot.results.questions import all_contrasts
from fewshot.study.figure_kinds import from_plain


def contrasts(
    *,
    figures,
    in_epochs,
    solvers,
    layers,
    controls,
    datasets,
    points,
    predictions_paths,
    curves_paths,
    distillation_path,
    comparison_path,
    draws_paths,
    contrasts_path,
):
    """Write every difference with its 95 % interval, a row each.

    Parameters
    ----------
    figures : list of tuple
        Of the kinds `fewshot.study.figure_grids.COMPARED`, as
        `fewshot.study.figure_kinds.to_plain` gives them.
    in_epochs : list of tuple
        Fields of the grid points that have learning curves.
    solvers : dict of str to str
        Of each head.
    layers : list of str
        In the order of the network.
    controls : list of (str, str)
        Backbones, each with the same network at random weights.
    datasets : list of str
    points : list of tuple
        The grid: fields of each `Point`.
    predictions_paths : list of str
        Predictions of `points`, in the same order.
    curves_paths : list of str
        Learning curves of `in_epochs`, in the same order.
    distillation_path, comparison_path : str or None
        Further tables, None for those that the study does not have.
    draws_paths : list of str
        Draws of `datasets`, in the same order.
    contrasts_path : str
        CSV written, of `fewshot.results.contrasts.Contrast`.
    """
    grid = [Point(*fields) for fields in points]
    epochs = (Point(*fields) for fields in in_epochs)
    curves = {point: read_curves(path) for point, path in zip(epochs, curves_paths, strict=True)}
    students = read_students(distillation_path) if distillation_path else []
    comparison = read_records(comparison_path, Compared) if comparison_path else []
    rows = []
    for dataset, draws_path in zip(datasets, draws_paths, strict=True):
        paths = zip(grid, predictions_paths, strict=True)
        basis = Basis(
            dataset,
            read_draws(draws_path),
            {point: read_right(path) for point, path in paths if point.dataset == dataset},
            {each.kind: each.points for each in from_plain(figures) if each.dataset == dataset},
            {point: values for point, values in curves.items() if point.dataset == dataset},
            solvers,
            layers,
            controls,
            [row for row in students if row.dataset == dataset],
            [row for row in comparison if row.dataset == dataset],
        )
        rows += all_contrasts(basis)
    write_rows(contrasts_path, Contrast._fields, rows)


def main(snakemake):
    """Do what the rule says."""
    contrasts(
        **snakemake.params.arguments,
        predictions_paths=snakemake.input.predictions,
        curves_paths=snakemake.input.curves,
        distillation_path=snakemake.input.distillation or None,
        comparison_path=snakemake.input.comparison or None,
        draws_paths=snakemake.input.draws,
        contrasts_path=snakemake.output.contrasts,
    )
