"""Which backbone, layer and head: the choices at a number of shots, and which of them to take."""

from typing import NamedTuple

from fewshot.point import KEYS, Point


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
        How far it lies behind the first, image by image on the repeats that both have; NaN for the
        first. `p_holm` is corrected for all pairs of these choices, for the first is not known
        beforehand.
    numbers : int
        That its layer gives of an image.
    seconds : float
        That the forward pass took for an image; NaN where it is not known.
    among_best : int
        1 where it is the first, or can't be told from it.
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
