"""Which images a head gets wrong, and whose labels to look at first."""

from typing import NamedTuple


class JudgedImage(NamedTuple):
    """What heads say of an image of the pool: a row of images.csv.

    Attributes
    ----------
    dataset : str
    row : int
        Its place in the pool.
    image : str
        Its path below the dataset's root.
    class_name : str
        That it is labelled with.
    tested : int
        How often it was a test image of the recommended head at the most shots.
    right : float
        Fraction of these in which the head named its class. NaN where it was none.
    confidence : float
        Mean probability of the class named, in these. NaN where it was none.
    right_by_all : float
        Fraction of all judgements of it as a test image, by every head at the most shots, that
        named its class. NaN where there are none.
    judged : int
        How often it was judged by the recommended head, at any number of shots, where neither it nor a copy was trained on.
    probability : float
        Mean probability of its class, in these. NaN where there are none.
    taken_for : str
        The other class that these named most often, "" where they named none.
    suspicion : int
        Its place, from 1, where labels are sorted by how little the heads believe them; those never
        judged come last.
    """

    dataset: str
    row: int
    image: str
    class_name: str
    tested: int
    right: float
    confidence: float
    right_by_all: float
    judged: int
    probability: float
    taken_for: str
    suspicion: int
