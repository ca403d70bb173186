from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from fewshot.files import write_text
from plot_curves_together import plot_curves_together

HEADER = "repeat,epoch,train_loss,train_accuracy,test_loss,test_accuracy\n"


@pytest.mark.parametrize(
    ("axis", "values", "labels"),
    [("layer", ("fc1", "fc2"), ("fc1", "fc2")), ("temperature", ("1", "16"), ("T 1", "T 16"))],
)
def test_four_panels_with_a_line_each(tmp_path, axis, values, labels):
    write_text(tmp_path / "draws.csv", "row,label,repeat_0\n0,0,0\n1,1,0\n")
    point = {"dataset": "a$b_c$", "backbone": "vgg16", "layer": "x", "temperature": "1"}
    points, paths = [], []
    for number, value in enumerate(values):
        points.append({**point, "shots": 2, "head": "sgd", axis: value})
        paths.append(tmp_path / f"{value}.csv")
        rows = [f"{r},{e},0.1,1,{e + r},{0.5 + number / 4}\n" for r in range(2) for e in (1, 2)]
        write_text(paths[-1], HEADER + "".join(rows))
    files = {kind: tmp_path / f"x.{kind}" for kind in ("png", "svg", "txt")}
    plot_curves_together(
        points=points,
        axis=axis,
        curves_paths=paths,
        draws_path=tmp_path / "draws.csv",
        png_path=files["png"],
        svg_path=files["svg"],
        caption_path=files["txt"],
    )
    pixels = np.asarray(Image.open(files["png"]).convert("L"))
    assert pixels.shape == (990, 1350)
    assert pixels.std() > 10
    svg = ElementTree.parse(files["svg"])
    texts = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {*labels, "epoch", "accuracy (%)", "loss: cross-entropy (nats)"} <= {*texts}
    assert texts.count("train images") == texts.count("test images") == 2
    assert f"75.0 % [75.0, 75.0] ({labels[1]}) and 50.0 %" in files["txt"].read_text()
