"""The page in a real browser: nothing in a name runs, pictures show, links, filter and sorting work."""

import re

import pytest
from browser import look, print_pages
from made_study import make_study
from report_world import TRAPS, write_world

from report import report

# Follows a link into what is folded, filters the index, and reads what the page shows then.
USE = """async (frame, page, pictures) => {
  const folded = page.getElementById("figure-1");
  const wasOpen = folded.closest("details").open;
  frame.contentWindow.location.hash = "figure-1";
  await new Promise((done) => setTimeout(done, 100));
  const box = page.getElementById("filter");
  box.value = "urban 31";
  box.dispatchEvent(new Event("input"));
  const rows = [...page.querySelectorAll("#index tbody tr")];
  return {
    owned: frame.contentWindow.owned ?? null,
    title: page.title,
    pictures: pictures.filter((picture) => picture.src.startsWith("data:image/png"))
      .map((picture) => picture.naturalWidth),
    thumbnails: pictures.filter((picture) => picture.src.startsWith("data:image/jpeg"))
      .map((picture) => picture.naturalWidth),
    charts: [...page.querySelectorAll("svg")].map((chart) => chart.querySelectorAll("path").length),
    width: page.documentElement.scrollWidth,
    accent: frame.contentWindow.getComputedStyle(page.querySelector("nav a")).color,
    opened: [wasOpen, folded.closest("details").open],
    found: rows.filter((row) => !row.hidden).map((row) => row.cells[0].textContent),
    rows: rows.length,
    cells: [...page.querySelectorAll("td, th")].map((cell) => cell.textContent),
  };
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    world = write_world(tmp_path_factory.mktemp("report"))
    report(**world)
    return world["report_path"]


@pytest.fixture(
    scope="module",
    params=[(1200, False), (390, True)],
    ids=["wide and light", "narrow and dark"],
)
def seen(request, page, tmp_path_factory):
    width, dark = request.param
    answer, console = look(page, tmp_path_factory.mktemp("browser"), width, USE, dark=dark)
    assert console == []
    return width, dark, answer


def test_nothing_in_a_name_runs(seen):
    *_, found = seen
    assert found["owned"] is None
    assert found["title"] == "Few-shot transfer: tiny"
    for trap in TRAPS:
        assert trap in found["cells"]


def test_pictures_show_and_the_page_fits(seen):
    width, _, found = seen
    assert found["pictures"] == [300]
    assert {*found["thumbnails"]} == {96}
    assert len(found["thumbnails"]) > 50
    assert len(found["charts"]) == 2
    assert min(found["charts"]) > 2
    assert found["width"] <= width


def test_own_style_and_script_are_let_through(seen):
    _, dark, found = seen
    assert found["accent"] == ("rgb(109, 185, 234)" if dark else "rgb(0, 114, 178)")
    assert found["opened"] == [False, True]
    assert found["rows"] == 6
    assert found["found"] == ["31"]


def test_a_page_that_does_run_a_name_would_be_noticed(tmp_path, page):
    broken = tmp_path / "broken.html"
    html = page.read_text(encoding="utf-8").replace("<main>", f"<main>{TRAPS[0]}")
    broken.write_text(html, encoding="utf-8")
    answer, console = look(broken, tmp_path, 1280, USE)
    assert answer["owned"] is None
    assert {"img-src", "script-src"} <= {
        *re.findall("directive:? ['\"]([a-z-]+)", " ".join(console))
    }
    broken.write_text(re.sub("<meta http-equiv[^>]*>", "", html), encoding="utf-8")
    answer, _ = look(broken, tmp_path, 1280, USE)
    assert answer["owned"] == 1


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    world = make_study(tmp_path_factory.mktemp("made"), 30)
    report(**world)
    return world["report_path"]


# Where the answers end, what sticks out, and the first accuracies before and after a click.
MEASURE = """async (frame, page, pictures) => {
  const bottom = (what) => page.querySelector(what).getBoundingClientRect().bottom;
  const width = page.documentElement.clientWidth;
  const boxed = (each) => each.closest(".scroll, .view, nav, pre");
  const table = [...page.querySelectorAll("table.grid")].find((each) => each.tHead.textContent
    .includes("precision"));
  const cells = () => [...table.tBodies[0].rows].map((row) => parseFloat(row.cells[2].textContent));
  const before = cells(), button = table.tHead.rows[0].cells[2].querySelector("button");
  button.click();
  const down = cells(), sorted = table.tHead.rows[0].cells[2].ariaSort;
  button.click();
  const ground = frame.contentWindow.getComputedStyle(page.body).backgroundColor;
  const chart = page.querySelector(".drawn");
  return {
    answers: [".headline", ".verdict", ".accuracy", ".first figure svg"].map(bottom),
    stickingOut: [...page.querySelectorAll("body *")].filter((each) => !boxed(each)
      && each.getBoundingClientRect().right > width + 1).map((each) => each.outerHTML.slice(0, 80)),
    width: page.documentElement.scrollWidth, ground,
    filter: frame.contentWindow.getComputedStyle(chart).filter,
    before, down, up: cells(), sorted,
    titles: page.querySelectorAll("svg title").length,
  };
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_the_first_screen_answers_and_nothing_sticks_out(made, tmp_path, width, dark):
    found, console = look(made, tmp_path, width, MEASURE, height=900, dark=dark)
    assert console == []
    if width == 1200:
        assert max(found["answers"]) <= 900
    else:
        assert max(found["answers"][:2]) <= 900
    assert found["stickingOut"] == []
    assert found["width"] <= width
    assert found["ground"] == ("rgb(20, 24, 28)" if dark else "rgb(255, 255, 255)")
    assert ("invert" in found["filter"]) == dark


def test_tables_sort_by_a_click_and_values_show_on_hovering(made, tmp_path):
    found, _ = look(made, tmp_path, 1200, MEASURE)
    assert len({*found["before"]}) > 2
    assert found["sorted"] == "descending"
    assert found["down"] == sorted(found["before"], reverse=True)
    assert found["up"] == sorted(found["before"])
    assert found["titles"] > 3


def test_print_leaves_out_what_is_folded(made, tmp_path):
    sheets = print_pages(made, tmp_path)
    assert 3 < sheets < 20
    opened = tmp_path / "opened.html"
    html = made.read_text(encoding="utf-8").replace("<details", "<details open")
    opened.write_text(html, encoding="utf-8")
    assert print_pages(opened, tmp_path) > sheets + 3
