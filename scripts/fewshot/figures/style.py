"""One look for every figure: colours, markers, sizes, files."""

from contextlib import ExitStack
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from fewshot.figures.words import chance
from fewshot.files import whole_file

# A person's matplotlibrc decides nothing, nor one in the folder that Snakemake runs in.
mpl.rcdefaults()
STYLE = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "font.size": 9,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "svg.fonttype": "none",  # text stays text, half the bytes of outlines
    "svg.hashsalt": "fewshot",  # the same figure gives the same bytes
    "text.parse_math": False,  # names are drawn as they are, "$" included
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}
# Okabe and Ito's colours, told apart by colour-blind readers, without the yellow that is too pale
# for a line on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", ":", "-.", (0, (5, 1, 1, 1, 1, 1)))
GREY = "#777777"
DPI = 150
MOST_NAMED = 40  # classes of a figure: more names could not be read
_TITLE_SIZE = 11  # points
_TITLE_WIDTH = 0.94  # of the figure, at most: smaller letters are not quite in proportion


def styled():
    """Apply the look while a figure is made or saved: context manager and decorator."""
    return mpl.rc_context(STYLE)


def look_of(line, colours=COLOURS):
    """Choose how a line of a figure looks: no two of the first many look the same.

    Parameters
    ----------
    line : int
        Its number, from 0.
    colours : sequence of str, default `COLOURS`

    Returns
    -------
    dict
        color, marker and linestyle.
    """
    return {
        "color": colours[line % len(colours)],
        "marker": MARKERS[line % len(MARKERS)],
        "linestyle": DASHES[line // len(colours) % len(DASHES)],
    }


def interval_patch(interval_ends):
    """Make the legend's entry for intervals, where there are any.

    Parameters
    ----------
    interval_ends : array of float
        NaN where there is none.

    Returns
    -------
    list of matplotlib.patches.Patch
        One or none.
    """
    if np.isnan(interval_ends).all():
        return []
    return [Patch(color=GREY, alpha=0.3, linewidth=0, label="95 % interval")]


def scale_doubling(axes, ticks, labels=None):
    """Let an x axis double from step to step, with these ticks and no others.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    ticks : sequence of float
    labels : sequence of str, optional
        The numbers themselves by default.
    """
    axes.set_xscale("log", base=2)
    axes.set_xticks(ticks, labels or [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())


def draw_title(figure, text):
    """Put a title above all panels, in letters small enough for its longest line to fit.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    text : str
    """
    title = figure.suptitle(text, fontsize=_TITLE_SIZE)
    width = title.get_window_extent(FigureCanvasAgg(figure).get_renderer()).width
    title.set_fontsize(_TITLE_SIZE * min(1, _TITLE_WIDTH * figure.bbox.width / width))


def draw_line(axes, x, mean, low, high, **look):
    """Draw a mean, and its interval as a band where there is one.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    x, mean, low, high : arrays of shape (n,), float
        `low` and `high` are NaN for one repeat.
    **look
        Colour, marker and so on of the line.

    Returns
    -------
    matplotlib.lines.Line2D
    """
    (line,) = axes.plot(x, mean, **look)
    if np.isfinite(low).any():
        axes.fill_between(x, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    return line


def draw_chance(axes, classes):
    """Draw the accuracy of guessing, 1 / classes, as a dashed grey line.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Of accuracy in %.
    classes : int

    Returns
    -------
    matplotlib.lines.Line2D
    """
    return axes.axhline(
        100 / classes,
        color=GREY,
        linestyle="--",
        linewidth=1.2,
        label=f"chance: {chance(classes)}",
    )


def limit_accuracy(axes, top):
    """Let the accuracy axis start at 0 % with room for a chance level just above it.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    top : float
        The largest value drawn, in %.
    """
    top = min(top, 100.0)
    axes.set_ylim(-0.02 * top, 1.03 * top)


def write_figure(figure, png_path, svg_path):
    """Write a figure as PNG and as SVG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    png_path, svg_path : str or Path
    """
    with styled():
        # Each file would have its places found anew, by an own drawing of the whole figure.
        figure.set_dpi(DPI)
        if engine := figure.get_layout_engine():
            engine.execute(figure)
            figure.set_layout_engine("none")
        figure.savefig(png_path, dpi=DPI)
        figure.savefig(svg_path, metadata={"Date": None})


def publish_figure(figure, caption, path):
    """Write a figure as PNG and as SVG with its caption, each whole or not at all.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    caption : str
        Paragraphs parted by an empty line: what is drawn, then what it shows.
    path : str or Path
        The PNG; the SVG and the caption, plain text (".txt"), lie beside it.
    """
    paths = [Path(path).with_suffix(ending) for ending in (".png", ".svg", ".txt")]
    with ExitStack() as stack:
        png, svg, text = (stack.enter_context(whole_file(each)) for each in paths)
        write_figure(figure, png, svg)
        text.write_text(f"{caption.strip()}\n", encoding="utf-8")
