"""A contact sheet: a page in one file, with a thumbnail of each image under the class it has."""

from html import escape
from itertools import groupby

from fewshot.files import whole_file
from fewshot.names import shown
from fewshot.predictor.naming import UNSURE

# Colours and letters of the page of a study.
_STYLE = """
:root { color-scheme: light dark; --accent: #0072b2; --paper: #fff; --ink: #1b2127;
  --quiet: #57616b; --rule: #dde2e7; }
@media screen and (prefers-color-scheme: dark) { :root { --accent: #6db9ea; --paper: #14181c;
  --ink: #e4e8ec; --quiet: #9aa5b0; --rule: #323a42; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 80rem; padding: 1rem 2rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; line-height: 1.35; margin: .7rem 0 .3rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; padding-top: .7rem; border-top: 1px solid var(--rule); }
p { margin: .3rem 0; max-width: 44rem; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
bdi { unicode-bidi: isolate; }
nav ul { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; list-style: none; margin: .8rem 0 0;
  padding: 0; font-size: .85rem; }
.quiet, h2 span { color: var(--quiet); font-weight: 400; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); gap: 1rem;
  list-style: none; margin: 0; padding: 0; }
.gallery li { font-size: .8rem; line-height: 1.35; min-width: 0; break-inside: avoid;
  content-visibility: auto; contain-intrinsic-size: auto 10rem; }
.gallery img { display: block; width: 100%; height: 96px; object-fit: contain;
  object-position: left bottom; margin-bottom: .3rem; }
@media (max-width: 44rem) { body { padding: .75rem 1rem 3rem; } }
@media print { body { max-width: none; padding: 0; font-size: 9.5pt; }
  .gallery li { content-visibility: visible; } }
"""
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<p class="quiet">{about}</p>
"""


def tile(image, thumbnail):
    """Write what the sheet has of an image.

    Parameters
    ----------
    image : NamedImage
    thumbnail : str
        JPEG in base64.

    Returns
    -------
    bytes
    """
    path, runner_up = _text(image.path), _text(image.runner_up)
    return (
        f'<li><img src="data:image/jpeg;base64,{thumbnail}" alt="">'
        f'<b>{image.probability:.3f}</b> <span class="quiet">then {runner_up} '
        f"{image.runner_up_probability:.3f}<br>{path}</span></li>\n"
    ).encode()


def _text(name):
    """Write a name as text of a page: nothing in it is a tag or moves what is beside it."""
    return f"<bdi>{escape(shown(name))}</bdi>"


def write_sheet(path, name, classes, tiles, spool):
    """Write the page, whole or not at all.

    Parameters
    ----------
    path : str or Path
    name : str
        Of the predictor.
    classes : list of str
    tiles : iterable of tuple of (int, float, tuple)
        Of each image the place of its class, its probability, and where its tile lies.
    spool : fewshot.predictor.spool.Spool
    """
    tiles = sorted((place, -probability, where) for place, probability, where in tiles)
    parts = {place: list(group) for place, group in groupby(tiles, key=lambda tile: tile[0])}
    names = [*classes, UNSURE]
    title = f"{shown(name)}: {len(tiles):,} images"
    about = "By the class named, the surest first; beside it the runner-up."
    with whole_file(path, digested=False) as partial, open(partial, "wb") as file:
        head = _HEAD.format(title=escape(title), style=_STYLE, about=about)
        file.write(head.encode())
        file.write(_contents(parts, names).encode())
        for place, members in parts.items():
            heading = f"{_text(names[place])} <span>{len(members):,}</span>"
            file.write(f'<h2 id="class-{place}">{heading}</h2>\n<ul class="gallery">\n'.encode())
            file.writelines(spool.get(where) for _, _, where in members)
            file.write(b"</ul>\n")
        file.write(b"</body>\n</html>\n")


def _contents(parts, names):
    links = (
        f'<li><a href="#class-{place}">{_text(names[place])}</a> '
        f'<span class="quiet">{len(members):,}</span></li>\n'
        for place, members in parts.items()
    )
    return f'<nav aria-label="Classes"><ul>\n{"".join(links)}</ul></nav>\n'
