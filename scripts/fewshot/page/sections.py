"""The page of a study: what stands in which section."""

import re
from typing import NamedTuple

from fewshot.study.figure_kinds import (
    APPROACHES,
    CLASSES,
    COMPARISON,
    CONFIDENCE,
    COST,
    CURVES,
    DISTILLATION,
    FOLDER,
    FORECAST,
    IMAGES,
    LAYERS,
    MAP,
    SHOTS,
    TEMPERATURE,
    VIEWS,
)

# Sections in the order of the page, with what each is about: first what the predictions of the
# recommended heads tell, then the experiments.
SECTIONS = {
    FORECAST: "",  # its figures stand on the first screen
    CLASSES: "How each class fares with the recommended choice at the most images a class, and what "
    "it is taken for.",
    IMAGES: "Images worth a look: is the head wrong, or the label?",
    MAP: "Test images as the recommended layer sees them: near each other where it finds them alike.",
    SHOTS: "Every line is a head on one layer of a frozen network.",
    LAYERS: "From the layer nearest to the image to the one nearest to the network's own classes.",
    TEMPERATURE: "Heads on the network's own class probabilities, softened by T: softmax(z / T), z "
    "the logits. Their spread shrinks about as 1 / T.",
    DISTILLATION: "A student with few labelled images learns from the softened class probabilities "
    "of a teacher, too, and is used at T = 1.",
    CONFIDENCE: "How sure may one be of what a head says? Where lines keep to the diagonal, 80 % "
    "means right 8 times in 10.",
    COST: "What both approaches take in time, on the machine that ran this study.",
    COMPARISON: "Beside the original and published numbers, which come from other test sets, draws "
    "and training protocols.",
    APPROACHES: "End to end, the frozen network runs on every image in every epoch. Cached, it runs "
    "once on each. Both train the same layer with the same images: only time, and the epochs that "
    "it allows, should set them apart.",
    VIEWS: "What the layers make of an image, and which images make them answer.",
    CURVES: "Loss and accuracy after every epoch. Test loss that grows while test accuracy has "
    "settled is overfitting. Heads report their last epoch, not the best one.",
}
_LEADS = (
    "forecast.png",
    "accuracy_against_shots.png",
)  # for the first screen, the first that is there
_ALL_SHOWN = CLASSES, MAP  # sections that show all figures of a dataset, not its first
_SHOWN = 2  # datasets, before the rest is folded away


class Section(NamedTuple):
    """A section of the page.

    Attributes
    ----------
    title, anchor, about : str
    shown, folded : list of fewshot.page.pictures.Picture
    sentences : list of fewshot.page.answers.Answer
    galleries : list of (str, list of fewshot.results.galleries.Gallery)
        By dataset.
    links : list of (str, str)
        Address of a figure that the page doesn't hold, and what it shows.
    """

    title: str
    anchor: str
    about: str
    shown: list
    folded: list
    sentences: list
    galleries: list
    links: list


def take_leads(pictures, datasets):
    """Take the curve of each dataset for the first screen out of all pictures.

    Parameters
    ----------
    pictures : dict of str to list of Picture
        By category; changed.
    datasets : iterable of str

    Returns
    -------
    dict of str to Picture
        By dataset, where there is one.
    """
    leads = {}
    for dataset in datasets:
        wanted = [f"{FOLDER}/{dataset}/{name}" for name in _LEADS]
        own = [each for group in pictures.values() for each in group if each.file in wanted]
        for lead in sorted(own, key=lambda each: wanted.index(each.file))[:1]:
            leads[dataset] = lead
            for group in pictures.values():
                if lead in group:
                    group.remove(lead)
    return leads


def arrange(pictures, said, galleries=(), links=()):
    """Put pictures, sentences, galleries and links into sections.

    Parameters
    ----------
    pictures : dict of str to list of Picture
    said : list of fewshot.page.answers.Answer
    galleries : list of (str, list of fewshot.results.galleries.Gallery)
    links : list of (str, str)
        Of learning curves.

    Returns
    -------
    list of Section
        In the order of `SECTIONS`, then those of other categories; without the empty ones. Learning
        curves stay in the order of the index, all folded away; other pictures follow their files,
        so that those of a dataset stand together, and the first of each dataset is shown, of
        classes and maps all.
    """
    sections = []
    for title in dict.fromkeys([*SECTIONS, *pictures]):
        own = pictures.get(title, [])
        own = own if title == CURVES else sorted(own, key=lambda each: _by_numbers(each.file))
        shown = _shown(title, own)
        section = Section(
            title,
            re.sub(r"\W+", "-", title.lower()),
            SECTIONS.get(title, ""),
            shown,
            [each for each in own if each not in shown],
            [each for each in said if each.section == title],
            [each for each in galleries if each[1]] if title == IMAGES else [],
            [*links] if title == CURVES else [],
        )
        sections += [section] if any(section[3:]) else []
    return sections


def _shown(title, pictures):
    """Choose the pictures of a section that are not folded away."""
    if title == CURVES:
        return []
    by_dataset = {}
    for each in pictures:
        by_dataset.setdefault(each.dataset, []).append(each)
    most = None if title in _ALL_SHOWN else 1
    return [each for own in [*by_dataset.values()][:_SHOWN] for each in own[:most]]


def _by_numbers(name):
    """Split a name so that its numbers sort as numbers: 2-shot before 16-shot."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]
