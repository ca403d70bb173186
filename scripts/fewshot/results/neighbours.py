"""Which images lie near each other on a layer: a map of the test images, and nearest neighbours."""

from typing import NamedTuple


class Placed(NamedTuple):
    """Where a test image of the first repeat lies on the map: a row of map.csv.

    `row` is its place in the pool, `x` and `y` are from 0 to 1, `right` is 1 where the recommended
    head of that repeat names its class.
    """

    dataset: str
    row: int
    x: float
    y: float
    right: int


class Neighbour(NamedTuple):
    """A training image near a test image that is named wrongly: a row of neighbours.csv.

    `row` and `neighbour` are places in the pool, `repeat` is the draw in which the one was tested
    and the other trained on, `place` counts from 1 for the nearest, `distance` is Euclidean between
    the rows as heads see them.
    """

    dataset: str
    row: int
    repeat: int
    place: int
    neighbour: int
    distance: float
