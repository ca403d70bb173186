"""Which backbone, layer and head: the choices at a number of shots, and which of them to take."""

import math
from collections import Counter
from typing import NamedTuple

from fewshot.errors import input_error
from fewshot.point import KEYS, Point
from fewshot.results.statistics import CONFIDENCE, Estimate, holm, lay_out, two_way
from fewshot.results.tables import TEST_ACCURACY


class Choice(NamedTuple):
    """A grid point among all of its dataset and number of shots: a row of choices.csv.

    Attributes
    ----------
    dataset, backbone, layer, temperature, shots, head
        The grid point.
    rank : int
        In the order of mean test accuracy, from 1.
    repeats : int
    accuracy, low, high : float
        As in summary.csv.
    behind, behind_low, behind_high, p, p_holm : float
        How far it lies behind the first that may be recommended, image by image on the repeats that
        both have; NaN for that one itself. `p_holm` is corrected for all of these comparisons.
    numbers : int
        That its layer gives of an image.
    seconds : float
        That the forward pass took for an image; NaN where it is not known.
    among_best : int
        1 for that one, and where it can't be told from it.
    recommended : int
        1 for the cheapest of these: the fewest numbers, then the shortest pass, then the highest
        accuracy. It is chosen on the test images that `accuracy` is of.
    """

    dataset: str
    backbone: str
    layer: str
    temperature: str
    shots: int
    head: str
    rank: int
    repeats: int
    accuracy: float
    low: float
    high: float
    behind: float
    behind_low: float
    behind_high: float
    p: float
    p_holm: float
    numbers: int
    seconds: float
    among_best: int
    recommended: int

    @property
    def point(self):
        """The grid point."""
        return Point(*self[: len(KEYS)])


def recommended(choices):
    """Find what is recommended at the most shots of each dataset.

    Parameters
    ----------
    choices : list of Choice

    Returns
    -------
    dict of str to Choice
        By dataset.
    """
    own = [choice for choice in choices if choice.recommended]
    return {choice.dataset: choice for choice in sorted(own, key=lambda choice: choice.shots)}


def predictor_point(choices, candidates):
    """Find the grid point that a classifier is made from.

    Parameters
    ----------
    choices : list of Choice
    candidates : sequence of Point
        Those it may be.

    Returns
    -------
    Point
        Of the most shots. Where they differ in more than shots it is one that is recommended.

    Raises
    ------
    InputError
        If none of them is recommended.
    """
    own = [choice for choice in choices if choice.point in candidates]
    if len({choice.point.line for choice in own}) > 1:
        own = [choice for choice in own if choice.recommended]
    if not own:
        raise input_error(
            "What a study recommends must be a head on cached activations to be taken away",
            "one that runs the whole network",
            "say which it is to be: backbone, layer and head of the predictor",
        )
    return max(own, key=lambda choice: choice.shots).point


def preferred(choices):
    """Find the grid points that are recommended over others with as many shots.

    Parameters
    ----------
    choices : list of Choice

    Returns
    -------
    set of Point
        None of a number of shots at which nothing else was measured: that is no choice.
    """
    rivals = Counter((choice.dataset, choice.shots) for choice in choices)
    return {
        choice.point
        for choice in choices
        if choice.recommended and rivals[choice.dataset, choice.shots] > 1
    }


class Candidate(NamedTuple):
    """A grid point with what decides whether to take it.

    Attributes
    ----------
    point : Point
    right : ndarray of shape (repeats, images), bool
        From `fewshot.results.judged.read_right`.
    row : dict of str to float
        Of summary.csv.
    numbers, seconds
        As `Choice` has them.
    may_lead : bool
        Whether it may be recommended.
    """

    point: Point
    right: object
    row: dict
    numbers: int
    seconds: float
    may_lead: bool


def choose(candidates, draws):
    """Put the grid points of a dataset and number of shots in their order and recommend one.

    Holm keeps the chance that the truly best is left out. Of many equal ones some may be taken for worse
    more often than that, for the same results say which of them is the first.

    Those with fewer repeats than others, too few to be told from much, are listed and not
    recommended.

    Parameters
    ----------
    candidates : list of Candidate
    draws : fewshot.data.draws.Draws

    Returns
    -------
    list of Choice
        By mean test accuracy.

    References
    ----------
    Hsu, Multiple Comparisons: Theory and Methods, 1996, chapter 4 (comparisons with the best).
    """
    most = max(len(each.right) for each in candidates)
    leaders = [each for each in candidates if each.may_lead and len(each.right) == most]
    leaders = leaders or [each for each in candidates if len(each.right) == most]
    ordered = sorted(candidates, key=lambda each: -each.row["test_accuracy_mean"])
    best = max(leaders, key=lambda each: each.row["test_accuracy_mean"])
    behind = [_behind(best, each, draws) for each in ordered]
    p_holm = holm([each.p for each in behind]).tolist()
    # What is not known to be worse may be as good: NaN is not below either.
    told_apart = [p < 1 - CONFIDENCE for p in p_holm]
    equals = [
        (each.numbers, math.inf if math.isnan(each.seconds) else each.seconds, rank)
        for rank, (each, worse) in enumerate(zip(ordered, told_apart, strict=True))
        if each in leaders and not worse
    ]
    taken = min(equals)[-1]
    return [
        Choice(
            *each.point,
            rank + 1,
            len(each.right),
            *(each.row[part] for part in TEST_ACCURACY),
            *(getattr(behind[rank], part) for part in ("mean", "low", "high", "p")),
            p_holm[rank],
            each.numbers,
            each.seconds,
            int(not told_apart[rank]),
            int(rank == taken),
        )
        for rank, each in enumerate(ordered)
    ]


def _behind(best, other, draws):
    """Take how far one lies behind another, on the repeats that both have."""
    if other is best:
        return Estimate(*[math.nan] * len(Estimate._fields))
    shared = min(len(best.right), len(other.right))
    difference = best.right[:shared].astype(float) - other.right[:shared]
    return two_way(difference, lay_out(draws.first(shared), best.point.shots))
