"""Which images are shown where: galleries, the largest confusions and the map."""

import math
from typing import NamedTuple

from fewshot.data.copies import by_group
from fewshot.results.classes import Confusion

MOST_SHOWN = 24  # images of a gallery
MOST_CONFUSIONS = 20
MOST_ON_MAP = 200
_FINEST = 20  # cells along the side of the map, of one image each
# A label that heads rather believe is not worth a look: of 5 % wrong ones among photographs and
# letters all but one were believed less.
_BELIEVED = 0.5
_WORDS = {  # title, and what these images are
    "wrong": (
        "Wrong most surely",
        "Test images named wrongly in most repeats, by the probability of the class named.",
    ),
    "labels": (
        "Labels to look at first",
        "Images whose label the heads not trained on them believe least, by its probability.",
    ),
    "never": (
        "No head gets right",
        "Test images that no head names rightly at the most shots, by the probability of their class.",
    ),
    "copies": (
        "Copies and disputed labels",
        "Images of one picture: first those with several labels, which are left out, then copies.",
    ),
}


class Shown(NamedTuple):
    """An image of a gallery.

    Attributes
    ----------
    image : str
        Its path below the dataset's root.
    class_name : str
        That it is labelled with.
    named : str
        The class that it is taken for, or of copies the reason that the manifest gives; "" where
        there is none.
    probability : float
        NaN where there is none.
    beside : list of Shown
        Training images near it, the nearest first.
    """

    image: str
    class_name: str
    named: str = ""
    probability: float = math.nan
    beside: list | tuple = ()


class Gallery(NamedTuple):
    """Some images of a dataset that are worth a look.

    Attributes
    ----------
    key : {"wrong", "labels", "never", "copies"}
    title : str
    about : str
        A sentence: which images these are, and what `Shown.probability` is of.
    shown : list of Shown
        At most `MOST_SHOWN`.
    """

    key: str
    title: str
    about: str
    shown: list


class ShownConfusion(NamedTuple):
    """Two classes of which one is taken for the other, with an image of each.

    `image` is a test image of the class that is mostly taken for the other, "" where there is none;
    `other` is one of the other class that is named rightly, "" where there is none.
    """

    confusion: Confusion
    image: str
    other: str


def galleries(dataset, images, neighbours, manifest_rows, pool_rows):
    """Choose images of a dataset that are worth a look.

    Parameters
    ----------
    dataset : str
    images : list of fewshot.results.images.JudgedImage
    neighbours : list of fewshot.results.neighbours.Neighbour
        Of these and other datasets, as `images`.
    manifest_rows : list of ManifestRow
    pool_rows : list of PoolRow

    Returns
    -------
    list of Gallery
        Those that have images.
    """
    own = [image for image in images if image.dataset == dataset]
    beside = _nearest([each for each in neighbours if each.dataset == dataset], pool_rows)
    shown = {
        "wrong": [
            _show(image, image.confidence, beside.get(image.row, ()))
            for image in wrong_most_surely(own)
        ],
        "labels": _suspicious(own),
        "never": _never(own),
        "copies": _copies(manifest_rows, pool_rows),
    }
    return [
        Gallery(key, *words, shown[key][:MOST_SHOWN]) for key, words in _WORDS.items() if shown[key]
    ]


def wrong_most_surely(images, most=MOST_SHOWN):
    """Choose the test images that are named wrongly in more than half of the repeats.

    Parameters
    ----------
    images : list of fewshot.results.images.JudgedImage
        Of one dataset.
    most : int, default `MOST_SHOWN`

    Returns
    -------
    list of fewshot.results.images.JudgedImage
        Those with the highest probability of the class named, the highest first.
    """
    wrong = [image for image in images if image.right < 1 / 2]  # NaN is not
    return sorted(wrong, key=lambda image: (-image.confidence, image.row))[:most]


def _nearest(neighbours, pool_rows):
    """Training images near a row of the pool, the nearest first, of the first repeat that has any."""
    found = {}
    for each in sorted(neighbours, key=lambda each: (each.row, each.repeat, each.place)):
        first, shown = found.setdefault(each.row, (each.repeat, []))
        if each.repeat == first:
            near = pool_rows[each.neighbour]
            shown.append(Shown(near.image, near.class_name))
    return {row: shown for row, (_, shown) in found.items()}


def _show(image, probability, beside=()):
    return Shown(image.image, image.class_name, image.taken_for, probability, beside)


def _suspicious(images):
    doubted = [image for image in images if image.probability < _BELIEVED]
    doubted.sort(key=lambda image: image.suspicion)
    return [_show(image, image.probability) for image in doubted]


