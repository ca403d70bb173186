import colorsys

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from fewshot.figures.style import COLOURS, MARKERS, draw_title, publish_figure, styled


def test_colours_and_markers_are_distinct_and_dark_enough_for_white():
    assert len(set(COLOURS)) == len(COLOURS)
    assert len(set(MARKERS)) == len(MARKERS)
    assert max(colorsys.rgb_to_yiq(*to_rgb(colour))[0] for colour in COLOURS) < 0.75


def test_look_ends_with_the_block():
    before = dict(mpl.rcParams)
    with styled():
        assert mpl.rcParams["text.parse_math"] is False
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(("text", "shrunk"), [("short", False), ("W" * 120, True)])
def test_title_shrinks_until_it_fits(text, shrunk):
    figure = Figure(figsize=(6, 3))
    draw_title(figure, text)
    title = figure._suptitle
    assert (title.get_fontsize() < 11) == shrunk
    width = title.get_window_extent(FigureCanvasAgg(figure).get_renderer()).width
    assert width <= figure.bbox.width


def test_failed_figure_leaves_nothing(tmp_path):
    figure = Figure()
    figure.add_subplot().set_xlabel("$\\nonsense$")  # mathtext that cannot be drawn
    with pytest.raises(ValueError, match="nonsense"):
        publish_figure(
            figure,
            "What it shows.",
            png_path=tmp_path / "a.png",
            svg_path=tmp_path / "a.svg",
            caption_path=tmp_path / "a.txt",
        )
    assert not list(tmp_path.iterdir())
