from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from fewshot.errors import InputError
from fewshot.files import file_sha256, read_json, write_text
from fewshot.heads.head_files import CURVE_COLUMNS
from fewshot.point import KEYS, Point
from fewshot.records import write_rows, write_table
from fewshot.results.contrasts import Contrast
from fewshot.results.tables import SUMMARY_COLUMNS
from fewshot.study.figure_kinds import Figure, to_plain
from plot_curves import plot_curves

ONE = Point("a$b_c$", "vgg16", "fc1", "1", 2, "sgd")
OTHER = ONE._replace(layer="fc2")
BY_LAYER = "by_layer__vgg16__2-shot__sgd"


@pytest.fixture
def world(tmp_path):
    """Arguments of `plot_curves`: two layers, two repeats, accuracy 50 and 75 %."""
    write_text(tmp_path / "draws.csv", "row,label,repeat_0\n0,0,0\n1,1,0\n")
    paths, summary = [], []
    for point, accuracy in ((ONE, 0.5), (OTHER, 0.75)):
        paths.append(tmp_path / f"{point.layer}.csv")
        rows = [[r, e, 0.1, 1, e + r, accuracy] for r in range(2) for e in (1, 2, 3)]
        write_table(paths[-1], CURVE_COLUMNS, rows)
        cells = [accuracy] * (len(SUMMARY_COLUMNS) - len(KEYS) - 1)
        summary.append([*point.key, 2, *cells])
    write_table(tmp_path / "summary.csv", SUMMARY_COLUMNS, summary)
    gain = Contrast(
        ONE.dataset, "layer", "fc2", "fc1", "vgg16 · 2-shot · sgd", 0.25, 0.2, 0.3, 0.01, 0.01, 2
    )
    write_rows(tmp_path / "contrasts.csv", Contrast._fields, [gain])
    figures = [
        Figure("layer_curves", f"x/curves/{BY_LAYER}.png", ONE.dataset, "vgg16", [ONE, OTHER]),
        *(
            Figure("curves", f"x/curves/{point.name}.png", point.dataset, "vgg16", [point])
            for point in (ONE, OTHER)
        ),
    ]
    return {
        "figures": to_plain(figures),
        "solvers": {"sgd": "sgd"},
        "curves_paths": paths,
        "contrasts_path": tmp_path / "contrasts.csv",
        "summary_path": tmp_path / "summary.csv",
        "draws_path": tmp_path / "draws.csv",
        "folder_path": tmp_path / "curves",
        "listing_path": tmp_path / "curves.json",
    }


def texts(path):
    svg = ElementTree.parse(path)
    return [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]


def test_each_figure_has_its_caption_and_is_listed(world):
    plot_curves(**world)
    names = [BY_LAYER, ONE.name, OTHER.name]
    files = sorted(path.name for path in world["folder_path"].glob("[!.]*"))
    assert files == sorted(f"{name}.{kind}" for name in names for kind in ("png", "svg", "txt"))
    listed = read_json(world["listing_path"])
    assert listed == {name: file_sha256(world["folder_path"] / name) for name in files}


def test_curves_of_one_point(world):
    plot_curves(**world)
    path = world["folder_path"] / f"{OTHER.name}.png"
    pixels = np.asarray(Image.open(path).convert("L"))
    assert pixels.shape == (555, 1350)
    assert pixels.std() > 10
    drawn = texts(path.with_suffix(".svg"))
    assert {"epoch", "accuracy (%)", "loss: cross-entropy (nats)", "chance: 1/2 = 50 %"} <= {*drawn}
    assert "a$b_c$: vgg16 · fc2 · 2-shot · sgd" in drawn
    caption = path.with_suffix(".txt").read_text()
    assert "a$b_c$: vgg16 · fc2 · 2-shot · sgd, means over 2 repeats" in caption
    assert "lowest after the last of 3 epochs" in caption


def test_curves_of_several_points(world):
    plot_curves(**world)
    path = world["folder_path"] / f"{BY_LAYER}.png"
    pixels = np.asarray(Image.open(path).convert("L"))
    assert pixels.shape == (990, 1350)
    assert pixels.std() > 10
    drawn = texts(path.with_suffix(".svg"))
    assert {"fc1", "fc2", "epoch", "accuracy (%)", "loss: cross-entropy (nats)"} <= {*drawn}
    assert drawn.count("train images") == drawn.count("test images") == 2
    caption = path.with_suffix(".txt").read_text()
    assert "75.0 % [75.0, 75.0] (fc2) and 50.0 %" in caption


def test_same_input_same_bytes_and_an_old_folder_is_replaced(world):
    plot_curves(**world)
    first = {path.name: path.read_bytes() for path in world["folder_path"].iterdir()}
    (world["folder_path"] / "old.png").write_text("")
    plot_curves(**world)
    assert {path.name: path.read_bytes() for path in world["folder_path"].iterdir()} == first


def test_no_folder_after_an_error(world, tmp_path):
    before = sorted(tmp_path.iterdir())
    world["curves_paths"][1] = tmp_path / "absent.csv"
    with pytest.raises(InputError, match=r"absent\.csv"):
        plot_curves(**world)
    assert sorted(tmp_path.iterdir()) == before
