"""Which images to label next: those that a predictor is least sure of, each picture once."""

from typing import NamedTuple

from fewshot.data.copies import by_group, mark_copies


class Candidate(NamedTuple):
    """An image that may be labelled.

    Attributes
    ----------
    image : str
        Its path.
    probability : float
        Of the class named first.
    sha256, dhash : str
        Of the file, and of what it shows: see `fewshot.data.images.difference_hash`.
    kept : object
        What the caller keeps of it.
    class_name, status, group, reason : str
        As `fewshot.data.copies` needs them: nobody has labelled it.
    """

    image: str
    probability: float
    sha256: str
    dhash: str
    kept: object
    class_name: str = ""
    status: str = "ok"
    group: str = ""
    reason: str = ""


def least_sure(candidates, count):
    """Choose the images to label next.

    Parameters
    ----------
    candidates : iterable of Candidate
    count : int
        How many, at most.

    Returns
    -------
    list of Candidate
        Least sure first. Of the copies of a picture the one that is least sure, and of equals
        that whose file has the smallest digest.
    """
    groups = by_group(mark_copies(candidates)).values()
    return sorted((min(copies, key=_unsure) for copies in groups), key=_unsure)[:count]


def _unsure(candidate):
    return candidate.probability, candidate.sha256, candidate.image
