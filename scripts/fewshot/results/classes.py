"""Which classes a head tells apart, and which it takes for which."""

from typing import NamedTuple


class ClassResult(NamedTuple):
    """How a class fares with the recommended head at the most shots: a row of classes.csv.

    Attributes
    ----------
    dataset, backbone, layer, temperature, shots, head
        The grid point.
    class_name : str
    images : int
        Different test images of it.
    judged : int
        How often they were judged, over all repeats.
    accuracy, low, high : float
        Fraction named rightly, with its 95 % interval over draws and images.
    precision : float
        Fraction of the judgements naming this class that were right; NaN where none did.
    taken_for : str
        The class that it is most often taken for, "" where it never is.
    taken_share : float
        Fraction of its judgements that named that.
    """

    dataset: str
    backbone: str
    layer: str
    temperature: str
    shots: int
    head: str
    class_name: str
    images: int
    judged: int
    accuracy: float
    low: float
    high: float
    precision: float
    taken_for: str
    taken_share: float


class Confusion(NamedTuple):
    """How often one class is named another, or itself: a row of confusion.csv, where it happens.

    `judged` counts judgements of test images over all repeats, `share` is their part of all those
    of the class. It is of the same grid point as classes.csv.
    """

    dataset: str
    class_name: str
    named: str
    judged: int
    share: float
