"""A study for a paper: its accuracies as a table in LaTeX and Markdown, and protocol and result."""

import re

import pandas as pd

from fewshot.figures.words import count_repeats, intervals, percent, span
from fewshot.names import shown
from fewshot.page.markdown import plain, table
from fewshot.page.verdicts import count_images, name_choice, say_accuracy
from fewshot.results.choices import preferred, recommended

_PACKAGES = "% Needs \\usepackage{booktabs}."


def paper_tables(summary, choices, draws):
    """Lay out the accuracies of a study, and say how they were measured.

    Parameters
    ----------
    summary : dict of Point to dict of str to float
        From `fewshot.results.tables.read_summary`.
    choices : list of fewshot.results.choices.Choice
    draws : dict of str to fewshot.data.draws.Draws
        By dataset.

    Returns
    -------
    list of (str, str, pandas.DataFrame, pandas.DataFrame)
        For each dataset with results its name, a sentence, the cells of the table, and whether each
        is recommended with so many images. A row is a backbone, layer and head, a column a number
        of shots; cells without a result are empty.
    """
    taken = preferred(choices)
    best = recommended(choices)
    found = []
    for dataset in draws:
        own = {point: row for point, row in summary.items() if point.dataset == dataset}
        if own:
            cells = {
                point: percent(row, "test_accuracy").replace(" %", "") for point, row in own.items()
            }
            marks = {point: point in taken for point in own}
            sentence = _sentence(best[dataset], own, draws[dataset]) if dataset in best else ""
            found.append((dataset, sentence, _frame(cells, ""), _frame(marks, False)))
    return found


def _frame(values, nothing):
    """Make a table of values by grid point; rows of a layer stand together."""
    rows, layers = {}, [*dict.fromkeys(point[1:4] for point in values)]
    for point, value in sorted(values.items(), key=lambda item: layers.index(item[0][1:4])):
        names = (point.backbone, point.label("layer", "temperature"), point.head)
        rows.setdefault(names, {})[point.shots] = value
    shots = sorted({point.shots for point in values})
    index = pd.MultiIndex.from_tuples(
        [tuple(map(shown, names)) for names in rows], names=["backbone", "layer", "head"]
    )
    cells = [[own.get(count, nothing) for count in shots] for own in rows.values()]
    return pd.DataFrame(cells, index, pd.Index(shots, name="shots"))


def _sentence(choice, own, draws):
    """Say protocol and result in a sentence."""
    nested = "" if len({point.shots for point in own}) == 1 else ", nested over the shots"
    several = choice.repeats > 1
    anew = f" each and training images drawn anew{nested}" * several
    count = sum(point.shots == choice.shots for point in own)
    chosen = f"; of {count} choices, {name_choice(choice)} was chosen on the same test images"
    return (
        f"On {choice.dataset} ({draws.classes} classes), a linear head ({choice.head}) on "
        f"{choice.point.label('layer', 'temperature')} of the frozen {choice.backbone} names "
        f"{say_accuracy(choice)} of test images rightly after {count_images(choice.shots)} of each "
        f"class: {'means over ' * several}{count_repeats([choice.repeats])} with {span(draws.tested)} "
        f"test images{anew}, with {intervals([choice.repeats])}{chosen * (count > 1)}."
    )


def to_latex(tables):
    """Write tables in LaTeX.

    Parameters
    ----------
    tables : list
        From `paper_tables`.

    Returns
    -------
    str
        What is recommended is bold. All names are escaped.
    """
    return "\n".join([_PACKAGES, *(_latex(*table) for table in tables)])


def _latex(dataset, sentence, cells, marks):
    bold = marks.map(lambda is_taken: "font-weight: bold" if is_taken else "")
    styler = cells.style.format(escape="latex").format_index(escape="latex")
    styler = styler.format_index_names(escape="latex").apply(lambda _: bold, axis=None)
    table = styler.to_latex(
        hrules=True,
        convert_css=True,
        column_format="lll" + "r" * cells.shape[1],
        multirow_align="naive",
        position="htbp",
        position_float="centering",
        caption=f"{_tex(_caption(dataset))}",
        label=f"tab:{re.sub(r'[^A-Za-z0-9]+', '-', dataset).strip('-')}",
    )
    return f"\n{_tex(sentence)}\n\n{table}"


def _caption(dataset):
    return (
        f"Test accuracy on {shown(dataset)} in %, with 95 % intervals in brackets, by training images "
        "a class. Bold: recommended."
    )


_TEX = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def _tex(text):
    """Write a text so that TeX sees letters alone."""
    return "".join(_TEX.get(letter, letter) for letter in shown(text))


def to_markdown(tables):
    """Write tables in Markdown.

    Parameters
    ----------
    tables : list
        From `paper_tables`.

    Returns
    -------
    str
        What is recommended is bold. All names are escaped.
    """
    return "\n".join(line for table in tables for line in _markdown(*table)) + "\n"


def _markdown(dataset, sentence, cells, marks):
    yield from (f"## {plain(dataset)}", "", plain(sentence), "", plain(_caption(dataset)), "")
    numbers = [*map(str, cells.columns)]
    yield table([*cells.index.names, *numbers], {*numbers}, _rows(cells, marks))
    yield ""


def _rows(cells, marks):
    """Write the cells of a table, those that are marked in bold."""
    for names, texts, bold in zip(cells.index, cells.to_numpy(), marks.to_numpy(), strict=True):
        written = zip(map(plain, texts), bold, strict=True)
        yield *map(plain, names), *(f"**{text}**" if mark else text for text, mark in written)
