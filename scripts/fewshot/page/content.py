"""What a study found, as its page has it: verdicts, tables at the top, sections."""

from pathlib import Path

from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.page.accuracy_grid import MOST_ROWS, accuracy_grid
from fewshot.page.answers import answers
from fewshot.page.pictures import linked_curves, read_index, read_pictures
from fewshot.page.sections import arrange, take_leads
from fewshot.page.verdicts import verdicts
from fewshot.records import read_records
from fewshot.results.galleries import galleries


def study_content(study, tables, index_path, manifest_paths, pool_paths):
    """Gather what the page says and shows of the results of a study.

    Parameters
    ----------
    study : dict
    tables : fewshot.results.study_tables.StudyTables
    index_path : str
        Index of figures, at reports/<study>/figures/.
    manifest_paths, pool_paths : list of str
        A file for each dataset, in the order of the study.

    Returns
    -------
    dict
        Variables of the page's template.
    """
    index = read_index(index_path)
    pictures = read_pictures(index, Path(index_path).parents[1])
    leads = take_leads(pictures, study["datasets"])
    worth_a_look = [
        _look_at(name, tables, *paths)
        for name, *paths in zip(study["datasets"], manifest_paths, pool_paths, strict=True)
    ]
    return {
        "points": len(tables.summary),
        "verdicts": verdicts(tables),
        "grids": {name: accuracy_grid(tables, name) for name in study["datasets"]},
        "most_rows": MOST_ROWS,
        "leads": leads,
        "thumbnails": tables.thumbnails,
        "index": index,
        "sections": arrange(pictures, answers(study, tables), worth_a_look, linked_curves(index)),
    }


def _look_at(dataset, tables, manifest_path, pool_path):
    """Choose the images of a dataset that are worth a look."""
    rows = read_records(manifest_path, ManifestRow), read_records(pool_path, PoolRow)
    return dataset, galleries(dataset, tables.images, tables.neighbours, *rows)
