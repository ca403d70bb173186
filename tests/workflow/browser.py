"""A real browser, without a window: what a page shows, and what it complains of."""

import json
import re
import shutil
import subprocess
from html import unescape

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
# A page that opens another in a frame, uses it, and leaves what it saw in its own text.
FRAME = """<!DOCTYPE html><meta charset="utf-8"><pre id="seen"></pre>
<iframe src="%s" width="%d" height="%d" style="border: 0"></iframe>
<script>
addEventListener("load", async () => {
  const frame = document.querySelector("iframe"), page = frame.contentDocument;
  const pictures = [...page.querySelectorAll("img")];
  await Promise.all(pictures.map((picture) => new Promise((done) => {
    picture.onload = picture.onerror = done;
    picture.loading = "eager";
    if (picture.complete) done();
  })));
  document.getElementById("seen").textContent = JSON.stringify(await (%s)(frame, page, pictures));
});
</script>"""


def _run(folder, *arguments):
    """Run the browser; skip the test where there is none."""
    if BROWSER is None:
        pytest.skip(f"no browser to look with: none of {', '.join(BROWSERS)} is installed")
    return subprocess.run(
        [
            *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *(f"--user-data-dir={folder / 'profile'}", "--allow-file-access-from-files"),
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )


def look(page, folder, width, question, *, height=2000, dark=False):
    """Open a page in a frame and ask it something once all pictures are there.

    Parameters
    ----------
    page : Path
    folder : Path
        Where the browser may write.
    width : int
        Of the frame, in pixels.
    question : str
        A function of JavaScript, of the frame, its document and the pictures in it, which gives
        what can be JSON.
    height : int, default 2000
        Of the frame, in pixels.
    dark : bool, default False
        Whether the reader wants dark pages.

    Returns
    -------
    answer : object
        What the function gave.
    console : list of str
        Errors of scripts, what the page's own policy has blocked, what could not be loaded.
    """
    frame = folder / "frame.html"
    frame.write_text(FRAME % (page.as_uri(), width, height, question), encoding="utf-8")
    done = _run(
        folder,
        # 0 is dark, 1 is light.
        f"--blink-settings=preferredColorScheme={int(not dark)}",
        *("--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom"),
        frame.as_uri(),
    )
    answer = unescape(re.search('id="seen">(.*?)</pre>', done.stdout, re.DOTALL)[1])
    return json.loads(answer), re.findall(r"CONSOLE:\d+\] (.*)", done.stderr)


def print_pages(page, folder):
    """Print a page as PDF.

    Parameters
    ----------
    page, folder
        See `look`.

    Returns
    -------
    int
        Number of sheets.
    """
    path = folder / "printed.pdf"
    _run(folder, "--no-pdf-header-footer", f"--print-to-pdf={path}", page.as_uri())
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))
