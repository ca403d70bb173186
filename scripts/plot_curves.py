"""Draw the learning curves of a dataset: of each grid point, and of several together."""

import shutil
from pathlib import Path

from fewshot.data.draws import read_draws
from fewshot.figures.curves import Found
from fewshot.figures.kinds import DRAW_CURVES
from fewshot.figures.style import publish_figure
from fewshot.files import file_sha256, whole_file, write_json
from fewshot.records import read_records
from fewshot.results.contrasts import Contrast
from fewshot.results.curves import bands, read_curves
from fewshot.results.tables import read_summary
from fewshot.study.figure_kinds import from_plain


def plot_curves(
    *,
    figures,
    solvers,
    curves_paths,
    contrasts_path,
    summary_path,
    draws_path,
    folder_path,
    listing_path,
):
    """Draw loss and accuracy against epoch.

    Parameters
    ----------
    figures : list of tuple
        See `fewshot.study.figure_kinds.to_plain`.
    solvers : dict of str to str
        Of each head.
    curves_paths : list of str
        Learning curves of each figure of the kind "curves", in the same order.
    contrasts_path, summary_path : str
        Tables of the study.
    draws_path : str
        Draws of the dataset, from which the chance level follows.
    folder_path : str
        Folder written, replaced where it is there: the figures with their captions.
    listing_path : str
        JSON written: the SHA-256 of each file of the folder.
    """
    figures, contrasts = from_plain(figures), read_records(contrasts_path, Contrast)
    classes = read_draws(draws_path).classes
    alone = [figure.points[0] for figure in figures if figure.kind == "curves"]
    curves = {
        point: bands(read_curves(path)) for point, path in zip(alone, curves_paths, strict=True)
    }
    found = Found(curves, contrasts, read_summary(summary_path), classes, solvers)
    with whole_file(folder_path) as folder:
        folder.mkdir()
        for figure in figures:
            publish_figure(
                *DRAW_CURVES[figure.kind](figure, found), folder / Path(figure.file).name
            )
        files = sorted(folder.glob("[!.]*"))
        write_json(listing_path, {path.name: file_sha256(path) for path in files})
        shutil.rmtree(folder_path, ignore_errors=True)


def main(snakemake):
    """Do what the rule says."""
    plot_curves(
        **snakemake.params.arguments,
        curves_paths=snakemake.input.curves,
        contrasts_path=snakemake.input.contrasts,
        summary_path=snakemake.input.summary,
        draws_path=snakemake.input.draws,
        folder_path=snakemake.output.folder,
        listing_path=snakemake.output.listing,
    )
