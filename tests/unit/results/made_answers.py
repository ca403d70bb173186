"""Answers of a study of any number of classes, made of numbers that a test can count by hand."""

import base64
import io

import numpy as np
from made_tables import EMPTY
from PIL import Image

from fewshot.data.draws import Draws
from fewshot.point import Point
from fewshot.results.choices import Choice
from fewshot.results.classes import ClassResult, Confusion
from fewshot.results.images import JudgedImage
from fewshot.results.neighbours import Placed

POINT = Point("birds", "vgg16", "fc2", "1", 16, "tuned")
SHORT = ("ibis", "owl", "swan", "tern")
HOSTILE = (
    *("<script>alert(1)</script>", "$\\frac{", "two\nlines\r", "=1+1", "\u202eshalom", "]]>&amp;"),
    *("문자 文字" * 12, "W" * 255, "a\ufffeb", "\x1b[31m", "'\"`--><!--", "", "ﷺ", "👩‍👩‍👧"),
)


def names_of(classes, names=SHORT):
    """Name classes by these, and by a number where they are not enough."""
    return [f"{names[n % len(names)]}{n or ''}" for n in range(classes)]


def photograph(number=0, size=(96, 64)):
    """Make a JPEG in base64."""
    file = io.BytesIO()
    Image.new("RGB", size, (37 * number % 256, 101 * number % 256, 200)).save(file, "JPEG")
    return base64.b64encode(file.getvalue()).decode()


def choice(point, rank=1, recommended=1):
    """Make a row of choices.csv, of which the place alone matters."""
    numbers = (0.9, 0.8, 1.0, *[float("nan")] * 5, 10, 1.0, 1)
    return Choice(*point, rank, 2, *numbers, recommended)


def make_answers(classes, names=SHORT, *, each=4, wrong=1, shown=True):
    """Make a study whose class n is named rightly in all but `wrong` of its images, n even.

    The images of an even class that are wrong are named the class after it. Images of a class lie
    on one spot of the map.
    """
    names = names_of(classes, names)
    named = [(n + 1) % classes if n % 2 == 0 else n for n in range(classes)]
    share = [wrong / each if n != other else 0 for n, other in enumerate(named)]
    places = np.linspace(0, 1, classes)
    rows = [(n, k, k < wrong and named[n] != n) for n in range(classes) for k in range(each)]
    images = [
        JudgedImage(
            *("birds", row, f"{names[n]}/{k}.jpg", names[n], 2, 1.0 - is_wrong, 0.9),
            *(0.5, 4, 0.7, names[named[n]] if is_wrong else "", row + 1),
        )
        for row, (n, k, is_wrong) in enumerate(rows)
    ]
    return EMPTY._replace(
        summary={POINT: {"test_accuracy_mean": 1 - np.mean(share), "repeats": 2}},
        tasks={"birds": Draws(np.arange(classes), np.arange(classes), np.zeros((classes, 2)))},
        roles={"birds": None},
        solvers={POINT.head: "logistic"},
        choices=[choice(POINT)],
        classes=[
            ClassResult(
                *(*POINT, names[n], each, 2 * each, 1 - part, max(0.0, 0.9 - part), 1 - part / 2),
                *(1.0, names[named[n]] if part else "", part),
            )
            for n, part in enumerate(share)
        ],
        confusion=[
            Confusion("birds", names[n], names[other], round(2 * each * part), part)
            for n, lost in enumerate(share)
            for other, part in ((n, 1 - lost), (named[n], lost))
            if part
        ],
        images=images,
        map=[
            Placed("birds", row, places[n], places[n * 7 % classes] * 0.6 + k / 200, 1 - is_wrong)
            for row, (n, k, is_wrong) in enumerate(rows)
        ],
        thumbnails={"birds": {image.image: photograph(image.row) for image in images}}
        if shown
        else {},
    )
