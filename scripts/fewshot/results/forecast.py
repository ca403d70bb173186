"""How accurate heads would be with more training images than were measured.

From the last mean on, the forecast gains what three families of curves gain on average that are fitted
to all means. The band is what they say of means over repeats drawn anew, each with an error as the
last measurement may have it: it is to hold what comes when more images are collected and the
study is run again.
"""

import math
from typing import NamedTuple

import numpy as np

from fewshot.point import KEYS, Point
from fewshot.results.comparison import first_above
from fewshot.results.families import FEWEST, fit_families
from fewshot.results.statistics import CONFIDENCE

_FACTOR = 2  # times the largest: beyond it families of curves part
_STEPS = 4  # in which the forecast goes there
_SAMPLES = 200
_TAIL = (1 + CONFIDENCE) / 2


class Forecast(NamedTuple):
    """What a line of results lets expect at a number of shots: a row of forecast.csv.

    Attributes
    ----------
    dataset, backbone, layer, temperature, shots, head
        Where a grid point would stand.
    up_to : int
        Largest number of shots that it follows from.
    accuracy, low, high : float
        Expected test accuracy, and the ends of a band that is to hold 95 % of what comes.
    gain, gain_low, gain_high : float
        The same less what was measured at `up_to`.
    came : float
        What was measured at these shots, twice `up_to`: the back-test. NaN for what is not known.
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

    @property
    def point(self):
        """Where it stands."""
        return Point(*self[: len(KEYS)])


class Wanted(NamedTuple):
    """From how many shots a line should reach the wanted accuracy: a row of wanted.csv.

    `shots` is where the line, measured or forecast, crosses `accuracy`, `early` and `late` where the
    ends of its intervals and band do; NaN beyond twice the largest number of shots, `up_to`.
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

    @property
    def line(self):
        """The line: see `Point.line`."""
        return Point(*self[:4], "", self.head)


class Line(NamedTuple):
    """Results that differ in shots alone.

    Attributes
    ----------
    point : Point
        Of the fewest shots.
    shots : ndarray of shape (n,), int
        Ascending.
    accuracy : ndarray of shape (repeats, n), float
        Test accuracy of each repeat.
    low, high : ndarray of shape (n,), float
        Ends of the interval of each mean.
    """

    point: Point
    shots: np.ndarray
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def up_to(self, shots):
        """Give the part of it with at most so many shots."""
        known = self.shots <= shots
        columns = self.accuracy[:, known], self.low[known], self.high[known]
        return Line(self.point, self.shots[known], *columns)

    @property
    def mean(self):
        """Mean accuracies: (n,)."""
        return self.accuracy.mean(axis=0)

    def samples(self, generator):
        """Draw means that other draws might have had: (samples, n).

        Repeats are drawn with replacement, and deviations stretched so that 95 % of them reach as
        far as Student's interval does. A single repeat has the errors of its images.
        """
        from scipy.special import stdtrit

        repeats = len(self.accuracy)
        if repeats == 1:
            return self.mean + self.errors(generator)
        drawn = generator.integers(0, repeats, (_SAMPLES, repeats))
        stretch = stdtrit(repeats - 1, _TAIL) / _quantile() * math.sqrt(repeats / (repeats - 1))
        return self.mean + stretch * (self.accuracy[drawn].mean(axis=1) - self.mean)

    def errors(self, generator):
        """Draw errors that the means may have, as their intervals tell: (samples, n)."""
        drawn = generator.standard_normal((_SAMPLES, len(self.shots))) / _quantile()
        return np.where(drawn < 0, drawn * (self.mean - self.low), drawn * (self.high - self.mean))


def _quantile():
    """Half width of the interval of a normal distribution, in standard deviations."""
    from scipy.special import ndtri

    return ndtri(_TAIL)


