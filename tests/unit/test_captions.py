"""The captions of the report render as Snakemake renders them, without a complaint of docutils."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils.core import publish_parts
from docutils.writers.html5_polyglot import Writer
from jinja2 import Environment

CAPTIONS = sorted(Path(__file__).parents[2].joinpath("rules", "captions").glob("*.rst"))


@pytest.mark.parametrize("path", CAPTIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("wildcards", [{}, {"dataset": "odd_name_"}], ids=["none", "dataset"])
def test_caption_renders(path, wildcards):
    snakemake = SimpleNamespace(
        wildcards=SimpleNamespace(**wildcards), config={"study": "a_study_with_a_rather_long_name_"}
    )
    text = Environment().from_string(path.read_text(encoding="utf-8")).render(snakemake=snakemake)
    strict = {"halt_level": 2, "report_level": 5}  # a warning is an error
    html = publish_parts(text, writer=Writer(), settings_overrides=strict)["html_body"]
    if "wildcards.dataset" in path.read_text(encoding="utf-8"):
        assert ("odd_name_" in html) == bool(wildcards)
    assert "nothing is chosen on" in " ".join(html.lower().split())


def test_every_output_has_a_caption():
    assert [path.stem for path in CAPTIONS] == [
        "accuracy",
        "curves",
        "layers",
        "report",
        "shots",
        "summary",
        "temperatures",
    ]
