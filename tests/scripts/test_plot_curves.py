from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from fewshot.errors import InputError
from fewshot.files import file_sha256, read_json, write_text
from plot_curves import plot_curves

HEADER = "repeat,epoch,train_loss,train_accuracy,test_loss,test_accuracy\n"
POINTS = [
    {
        "dataset": "a$b_c$",
        "backbone": "vgg16",
        "layer": "fc2",
        "temperature": "1",
        "shots": 2,
        "head": head,
    }
    for head in ("sgd", "tuned")
]
NAME = "vgg16__fc2__T1__2-shot__sgd"


@pytest.fixture
def world(tmp_path):
    write_text(tmp_path / "draws.csv", "row,label,repeat_0\n0,0,0\n1,1,0\n")
    rows = [f"{r},{e},0.1,1,{e + r},0.6\n" for r in range(2) for e in (1, 2, 3)]
    write_text(tmp_path / "sgd.csv", HEADER + "".join(rows))
    write_text(tmp_path / "tuned.csv", HEADER)
    return {
        "points": POINTS,
        "running": [],
        "curves_paths": [tmp_path / "sgd.csv", tmp_path / "tuned.csv"],
        "draws_path": tmp_path / "draws.csv",
        "folder_path": tmp_path / "curves",
        "listing_path": tmp_path / "curves.json",
    }


def test_one_figure_with_its_caption_for_a_head_with_epochs(world):
    plot_curves(**world)
    files = sorted(path.name for path in world["folder_path"].glob("[!.]*"))
    assert files == [f"{NAME}.png", f"{NAME}.svg", f"{NAME}.txt"]
    listed = read_json(world["listing_path"])
    assert listed == {name: file_sha256(world["folder_path"] / name) for name in files}
    caption = (world["folder_path"] / f"{NAME}.txt").read_text()
    assert "60.0 % [60.0, 60.0] on test images" in caption
    assert "running" not in caption
    pixels = np.asarray(Image.open(world["folder_path"] / f"{NAME}.png").convert("L"))
    assert pixels.shape == (555, 1350)
    assert pixels.std() > 10
    svg = ElementTree.parse(world["folder_path"] / f"{NAME}.svg")
    texts = {element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"epoch", "accuracy (%)", "loss: cross-entropy (nats)", "chance: 1/2 = 50 %"} <= texts
    assert "a$b_c$: vgg16 · fc2 · 2-shot · sgd" in texts


def test_a_head_end_to_end_is_held_against_cached_heads_at_its_place(world, tmp_path):
    rows = [f"{r},{e},0.1,1,{e + r},0.5\n" for r in range(2) for e in (1, 2, 3, 4)]
    write_text(tmp_path / "slow.csv", HEADER + "".join(rows))
    elsewhere = {**POINTS[0], "head": "slow", "shots": 4}
    curves = [*world["curves_paths"], tmp_path / "slow.csv", tmp_path / "slow.csv"]
    points = [*POINTS, {**POINTS[0], "head": "slow"}, elsewhere]
    world |= {"points": points, "curves_paths": curves, "running": ["sgd"]}
    plot_curves(**world)
    said = "After the same 3 epochs slow on cached activations has 50.0 % [50.0, 50.0] on test "
    caption = (world["folder_path"] / f"{NAME}.txt").read_text()
    assert caption.count("After the same") == 1
    assert f"{said}images; end to end less that: +10.0 points [10.0, 10.0]." in caption
    for shots in (2, 4):
        path = world["folder_path"] / f"vgg16__fc2__T1__{shots}-shot__slow.txt"
        assert "cached" not in path.read_text()


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


def test_running_means_are_called_so(world):
    plot_curves(**world | {"running": ["sgd"]})
    assert "running means" in (world["folder_path"] / f"{NAME}.txt").read_text()