def find_lines(accuracies, summary):
    """Group results that differ in shots alone, where there are enough to fit curves to.

    Parameters
    ----------
    accuracies : dict of Point to list of float
        Of each repeat.
    summary : dict of Point to dict of str to float
        From `fewshot.results.tables.read_summary`.

    Returns
    -------
    list of Line
    """
    groups = {}
    for point in sorted(accuracies, key=lambda point: point.shots):
        groups.setdefault(point.line, []).append(point)
    lines = []
    for points in groups.values():
        if len(points) >= FEWEST:
            ends = ([summary[p][f"test_accuracy_{end}"] for p in points] for end in ("low", "high"))
            accuracy = np.array([accuracies[point] for point in points]).T
            shots = np.array([point.shots for point in points])
            lines.append(Line(points[0], shots, accuracy, *map(np.array, ends)))
    return lines


def extrapolate(line, at):
    """Forecast the accuracy of a line.

    Parameters
    ----------
    line : Line
    at : ndarray of shape (m,), float

    Returns
    -------
    accuracy, low, high : ndarray of shape (m,), float
    """
    generator = np.random.default_rng(0)  # the same line has the same band
    accuracy = _continued(line.shots, line.mean[None], at)[:, 0].mean(axis=0)
    likely = _continued(line.shots, line.samples(generator), at)
    # What comes is measured anew, and is as uncertain as the last of the line.
    likely = likely + line.errors(generator)[:, -1:]
    low, high = np.quantile(likely, (1 - _TAIL, _TAIL), axis=(0, 1))
    ends = np.minimum(low, accuracy), np.maximum(high, accuracy)
    return tuple(np.clip((accuracy, *ends), 0, 1))


def _continued(shots, accuracy, at):
    """Add to the last of each curve what each family gains from there: (families, curves, m)."""
    fitted = fit_families(shots, accuracy, [shots[-1], *at])
    return accuracy[:, -1:] + fitted[..., 1:] - fitted[..., :1]


def forecast_rows(line):
    """Forecast a line to twice its most shots, and as its smaller shots would have done.

    Parameters
    ----------
    line : Line

    Returns
    -------
    list of Forecast
        None where there are too few shots. The back-tests come first.
    """
    last = int(line.shots[-1])
    rows = []
    for shots in map(int, line.shots):
        if _FACTOR * shots in line.shots:
            came = line.mean[line.shots == _FACTOR * shots].item()
            rows += _rows(line.up_to(shots), [_FACTOR * shots], came)
    steps = np.unique(np.geomspace(last, _FACTOR * last, _STEPS + 1).round().astype(int))[1:]
    return rows + _rows(line, steps.tolist(), math.nan)


def _rows(line, at, came):
    if len(line.shots) < FEWEST:
        return []
    measured = line.mean[-1]
    rows = []
    for shots, *ends in zip(at, *extrapolate(line, np.array(at)), strict=True):
        gains = (float(end - measured) for end in ends)
        place = line.point._replace(shots=shots)
        rows.append(Forecast(*place, int(line.shots[-1]), *map(float, ends), *gains, float(came)))
    return rows


def wanted_row(line, rows, wanted):
    """Say where a line, as measured and then as forecast, crosses an accuracy.

    Parameters
    ----------
    line : Line
    rows : list of Forecast
        Of the line.
    wanted : float

    Returns
    -------
    Wanted
    """
    last = int(line.shots[-1])
    ahead = [row for row in rows if row.up_to == last]
    shots = [*line.shots, *(row.shots for row in ahead)]
    measured = line.mean, line.high, line.low
    crossings = []
    for known, name in zip(measured, ("accuracy", "high", "low"), strict=True):
        curve = [*known, *(getattr(row, name) for row in ahead)]
        found = first_above(shots, curve, curve, wanted)
        crossings.append(float(found.crossing or found.first_shots or math.nan))
    dataset, backbone, layer, temperature, _, head = line.point
    return Wanted(dataset, backbone, layer, temperature, head, last, wanted, *crossings)
