from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from fewshot.errors import InputError
from fewshot.files import write_text
from fewshot.results.tables import KEYS, RESULT_COLUMNS, point_key, write_table
from plot_accuracy import plot_accuracy

POINT = {
    "dataset": "a$b_c$",
    "backbone": "vgg16",
    "layer": "predictions",
    "temperature": "1",
    "shots": 2,
    "head": "sgd",
}
AXES = {
    "shots": ([{**POINT, "shots": shots} for shots in (2, 4)], "shots (training images a class)"),
    "layer": (
        [{**POINT, "layer": layer} for layer in ("fc2", "fc1")],
        "layer, in the order of the network",
    ),
    "temperature": (
        [{**POINT, "temperature": t} for t in ("1", "2")],
        "T (temperature of the class probabilities)",
    ),
}


def _write(path, points, accuracies):
    rows = []
    for number, point in enumerate(points):
        for repeat, accuracy in enumerate(accuracies[number]):
            row = dict.fromkeys(RESULT_COLUMNS, 1)
            row |= {"repeat": repeat, "test_accuracy": accuracy}
            rows.append([*point_key(point), *row.values()])
    write_table(path, KEYS + RESULT_COLUMNS, rows)


@pytest.fixture
def world(tmp_path):
    write_text(tmp_path / "draws.csv", "row,label,repeat_0\n0,0,0\n1,1,0\n")
    names = {kind: tmp_path / "figures" / f"x.{kind}" for kind in ("png", "svg", "txt")}
    return {
        "solvers": {"sgd": "sgd"},
        "in_report": False,
        "layers": ["fc1", "fc2", "predictions"],
        "accuracy_path": tmp_path / "accuracy.csv",
        "draws_path": tmp_path / "draws.csv",
        "png_path": names["png"],
        "svg_path": names["svg"],
        "caption_path": names["txt"],
    }


@pytest.mark.parametrize("axis", AXES)
def test_figure_is_drawn_and_labelled(world, axis):
    points, label = AXES[axis]
    _write(world["accuracy_path"], points, [[0.5, 0.75], [0.5, 0.5]])
    plot_accuracy(points=points, axis=axis, **world)
    pixels = np.asarray(Image.open(world["png_path"]).convert("L"))
    assert min(pixels.shape) > 400
    assert pixels.std() > 10
    svg = ElementTree.parse(world["svg_path"])
    texts = {element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {label, "test accuracy (%)", "chance: 1/2 = 50 %"} <= texts
    caption = world["caption_path"].read_text()
    assert "62.5 %" in caption
    assert "original report" not in caption
    plot_accuracy(points=points, axis=axis, **world | {"in_report": True})
    assert "original report" in world["caption_path"].read_text()


@pytest.mark.parametrize("axis", AXES)
def test_other_results_give_another_caption(world, axis):
    points, _ = AXES[axis]
    captions = []
    for accuracies in ([[0.5, 0.51], [0.9, 0.92]], [[0.9, 0.92], [0.5, 0.51]]):
        _write(world["accuracy_path"], points, accuracies)
        plot_accuracy(points=points, axis=axis, **world)
        captions.append(world["caption_path"].read_text())
    assert captions[0] != captions[1]


@pytest.mark.parametrize("axis", AXES)
def test_one_point_is_no_line(world, axis):
    points = AXES[axis][0][:1]
    _write(world["accuracy_path"], points, [[0.5, 0.6]])
    with pytest.raises(InputError, match="more than one value of"):
        plot_accuracy(points=points, axis=axis, **world)
    assert not world["png_path"].exists()
