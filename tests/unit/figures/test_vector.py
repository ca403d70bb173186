"""SVGs: values on hovering, photographs, and the element that a page may hold."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from made_answers import HOSTILE, photograph
from matplotlib.figure import Figure
from PIL import Image

from fewshot.errors import InputError
from fewshot.figures.style import publish_figure, styled
from fewshot.figures.vector import Photograph, hover, inline_svg
from fewshot.figures.words import clean

SVG = "{http://www.w3.org/2000/svg}"


def points(texts=("a", "b", "c"), **shape):
    """Make a figure with a line, and with texts at its points unless there are none."""
    with styled():
        figure = Figure(figsize=(4, 2), layout="constrained")
        axes = figure.subplots()
        axes.plot([1, 2, 4], [0, 50, 100], marker="o", label="$line$ <b>")
        axes.legend()
        if texts:
            hover(axes, [1, 2, 4], [0, 50, 100], texts, **shape)
    return figure


def published(figure, folder, name="a"):
    path = folder / f"{name}.png"
    publish_figure(figure, "What is drawn.", path)
    return path.with_suffix(".svg")


def shapes(path, tag):
    """Give the shapes with a title, by their title."""
    root = ElementTree.parse(path).getroot()
    return {
        each.find(f"{SVG}title").text: {k: float(v) for k, v in each.attrib.items()}
        for each in root.iter(f"{SVG}{tag}")
        if each.find(f"{SVG}title") is not None
    }


def test_texts_lie_where_the_markers_are(tmp_path):
    path = published(points(), tmp_path)
    found = shapes(path, "circle")
    assert [*found] == ["a", "b", "c"]
    markers = [
        (float(each.get("x")), float(each.get("y")))
        for each in ElementTree.parse(path).getroot().iter(f"{SVG}use")
        if "#0072b2" in each.get("style", "") or "#1f77b4" in each.get("style", "")
    ][:3]
    places = [(each["cx"], each["cy"]) for each in found.values()]
    np.testing.assert_allclose(places, markers, atol=0.01)


def test_boxes_have_their_size_in_the_data(tmp_path):
    found = shapes(published(points(size=(1, 50)), tmp_path), "rect")
    first, second, third = found.values()
    assert second["x"] - first["x"] == pytest.approx(first["width"], abs=0.02)
    assert third["x"] - second["x"] == pytest.approx(2 * first["width"], abs=0.02)
    assert first["y"] - second["y"] == pytest.approx(first["height"], abs=0.02)


def test_nothing_of_it_is_in_the_picture(tmp_path):
    plain, said = (points(texts) for texts in ((), ("a", "b", "c")))
    first, second = (published(each, tmp_path, name) for each, name in ((plain, "a"), (said, "b")))
    pixels = [path.with_suffix(".png").read_bytes() for path in (first, second)]
    assert pixels[0] == pixels[1]
    assert "title>a<" not in first.read_text()


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    first, second = (published(points(), tmp_path, name).read_bytes() for name in "ab")
    assert first == second


def test_what_is_not_finite_has_no_text(tmp_path):
    figure = Figure()
    hover(figure.subplots(), [1, np.nan, 3], [1, 2, np.inf], ["a", "b", "c"])
    assert [*shapes(published(figure, tmp_path), "circle")] == ["a"]


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_texts(tmp_path, name):
    path = published(points((name, "b", "c")), tmp_path)
    (first, *_) = ElementTree.parse(path).getroot().iter(f"{SVG}circle")
    assert (first.find(f"{SVG}title").text or "") == clean(name)
    text = inline_svg(path, name, name)
    assert "<script" not in text
    assert text.count("<!--") == 0
    root = ElementTree.fromstring(text)
    assert root.get("aria-label") == clean(name)
    assert {each.tag for each in root.iter()} <= {
        *("svg", "g", "path", "use", "defs", "clipPath", "rect", "circle", "text", "title")
    }


def test_a_photograph_is_drawn_at_its_place_and_kept_as_it_is(tmp_path):
    figure = Figure(figsize=(2, 2), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    jpeg = photograph(1, (96, 48))
    axes.add_artist(Photograph(0.25, 0.75, jpeg, 36, "#ff0000"))
    path = published(figure, tmp_path)
    with Image.open(path.with_suffix(".png")) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    with Image.open(io.BytesIO(base64.b64decode(jpeg))) as image:
        colour = np.asarray(image.convert("RGB"))[0, 0].astype(int)
    # 36 x 18 points at 150 dots an inch: 75 x 37.5 pixels around (75, 75) of 300.
    assert np.abs(pixels[75, 75] - colour).max() < 10
    assert np.abs(pixels[75, 42] - colour).max() < 10
    assert pixels[75, 36].tolist() == [255, 0, 0]  # the frame
    assert pixels[75, 120].tolist() == pixels[110, 75].tolist() == [255, 255, 255]
    (image,) = ElementTree.parse(path).getroot().iter(f"{SVG}image")
    assert image.get("href") == f"data:image/jpeg;base64,{jpeg}"
    sizes = [float(image.get(name)) for name in ("x", "y", "width", "height")]
    assert sizes == pytest.approx([18, 27, 36, 18], abs=0.02)


def test_a_page_may_hold_it_beside_others(tmp_path):
    path = published(points(), tmp_path)
    first, second = (inline_svg(path, name, "what it shows") for name in ("one", "other"))
    ids = [{*re.findall(r' id="([^"]+)"', text)} for text in (first, second)]
    assert len(ids[0]) == len(ids[1]) > 10
    assert not ids[0] & ids[1]
    for text, own in zip((first, second), ids, strict=True):
        used = {*re.findall(r'href="#([^"]+)"', text), *re.findall(r"url\(#([^)]+)\)", text)}
        assert used
        assert used <= own
    assert inline_svg(path, "one", "what it shows") == first


def test_a_page_with_a_policy_of_content_may_hold_it(tmp_path):
    path = published(points(), tmp_path)
    text = inline_svg(path, "one", "what it shows")
    for word in (
        "style=",
        "<style",
        "<metadata",
        "<?xml",
        "<!DOCTYPE",
        "xmlns",
        "xlink",
        "font-family: ",
    ):
        assert word not in text
    root = ElementTree.fromstring(text)
    assert (root.get("class"), root.get("role")) == ("figure", "img")
    assert root.get("viewBox") == "0 0 288 144"
    assert (root.get("width"), root.get("height")) == ("384", "192")  # pixels of 1/96 inch
    assert len(text) < 0.8 * path.stat().st_size


def test_it_has_all_that_the_file_has(tmp_path):
    path = published(points(), tmp_path)
    file, inline = (
        ElementTree.parse(path).getroot(),
        ElementTree.fromstring(inline_svg(path, "a", "")),
    )
    for tag in ("path", "use", "text", "circle", "title"):
        assert len([*file.iter(f"{SVG}{tag}")]) == len([*inline.iter(tag)]), tag
    texts = [each.text for each in inline.iter("text")]
    assert "$line$ <b>" in texts
    # What a style said is said by attributes.
    styles = [each for each in file.iter() if "fill: none" in each.get("style", "")]
    assert len([each for each in inline.iter() if each.get("fill") == "none"]) == len(styles) + 1


def test_a_damaged_file_is_refused(tmp_path):
    path = published(points(), tmp_path)
    path.write_text(path.read_text() + " ")
    with pytest.raises(InputError, match=r"a\.svg"):
        inline_svg(path, "a", "")
