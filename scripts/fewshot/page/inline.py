"""Charts as part of a page: an SVG of Matplotlib as mark-up that neither runs nor loads anything."""

import re
from xml.etree import ElementTree

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_SHAPES = {
    *("svg", "g", "defs", "clipPath", "path", "rect", "circle", "ellipse", "line", "polyline"),
    *("polygon", "use", "text", "tspan", "title"),
}
# What a style may set, each of which is an attribute, too: the page's policy lets no style through.
_LOOKS = {
    *("fill", "fill-opacity", "fill-rule", "opacity", "stroke", "stroke-opacity", "stroke-width"),
    *("stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin"),
    *("stroke-miterlimit", "font-family", "font-size", "font-style", "font-weight", "text-anchor"),
}
_PLACES = {
    *("d", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "rx", "ry", "points"),
    *("width", "height", "transform", "viewBox"),
}
_USED = re.compile(r"url\(#([\w.-]+)\)")
_MOST_BYTES = 300_000  # of an SVG; a larger one is shown as PNG
# What Matplotlib sets for all elements by a style sheet.
_LINES = {"stroke-linejoin": "round", "stroke-linecap": "butt"}


def inline_chart(svg, prefix, name):
    """Turn an SVG into an element of a page.

    Parameters
    ----------
    svg : bytes
    prefix : str
        Of its ids, which no other element of the page has.
    name : str
        What it shows, for who can't see it.

    Returns
    -------
    str or None
        None where it is large, or holds what is no shape and no text, such as a raster image.
    """
    if len(svg) > _MOST_BYTES or b"<!ENTITY" in svg:
        return None
    root = ElementTree.fromstring(svg)
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style"):
                parent.remove(child)
    if not {each.tag for each in root.iter()} <= {f"{_SVG}{shape}" for shape in _SHAPES}:
        return None
    used = {_target(each, key) for each in root.iter() for key in (_HREF, "href", "clip-path")}
    for element in root.iter():
        _clean(element, prefix, used)
    root.attrib = {
        "viewBox": root.get("viewBox", ""),
        "width": _pixels(root.get("width", "")),
        "role": "img",
        "aria-label": name,
        "class": "chart",
        **_LINES,
    }
    return ElementTree.tostring(root, encoding="unicode")


def _target(element, key):
    """Name the element that an attribute speaks of, "" for none in the same file."""
    value = element.get(key, "")
    if key != "clip-path":
        return value[1:] if value.startswith("#") else ""
    found = _USED.fullmatch(value)
    return found[1] if found else ""


def _clean(element, prefix, used):
    """Keep of an element what draws it; ids only where something uses them."""
    kept = {key: value for key, value in element.attrib.items() if key in _PLACES | _LOOKS}
    for part in element.get("style", "").split(";"):
        key, _, value = (each.strip() for each in part.partition(":"))
        if key in _LOOKS and "url" not in value:
            kept[key] = value
    if element.get("id") in used - {""}:
        kept["id"] = f"{prefix}-{element.get('id')}"
    if target := _target(element, _HREF) or _target(element, "href"):
        kept["href"] = f"#{prefix}-{target}"
    if target := _target(element, "clip-path"):
        kept["clip-path"] = f"url(#{prefix}-{target})"
    element.attrib = kept
    element.tag = element.tag.removeprefix(_SVG)
    if element.tag in ("path", "rect") and "d" in kept:
        kept["d"] = " ".join(kept["d"].split())
    if not (element.text or "").strip():
        element.text = None
    if not (element.tail or "").strip():
        element.tail = None


def _pixels(length):
    """Turn a length in points into pixels of a page."""
    number = float(length.removesuffix("pt") or 0)
    return str(round(number * 4 / 3))
