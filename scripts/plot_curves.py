"""Draw the learning curves of a dataset's grid points."""

import shutil

from fewshot.data.draws import read_draws
from fewshot.figures.curve_captions import curves_caption
from fewshot.figures.curves import curve_name, curve_title, curves_figure
from fewshot.figures.style import publish_figure
from fewshot.files import file_sha256, whole_file, write_json
from fewshot.results.frames import read_curves


def plot_curves(*, points, running, curves_paths, draws_path, folder_path, listing_path):
    """Draw loss and accuracy against epoch, a PNG and an SVG for each grid point.

    Parameters
    ----------
    points : list of dict
        Grid points of one dataset. One whose curves have no rows, as of a head without epochs,
        gets no figure.
    running : list of str
        Heads whose training loss and accuracy are running means over the batches of an epoch.
    curves_paths : list of str
        Learning curves of each of `points`, in the same order.
    draws_path : str
        Draws of the dataset, from which the chance level follows.
    folder_path : str
        Folder written, replaced where it is there: <backbone>__<layer>__T<t>__<shots>-shot__<head>
        with the endings .png, .svg and .txt, the caption.
    listing_path : str
        JSON written: the SHA-256 of each file of the folder.
    """
    classes = read_draws(draws_path).classes
    tables = [read_curves(path) for path in curves_paths]
    with whole_file(folder_path) as folder:
        folder.mkdir()
        for point, curves in zip(points, tables, strict=True):
            name = curve_name(point)
            if curves.empty:
                print(f"{name} has no epochs: no figure")
                continue
            figure = curves_figure(curves, classes, curve_title(point))
            cached = _cached_beside(point, points, tables, running)
            caption = curves_caption(point, curves, classes, point["head"] in running, cached)
            publish_figure(
                figure,
                caption,
                png_path=folder / f"{name}.png",
                svg_path=folder / f"{name}.svg",
                caption_path=folder / f"{name}.txt",
            )
        files = sorted(folder.glob("[!.]*"))
        write_json(listing_path, {path.name: file_sha256(path) for path in files})
        shutil.rmtree(folder_path, ignore_errors=True)


def _cached_beside(point, points, tables, running):
    """List head and curves of the cached heads that train where a head end to end does."""
    if point["head"] not in running:
        return []
    return [
        (other["head"], table)
        for other, table in zip(points, tables, strict=True)
        if other == {**point, "head": other["head"]} and other["head"] not in running
    ]


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        plot_curves(
            **snakemake.params.arguments,
            curves_paths=snakemake.input.curves,
            draws_path=snakemake.input.draws,
            folder_path=snakemake.output.folder,
            listing_path=snakemake.output.listing,
        )
