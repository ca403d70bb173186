"""What a predictor says of an image: a class and the runner-up, or that it can't tell."""

import csv
import io
from typing import NamedTuple

import numpy as np

UNSURE = "?"  # in place of a class whose probability is too low
_COLUMNS = ("file", "class", "probability", "runner_up", "runner_up_probability")


class NamedImage(NamedTuple):
    """What a predictor says of an image.

    Attributes
    ----------
    path : str
    place : int
        Of the class among the classes; their number where the image is left unnamed.
    class_name : str
        `UNSURE` where the probability is too low.
    probability : float
        Of the likeliest class, also where that is not named.
    runner_up : str
    runner_up_probability : float
    probabilities : ndarray of shape (classes,)
    """

    path: str
    place: int
    class_name: str
    probability: float
    runner_up: str
    runner_up_probability: float
    probabilities: np.ndarray


def name_image(path, probabilities, classes, least=0.0):
    """Name the class of an image.

    Parameters
    ----------
    path : str
    probabilities : ndarray of shape (classes,)
    classes : list of str
    least : float, default 0
        Probability below which the class is not named.

    Returns
    -------
    NamedImage
    """
    # Of equal ones the first counts.
    first, second = np.argsort(-probabilities, kind="stable")[:2]
    is_sure = probabilities[first] >= least
    return NamedImage(
        path,
        int(first) if is_sure else len(classes),
        classes[first] if is_sure else UNSURE,
        float(probabilities[first]),
        classes[second],
        float(probabilities[second]),
        probabilities,
    )


def header_line(classes=()):
    """Write the columns of the table: those of every image, and a probability for each class."""
    return _line([*_COLUMNS, *classes])


def row_line(image, with_all=False):
    """Write the row of an image.

    Parameters
    ----------
    image : NamedImage
    with_all : bool, default False
        Whether the probability of every class follows.

    Returns
    -------
    bytes
        CSV in UTF-8, in which the bytes of a file's name are as the system has them.
    """
    cells = [
        *(image.path, image.class_name, _number(image.probability)),
        *(image.runner_up, _number(image.runner_up_probability)),
    ]
    return _line([*cells, *map(_number, image.probabilities if with_all else ())])


def _number(probability):
    return f"{probability:.6g}"


def _line(cells):
    # Only with lines that end in \r\n does every version of Python quote a name that holds a \r.
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    text = line.getvalue().removesuffix("\r\n")
    return f"{text}\n".encode(errors="surrogateescape")
