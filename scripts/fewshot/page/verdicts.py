"""What to take from a study in four sentences a dataset, for the top of its page and a terminal."""

import math
import textwrap
from types import SimpleNamespace
from typing import NamedTuple

from fewshot.figures.words import chance, percent_of, points
from fewshot.names import shown
from fewshot.results.choices import recommended

# ASSUME: what adds less than a point isn't worth twice the images.
_WORTH = 0.01
# Where one of these is more accurate than all that may be recommended.
_NEVER_TAKEN = " (but for those end to end or of fewer repeats)"
_WIDTH, _LINES = 100, 10  # of a terminal, at most
# What is said in a terminal, the most that fits.
_EXTENTS = (
    ("headline", "choice", "more", "gained", "wanted"),
    ("short", "choice", "more", "wanted"),
    ("short", "choice", "more"),
    ("short", "more"),
    ("short",),
)


class Verdict(NamedTuple):
    """What to take from the results of a dataset.

    Attributes
    ----------
    dataset : str
    short : str
        Which accuracy, with which choice.
    headline : str
        The same in a sentence.
    choice : str
        Why that one.
    more : str
        Whether more training images are worth it.
    gained : str
        What the last ones brought; "" where that is not known.
    wanted : str
        How many the wanted accuracy takes; "" where none is wanted.
    """

    dataset: str
    short: str
    headline: str
    choice: str
    more: str
    gained: str
    wanted: str


def verdicts(tables):
    """Say of each dataset what is recommended, and whether more images are worth it.

    Parameters
    ----------
    tables : fewshot.results.study_tables.StudyTables

    Returns
    -------
    list of Verdict
        In the order of the study.
    """
    taken = recommended(tables.choices)
    return [_verdict(tables, taken[dataset]) for dataset in tables.tasks if dataset in taken]


def _verdict(tables, choice):
    classes = tables.tasks[choice.dataset].classes
    headline = (
        f"{say_accuracy(choice)} of test images are named rightly by {name_choice(choice)} after "
        f"{count_images(choice.shots)} of each of {classes} classes (chance: {chance(classes)})."
    )
    short = (
        f"{say_accuracy(choice)} after {count_images(choice.shots)} a class, {name_choice(choice)}"
    )
    return Verdict(
        choice.dataset,
        short,
        headline,
        _why(tables, choice),
        _more(tables, choice),
        _gained(tables, choice),
        _wanted(tables, choice),
    )


def name_choice(choice):
    """Name a choice, or a grid point, as a reader calls it.

    Parameters
    ----------
    choice : fewshot.results.choices.Choice

    Returns
    -------
    str
        Such as "fc2 of vgg16 with tuned".
    """
    return f"{choice.point.label('layer', 'temperature')} of {choice.backbone} with {choice.head}"


def say_accuracy(row):
    """Write the accuracy of a record, with its interval."""
    return percent_of(row.accuracy, row.low, row.high)


def count_images(count):
    """Write a number of images."""
    return f"{count} image{'s' * (count != 1)}"


def _why(tables, choice):
    place = choice.dataset, choice.shots
    own = [each for each in tables.choices if (each.dataset, each.shots) == place]
    best = next(each for each in own if math.isnan(each.behind))
    tied = [each for each in own if each.among_best]
    taken = f"Take {name_choice(choice)}"
    if len(own) == 1:
        return f"{taken}: nothing else was measured at {count_images(choice.shots)} a class."
    others = "" if best == choice else f" ({name_choice(best)}, {say_accuracy(best)})"
    among = f"{len(own)} choices{_NEVER_TAKEN * (best.rank > 1)}"
    if len(tied) == 1:
        why = f"the best of {among}, and told apart from all others"
    elif others:
        why = f"the cheapest of the {len(tied)} of {among} that can't be told from the best{others}"
    else:
        why = f"the best of {among}, and the cheapest of the {len(tied)} that can't be told apart"
    return f"{taken}: {why}. It is chosen on the same test images as its accuracy."


def _more(tables, choice):
    """Say what twice as many training images should give."""
    ahead, _ = tables.forecasts(choice.point)
    if not ahead:
        return "Too few numbers of shots were measured to say what more images would give."
    twice = ahead[-1]
    gain = points(SimpleNamespace(mean=twice.gain, low=twice.gain_low, high=twice.gain_high))
    return (
        f"{_worth(twice)}: twice as many, {twice.shots}, should give {say_accuracy(twice)}, {gain}."
    )


def _shots(tables, choice):
    """List the numbers of shots of a choice's line."""
    return sorted(point.shots for point in tables.summary if point.line == choice.point.line)


def _gained(tables, choice):
    """Say what the last training images brought."""
    shots = _shots(tables, choice)
    if len(shots) < 2:
        return ""
    step = tables.contrast("next shots", choice.point, choice.point._replace(shots=shots[-2]))
    said = f"From {shots[-2]} to {shots[-1]} images a class it changed by"
    return f"{said} {points(step)}." if step else ""


def _worth(ahead):
    if ahead.gain_low >= _WORTH:
        return "More images are worth it"
    if ahead.gain_high < _WORTH:
        return "More images would add less than a point"
    if ahead.gain >= _WORTH:
        return "More images are probably worth it"
    return "More images would probably add less than a point"


def _wanted(tables, choice):
    row = next(iter(tables.wanted_of(choice.point)), None)
    if row is None:
        return ""
    wanted = f"{100 * row.accuracy:.4g} %"
    if math.isnan(row.shots):
        return (
            f"{wanted} lies beyond {count_images(2 * row.up_to)} a class: collect to there, and "
            "run again."
        )
    fewest, *_ = _shots(tables, choice)
    if row.shots <= fewest:
        return f"{wanted} is reached with {count_images(fewest)} a class, the fewest measured."
    ends = ["?" if math.isnan(end) else f"{end:.0f}" for end in (row.early, row.late)]
    within = "is reached with" if row.shots <= row.up_to else "should take"
    return f"{wanted} {within} about {count_images(round(row.shots))} a class [{', '.join(ends)}]."


def tell_briefly(found):
    """Write verdicts for a terminal.

    Parameters
    ----------
    found : list of Verdict

    Returns
    -------
    str
        At most ten lines of a hundred letters: as much of each as `_EXTENTS` has room for, of the
        first of them where there is room for no more.
    """
    for extent in _EXTENTS:
        said = ([text for text in map(each._asdict().get, extent) if text] for each in found)
        lines = list(map(_wrapped, found, said))
        if sum(map(len, lines)) <= _LINES:
            return "".join(f"{line}\n" for own in lines for line in own)
    return _first(lines)


def _first(lines):
    """Write as many as there is room for, and how many more there are."""
    kept = []
    while lines and len(kept) + len(lines[0]) < _LINES:
        kept += lines.pop(0)
    if not kept:
        kept = lines.pop(0)[: _LINES - 1]
    rest = [f"and {len(lines)} more dataset{'s' * (len(lines) > 1)}"] if lines else []
    return "".join(f"{line}\n" for line in (*kept, *rest))


def _wrapped(verdict, texts):
    first, *others = texts
    said = (f"{verdict.dataset}: {first}", *(f"  {text}" for text in others))
    return [
        line for text in said for line in textwrap.wrap(shown(text), _WIDTH, subsequent_indent="  ")
    ]
