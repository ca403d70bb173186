"""The page in a real browser: nothing in a name runs, pictures show, links and filter work."""

import re

import pytest
from browser import look
from report_world import TRAPS, write_world

from report import report

# Follows a link into what is folded, filters the index, and reads what the page shows then.
USE = """async (frame, page, pictures) => {
  const folded = page.getElementById("figure-4");
  const wasOpen = folded.closest("details").open;
  frame.contentWindow.location.hash = "figure-4";
  await new Promise((done) => setTimeout(done, 100));
  const box = page.getElementById("filter");
  box.value = "urban 31";
  box.dispatchEvent(new Event("input"));
  const rows = [...page.querySelectorAll("#index tbody tr")];
  return {
    owned: frame.contentWindow.owned ?? null,
    title: page.title,
    pictures: pictures.map((picture) => picture.naturalWidth),
    width: page.documentElement.scrollWidth,
    accent: frame.contentWindow.getComputedStyle(page.querySelector("nav a")).color,
    opened: [wasOpen, folded.closest("details").open],
    found: rows.filter((row) => !row.hidden).map((row) => row.cells[0].textContent),
    rows: rows.length,
    cells: [...page.querySelectorAll("td")].map((cell) => cell.textContent),
  };
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    world = write_world(tmp_path_factory.mktemp("report"))
    report(**world)
    return world["report_path"]


@pytest.fixture(scope="module", params=[1280, 400], ids=["wide", "narrow"])
def seen(request, page, tmp_path_factory):
    answer, console = look(page, tmp_path_factory.mktemp("browser"), request.param, USE)
    assert console == []
    return request.param, answer


def test_nothing_in_a_name_runs(seen):
    _, found = seen
    assert found["owned"] is None
    assert found["title"] == "Few-shot transfer: tiny"
    for trap in TRAPS:
        assert trap in found["cells"]


def test_pictures_show_and_the_page_fits(seen):
    width, found = seen
    assert found["pictures"] == [300] * 4
    assert found["width"] <= width


def test_own_style_and_script_are_let_through(seen):
    _, found = seen
    assert found["accent"] == "rgb(0, 114, 178)"
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
