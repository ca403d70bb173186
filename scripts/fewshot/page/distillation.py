"""What students learned from their teachers, in sentences for the page."""

from fewshot.figures.distillation import count_lifts
from fewshot.figures.words import told
from fewshot.point import name_factor

_TAUGHT_ON = {"pool": "over the pool", "training": "over the student's own images"}


def say_distilled(study, tables, dataset):
    """Say how many students gain from their teacher, and what the best one gains.

    Parameters
    ----------
    study : dict
    tables : fewshot.results.study_tables.StudyTables
    dataset : str

    Returns
    -------
    list of str
        A text for each distillation.
    """
    said = []
    for name, settings in study["distillation"].items():
        taught = {f"{name} at {name_factor('temperature', t)}" for t in settings["temperatures"]}
        lifts, beside = (
            [each for each in tables.answers(dataset, question) if each.a in taught]
            for question in ("lift", "over_labelled")
        )
        if lifts:
            place = f"{name}, taught {_TAUGHT_ON[settings['transfer']]}"
            said.append(f"{place}: of {count_lifts(lifts)}. {_highest(lifts, beside)}")
    return said


def _highest(lifts, beside):
    """Say what the student that gains most has over itself alone, and over labels."""
    best = max(lifts, key=lambda lift: lift.mean)
    over = next(each for each in beside if (each.a, each.at) == (best.a, best.at))
    return (
        f"Highest is {best.a} ({best.at}): {told(best)} beside itself {best.b}, {told(over)} "
        f"beside {over.b}."
    )
