"""What an SVG has beside a PNG: values to hover over, small photographs, and its text in a page."""

import base64
import hashlib
import re
from xml.etree import ElementTree

import numpy as np
from matplotlib.artist import Artist
from matplotlib.image import BboxImage
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from fewshot.data.images import read_image
from fewshot.figures.words import clean
from fewshot.files import open_text

_SVG, _HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_RADIUS = 6  # points around a value within which a pointer finds it
_FRAME = 2  # points
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_LONG = re.compile(r"\d+\.\d{3,}")
_LENGTHS = ("d", "x", "y", "width", "height", "cx", "cy")
# What Matplotlib gives to all elements by a style, which in a page would be of every figure.
_COMMON = {
    "stroke-linejoin": "round",
    "stroke-linecap": "butt",
    "font-family": "'DejaVu Sans', Verdana, sans-serif",  # of one width
}
_PIXELS = 96 / 72  # of a page, in a point
_DROPPED = ("metadata", "style", "script", "foreignObject")


class Hover(Artist):
    """Texts that a reader of the SVG sees on hovering: on a PNG nothing.

    Parameters
    ----------
    x, y : array-like of float
        Places in the data of the axes.
    texts : sequence of str
        Of each place.
    size : (float, float), optional
        Width and height, in the data, of boxes around the places; circles by default.
    radius : float
        Of circles, in points.
    """

    def __init__(self, x, y, texts, size=None, radius=_RADIUS):
        super().__init__()
        self._radius = radius
        self._places = np.column_stack([x, y]).astype(float)
        self._texts = list(texts)
        self._size = None if size is None else np.abs(size) / 2
        self.set_in_layout(False)
        self.set_zorder(100)  # above all that is drawn

    def draw(self, renderer):
        """Write a shape without colour for each text, if that is to an SVG."""
        if not (writer := getattr(renderer, "writer", None)):
            return
        writer.start("g", {"fill": "none", "pointer-events": "all"})
        for place, text in zip(self._places, self._texts, strict=True):
            if np.isfinite(place).all():
                writer.start(*self._shape(place, renderer.height))
                writer.element("title", clean(text))
                writer.end()
        writer.end()

    def _shape(self, place, height):
        corners = [place] if self._size is None else [place - self._size, place + self._size]
        points = self.axes.transData.transform(corners)
        if self._size is None:
            ((x, y),) = points
            return "circle", _numbers(cx=x, cy=height - y, r=self._radius)
        (x, y), (right, top) = np.sort(points, axis=0)
        return "rect", _numbers(x=x, y=height - top, width=right - x, height=top - y)


class Photograph(Artist):
    """A small picture at a place of the axes: in an SVG the JPEG itself.

    Parameters
    ----------
    x, y : float
        Of its middle, in the data of the axes.
    jpeg : str
        In base64.
    size : float
        Of its longer edge, in points.
    frame : str, optional
        Colour of a frame around it.
    """

    def __init__(self, x, y, jpeg, size, frame=None):
        super().__init__()
        self.frame = frame
        self._place, self.jpeg, self._size = (x, y), jpeg, size
        self._pixels = np.asarray(read_image(base64.b64decode(jpeg)).convert("RGBA"))
        self.set_in_layout(False)
        self.set_zorder(3)

    def box(self):
        """Where it lies on the figure, in pixels: Bbox."""
        height, width, _ = self._pixels.shape
        scale = self._size * self.get_figure(root=True).dpi / 72 / max(height, width)
        x, y = self.axes.transData.transform(self._place)
        return Bbox.from_bounds(
            x - scale * width / 2, y - scale * height / 2, scale * width, scale * height
        )

    def draw(self, renderer):
        """Draw it."""
        box = self.box()
        if self.frame:
            self._draw_frame(renderer, box)
        if writer := getattr(renderer, "writer", None):
            place = _numbers(
                x=box.x0, y=renderer.height - box.y1, width=box.width, height=box.height
            )
            writer.element("image", attrib={**place, "href": f"data:image/jpeg;base64,{self.jpeg}"})
            return
        image = BboxImage(box, interpolation="antialiased", resample=True)
        image.set_data(self._pixels)
        image.set_figure(self.get_figure(root=True))
        image.draw(renderer)

    def _draw_frame(self, renderer, box):
        edge = _FRAME * renderer.points_to_pixels(1)
        frame = Rectangle((box.x0, box.y0), box.width, box.height, facecolor=self.frame)
        frame.set_bounds(box.x0 - edge, box.y0 - edge, box.width + 2 * edge, box.height + 2 * edge)
        frame.draw(renderer)


def hover(axes, x, y, texts, **shape):
    """Let a reader of the SVG see a text at places of the axes: see `Hover`."""
    axes.add_artist(Hover(x, y, texts, **shape))


def _numbers(**lengths):
    return {name: f"{length:.2f}".rstrip("0").rstrip(".") for name, length in lengths.items()}


def inline_svg(path, name, label):
    """Read an SVG as the element that a page may hold, whatever its names and those of others.

    Parameters
    ----------
    path : str or Path
        Written by `fewshot.figures.style.publish_figure`.
    name : str
        Of the figure, which no other figure of the page has.
    label : str
        What it shows, for those who can't see it.

    Returns
    -------
    str
        `<svg class="figure">` without style attributes, which the page's policy of content would
        refuse. Width and height are its own, in pixels of a page.
    """
    root = ElementTree.fromstring(open_text(path).read())
    prefix = f"f{hashlib.sha256(name.encode()).hexdigest()[:8]}-"
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag.removeprefix(_SVG) in _DROPPED:
                parent.remove(child)
    for element in root.iter():
        _make_local(element, prefix)
    _, _, width, height = map(float, root.get("viewBox").split())
    size = _numbers(width=width * _PIXELS, height=height * _PIXELS)
    kept = {"class": "figure", "role": "img", "aria-label": clean(label), **_COMMON}
    root.attrib = {**kept, **size, "viewBox": root.get("viewBox")}
    return ElementTree.tostring(root, encoding="unicode")


def _make_local(element, prefix):
    """Free an element of what it shares with others: namespace, identity, and style."""
    element.tag = element.tag.removeprefix(_SVG)
    attributes = dict(element.attrib)
    styles = (each.partition(":") for each in attributes.pop("style", "").split(";"))
    attributes |= {key.strip(): value.strip() for key, _, value in styles if key.strip()}
    attributes.pop("font-family", None)
    if target := attributes.pop(_HREF, None):
        attributes["href"] = target
    for key, value in attributes.items():
        if key == "id":
            value = prefix + value
        elif key == "href":
            value = f"#{prefix}{value[1:]}" if value.startswith("#") else value
        elif key in _LENGTHS:
            value = _LONG.sub(lambda found: f"{float(found[0]):.2f}", value.replace("\n", " "))
        attributes[key] = _REFERENCE.sub(rf"url(#{prefix}\1)", value).strip()
    element.attrib = attributes
    if element.tag not in ("text", "title", "tspan"):
        element.text = None
    element.tail = None
