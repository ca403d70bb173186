from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from fewshot.errors import InputError
from fewshot.results import SUMMARY_COLUMNS, point_key, summarise, write_table
from plot_temperatures import plot_temperatures

POINT = {
    "dataset": "a$b_c$",
    "backbone": "vgg16",
    "layer": "fc2",
    "temperature": "1",
    "shots": 2,
    "head": "sgd",
}
POINTS = [{**POINT, "temperature": t} for t in ("1", "2")]


@pytest.fixture
def world(tmp_path):
    (tmp_path / "draws.csv").write_text("row,label,repeat_0\n0,0,0\n1,1,0\n")
    measures = ("test_accuracy", "train_accuracy", "test_loss", "train_loss")
    results = [dict.fromkeys(measures, value) for value in ("0.5", "0.75")]
    write_table(
        tmp_path / "summary.csv",
        SUMMARY_COLUMNS,
        ([*point_key(point), *summarise(results)] for point in POINTS),
    )
    return {
        "points": POINTS,
        "summary_path": tmp_path / "summary.csv",
        "draws_path": tmp_path / "draws.csv",
        "png_path": tmp_path / "figures" / "temperatures.png",
        "svg_path": tmp_path / "figures" / "temperatures.svg",
    }


def test_figure_is_drawn_and_labelled(world):
    plot_temperatures(**world)
    pixels = np.asarray(Image.open(world["png_path"]).convert("L"))
    assert min(pixels.shape) > 400
    assert pixels.std() > 10
    svg = ElementTree.parse(world["svg_path"])
    texts = {element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {
        "T (temperature of the class probabilities)",
        "test accuracy (%)",
        "chance: 1/2 = 50 %",
    } <= texts


def test_one_point_is_no_line(world):
    world["points"] = POINTS[:1]
    with pytest.raises(InputError, match="more than one value of"):
        plot_temperatures(**world)
    assert not world["png_path"].exists()
