"""The page of a study, its report, which needs nothing beside itself."""

import base64
import csv
import hashlib
import io
import re
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, StrictUndefined
from PIL import Image

from fewshot.figures.style import COLOURS, DPI
from fewshot.files import open_text, read_bytes
from fewshot.study.figure_kinds import (
    APPROACHES,
    COMPARISON,
    CONFIDENCE,
    COST,
    CURVES,
    DISTILLATION,
    FOLDER,
    LAYERS,
    SHOTS,
    TEMPERATURE,
    VIEWS,
)
from fewshot.study.original import GRID

_CSS_DPI = 96  # pixels of an inch on a page
# Sections in the order of the story, with what each is about.
SECTIONS = {
    SHOTS: "How far does a handful of images go? Every line is a head on one "
    "layer of a frozen network; to the right it has more training images of each class.",
    APPROACHES: "The network is frozen, so it gives the same activations for an "
    "image every time. End to end, it runs all the same on every image in every epoch, as a "
    "generator of images feeds it. Cached, it runs once on each image, and the head trains on the "
    "activations that are kept. Both train the same softmax layer with the same images, so that nothing "
    "but time, and the number of epochs that time allows, should set them apart.",
    LAYERS: "Which layer should a head read? The layers are in the order of the network, from "
    "the one nearest to the image to the one nearest to its own classes.",
    TEMPERATURE: "A head can also read the network's own class probabilities. The temperature T "
    "softens them, softmax(z / T) with z the network's logits. Their spread shrinks about as 1 / T, "
    "so steps of a fixed learning rate get a head less far in a fixed number of epochs; a head that "
    "first brings its inputs to one scale does not see them shrink.",
    DISTILLATION: "A student with few labelled images, or on a shallow layer, learns from the "
    "softened class probabilities of a teacher beside its labels, and is used at T = 1.",
    CONFIDENCE: "How sure may one be of what a head says? Its probabilities are brought to scale on "
    "images that it has not seen; where the lines keep to the diagonal, 80 % means right 8 times in 10.",
    VIEWS: "What the layers make of an image, and which images make them answer.",
    COMPARISON: "Beside the original and published numbers. They come from other test "
    "sets, numbers of draws and training protocols, which the table names.",
    COST: "What both approaches take in time, measured on the machine that ran this study.",
    CURVES: "Loss and accuracy on training and test images after every epoch. Test loss that grows "
    "while test accuracy has settled is overfitting: the head becomes more certain of its errors. "
    "What a head reports is its state after the last epoch, not the best point of a curve.",
}


class Picture(NamedTuple):
    """A figure of the page."""

    file: str
    anchor: str
    label: str  # dataset, approach and numbers of the original
    numbered: bool  # whether it answers a number of the original
    shows: str
    caption: list  # paragraphs
    width: int  # pixels of the page
    height: int
    source: str  # data URI


def read_index(path):
    """Read the index of figures.

    Parameters
    ----------
    path : str

    Returns
    -------
    list of dict
        Rows with an ``anchor``, which is empty where there is no file. Rows of one file share it.
    """
    rows = list(csv.DictReader(open_text(path)))
    files = dict.fromkeys(row["file"] for row in rows if row["file"])
    anchors = {"": "", **{file: f"figure-{number}" for number, file in enumerate(files, 1)}}
    return [{**row, "anchor": anchors[row["file"]]} for row in rows]


def read_pictures(index, folder):
    """Read every figure of an index, with the caption that lies beside it.

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
        if row["file"]:
            rows_by_file.setdefault(row["file"], []).append(row)
    pictures = {}
    for file, rows in rows_by_file.items():
        pictures.setdefault(rows[0]["category"], []).append(_picture(Path(folder, file), rows))
    return pictures


def _picture(path, rows):
    first = rows[0]
    # Learning curves, alone and together, are made anew with their folder.
    curves = f"{FOLDER}/{first['dataset']}/curves/"
    also = [path.parent] if first["file"].startswith(curves) else []
    caption = read_bytes(path.with_suffix(".txt"), also).decode()
    picture = read_bytes(path, also)
    data = base64.b64encode(picture).decode()
    with Image.open(io.BytesIO(picture)) as image:
        width, height = (round(pixels / DPI * _CSS_DPI) for pixels in image.size)
    named = [row["approach"] for row in rows if row["approach"]]
    approaches = dict.fromkeys(f"approach {each}" if ":" in each else each for each in named)
    parts = (first["dataset"], *approaches, _numbers([row["figure"] for row in rows]))
    return Picture(
        file=first["file"],
        anchor=first["anchor"],
        label=" · ".join(filter(None, parts)),
        numbered=bool(first["figure"]),
        shows=first["shows"],
        caption=[text.strip() for text in caption.split("\n\n") if text.strip()],
        width=width,
        height=height,
        source=f"data:image/png;base64,{data}",
    )


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


def arrange(pictures, found):
    """Put pictures and answers into sections.

    Parameters
    ----------
    pictures : dict of str to list of Picture
    found : list of fewshot.page.answers.Answer

    Returns
    -------
    list of dict
        title, anchor, about, shown and folded (lists of Picture) and answers (list of str, where
        a section has no picture). Sections in the order of `SECTIONS`, then those of other
        categories; those with neither picture nor answer are left out. Learning curves stay in
        the order of the index and are folded away unless they answer a number of the original;
        other pictures follow their files, so that those of a dataset stand together.
    """
    sections = []
    for title in dict.fromkeys([*SECTIONS, *pictures]):
        own = pictures.get(title, [])
        own = own if title == CURVES else sorted(own, key=lambda each: _by_numbers(each.file))
        folded = [each for each in own if title == CURVES and not each.numbered]
        said = [f"{each.dataset}: {each.text}" for each in found if each.section == title]
        if own or said:
            section = {
                "title": title,
                "anchor": title.lower().replace(" ", "-"),
                "about": SECTIONS.get(title, ""),
                "shown": [each for each in own if each not in folded],
                "folded": folded,
                "answers": [] if own else said,
            }
            sections.append(section)
    return sections


def _by_numbers(name):
    """Split a name so that its numbers sort as numbers: 2-shot before 16-shot."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def csp_digest(text):
    """Name a script or style in a Content-Security-Policy.

    Parameters
    ----------
    text : str
        What stands between the tags.

    Returns
    -------
    str
    """
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def render_page(template, **context):
    """Fill in the template of the page. All text is escaped: names and captions are data.

    Parameters
    ----------
    template : str
        Jinja template.
    **context
        Its variables.

    Returns
    -------
    str
    """
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters["csp_digest"] = csp_digest
    environment.filters["tied"] = lambda text: text.replace(" %", "\N{NO-BREAK SPACE}%")
    return environment.from_string(template).render(accent=COLOURS[0], **context)
