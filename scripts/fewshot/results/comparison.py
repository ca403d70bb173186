"""A study beside published numbers, and at how many images a class it surpasses them."""

from typing import NamedTuple

import numpy as np

from fewshot.results.published import APPROACHES, LEAD_IMAGES, read_published
from fewshot.study.original import CALTECH256, URBAN_TRIBES
from fewshot.study.solvers import CACHED

THIS_STUDY = "this study"
_LEADER = "Bo et al. 2013"  # over whom the original claims its lead
# What a line may surpass: a method at a number of images a class, None where that is not published.
_REFERENCES = {
    CALTECH256: ((_LEADER, 30), (_LEADER, 60)),
    URBAN_TRIBES: (("Kwak et al. 2013", None), ("Wang & Cottrell 2015, fine-tuned", None)),
}
_CLAIM = ", the original's claim"


class Compared(NamedTuple):
    """An accuracy in % beside others: a row of comparison.csv. Numbers are NaN where there is none.

    `low` and `high` are the ends of the 95 % interval, or the value less and plus what a
    publication gives as ±; `std` is the standard deviation between repeats.
    """

    dataset: str
    role: str
    method: str
    approach: str
    training_images: float
    accuracy: float
    low: float
    high: float
    std: float
    repeats: float
    source: str


class Surpassed(NamedTuple):
    """From where on a line is above a published accuracy: a row of surpassed.csv.

    `claimed` is the number of images a class that the original's text gives. None where a line
    never is, or nothing is claimed.
    """

    dataset: str
    role: str
    reference: str
    reference_images: float
    reference_accuracy: float
    line: str
    approach: str
    first_shots: int | None
    sure_shots: int | None
    crossing: float | None
    claimed: float | None


class Crossing(NamedTuple):
    """From where on a line is above a level; None where it never is."""

    first_shots: int | None
    sure_shots: int | None
    crossing: float | None


def first_above(shots, means, lows, level):
    """Find the training images a class with which a line is above a level.

    Parameters
    ----------
    shots : sequence of int, ascending
    means, lows : sequences of float
        Accuracy at each of `shots`, and the lower end of its interval, NaN where there is none.
    level : float

    Returns
    -------
    Crossing
        The smallest of `shots` whose mean is above the level; the smallest whose interval is; and
        where the mean crosses, on a straight line in log2 shots between the smallest above and
        the one before it. No crossing where the first of `shots` is above already.

    Examples
    --------
    >>> first_above([2, 8, 16], [40, 50, 60], [38, 44, 58], 45)
    Crossing(first_shots=8, sure_shots=16, crossing=4.0)
    """
    above = np.flatnonzero(np.asarray(means) > level)
    sure = np.flatnonzero(np.asarray(lows) > level)
    if not len(above):
        return Crossing(None, None, None)
    first = above[0]
    crossing = None
    if first > 0:
        (x0, x1), (y0, y1) = np.log2(shots[first - 1 : first + 1]), means[first - 1 : first + 1]
        crossing = float(2 ** (x0 + (level - y0) / (y1 - y0) * (x1 - x0)))
    return Crossing(int(shots[first]), int(shots[sure[0]]) if len(sure) else None, crossing)


def own_rows(rows, approaches, role):
    """Rows of the comparison for a study's own lines.

    Parameters
    ----------
    rows : dict of Point to dict of str to float
        Of one dataset: see `fewshot.results.tables.read_summary`.
    approaches : dict of str to str
        The original's approach that each head is, "" for none.
    role : str

    Returns
    -------
    list of Compared
        Line by line, from few shots to many.
    """
    lines = {}
    for point in sorted(rows, key=lambda point: point.shots):
        row = _own_row(point, rows[point], approaches, role)
        lines.setdefault(point.line, []).append(row)
    return [row for line in lines.values() for row in line]


def _own_row(point, row, approaches, role):
    softened = "" if point.temperature == "1" else f" at T {point.temperature}"
    parts = (100 * row[f"test_accuracy_{part}"] for part in ("mean", "low", "high", "std"))
    return Compared(
        point.dataset,
        role,
        f"fewshot: {point.head} on {point.backbone} {point.layer}{softened}",
        approaches[point.head] or CACHED,
        point.shots,
        *parts,
        row["repeats"],
        THIS_STUDY,
    )


def published_rows(path, dataset, role):
    """Rows of the comparison for published numbers: see `own_rows`."""
    return [
        Compared(
            dataset,
            role,
            row.method,
            APPROACHES.get(row.method, ""),
            row.training_images,
            row.value,
            row.value - row.plus_minus,
            row.value + row.plus_minus,
            np.nan,
            np.nan,
            row.source,
        )
        for row in read_published(path, role, "accuracy").itertuples()
    ]


def surpassed_rows(rows, path):
    """Tell at how many images a class the lines of a study, and the original's, pass a reference.

    Parameters
    ----------
    rows : list of Compared
        Of `own_rows` and `published_rows`, of one dataset.
    path : str
        Published numbers.

    Returns
    -------
    list of Surpassed
        A row for each reference and line. None where the dataset only stands in for the one that
        the numbers are of: surpassing them on another task says nothing.
    """
    dataset, role = rows[0].dataset, rows[0].role
    if dataset != role:
        return []
    lines = {}
    for row in rows:
        if row.approach:
            lines.setdefault((row.method, row.approach), []).append(row)
    claims = read_published(path, role, "claimed_lead")
    surpassed = []
    for reference, images, level in _levels(rows, claims, role):
        for (line, approach), points in lines.items():
            columns = ("training_images", "accuracy", "low")
            parts = [[getattr(point, name) for point in points] for name in columns]
            claimed = _claimed_images(claims, line) if reference.endswith(_CLAIM) else None
            surpassed.append(
                Surpassed(
                    *(dataset, role, reference, images, level, line, approach),
                    *first_above(*parts, level),
                    claimed,
                )
            )
    return surpassed


def _claimed_images(claims, line):
    images = claims.loc[claims["method"] == line, "training_images"]
    return images.iloc[0] if len(images) else None


def _levels(rows, claims, role):
    """Name, images a class and accuracy of what may be surpassed, the original's claim last."""
    levels = [
        (row.method, row.training_images, row.accuracy)
        for method, images in _REFERENCES[role]
        for row in rows
        if row.method == method and images in (None, row.training_images)
    ]
    led = [
        (f"{method} + {lead:g} points{_CLAIM}", images, level + lead)
        for method, images, level in levels
        for lead in claims["value"].unique()
        if (method, images) == (_LEADER, LEAD_IMAGES)
    ]
    return levels + led
