"""Which images are shown where: galleries, the largest confusions and the map."""

from typing import NamedTuple

from fewshot.data.copies import by_group
from fewshot.results.classes import Confusion

MOST_SHOWN = 24  # images of a gallery
MOST_CONFUSIONS = 20
MOST_ON_MAP = 200
_FINEST = 20  # cells along the side of the map, of one image each
_LEFT = 0.5  # TODO


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
    probability: float = float("nan")
    beside: list | tuple = ()


class Gallery(NamedTuple):
    """Some images of a dataset that are worth a look.

    Attributes
    ----------
    key : {"wrong", "labels", "never", "copies"}
    title : str
    about : str
        A sentence: which images these are, and what their probability is of.
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
    found = [
        Gallery(
            "wrong",
            "Wrong most surely",
            "Test images that are named wrongly most of the times, by the probability of the class "
            "named.",
            _wrong(own, beside),
        ),
        Gallery(
            "labels",
            "Labels to look at first",
            "Images whose label heads believe least that were not trained on them, by the "
            "probability of the label.",
            _suspicious(own),
        ),
        Gallery(
            "never",
            "Nobody gets right",
            "Test images that no head names rightly, by the probability of their class.",
            _never(own),
        ),
        Gallery(
            "copies",
            "Copies and disputed labels",
            "Images that show the same picture: first those with several labels, which are not "
            "used, then copies within a class, of which one counts.",
            _copies(manifest_rows, pool_rows),
        ),
    ]
    return [gallery for gallery in found if gallery.shown]


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


def _wrong(images, beside):
    wrong = [image for image in images if image.right < 1 / 2]  # NaN is not
    wrong.sort(key=lambda image: (-image.confidence, image.row))
    return [
        _show(image, image.confidence, beside.get(image.row, ())) for image in wrong[:MOST_SHOWN]
    ]


def _suspicious(images):
    doubted = [image for image in images if image.probability < _LEFT]
    doubted.sort(key=lambda image: image.suspicion)
    return [_show(image, image.probability) for image in doubted[:MOST_SHOWN]]


def _never(images):
    never = [image for image in images if image.right_by_all == 0]
    never.sort(key=lambda image: image.suspicion)
    return [_show(image, image.probability) for image in never[:MOST_SHOWN]]


def _copies(manifest_rows, pool_rows):
    """Disputed images that are not in the pool for it, and copies beside what they are copies of."""
    classes, pool = ({getattr(row, name) for row in pool_rows} for name in ("class_name", "image"))
    rows = [row for row in manifest_rows if row.group and row.class_name in classes]
    disputed, copies = [], []
    for _, members in sorted(by_group(rows).items()):
        members.sort(key=lambda row: row.image)
        disputed += [row for row in members if row.status == "disputed" and row.image not in pool]
        reasons = [row.reason for row in members if row.status == "copy"]
        copies += [
            row
            for row in members
            # A group may hold what the user put there, too: the reason ends with what it copies.
            if row.status == "copy"
            or (row.status == "ok" and any(reason.endswith(row.image) for reason in reasons))
        ]
    return [Shown(row.image, row.class_name, row.reason) for row in (*disputed, *copies)][
        :MOST_SHOWN
    ]


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
    own.sort(key=lambda each: (-each.share, each.class_name, each.named))
    tested = [image for image in images if image.dataset == dataset and image.tested]
    wrong, ordinary = {}, {}
    for image in sorted(tested, key=lambda image: (image.right, -image.confidence, image.row)):
        if image.right < 1:
            wrong.setdefault((image.class_name, image.taken_for), image.image)
    for image in sorted(tested, key=lambda image: (-image.right, -image.probability, image.row)):
        if image.right > 0:
            ordinary.setdefault(image.class_name, image.image)
    return [
        ShownConfusion(
            each, wrong.get((each.class_name, each.named), ""), ordinary.get(each.named, "")
        )
        for each in own[:most]
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
        One in each cell of the finest grid of which no more than `most` cells hold any: that nearest
        to the middle of its cell.
    """
    for side in range(_FINEST, 0, -1):
        cells = {}
        for each in placed:
            cell = tuple(min(int(side * edge), side - 1) for edge in (each.x, each.y))
            away = sum(
                (side * edge - whole - 1 / 2) ** 2
                for edge, whole in zip((each.x, each.y), cell, strict=True)
            )
            cells[cell] = min(cells.get(cell, (away, each.row, each)), (away, each.row, each))
        if len(cells) <= most:
            break
    return [each for *_, each in (cells[cell] for cell in sorted(cells))]


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
