"""From templates to a page in one file, in which all names are text."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fewshot.figures.style import COLOURS
from fewshot.figures.words import share


def csp_digest(text):
    """Name a script or style in a Content-Security-Policy.

    Parameters
    ----------
    text : str
        What stands between the tags.

    Returns
    -------
    str
    """
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def render_page(template_path, **context):
    """Fill in the template of the page. All text is escaped: names and captions are data.

    Parameters
    ----------
    template_path : str or Path
        Jinja template. Beside it lie what it imports, and style and script of the page, page.css
        and page.js.
    **context
        Its variables.

    Returns
    -------
    str
    """
    folder = Path(template_path).parent
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"tied": _tied, "share": share}
    style, script = (
        (folder / f"page.{ending}").read_text(encoding="utf-8") for ending in ("css", "js")
    )
    style = style.replace("ACCENT", COLOURS[0])
    code = {
        "style": Markup(style),
        "script": Markup(script),
        "style_digest": csp_digest(style),
        "script_digest": csp_digest(script),
    }
    return environment.get_template(Path(template_path).name).render(**code, **context)


def _tied(text):
    """Keep a number and what belongs to it on one line."""
    space = "\N{NO-BREAK SPACE}"
    return text.replace(" %", f"{space}%").replace(" = ", f"{space}={space}")
