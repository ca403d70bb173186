"""What a study shows beside published numbers, in sentences computed from its results."""

import numpy as np

from fewshot.figures.claims import (
    ONE_REPEAT,
    Estimate,
    chance,
    count_repeats,
    listed,
    paragraphs,
    points,
)
from fewshot.figures.index import ROLE_NAMES
from fewshot.results.comparison import THIS_STUDY


def comparison_caption(comparison, passes, classes, test_images):
    """Say where a study passes published numbers and how far it is from the report's.

    Parameters
    ----------
    comparison, passes : pandas.DataFrame
        Rows of one dataset with the columns `fewshot.results.comparison.COMPARISON_COLUMNS` and
        `PASSES_COLUMNS`. No claim is made where `passes` is empty: the dataset only stands in.
    classes, test_images : int
        Of the dataset; images that a repeat tests on.

    Returns
    -------
    str
        Paragraphs.
    """
    dataset, role = comparison[["dataset", "role"]].iloc[0]
    own = comparison[comparison["source"] == THIS_STUDY]
    opening = (
        f"Test accuracy on {dataset} against training images a class, beside published numbers "
        f"for {ROLE_NAMES[role]}: this study in colours, the report in black, others in grey."
    )
    measured = own["low"].notna().any()
    if dataset != role:
        claims = [
            f"{dataset} stands in for {ROLE_NAMES[role]}: the published numbers are of another "
            "task, so only the layout can be compared and nothing is claimed against them."
        ]
    else:
        claims = [
            _passed(passes, measured),
            _beside_report(own, comparison[comparison["approach"] != ""]),
        ]
    bands = "Bands are 95 % intervals of the mean over repeats; chance" if measured else "Chance"
    closing = (
        "Grey bars are the ± that a publication gives; test images and protocol differ between "
        f"them. {bands} is {chance(classes)}."
    )
    return paragraphs(opening, *claims, _one_draw(own, classes, test_images), closing)


def _passed(passes, measured):
    """Say for each reference from how many images a class each line, and its interval, is above."""
    said = []
    columns = ["reference", "reference_images", "reference_accuracy"]
    for (name, images, level), rows in passes.groupby(columns, sort=False, dropna=False):
        where = "" if np.isnan(images) else f" at {images:g} images a class"
        lines = "; ".join(_line_passed(row, measured) for row in rows.itertuples())
        said.append(f"Above {name}{where} ({level:g} %): {lines}.")
    return "\n".join(said)


def _line_passed(row, measured):
    if np.isnan(row.first_shots):
        return f"{row.line} at no number of shots"
    said = f"{row.line} from {row.first_shots:g} shot{'s' if row.first_shots > 1 else ''}"
    if row.line.startswith("report"):
        said += "" if np.isnan(row.claimed) else f" (its text says about {row.claimed:g})"
    elif measured and np.isnan(row.sure_shots):
        said += ", its interval at none"
    elif row.sure_shots > row.first_shots:
        said += f", its interval from {row.sure_shots:g}"
    if np.isnan(row.crossing):
        return f"{said}, the fewest measured"
    return f"{said}, crossing it at {row.crossing:.1f}"


def _beside_report(own, lines):
    """Hold each line of this study against the report's of the same approach."""
    report = lines[lines["source"] != THIS_STUDY]
    said, signs = [], []
    for (method, approach), line in own.groupby(["method", "approach"], sort=False):
        theirs = report[report["approach"] == approach].set_index("images_per_class")["accuracy"]
        differences = {
            f"{row.images_per_class:g}": _less_draw(row, theirs[row.images_per_class])
            for row in line.itertuples()
            if row.images_per_class in theirs.index
        }
        if differences:
            each = listed(f"{points(value)} at {shots}" for shots, value in differences.items())
            said.append(f"{method} less report, {approach}: {each} shots.")
            signs += [value.sign for value in differences.values()]
    if own["std"].notna().any() and signs:
        said.append(
            "These intervals allow for the report's single draw, taken to spread as ours do: "
            f"{signs.count(1)} of {len(signs)} differences are above zero, {signs.count(-1)} "
            f"below, {signs.count(0)} the draws don't tell."
        )
    return "\n".join(said)


def _less_draw(row, value):
    """Subtract a number that is of one draw from a mean of n.

    Its variance s^2 (1 + 1/n) is n + 1 times that of the mean, s^2 / n, so the interval of the
    difference is sqrt(n + 1) times as wide as that of the mean.
    """
    half = np.sqrt(row.repeats + 1) * (row.high - row.low) / 2
    return Estimate(row.accuracy - value, row.accuracy - value - half, row.accuracy - value + half)


def _one_draw(own, classes, test_images):
    """Say what one draw, such as each of the report's numbers, is uncertain by."""
    if own["std"].isna().all():
        return ONE_REPEAT
    return (
        f"One draw, of training images and of {test_images // classes} test images a class "
        f"({test_images} in all), has a standard error of {own['std'].min():.1f} to {own['std'].max():.1f} points, median "
        f"{own['std'].median():.1f}: the standard deviation between the "
        f"{count_repeats(own['repeats'])} of this study. Each number of the report is of one draw, without interval."
    )
