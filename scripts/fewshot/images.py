"""The one decoder of image files, and a hash by which copies of a picture are found."""

import io
from contextlib import contextmanager

import numpy as np
from PIL import Image, UnidentifiedImageError

from fewshot.errors import InputError

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
MAX_BYTES = 64 * 2**20
MAX_PIXELS = 50_000_000
# Large JPEGs are decoded at a fraction of their size to be hashed, but no smaller than this.
_HASH_EDGE = 256
_HASH_LINES = 8
_BILINEAR = Image.Resampling.BILINEAR
_ORIENTATION_TAG = 0x0112
# EXIF orientation: the transposition that brings the picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class ImageError(InputError):
    """An image that cannot be used; the message is the reason alone, without the file's name."""


@contextmanager
def _reasons():
    """Turn whatever a decoder raises on foreign bytes into an `ImageError`."""
    try:
        yield
    except (ImageError, MemoryError):
        raise
    except UnidentifiedImageError:
        raise ImageError(f"not an image of a known format ({', '.join(FORMATS)})") from None
    except Exception as error:
        raise ImageError(f"cannot be decoded: {str(error) or type(error).__name__}") from error


def _open(data):
    """Read the header of an image and check its limits; the pixels are not decoded yet."""
    if not data:
        raise ImageError("empty file")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{len(data)} bytes, more than the limit of {MAX_BYTES}")
    with _reasons():
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(
            f"{image.width} x {image.height} pixels, more than the limit of {MAX_PIXELS}"
        )
    return image


def _upright(image):
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG)
    except Exception:
        # ASSUME: an unreadable EXIF block means that the picture is stored upright.
        return image
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def _to_rgb(image):
    if image.mode.startswith("I;16"):
        # 65535 / 255 = 257: white stays white, and each value goes to the nearest.
        pixels = (np.asarray(image).astype(np.uint32) + 128) // 257
        return Image.fromarray(pixels.astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ImageError(f"pixels of mode {image.mode} have no known range")
    if image.has_transparency_data:
        # ASSUME: what shines through a transparent picture is white, as on a page.
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _decode(image, size=None):
    """Decode an opened image to upright RGB, resized to (height, width) where that is given."""
    with _reasons():
        if size is not None:
            # A JPEG decodes at 1/2, 1/4 or 1/8 for less; the EXIF block may swap the sides.
            image.draft(None, (2 * max(size), 2 * max(size)))
        image.load()
        image = _to_rgb(_upright(image))
        return image if size is None else image.resize((size[1], size[0]), _BILINEAR)


def read_image(data, size=None):
    """Decode the first frame of an image file to upright RGB.

    Parameters
    ----------
    data : bytes
        The whole file. Its content tells the format, not its name.
    size : tuple of int (height, width), default None
        Resize to this, bilinearly and without keeping the aspect ratio.

    Returns
    -------
    PIL.Image.Image
        Of mode RGB. Transparent parts are white.

    Raises
    ------
    ImageError
        If the data is empty, no image of `FORMATS`, damaged, truncated or beyond the limits.
    """
    return _decode(_open(data), size)


def describe_image(data):
    """Decode an image file once and tell what the manifest says about it.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    dict
        ``width`` and ``height`` in pixels and ``mode``, all as stored (before the EXIF
        orientation), and ``dhash``, the `difference_hash` in 32 hex digits.

    Raises
    ------
    ImageError
        As `read_image`.
    """
    image = _open(data)
    stored = {"width": image.width, "height": image.height, "mode": image.mode}
    with _reasons():
        image.draft(None, (_HASH_EDGE, _HASH_EDGE))
    return {**stored, "dhash": f"{difference_hash(_decode(image)):032x}"}


def difference_hash(image):
    """Tell for 8 x 8 places whether the picture gets brighter to the right, and downwards.

    The 64 bits to the right alone are equal for some drawn characters that differ; with the
    64 downwards, different characters lie 15 bits and more apart.

    Parameters
    ----------
    image : PIL.Image.Image

    Returns
    -------
    int
        128 bits. 0 for a picture of one colour.
    """
    lines = _HASH_LINES
    gray = image.convert("L")
    across = np.asarray(gray.resize((lines + 1, lines), _BILINEAR))
    down = np.asarray(gray.resize((lines, lines + 1), _BILINEAR))
    bits = np.stack([across[:, 1:] > across[:, :-1], down[1:] > down[:-1]])
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
