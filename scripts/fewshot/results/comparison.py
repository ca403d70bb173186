"""A study beside published numbers, and at how many images a class it passes them."""

from typing import NamedTuple

import numpy as np

from fewshot.results.published import REPORT_APPROACHES, REPORT_LEAD_IMAGES, read_published
from fewshot.results.tables import mean_interval

COMPARISON_COLUMNS = (
    "dataset",
    "role",
    "method",
    "approach",
    "images_per_class",
    "accuracy",
    "low",
    "high",
    "std",
    "repeats",
    "source",
)
PASSES_COLUMNS = (
    "dataset",
    "role",
    "reference",
    "reference_images",
    "reference_accuracy",
    "line",
    "approach",
    "first_shots",
    "sure_shots",
    "crossing",
    "claimed",
)
THIS_STUDY = "this study"
_LEADER = "Bo et al. 2013"  # over whom the report claims its lead
# What a line may pass: a method at a number of images a class, None where that is not published.
_REFERENCES = {
    "caltech256": ((_LEADER, 30), (_LEADER, 60)),
    "urban_tribes": (("Kwak et al. 2013", None), ("Wang & Cottrell 2015, fine-tuned", None)),
}
_CLAIM = ", the report's claim"
_LINE = ["backbone", "layer", "temperature", "head"]


class Passing(NamedTuple):
    """From where on a line is above a level; None where it never is."""

    first_shots: int | None
    sure_shots: int | None
    crossing: float | None


def first_passing(shots, means, lows, level):
    """Find the training images a class with which a line is above a level.

    Parameters
    ----------
    shots : sequence of int, ascending
    means, lows : sequences of float
        Accuracy at each of `shots`, and the lower end of its interval, NaN where there is none.
    level : float

    Returns
    -------
    Passing
        The smallest of `shots` whose mean is above the level; the smallest whose interval is; and
        where the mean crosses, on a straight line in log2 shots between the smallest above and
        the one before it. No crossing where the first of `shots` is above already.

    Examples
    --------
    >>> first_passing([2, 8, 16], [40, 50, 60], [38, 44, 58], 45)
    Passing(first_shots=8, sure_shots=16, crossing=4.0)
    """
    above = np.flatnonzero(np.asarray(means) > level)
    sure = np.flatnonzero(np.asarray(lows) > level)
    if not len(above):
        return Passing(None, None, None)
    first = above[0]
    crossing = None
    if first > 0:
        (x0, x1), (y0, y1) = np.log2(shots[first - 1 : first + 1]), means[first - 1 : first + 1]
        crossing = float(2 ** (x0 + (level - y0) / (y1 - y0) * (x1 - x0)))
    return Passing(int(shots[first]), int(shots[sure[0]]) if len(sure) else None, crossing)


def own_rows(results, solvers, role):
    """Rows of the comparison for a study's own lines.

    Parameters
    ----------
    results : pandas.DataFrame
        From `fewshot.results.frames.read_accuracy`, of one dataset.
    solvers : dict of str to str
        Solver of each head.
    role : str

    Returns
    -------
    list of dict
        With the columns `COMPARISON_COLUMNS`, accuracy in %; one for each backbone, layer, T,
        head and number of shots. `std` is the standard deviation between repeats.
    """
    rows = []
    for (backbone, layer, temperature, head), line in results.groupby(_LINE, sort=False):
        softened = "" if temperature == 1 else f" at T {temperature:g}"
        for shots, repeats in line.groupby("shots"):
            mean, std, low, high = map(float, mean_interval(100 * repeats["test_accuracy"]))
            rows.append(
                {
                    "dataset": line["dataset"].iloc[0],
                    "role": role,
                    "method": f"fewshot: {head} on {backbone} {layer}{softened}",
                    "approach": "end to end" if solvers[head] == "end_to_end" else "cached",
                    "images_per_class": shots,
                    **{"accuracy": mean, "low": low, "high": high, "std": std},
                    "repeats": len(repeats),
                    "source": THIS_STUDY,
                }
            )
    return rows


def published_rows(path, dataset, role):
    """Rows of the comparison for published numbers: see `own_rows`.

    `low` and `high` are the value less and plus what the publication gives as ±.
    """
    return [
        {
            "dataset": dataset,
            "role": role,
            "method": row.method,
            "approach": REPORT_APPROACHES.get(row.method, ""),
            "images_per_class": row.images_per_class,
            "accuracy": row.value,
            "low": row.value - row.plus_minus,
            "high": row.value + row.plus_minus,
            "std": np.nan,
            "repeats": np.nan,
            "source": row.source,
        }
        for row in read_published(path, role, "accuracy").itertuples()
    ]


def passing_rows(rows, path):
    """Tell at how many images a class the lines of a study, and the report's, pass a reference.

    Parameters
    ----------
    rows : list of dict
        Of `own_rows` and `published_rows`, of one dataset.
    path : str
        Published numbers.

    Returns
    -------
    list of dict
        With the columns `PASSES_COLUMNS`, a row for each reference and line; `claimed` is the
        number of images a class that the report's text gives. No row where the dataset only
        stands in for the one that the numbers are of: passing them on another task says nothing.
    """
    dataset, role = rows[0]["dataset"], rows[0]["role"]
    if dataset != role:
        return []
    lines = {}
    for row in rows:
        if row["approach"]:
            lines.setdefault((row["method"], row["approach"]), []).append(row)
    claims = read_published(path, role, "claimed_lead")
    passes = []
    for reference, images, level in _levels(rows, claims, role):
        for (line, approach), points in lines.items():
            columns = ("images_per_class", "accuracy", "low")
            parts = [[point[name] for point in points] for name in columns]
            numbers = first_passing(*parts, level)._asdict()
            shared = {"dataset": dataset, "role": role, "line": line, "approach": approach}
            named = {"reference": reference, "reference_images": images}
            named |= {"reference_accuracy": level, "claimed": None}
            if reference.endswith(_CLAIM):
                named["claimed"] = _claimed_images(claims, line)
            passes.append({**shared, **named, **numbers})
    return passes


def _claimed_images(claims, line):
    images = claims.loc[claims["method"] == line, "images_per_class"]
    return images.iloc[0] if len(images) else None


def _levels(rows, claims, role):
    """Name, images a class and accuracy of what may be passed, the report's claim last."""
    levels = [
        (row["method"], row["images_per_class"], row["accuracy"])
        for method, images in _REFERENCES[role]
        for row in rows
        if row["method"] == method and (images is None or row["images_per_class"] == images)
    ]
    led = [
        (f"{method} + {lead:g} points{_CLAIM}", images, level + lead)
        for method, images, level in levels
        for lead in claims["value"].unique()
        if (method, images) == (_LEADER, REPORT_LEAD_IMAGES)
    ]
    return levels + led
