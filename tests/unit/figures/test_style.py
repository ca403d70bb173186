import colorsys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from fewshot.figures.style import (
    COLOURS,
    MARKERS,
    draw_title,
    interval_patch,
    look_of,
    publish_figure,
    scale_doubling,
    styled,
)


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
        publish_figure(figure, "What it shows.", tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_caption_and_svg_lie_beside_the_png(tmp_path):
    publish_figure(Figure(), "What is drawn.\n\nWhat it shows.\n\n", tmp_path / "a.png")
    assert {path.name for path in tmp_path.glob("[!.]*")} == {"a.png", "a.svg", "a.txt"}
    assert (tmp_path / "a.txt").read_text() == "What is drawn.\n\nWhat it shows.\n"


def test_no_two_of_many_lines_look_the_same():
    looks = [tuple(look_of(line).values()) for line in range(28)]
    assert len({*looks}) == 28
    assert look_of(8)["color"] == COLOURS[1]
    assert look_of(8)["linestyle"] != look_of(1)["linestyle"]
    assert look_of(3, ["red", "blue"])["color"] == "blue"


@pytest.mark.parametrize(("ends", "entries"), [([np.nan, np.nan], 0), ([np.nan, 1.0], 1)])
def test_the_legend_has_intervals_where_there_are_any(ends, entries):
    assert len(interval_patch(np.array(ends))) == entries


def test_an_axis_that_doubles_has_these_ticks_alone():
    axes = Figure().subplots()
    axes.plot([1, 16], [0, 1])
    scale_doubling(axes, [1, 2, 16])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "16"]
    assert axes.get_xticks(minor=True).size == 0
    low, one, two = (axes.transData.transform((x, 0))[0] for x in (1, 2, 4))
    assert one - low == pytest.approx(two - one)
