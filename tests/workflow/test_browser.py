"""The report in a real browser: nothing in a name runs, pictures show, links and filter work."""

import json
import re
import shutil
import subprocess
from html import unescape

import pytest
from report_world import TRAPS, write_world

from report import report

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
# A page that opens the report in a frame, uses it, and leaves what it saw in its own text.
FRAME = """<!DOCTYPE html><meta charset="utf-8"><pre id="seen"></pre>
<iframe src="%s" width="%d" height="2000"></iframe>
<script>
addEventListener("load", async () => {
  const frame = document.querySelector("iframe"), page = frame.contentDocument;
  const pictures = [...page.querySelectorAll("img")];
  await Promise.all(pictures.map((picture) => new Promise((done) => {
    picture.onload = picture.onerror = done;
    picture.loading = "eager";
    if (picture.complete) done();
  })));
  const folded = page.getElementById("figure-4");
  const wasOpen = folded.closest("details").open;
  frame.contentWindow.location.hash = "figure-4";
  await new Promise((done) => setTimeout(done, 100));
  const box = page.getElementById("filter");
  box.value = "urban 31";
  box.dispatchEvent(new Event("input"));
  const rows = [...page.querySelectorAll("#index tbody tr")];
  document.getElementById("seen").textContent = JSON.stringify({
    owned: frame.contentWindow.owned ?? null,
    title: page.title,
    pictures: pictures.map((picture) => picture.naturalWidth),
    width: page.documentElement.scrollWidth,
    accent: frame.contentWindow.getComputedStyle(page.querySelector("nav a")).color,
    opened: [wasOpen, folded.closest("details").open],
    found: rows.filter((row) => !row.hidden).map((row) => row.cells[0].textContent),
    rows: rows.length,
    cells: [...page.querySelectorAll("td")].map((cell) => cell.textContent),
  });
});
</script>"""


def look(page, folder, width):
    """Open a page in a frame of some width and return what the frame's owner saw."""
    if BROWSER is None:
        pytest.skip(f"no browser to look with: none of {', '.join(BROWSERS)} is installed")
    frame = folder / "frame.html"
    frame.write_text(FRAME % (page.as_uri(), width), encoding="utf-8")
    done = subprocess.run(
        [
            *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *(f"--user-data-dir={folder / 'profile'}", "--allow-file-access-from-files"),
            *("--virtual-time-budget=20000", "--dump-dom", frame.as_uri()),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(unescape(re.search('id="seen">(.*?)</pre>', done.stdout, re.DOTALL)[1]))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    world = write_world(tmp_path_factory.mktemp("report"))
    report(**world)
    return world["report_path"]


@pytest.fixture(scope="module", params=[1280, 400], ids=["wide", "narrow"])
def seen(request, page, tmp_path_factory):
    return request.param, look(page, tmp_path_factory.mktemp("browser"), request.param)


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
    html = page.read_text(encoding="utf-8")
    html = re.sub("<meta http-equiv[^>]*>", "", html)
    broken.write_text(html.replace("<main>", f"<main>{TRAPS[0]}"), encoding="utf-8")
    assert look(broken, tmp_path, 1280)["owned"] == 1
