"""List the figures of a study under the numbers of the report."""

import os
from pathlib import Path

from fewshot.figures.index import INDEX_COLUMNS, index_rows
from fewshot.results.tables import write_table


def index_figures(*, points, heads, layers, roles, figures, index_path):
    """Write the index: the report's numbers in order, its grids, then all other figures.

    Parameters
    ----------
    points : list of dict
        Grid points that have learning curves, of solver sgd or end_to_end.
    heads : dict of str to str
        Solver of each head.
    layers : list of str
        All layers, in the order of the network.
    roles : dict of str to str
        "caltech256" or "urban_tribes" for each dataset that has a role in the report.
    figures : list of dict
        Figures drawn: kind, category, dataset, backbone, and file, seen from the project. For the
        kind "curves" the file is the folder of a dataset's curves.
    index_path : str
        CSV written, at reports/<study>/figures/: figure, category, dataset, approach, shows, and
        file, seen from reports/<study>/. A number that the study does not draw has no file.
    """
    folder = Path(index_path).parents[1]
    rows = index_rows(points, heads, layers, roles, figures)
    for row in rows:
        row["file"] = row["file"] and Path(os.path.relpath(row["file"], folder)).as_posix()
    write_table(index_path, INDEX_COLUMNS, ([row[key] for key in INDEX_COLUMNS] for row in rows))


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        index_figures(**snakemake.params.arguments, index_path=snakemake.output.index)
