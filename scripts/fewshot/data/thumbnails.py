"""Thumbnails: pictures small enough for a page to hold hundreds of them."""

import base64
import io

from PIL import Image

from fewshot.data.framing import Framing

EDGE = 96  # pixels of the longer one
FRAMING = Framing(EDGE, "pad")  # what pictures are decoded to
_QUALITY = 80  # of JPEG: 2 to 4 kB for a photograph


def encode_thumbnail(square, width, height):
    """Encode a picture as JPEG in text.

    Parameters
    ----------
    square : ndarray of shape (EDGE, EDGE, 3), uint8
        Of `FRAMING`: upright, with black bars.
    width, height : int
        As stored; a camera that was turned has them swapped.

    Returns
    -------
    str
        JPEG of mode RGB without the bars, in base64.
    """
    # Beside a picture that is turned lies something else than black where bars of an upright one
    # would be; where that is black, too, nothing is cut off but black.
    bars = square.copy()
    kept = _middle(width, height)
    bars[kept] = 0
    thumbnail = square[_middle(height, width) if bars.any() else kept]
    file = io.BytesIO()
    Image.fromarray(thumbnail).save(file, "JPEG", quality=_QUALITY, optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _middle(width, height):
    """Rows and columns of a square that a picture of this size takes."""
    edges = [max(1, round(EDGE * edge / max(width, height))) for edge in (height, width)]
    starts = [round((EDGE - edge) / 2) for edge in edges]
    return tuple(slice(start, start + edge) for start, edge in zip(starts, edges, strict=True))
