"""Figures of a study as its page shows them: charts as mark-up, all else as PNG."""

import base64
import csv
import io
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from PIL import Image

from fewshot.figures.style import DPI
from fewshot.figures.vector import inline_svg
from fewshot.files import open_text, read_bytes
from fewshot.study.figure_kinds import CURVES, FOLDER
from fewshot.study.original import GRID

_MOST_BYTES = 300_000  # of an SVG in the page; a larger one is shown as PNG
_COLOUR_BARS = 1  # images that a chart may have
_CSS_DPI = 96  # pixels of an inch on a page


class Picture(NamedTuple):
    """A figure of the page.

    Attributes
    ----------
    file : str
        A PNG, seen from the page.
    link, vector : str
        Addresses of the PNG and of the SVG.
    anchor, dataset : str
    label : str
        Approach and numbers of the original.
    shows : str
    lead : str
        What its caption says first of what it shows.
    rest : list of str
        The other paragraphs.
    raster : bool
        Whether it holds images, whose colours are to stay.
    width, height : int
        In pixels of the page.
    chart : str
        Mark-up; "" where it is shown as `source`.
    source : str
        Data URI; "" where it is a chart, or linked only.
    """

    file: str
    link: str
    vector: str
    anchor: str
    dataset: str
    label: str
    shows: str
    lead: str
    rest: list
    raster: bool
    width: int
    height: int
    chart: str
    source: str


def read_index(path):
    """Read the index of figures.

    Parameters
    ----------
    path : str

    Returns
    -------
    list of dict
        Rows with an ``anchor``, which is empty where there is no file, and a ``link``. Rows of one
        file share them. Learning curves that answer no number of the original have the file as
        their link, for the page doesn't hold them.
    """
    rows = list(csv.DictReader(open_text(path)))
    files = dict.fromkeys(row["file"] for row in rows if row["file"])
    anchors = {"": "", **{file: f"figure-{number}" for number, file in enumerate(files, 1)}}
    return [
        {
            **row,
            "anchor": anchors[row["file"]],
            "link": quote(row["file"]) if _is_linked(row) else f"#{anchors[row['file']]}",
        }
        for row in rows
    ]


def _is_linked(row):
    return row["category"] == CURVES and not row["figure"]


def read_pictures(index, folder):
    """Read every figure of an index that the page holds, with the caption that lies beside it.

    Parameters
    ----------
    index : list of dict
        From `read_index`.
    folder : str or Path
        What the files of the index are seen from.

    Returns
    -------
    dict of str to list of Picture
        By category.
    """
    rows_by_file = {}
    for row in index:
        if row["file"] and not _is_linked(row):
            rows_by_file.setdefault(row["file"], []).append(row)
    pictures = {}
    for file, rows in rows_by_file.items():
        pictures.setdefault(rows[0]["category"], []).append(_picture(Path(folder, file), rows))
    return pictures


def linked_curves(index):
    """List the figures that are too many for the page, each by its address and what it shows.

    Returns
    -------
    list of (str, str)
    """
    rows = {row["file"]: row for row in index if row["file"] and _is_linked(row)}
    return [(row["link"], f"{row['dataset']}: {row['shows']}") for row in rows.values()]


def _picture(path, rows):
    first = rows[0]
    # Learning curves, alone and together, are made anew with their folder.
    curves = f"{FOLDER}/{first['dataset']}/curves/"
    also = [path.parent] if first["file"].startswith(curves) else []
    caption = read_bytes(path.with_suffix(".txt"), also).decode()
    picture = read_bytes(path, also)
    vector = path.with_suffix(".svg")
    drawn = read_bytes(vector, also)
    raster = drawn.count(b"<image") > _COLOUR_BARS
    is_chart = len(drawn) <= _MOST_BYTES and not raster
    data = base64.b64encode(picture).decode()
    with Image.open(io.BytesIO(picture)) as image:
        width, height = (round(pixels / DPI * _CSS_DPI) for pixels in image.size)
    named = [row["approach"] for row in rows if row["approach"]]
    approaches = dict.fromkeys(f"approach {each}" if ":" in each else each for each in named)
    numbers = _numbers([row["figure"] for row in rows])
    lead, rest = _split(caption)
    return Picture(
        file=first["file"],
        link=quote(first["file"]),
        vector=quote(str(Path(first["file"]).with_suffix(".svg"))),
        anchor=first["anchor"],
        dataset=first["dataset"],
        label=" · ".join(filter(None, (*approaches, numbers))),
        shows=first["shows"],
        lead=lead,
        rest=rest,
        raster=raster,
        width=width,
        height=height,
        chart=inline_svg(vector, first["anchor"], first["shows"]) if is_chart else "",
        source="" if is_chart else f"data:image/png;base64,{data}",
    )


def _split(caption):
    """Part a caption: what it finds comes before what is drawn, which the figure says, too."""
    drawn, *found = (text.strip() for text in caption.split("\n\n") if text.strip())
    lead, *rest = found or [drawn]
    return lead, ([drawn] if found else []) + rest


def _numbers(figures):
    """Say which of the original's figures a picture answers.

    Examples
    --------
    >>> _numbers(["1", "5"]), _numbers(["31"]), _numbers([""])
    ('answers figures 1, 5 of the original', 'answers figure 31 of the original', '')
    """
    if GRID in figures:
        return "answers an unnumbered grid of the original"
    numbers = [figure for figure in figures if figure]
    plural = "s" if len(numbers) > 1 else ""
    return f"answers figure{plural} {', '.join(numbers)} of the original" if numbers else ""
