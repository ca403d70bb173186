import itertools
from xml.etree import ElementTree

import numpy as np
import pytest
from made_tables import EMPTY, judge, make_basis, make_draws
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.data.draws import Draws
from fewshot.errors import InputError
from fewshot.figures.distillation import draw
from fewshot.figures.style import publish_figure
from fewshot.point import Point
from fewshot.records import write_table
from fewshot.results.distillation import (
    DISTILLATION_COLUMNS,
    STUDENT_TEXT,
    read_students,
    summarise_student,
)
from fewshot.results.frames import read_rows
from fewshot.results.questions import all_contrasts
from fewshot.study.figure_kinds import Figure
from fewshot.study.grid import Student

SPREAD = np.array([-0.01, 0, 0.01])  # of three repeats: half width 0.0248


def students(lifts, names=("unlabelled",), layers=("block3_pool",), shots=(1,), **changes):
    """Rows of the table: alone at 20 %, with the teacher's labels at 30 %, the teacher at 60 %."""
    spread = changes.pop("spread", SPREAD)
    place = {"dataset": "birds", "backbone": "vgg16", "temperature": "1", "head": "tuned"}
    place |= changes
    alone = np.full(len(spread), 0.2)
    accuracies = {("alone", ""): alone, ("labelled", ""): alone + 0.1, ("teacher", ""): alone + 0.4}
    for temperature, lift in lifts.items():
        accuracies["distilled", str(temperature)] = alone + lift + spread
    rows = []
    for name, layer, k in itertools.product(names, layers, shots):
        teacher = Point(**place, layer="fc2", shots=16)
        alone = teacher._replace(layer=layer, shots=k)
        transfer = "training" if name == "own" else "pool"
        student = Student(name, teacher, alone, alone, [*lifts], 0.1, transfer)
        draws = make_draws(len(spread))
        right = {key: judge(values, draws) for key, values in accuracies.items()}
        rows += summarise_student(student, right, draws)
    return rows


def drawn(folder, rows, dataset="birds", classes=20, untested=30):
    """Draw a figure from the tables that have these rows."""
    path = folder / "table.csv"
    write_table(path, DISTILLATION_COLUMNS, rows)
    found = read_students(path)
    basis = make_basis({}, dataset=found[0].dataset, students=found, groups={})
    places = np.repeat(np.arange(untested + 1), classes)[:, None]
    labels = np.tile(np.arange(classes), untested + 1)
    draws = Draws(labels, np.arange(len(labels)), places)
    study = EMPTY._replace(
        contrasts=all_contrasts(basis),
        distillation=read_rows(path, STUDENT_TEXT),
        tasks={dataset: draws},
    )
    return draw(Figure("distillation", "", dataset), study)


def caption(folder, lifts, untested=30, **changes):
    return drawn(folder, students(lifts, **changes), untested=untested)[1]


def assert_nothing_clipped_or_covered(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    box, (width, height) = figure.get_tightbbox(renderer), figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width
    assert box.y1 <= height
    (legend,) = figure.legends
    areas = [axes.get_tightbbox(renderer) for axes in figure.axes]
    for number, area in enumerate(areas):
        assert not legend.get_window_extent(renderer).overlaps(area)
        assert not any(area.overlaps(other) for other in areas[:number])


def test_a_student_by_hand(tmp_path):
    figure, _ = drawn(tmp_path, students({4: 0.1, 1: -0.05}))
    (axes,) = figure.axes
    alone, labelled, teacher, student = axes.get_lines()[:4]
    assert set(alone.get_ydata()) == {20}
    np.testing.assert_allclose(labelled.get_ydata(), 30)
    assert labelled.get_linestyle() != alone.get_linestyle()
    np.testing.assert_allclose(teacher.get_ydata(), 60)
    assert list(student.get_xdata()) == [1, 4]
    assert list(student.get_ydata()) == pytest.approx([15, 30])
    assert axes.get_title(loc="left") == "vgg16\nblock3_pool\n1-shot · tuned"
    assert axes.get_ylabel() == "test accuracy (%)"
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "student alone",
        "student's layer with the teacher's labels (16-shot), no teacher",
        "teacher: fc2 · 16-shot · tuned",
        "chance: 1/20 = 5.0 %",
        "unlabelled: distilled over the unlabelled pool",
        "95 % interval",
    ]


