"""What must hold of every figure: nothing is cut off, and no text lies over another."""

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def text_boxes(figure):
    """Give each text that is drawn with its box, in pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    texts = [each for each in figure.findobj(Text) if each.get_text() and each.get_visible()]
    hidden = {label for axes in figure.axes for label in _beyond(axes)}
    return {text: text.get_window_extent(renderer) for text in texts if text not in hidden}


def _beyond(axes):
    """Give the labels of ticks beyond the ends of an axis, which are not drawn."""
    for place, axis in enumerate((axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not low <= tick.label1.get_position()[place] <= high:
                yield tick.label1


def assert_whole(figure):
    """Check that no text of a figure leaves it or covers another."""
    boxes = text_boxes(figure)
    assert boxes
    for text, box in boxes.items():
        assert box.x0 >= -1, text
        assert box.y0 >= -1, text
        assert box.x1 <= figure.bbox.x1 + 1, text
        assert box.y1 <= figure.bbox.y1 + 1, text
    for (one, first), (other, second) in itertools.combinations(boxes.items(), 2):
        shared = min(first.x1, second.x1) - max(first.x0, second.x0)
        height = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert min(shared, height) <= 2, (one, other)
