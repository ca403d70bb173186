import re
import shutil
import subprocess

import numpy as np
import pytest
from made_tables import grid, make_draws, summarise_accuracy, wobbling

from fewshot.page.paper import paper_tables, to_latex, to_markdown
from fewshot.results.choices import Choice

HOSTILE = "a_b & 50% $x$ #1 {\\input{y}} ~^ | <b>*c*</b> [d](e) `f`\n"


def tables(dataset="birds", head="tuned"):
    points = [
        *grid(dataset, layers=["fc1"], shots=(2, 8), heads=(head, "sgd")),
        *grid(dataset, layers=["predictions"], temperatures=["2"], shots=(8,), heads=(head,)),
    ]
    summary = summarise_accuracy(wobbling(points, (0.3, 0.4, 0.7, 0.6, 0.5)))
    zeros = [np.nan] * 5
    choices = [
        Choice(*point, 1, 3, 0.7, 0.675, 0.725, *zeros, 256, 0.1, 1, point in points[1:3])
        for point in points
    ]
    return paper_tables(summary, choices, {dataset: make_draws(3)})


def test_a_row_is_a_head_on_a_layer_and_a_column_a_number_of_shots():
    ((name, _, cells, marks),) = tables()
    assert name == "birds"
    assert [*cells.index] == [
        ("vgg16", "fc1", "tuned"),
        ("vgg16", "fc1", "sgd"),
        ("vgg16", "predictions · T 2", "tuned"),
    ]
    assert [*cells.columns] == [2, 8]
    # Half width of three draws one point apart: see made_tables.
    assert cells.to_numpy().tolist() == [
        ["30.0 [27.5, 32.5]", "70.0 [67.5, 72.5]"],
        ["40.0 [37.5, 42.5]", "60.0 [57.5, 62.5]"],
        ["", "50.0 [47.5, 52.5]"],
    ]
    assert marks.to_numpy().tolist() == [[False, True], [True, False], [False, False]]


def test_the_sentence_says_protocol_and_result():
    ((_, sentence, *_),) = tables()
    assert sentence == (
        "On birds (4 classes), a linear head (tuned) on fc1 of the frozen vgg16 names 70.0 % "
        "[67.5, 72.5] of test images rightly after 8 images of each class: means over 3 repeats "
        "with 4 test images each and training images drawn anew, nested over the shots, with 95 % "
        "intervals over draws and images; of 3 choices, fc1 of vgg16 with tuned was chosen on the "
        "same test images."
    )


def test_where_there_was_no_choice_none_is_claimed():
    (point,) = grid()
    row = Choice(*point, 1, 3, 0.7, 0.675, 0.725, *[np.nan] * 5, 256, 0.1, 1, 1)
    summary = summarise_accuracy(wobbling([point], [0.7]))
    ((_, sentence, _, marks),) = paper_tables(summary, [row], {"birds": make_draws(3)})
    assert sentence.endswith("with 95 % intervals over draws and images.")
    assert not marks.to_numpy().any()


def test_the_sentence_on_one_choice_of_one_repeat_speaks_of_no_others():
    (point,) = grid(shots=(8,))
    summary = summarise_accuracy({point: [0.7]})
    choice = Choice(*point, 1, 1, 0.7, 0.6, 0.8, *[np.nan] * 5, 256, 0.1, 1, 1)
    ((_, sentence, *_),) = paper_tables(summary, [choice], {"birds": make_draws(1)})
    assert sentence.endswith(
        "after 8 images of each class: 1 repeat with 4 test images, with 95 % intervals over images."
    )


def test_a_dataset_without_results_has_no_table():
    assert paper_tables({}, [], {"birds": make_draws(3)}) == []


def test_latex_has_rules_bold_and_a_label():
    text = to_latex(tables())
    for part in (
        "toprule",
        "midrule",
        "bottomrule",
        "label{tab:birds}",
        "caption{Test accuracy on",
    ):
        assert f"\\{part}" in text
    rows = [line.split(" & ") for line in text.splitlines() if line.endswith("\\\\")]
    assert [
        rows[2][4],
        rows[3][3],
    ] == ["\\bfseries 70.0 [67.5, 72.5] \\\\", "\\bfseries 40.0 [37.5, 42.5]"]
    assert {len(row) for row in rows} == {5}
    assert text.count("\\bfseries") == 2


def test_no_name_is_markup_in_latex():
    text = to_latex(tables(HOSTILE, HOSTILE))
    caption = re.search(r"\\caption\{(.*)\}\n\\label", text)[1]
    (sentence,) = (line for line in text.splitlines() if line.startswith("On "))
    cells = [
        line.split(" & ")[2] for line in text.splitlines() if "a\\_b" in line and "70.0 [" in line
    ]
    assert len(cells) == 1
    for found in (caption, sentence, *cells):
        assert "a\\_b" in found
        left = re.sub(r"\\(?:[&%$#_{}]|text\w+(?:\{\}| )|space )", "", found)
        assert not {*left} & {*"\\&%$#_{}~^"}, found


@pytest.mark.parametrize("names", [("birds", "tuned"), (HOSTILE, HOSTILE)])
def test_latex_compiles(tmp_path, names):
    engine = shutil.which("tectonic") or shutil.which("pdflatex")
    if engine is None:
        pytest.skip("no LaTeX to compile with: neither tectonic nor pdflatex is installed")
    start = "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{booktabs}"
    body = to_latex(tables(*names))
    (tmp_path / "x.tex").write_text(f"{start}\\begin{{document}}{body}\\end{{document}}")
    subprocess.run([engine, "x.tex"], cwd=tmp_path, check=True, stdin=subprocess.DEVNULL)


def test_markdown_has_a_table_that_no_name_breaks():
    for names in (("birds", "tuned"), (HOSTILE, HOSTILE)):
        lines = to_markdown(tables(*names)).splitlines()
        rows = [line for line in lines if line.startswith("| ")]
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
        assert len(rows) == 2 + 3
        text = "\n".join(lines)
        assert "**70.0 \\[67.5, 72.5\\]**" in text
        assert not re.search(r"(?<!\\)[<`$]", text)
