"""Pixels of every kind become 8 bits of red, green and blue, as sRGB has them."""

import io
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

_BITS_TAG, _PHOTOMETRIC_TAG = 0x0102, 0x0106
_MAX_PROFILE = 8 * 2**20  # bytes: those of printers, the largest, have a few million
_PROFILES = 16  # kept with their tables: a dataset has few
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # of Pillow, by a profile's colour space
# ASSUME: colours keep what they are relative to white, and the darkest black becomes black, as
# Photoshop does it. A profile that is a matrix, as cameras and screens have, knows no other way.
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
# Without its memory of the last pixel threads can share a transform.
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOCACHE
_ROUNDING = 1  # levels of 255 by which sRGB profiles of different makers differ
CONVERTED, UNUSABLE = "converted", "unusable"


class _Conversion(NamedTuple):
    """What becomes of colours with a profile: the mode they are brought to, and what converts that.

    `convert` is None where they stay as they are.
    """

    mode: str
    convert: Callable | None
    remark: str


_NONE, _UNUSABLE = _Conversion("", None, ""), _Conversion("", None, UNUSABLE)


def profile_remark(image):
    """Say what becomes of the colour profile that a file names for its pixels.

    Parameters
    ----------
    image : PIL.Image.Image

    Returns
    -------
    {"", "converted", "unusable"}
        Empty for sRGB or none; unusable if the profile is damaged, or is for other pixels.
    """
    return _conversion(_profile(image), _colour_mode(image)).remark


def bits_in_16(image):
    """Tell how many of its 16 bits an image uses.

    Parameters
    ----------
    image : PIL.Image.Image
        Loaded, of 16 bits in its file. Pillow keeps 16 of one colour, and the upper 8 of several.

    Returns
    -------
    int
        8, 12 or 16: enough for its largest number.
    """
    if image.mode.startswith("I;16"):
        bits = int(np.asarray(image).max()).bit_length() or 16  # black alone says nothing
    else:
        ranges = image.getextrema()
        ranges = ranges[:3] if isinstance(ranges[0], tuple) else [ranges]
        bits = 8 + max(largest for _, largest in ranges).bit_length()
    return next(size for size in (8, 12, 16) if bits <= size)


def to_rgb(image):
    """Bring an image to RGB of 8 bits, in sRGB, on white where it is transparent.

    Parameters
    ----------
    image : PIL.Image.Image
        Loaded, of any mode of 8 or 16 bits a colour.

    Returns
    -------
    PIL.Image.Image
        Of mode RGB.
    """
    profile = _profile(image)
    if image.mode.startswith("I;16"):
        image = _deep_to_grey(image)
    if not image.has_transparency_data:
        return _to_srgb(image, profile)
    # ASSUME: what shines through a transparent picture is white, as on a page.
    clear = image if image.mode == "RGBA" else image.convert("RGBA")
    colours = image.convert("L") if _colour_mode(image) == "L" else clear
    return on_white(_to_srgb(colours, profile), (0, 0), image.size, clear.getchannel("A"))


def on_white(image, place, size, mask=None):
    """Lay an image on a white one.

    Parameters
    ----------
    image : PIL.Image.Image
        Of mode RGB.
    place, size : tuple of (int, int)
        Of its upper left corner, and of the white one.
    mask : PIL.Image.Image, optional
        Of mode L: 0 where the image is transparent.

    Returns
    -------
    PIL.Image.Image
        Of mode RGB.
    """
    white = Image.new("RGB", size, "white")
    white.paste(image, place, mask)
    return white


def _deep_to_grey(image):
    """Bring 16 bits, or the 9 to 15 that a TIFF may say it has, to the nearest of 8."""
    tags = getattr(image, "tag_v2", {})
    top = 2 ** min(tags.get(_BITS_TAG, (16,))[0], 16) - 1
    values = np.minimum(np.arange(2**16), top)
    table = ((255 * values + top // 2) // top).astype(np.uint8)
    if tags.get(_PHOTOMETRIC_TAG) == 0:
        table = 255 - table  # white is zero
    if "transparency" in image.info:
        table[image.info["transparency"]] = 255
    return Image.fromarray(table[np.asarray(image)])


def _to_srgb(image, profile):
    """Bring an image that hides nothing to RGB; an alpha channel is passed over."""
    mode, convert, _ = _conversion(profile, _colour_mode(image))
    if convert is None:
        return image.convert("RGB")
    return convert(image if image.mode == mode else image.convert(mode))


def _profile(image):
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) else b""


def _colour_mode(image):
    if image.mode in ("1", "L", "LA", "La") or image.mode.startswith("I;16"):
        return "L"
    return image.mode if image.mode in ("CMYK", "LAB") else "RGB"


@lru_cache(_PROFILES)
def _conversion(profile, mode):
    """Find what becomes of colours of a mode (RGB, L, CMYK or LAB) with a profile."""
    if not profile or mode == "LAB":  # which means the same everywhere
        return _NONE
    try:
        found = None if len(profile) > _MAX_PROFILE else _converter(profile, mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return _UNUSABLE
    if found is None:
        return _UNUSABLE
    return _NONE if _is_identity(*found) else _Conversion(*found, CONVERTED)


def _converter(profile, mode):
    """Make what converts pixels to sRGB, after their mode; None if the profile is for others."""
    given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    taken = _MODES.get(given.profile.xcolor_space.strip())
    if taken != mode and (taken, mode) != ("RGB", "L"):
        return None
    srgb = ImageCms.createProfile("sRGB")
    # Optimised, a curve of grey would become some straight lines; and 256 levels take no time.
    flags = _FLAGS | (ImageCms.Flags.NOOPTIMIZE if taken == "L" else 0)
    transform = ImageCms.buildTransform(given, srgb, taken, "RGB", _INTENT, flags)
    convert = partial(ImageCms.applyTransform, transform=transform)
    if taken == "L":
        convert = partial(_by_table, tables=np.asarray(convert(_samples("L")))[0].T.tolist())
    return taken, convert


def _by_table(image, tables):
    return Image.merge("RGB", [image.point(table) for table in tables])


def _samples(mode):
    """Make a picture of all levels of grey, or of each 15th of three colours, in one row."""
    levels = np.arange(0, 256, 1 if mode == "L" else 15, dtype=np.uint8)
    grid = np.stack(np.meshgrid(*[levels] * len(mode)), axis=-1).reshape(1, -1, len(mode))
    return Image.fromarray(grid[..., 0] if mode == "L" else grid)


def _is_identity(mode, convert):
    if mode == "CMYK":
        return False
    samples = _samples(mode)
    found = np.asarray(convert(samples)).astype(int)
    return np.abs(found - np.asarray(samples.convert("RGB"))).max() <= _ROUNDING
