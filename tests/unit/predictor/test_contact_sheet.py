"""The contact sheet: a page that stands alone, in order, in which all names are text."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from browser import look, print_pages
from PIL import Image

from fewshot.figures.style import COLOURS
from fewshot.predictor.contact_sheet import tile, write_sheet
from fewshot.predictor.naming import name_image
from fewshot.predictor.spool import Spool
from fewshot.study.digests import LIBRARY

HOSTILE = '<script>document.title="taken"</script>&"\'\n\u202e\x1b[2J'
CLASSES = ["zebra", HOSTILE, "never named"]
# Place of the class and its probability, by file.
SAID = {"a.jpg": (1, 0.6), "b.jpg": (0, 0.5), f"{HOSTILE}.jpg": (1, 0.9), "d.jpg": (0, 0.4)}
QUESTION = """(frame, page, pictures) => ({
  title: page.title,
  shown: pictures.map((picture) => picture.naturalWidth),
  wide: page.documentElement.scrollWidth - frame.clientWidth,
  ink: getComputedStyle(page.body).color,
  paper: getComputedStyle(page.body).backgroundColor,
  scripts: page.querySelectorAll("script").length,
  headings: [...page.querySelectorAll("h2")].map((heading) => heading.innerText),
  links: [...page.querySelectorAll("nav a")].map((a) => page.querySelector(a.hash).innerText),
  smallest: Math.min(...[...page.querySelectorAll("li span")].map(
    (each) => parseFloat(getComputedStyle(each).fontSize))),
})"""


def thumbnail(colour):
    file = io.BytesIO()
    Image.new("RGB", (96, 64), colour).save(file, "JPEG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    path = tmp_path_factory.mktemp("sheet") / "page.html"
    tiles = []
    with Spool() as spool:
        for file, (place, probability) in SAID.items():
            rest = (1 - probability) / 2
            row = np.full(3, rest)
            row[place] = probability
            image = name_image(file, row, CLASSES, 0.45)
            tiles.append((image.place, image.probability, spool.add(tile(image, thumbnail("red")))))
        write_sheet(path, "birds & <i>more</i>", CLASSES, tiles, spool)
    return path


class Texts(HTMLParser):
    """What stands between tags, and the tags."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.tags = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.append(data)


def test_images_stand_by_class_and_then_the_surest_first(sheet):
    page = Texts(sheet.read_text(encoding="utf-8"))
    said = re.findall(r"0\.[0-9]{3}", " ".join(page.texts))
    assert said[::2] == ["0.500", "0.900", "0.600", "0.400"]  # beside each the runner-up
    assert [a["id"] for tag, a in page.tags if tag == "h2"] == ["class-0", "class-1", "class-3"]


def test_names_are_text_and_nothing_comes_from_elsewhere(sheet):
    page = Texts(sheet.read_text(encoding="utf-8"))
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "nav", "ul", "li"),
        *("a", "bdi", "span", "b", "br", "img"),
    }
    assert all(a["src"].startswith("data:image/jpeg;base64,") for t, a in page.tags if t == "img")
    assert not any(char in sheet.read_text(encoding="utf-8") for char in "\u202e\x1b")
    assert sum("\\u202e" in text for text in page.texts) >= 3


def test_nothing_half_written_stays_where_a_tile_can_not_be_read(tmp_path):
    with Spool() as spool:
        spool.add(b"x")
    with pytest.raises(ValueError, match="closed file"):
        write_sheet(tmp_path / "page.html", "x", CLASSES, [(0, 0.5, (0, 1))], spool)
    assert list(tmp_path.iterdir()) == []


def test_its_colours_are_those_of_a_studys_page(sheet):
    style = (
        (LIBRARY / "page/page.css")
        .read_text(encoding="utf-8")
        .replace("ACCENT", COLOURS[0].lower())
    )
    ours, theirs = (
        re.findall(r"--(accent|paper|ink|quiet|rule): ([^;]+);", css)
        for css in (sheet.read_text(encoding="utf-8"), style)
    )
    assert len(ours) == 10  # in light and dark
    assert ours == theirs


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1200, 390])
def test_a_browser_shows_it_on_wide_and_narrow_screens_in_light_and_dark(
    sheet, tmp_path, width, dark
):
    seen, console = look(sheet, tmp_path, width, QUESTION, dark=dark)
    assert console == []
    assert seen["title"] == "birds & <i>more</i>: 4 images"
    assert seen["shown"] == [96] * 4
    assert seen["wide"] <= 0
    assert seen["scripts"] == 0
    assert seen["headings"] == seen["links"]
    assert [heading.split()[-1] for heading in seen["headings"]] == ["1", "2", "1"]
    assert seen["smallest"] >= 12
    light = [sum(map(int, re.findall(r"\d+", seen[part])[:3])) > 382 for part in ("ink", "paper")]
    assert light == ([True, False] if dark else [False, True])


def test_it_can_be_printed(sheet, tmp_path):
    assert print_pages(sheet, tmp_path) == 1