def test_with_as_many_labels_as_its_teacher_a_student_is_its_own_yardstick(tmp_path):
    figure, _ = drawn(tmp_path, students({1: 0.1}, shots=(16,)))
    labels = [line.get_label() for line in figure.axes[0].get_lines()]
    assert "student alone" in labels
    assert not any("teacher's labels" in str(label) for label in labels)


@pytest.mark.parametrize("classes", [2, 257])
@pytest.mark.parametrize("shots", [(1,), (1, 2), (1, 2, 4, 8)])
def test_long_names_are_whole(tmp_path, classes, shots):
    rows = students(
        {1: 0.1, 16: 0.2},
        names=("unlabelled_$x_1$_with_a_long_name", "own"),
        layers=("global_average_pooling2d", "conv_pw_13_depthwise_relu_and_more"),
        shots=shots,
        dataset="a$b_c$" * 5,
        backbone="mobilenet_alpha_050_with_a_name",
    )
    figure, _ = drawn(tmp_path, rows, "a$b_c$" * 5, classes)
    assert len(figure.axes) == 2 * len(shots)
    assert_nothing_clipped_or_covered(figure)


def test_a_dataset_without_students_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"Received: fish, but the table has birds"):
        drawn(tmp_path, students({1: 0.1}), "fish")


@pytest.mark.parametrize(
    ("lifts", "counts", "best"),
    [
        (
            {1: 0.1, 4: 0.2},
            "2 gain",
            "T 4 (vgg16 · block3_pool · 1-shot · tuned), +20.0 points [17.5",
        ),
        (
            {1: 0.1, 4: -0.1, 8: 0.01},
            "1 gain, 1 lose and 1 can't be told from themselves alone",
            "T 1 (vgg16 · block3_pool · 1-shot · tuned), +10.0 points [7.5, 12.5].",
        ),
        (
            {2: 0.01},
            "1 can't be told from themselves alone",
            "T 2 (vgg16 · block3_pool · 1-shot · tuned), +1.0 points [-1.5, 3.5] (zero lies inside",
        ),
    ],
)
def test_the_caption_says_what_the_intervals_say(tmp_path, lifts, counts, best):
    opening, finding = caption(tmp_path, lifts).split("\n\n")
    count = f"Of {len(lifts)} students (one each T) {counts}"
    assert finding.startswith(f"{count}; most: unlabelled at {best}")
    assert opening == (
        "Students that learn from a teacher on birds, at each T: 3 repeats, 95 % intervals over "
        "draws and images."
    )


@pytest.mark.parametrize(("untested", "name", "said"), [(16, "a", 1), (17, "a", 0), (16, "own", 0)])
def test_a_teacher_of_the_pool_that_speaks_on_its_own_training_images_alone_is_told(
    tmp_path, untested, name, said
):
    text = caption(tmp_path, {1: 0.1}, untested, names=(name,))
    assert text.count("The teacher of a speaks on its own training images alone.") == said


def test_of_one_repeat_the_caption_has_intervals_over_images(tmp_path):
    said = caption(tmp_path, {1: 0.1, 4: 0.3}, spread=np.zeros(1))
    assert "at T 4 (vgg16 · block3_pool · 1-shot · tuned), +30.0 points [30.0, 30.0]." in said
    assert "1 repeat, 95 % intervals over images." in said


def test_every_student_says_its_accuracy_on_hovering(tmp_path):
    figure, said = drawn(tmp_path, students({1: 0.1, 4: 0.2}))
    publish_figure(figure, said, tmp_path / "a.png")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    titles = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    place = "unlabelled: distilled over the unlabelled pool, "
    assert [text.partition(" [")[0] for text in titles] == [
        f"{place}T 1: 30.0 %",
        f"{place}T 4: 40.0 %",
    ]
    assert titles[0].endswith(" [27.6, 32.5]")  # as Wilson's for so many images


def test_levels_are_told_apart_without_colour(tmp_path):
    figure, _ = drawn(tmp_path, students({1: 0.1, 4: 0.1}))
    names = ("student alone", "student's layer", "teacher: ", "chance: ")
    levels = [line for line in figure.axes[0].get_lines() if line.get_label().startswith(names)]
    assert len(levels) == 4
    assert len({repr(line._unscaled_dash_pattern) for line in levels}) == 4
