"""List the figures of a study under the numbers of the original, and remove what it hides."""

from pathlib import Path

from fewshot.files import digest_path
from fewshot.records import write_table
from fewshot.study.figure_index import INDEX_COLUMNS, index_rows
from fewshot.study.figure_kinds import planned_figures


def index_figures(*, study, unshown_paths, index_path):
    """Write the index: the original's numbers in order, its grids, then all other figures.

    Parameters
    ----------
    study : dict
        Every key of the study, with its defaults filled in.
    unshown_paths : list of str
        Pictures that the study is not to show: those that an earlier run has left are removed.
    index_path : str
        CSV written with the columns `fewshot.study.figure_index.INDEX_COLUMNS`.
    """
    for path in map(Path, unshown_paths):
        path.unlink(missing_ok=True)
        digest_path(path).unlink(missing_ok=True)
    write_table(index_path, INDEX_COLUMNS, index_rows(study, planned_figures(study)))


def main(snakemake):
    """Do what the rule says."""
    index_figures(**snakemake.params.arguments, index_path=snakemake.output.index)
