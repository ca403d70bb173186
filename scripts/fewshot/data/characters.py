"""Images of single characters, drawn from the fonts that matplotlib ships.

Varied font, place, slant, size, colour and clutter make a task that needs features of shape:
neither the colour nor any one pixel tells the class.
"""

import math
import unicodedata
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

_SANS = ("DejaVuSans", "DejaVuSans-Bold")
_SLANTED = (*_SANS, "DejaVuSans-Oblique", "DejaVuSans-BoldOblique")
_MONO = ("DejaVuSansMono", "DejaVuSansMono-Bold")
_SERIF = ("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerif-BoldItalic")
_STIX = ("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta")
_EUROPEAN = (*_SLANTED, *_MONO, *_SERIF, *_STIX)


def _characters(first, last):
    return "".join(map(chr, range(ord(first), ord(last) + 1)))


# name: (characters, fonts that have all of them)
ALPHABETS = {
    # Seen by SmallVGG. Left out: lower-case letters that look like their capital.
    "digits": ("123456789", _EUROPEAN),
    "latin": ("ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abdefghijlmnqrt", _EUROPEAN),
    "greek": ("αβγδεζηθλμξπσφψω" + "ΓΔΘΛΞΠΣΦΨΩ", _EUROPEAN),
    "cyrillic": ("БГДЖЗИЛПЦЧШЪЫЭЮЯ" + "бфя", _EUROPEAN),
    "hebrew": ("אבגדהוזחטיכלמנסעפצקרשתךםןףץ", _SLANTED),
    "arabic": (_characters("ا", "غ") + _characters("ف", "ي"), (*_SANS, *_MONO)),
    "nko": (_characters("ߊ", "ߧ"), _SANS),
    "lao": ("ກຂຄງຈຊຍດຕຖທນບປຜຝພຟມຢຣລວສຫອຮ", (*_SLANTED, *_MONO)),
    "tifinagh": ("ⴰⴱⴳⴷⴹⴻⴼⴽⵀⵃⵄⵅⵇⵉⵊⵍⵎⵏⵓⵔⵕⵖⵙⵚⵛⵜⵟⵡⵢⵣⵥ", _SANS),
    "syllabics": ("ᐁᐃᐅᐊᑌᑎᑐᑕᑫᑭᑯᑲᒉᒋᒍᒐᒣᒥᒧᒪᓀᓂᓄᓇᓓᓕᓗᓚᓭᓯᓱᓴᔦᔨᔪᔭᕂᕆᕈᕋᕓᕕᕗᕙ", _SLANTED),
    # The tasks of the demo: scripts that SmallVGG never saw.
    "armenian": (_characters("ա", "ֆ"), (*_SLANTED, *_MONO, *_SERIF)),
    "georgian": (_characters("ა", "ჰ"), (*_SLANTED, *_MONO, *_SERIF)),
}
PRETRAINING = tuple(name for name in ALPHABETS if name not in ("armenian", "georgian"))


def character_name(character):
    """Name of a character, fit for a folder: what its Unicode name says beside its script.

    Examples
    --------
    >>> character_name("ა")
    'an'
    >>> character_name("B")
    'capital-b'
    """
    _, *words = unicodedata.name(character).lower().split()
    return "-".join(word for word in words if word not in ("letter", "small"))


@cache
def _font(name, size):
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    return ImageFont.truetype(folder / f"{name}.ttf", size)


