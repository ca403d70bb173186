"""How accurate heads would be with more training images than were measured."""

from typing import NamedTuple


class Forecast(NamedTuple):
    """What a line of results lets expect at a number of shots: a row of forecast.csv.

    Attributes
    ----------
    dataset, backbone, layer, temperature, shots, head
        Where a grid point would stand.
    up_to : int
        Largest number of shots that it follows from.
    accuracy, low, high : float
        Expected test accuracy, and the ends of a band that should hold it 9 times in 10.
    gain, gain_low, gain_high : float
        The same less what was measured at `up_to`.
    came : float
        What was measured at these shots, where `up_to` is half the largest number: the back-test.
        NaN elsewhere.
    """

    dataset: str
    backbone: str
    layer: str
    temperature: str
    shots: int
    head: str
    up_to: int
    accuracy: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float
    came: float


class Wanted(NamedTuple):
    """From how many shots a line should reach the wanted accuracy: a row of wanted.csv.

    `shots` is where the line, measured or forecast, crosses `accuracy`, `early` and `late` where the
    ends of its band do; NaN beyond twice the largest number of shots, `up_to`.
    """

    dataset: str
    backbone: str
    layer: str
    temperature: str
    head: str
    up_to: int
    accuracy: float
    shots: float
    early: float
    late: float
