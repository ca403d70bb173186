import itertools

import numpy as np
import pytest
from made_tables import EMPTY, judge, make_basis, make_draws
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.data.draws import Draws
from fewshot.errors import InputError
from fewshot.figures.distillation import draw
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
    figure, said = drawn(tmp_path, students({1: 0.1}, shots=(16,)))
    labels = [line.get_label() for line in figure.axes[0].get_lines()]
    assert "student alone" in labels
    assert not any("teacher's labels" in str(label) for label in labels)
    assert "without a teacher:" not in said


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
    ("lifts", "expected"),
    [
        (
            {1: 0.1, 4: 0.2},
            "Distillation lifts it at every T: 1 and 4; the difference is highest at T 4: +20.0 "
            "points [17.5, 22.5].",
        ),
        (
            {1: 0.1, 4: -0.1, 8: 0.01},
            "Distillation lifts it at T 1; distillation lowers it at T 4; neither lift nor loss "
            "that can be told at T 8; the difference is highest at T 1: +10.0 points "
            "[7.5, 12.5].",
        ),
        (
            {2: 0.01},
            "Neither lift nor loss that can be told at T 2; the difference is +1.0 points "
            "[-1.5, 3.5].",
        ),
    ],
)
def test_the_caption_says_what_the_intervals_say(tmp_path, lifts, expected):
    said = caption(tmp_path, lifts)
    assert expected in said
    assert "alone 20.0 % [20.0, 20.0], teacher fc2 · 16-shot · tuned 60.0 %" in said
    assert "the weight a = 0.1 from" in said
    expected = "Means over 3 repeats with their 95 % intervals over draws and images; chance is "
    assert said.endswith(f"{expected}1/20 = 5.0 %.")


@pytest.mark.parametrize(
    ("lifts", "expected"),
    [
        ({1: 0.15, 4: -0.1}, "the student at T 1 less that: +5.0 points [2.5, 7.5]."),
        (
            {2: 0.11},
            "the student at T 2 less that: +1.0 points [-1.5, 3.5] (zero lies inside: not "
            "told apart).",
        ),
    ],
)
def test_a_student_is_held_against_its_layer_with_the_teachers_labels(tmp_path, lifts, expected):
    level = (
        "block3_pool with the teacher's 16 labels a class, without a teacher: 30.0 % [30.0, 30.0]"
    )
    assert f"\n{level}; {expected}" in caption(tmp_path, lifts)


@pytest.mark.parametrize(("untested", "name", "said"), [(16, "a", 1), (17, "a", 0), (17, "own", 1)])
def test_a_teacher_that_speaks_on_its_own_training_images_alone_is_told(
    tmp_path, untested, name, said
):
    text = caption(tmp_path, {1: 0.1}, untested, names=(name,))
    assert (
        text.count("Every image on which the teacher speaks is one that it was trained on") == said
    )


def test_of_one_repeat_the_caption_has_intervals_over_images(tmp_path):
    said = caption(tmp_path, {1: 0.1, 4: 0.3}, spread=np.zeros(1))
    assert "the difference is highest at T 4: +30.0 points [30.0, 30.0]." in said
    assert "Means over 1 repeat with their 95 % intervals over images; chance" in said


def test_every_student_has_its_paragraph(tmp_path):
    said = caption(tmp_path, {1: 0.1}, names=("unlabelled", "own"), shots=(1, 2))
    assert len(said.split("\n\n")) == 2 + 4
    assert "own (vgg16 · block3_pool · 2-shot · tuned, over its training images)" in said