def _mask(character, font_name, rng, size):
    """Coverage of the slanted, turned, scaled and shifted character: an "L" image."""
    # Drawn at three times the size, then mapped back with one affine transform.
    big = 3 * size
    canvas = Image.new("L", (big, big))
    draw = ImageDraw.Draw(canvas)
    draw.text((big / 2, big / 2), character, 255, font=_font(font_name, 2 * size), anchor="mm")
    box = canvas.getbbox()
    if box is None:
        raise ValueError(
            f"A character must leave ink. Received: {character!r} in {font_name}. "
            "Hint: take a font that has the character."
        )
    extent = rng.uniform(0.5, 0.9) * size / max(box[2] - box[0], box[3] - box[1])
    angle = math.radians(rng.uniform(-15, 15))
    shear, stretch = rng.uniform(-0.3, 0.3), rng.uniform(0.8, 1.25)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    forward = extent * turn @ np.array([[stretch, shear], [0, 1 / stretch]])
    centre = np.array([box[0] + box[2], box[1] + box[3]]) / 2
    place = size / 2 + rng.uniform(-0.12, 0.12, 2) * size
    # PIL asks for the source of each target pixel: source = inverse (target - place) + centre.
    inverse = np.linalg.inv(forward)
    shift = centre - inverse @ place
    coefficients = (*inverse[0], shift[0], *inverse[1], shift[1])
    # Blurred first, so that the smaller picture has no jagged edges.
    canvas = canvas.filter(ImageFilter.BoxBlur(0.35 / extent))
    return canvas.transform((size, size), Image.Transform.AFFINE, coefficients, Image.BILINEAR)


def _background(colour, rng, size):
    """A shaded ground of about the given colour with lines and blots on it, float32 (0 to 255)."""
    slope = rng.uniform(-40, 40, (2, 1, 1, 3))
    grid = np.linspace(-0.5, 0.5, size)
    ground = colour + slope[0] * grid[:, None, None] + slope[1] * grid[None, :, None]
    picture = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.integers(2, 6)):
        ink = tuple(int(v) for v in np.clip(colour + rng.uniform(-90, 90, 3), 0, 255))
        x0, y0, x1, y1 = rng.uniform(-0.2, 1.2, 4) * size
        if rng.random() < 0.6:
            draw.line((x0, y0, x1, y1), fill=ink, width=int(rng.integers(1, 3)))
        else:
            radius = rng.uniform(0.05, 0.2) * size
            draw.ellipse((x0 - radius, y0 - radius, x0 + radius, y0 + radius), fill=ink)
    return np.asarray(picture, dtype=np.float32)


def draw_character(character, font_name, rng, size=32):
    """Draw one character on a cluttered ground.

    Parameters
    ----------
    character : str
    font_name : str
        Name of a font file of matplotlib, without its ending.
    rng : numpy.random.Generator
    size : int, default 32
        Edge of the square image in pixels.

    Returns
    -------
    ndarray of shape (size, size, 3), uint8

    Raises
    ------
    ValueError
        If the font draws nothing for the character.
    """
    # Ink and ground differ by 90 or more of 255 in brightness, either way round.
    ground, ink = rng.uniform(0, 255, (2, 3))
    while abs(ink.sum() - ground.sum()) < 3 * 90:
        ground, ink = rng.uniform(0, 255, (2, 3))
    cover = np.asarray(_mask(character, font_name, rng, size), np.float32)[..., None] / 255
    picture = _background(ground, rng, size) * (1 - cover) + np.float32(ink) * cover
    picture += rng.uniform(0, 18) * rng.standard_normal(picture.shape, np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)


def draw_alphabets(names, per_class, rng, size=32):
    """Draw `per_class` images of every character of some alphabets, each in a font drawn at random.

    Parameters
    ----------
    names : sequence of str
        Keys of `ALPHABETS`.
    per_class : int
    rng : numpy.random.Generator
    size : int, default 32

    Returns
    -------
    images : ndarray of shape (classes * per_class, size, size, 3), uint8
        Class by class.
    labels : ndarray of shape (classes * per_class,), int64
    """
    images = [
        draw_character(character, rng.choice(fonts), rng, size)
        for characters, fonts in map(ALPHABETS.get, names)
        for character in characters
        for _ in range(per_class)
    ]
    return np.stack(images), np.repeat(np.arange(len(images) // per_class), per_class)