def _never(images):
    never = [image for image in images if image.right_by_all == 0]
    never.sort(key=lambda image: image.suspicion)
    return [_show(image, image.probability) for image in never]


def _copies(manifest_rows, pool_rows):
    """Images whose label is in dispute between classes of the pool, then copies with originals."""
    classes = {row.class_name for row in pool_rows}
    rows = [row for row in manifest_rows if row.group and row.class_name in classes]
    disputed, copies = [], []
    for members in by_group(sorted(rows, key=lambda row: (row.group, row.image))).values():
        doubted = [row for row in members if row.status == "disputed"]
        if len({row.class_name for row in doubted}) > 1:
            disputed += doubted
        # A group may hold what the user put there, too: the reason ends with what it is a copy of.
        reasons = tuple(row.reason for row in members if row.status == "copy")
        copies += [
            row
            for row in members
            if row.status == "copy"
            or (row.status == "ok" and any(each.endswith(f" {row.image}") for each in reasons))
        ]
    return [Shown(row.image, row.class_name, row.reason) for row in (*disputed, *copies)]


def largest_confusions(dataset, confusion, images, most=MOST_CONFUSIONS):
    """Find the classes that are most often taken for others, each with an image of both.

    Parameters
    ----------
    dataset : str
    confusion : list of Confusion
    images : list of fewshot.results.images.JudgedImage
        Of these and other datasets, as `confusion`.
    most : int, default `MOST_CONFUSIONS`

    Returns
    -------
    list of ShownConfusion
        The largest share first.
    """
    own = [each for each in confusion if each.dataset == dataset and each.class_name != each.named]
    own.sort(key=lambda each: (-each.share, -each.judged, each.class_name, each.named))
    tested = [image for image in images if image.dataset == dataset and image.tested]
    wrong, ordinary = {}, {}
    for image in sorted(tested, key=lambda image: (image.right, -image.confidence, image.row)):
        if image.right < 1:
            wrong.setdefault((image.class_name, image.taken_for), image.image)
    for image in sorted(tested, key=lambda image: (-image.right, -image.probability, image.row)):
        if image.right > 0:
            ordinary.setdefault(image.class_name, image.image)
    pairs = (((each.class_name, each.named), each) for each in own[:most])
    return [
        ShownConfusion(each, wrong.get(pair, ""), ordinary.get(each.named, ""))
        for pair, each in pairs
    ]


def on_map(placed, most=MOST_ON_MAP):
    """Choose images that are spread evenly over a map.

    Parameters
    ----------
    placed : list of fewshot.results.neighbours.Placed
        Of one dataset.
    most : int, default `MOST_ON_MAP`

    Returns
    -------
    list of fewshot.results.neighbours.Placed
        One in each cell of the finest grid of which no more than `most` cells hold any: one named
        wrongly, if there is any, and that nearest to the middle of its cell.
    """
    for side in range(_FINEST, 0, -1):
        cells = {}
        order = sorted(_in_cells(placed, side), key=lambda each: (each[2].right, each[0]))
        for _, cell, each in order:
            cells.setdefault(cell, each)
        if len(cells) <= most:
            break
    return [cells[cell] for cell in sorted(cells)]


def _in_cells(placed, side):
    """Give with each image the cell that it lies in, and how far from the middle of it."""
    for each in placed:
        places = side * each.x, side * each.y
        cell = tuple(min(int(place), side - 1) for place in places)  # 1 belongs to the last
        yield math.dist(places, [place + 1 / 2 for place in cell]), cell, each


def shown_images(dataset, images, confusion, placed, neighbours, manifest_rows, pool_rows):
    """List all images of a dataset that galleries, confusions and map show.

    Parameters
    ----------
    dataset : str
    images, confusion, placed, neighbours : list
        Rows of the tables images, confusion, map and neighbours, of this and other datasets.
    manifest_rows : list of ManifestRow
    pool_rows : list of PoolRow

    Returns
    -------
    list of str
        Their paths, sorted.
    """
    found = set()
    for gallery in galleries(dataset, images, neighbours, manifest_rows, pool_rows):
        for shown in gallery.shown:
            found |= {shown.image, *(each.image for each in shown.beside)}
    for each in largest_confusions(dataset, confusion, images):
        found |= {each.image, each.other}
    mapped = on_map([each for each in placed if each.dataset == dataset])
    found |= {pool_rows[each.row].image for each in mapped}
    return sorted(found - {""})
