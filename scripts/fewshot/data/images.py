"""The one decoder of image files, and a hash by which copies of a picture are found."""

import io
import re
from contextlib import contextmanager

import numpy as np
from PIL import Image, UnidentifiedImageError

from fewshot.data.framing import NEAREST, to_square
from fewshot.errors import InputError

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
MAX_BYTES = 64 * 2**20
MAX_PIXELS = 50_000_000
# What stands around the pixels is read piece by piece, in the photographs seen in some hundred: a
# file made of millions keeps a decoder busy for minutes.
MAX_READS = 200_000
# Every scan of a JPEG goes over all its pixels, however few bytes it has: 0.1 s for MAX_PIXELS.
# Progressive photographs have about ten.
MAX_SCANS = 100
# Large JPEGs are decoded at a fraction of their size to be hashed, but no smaller than this.
_HASH_EDGE = 256
_HASH_LINES = 8
_BILINEAR = Image.Resampling.BILINEAR
_BITS_TAG, _PHOTOMETRIC_TAG, _ORIENTATION_TAG = 0x0102, 0x0106, 0x0112
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


# Of JPEG: any marker but those within a scan.
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
_START, _END, _SCAN = b"\xd8", b"\xd9", b"\xda"


class ImageError(InputError):
    """An image that cannot be used; the message is the reason alone, without the file's name."""


class _Counted(io.BytesIO):
    """A file in memory that does not let itself be read in ever smaller pieces."""

    reads = 0

    def read(self, size=-1, /):
        self.reads += 1
        if self.reads > MAX_READS:
            raise ImageError(f"more than the limit of {MAX_READS} pieces")
        return super().read(size)


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
        image = Image.open(_Counted(data), formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(
            f"{image.width} x {image.height} pixels, more than the limit of {MAX_PIXELS}"
        )
    if image.format in ("JPEG", "MPO") and _count_scans(data) > MAX_SCANS:
        raise ImageError(f"more than the limit of {MAX_SCANS} scans")
    return image


def _count_scans(data):
    """Count the scans of a JPEG up to its end, or to one too many."""
    scans = place = 0
    while scans <= MAX_SCANS and (marker := _MARKER.search(data, place)):
        if marker[1] == _END:
            break
        scans += marker[1] == _SCAN
        # A segment tells its length; what marks no segment and no end has none.
        alone = marker[1] == _START
        place = marker.end() + (
            0 if alone else int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        )
    return scans


def _upright(image):
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG)
    except Exception:
        # ASSUME: an unreadable EXIF block means that the picture is stored upright.
        return image
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def _deep_to_rgb(image):
    """Bring 16 bits, or the 9 to 15 that a TIFF may say it has, to the nearest of 8."""
    tags = getattr(image, "tag_v2", {})
    top = 2 ** min(tags.get(_BITS_TAG, (16,))[0], 16) - 1
    values = np.minimum(np.arange(2**16), top)
    table = ((255 * values + top // 2) // top).astype(np.uint8)
    if tags.get(_PHOTOMETRIC_TAG) == 0:
        table = 255 - table  # white is zero
    if "transparency" in image.info:
        table[image.info["transparency"]] = 255
    return Image.fromarray(table[np.asarray(image)]).convert("RGB")


def _to_rgb(image):
    if image.mode.startswith("I;16"):
        return _deep_to_rgb(image)
    if image.mode in ("I", "F"):
        raise ImageError(f"pixels of mode {image.mode} have no known range")
    if image.has_transparency_data:
        # ASSUME: what shines through a transparent picture is white, as on a page.
        image = image.convert("RGBA")
        return _on_white(image, (0, 0), image.size, image.getchannel("A"))
    return image.convert("RGB")


def _on_white(image, place, size, mask=None):
    white = Image.new("RGB", size, "white")
    white.paste(image, place, mask)
    return white


def _decode(image, framing=None):
    """Decode an opened image to upright RGB, brought to a square where a framing is given."""
    with _reasons():
        # Nearest mixes no colours, which decoding at a fraction does.
        if framing is not None and framing.interpolation != NEAREST:
            # A JPEG decodes at 1/2, 1/4 or 1/8 for less; the EXIF block may swap the sides.
            image.draft(None, (2 * framing.scaled_edge, 2 * framing.scaled_edge))
        frame = image.tile[0].extents if image.format == "GIF" else None
        image.load()
        image, whole = _to_rgb(_upright(image)), (0, 0, *image.size)
        if frame not in (None, whole):
            # ASSUME: what the first frame of a GIF leaves free is transparent, as in browsers.
            image = _on_white(image.crop(frame), frame[:2], image.size)
        return image if framing is None else to_square(image, framing)


def read_image(data, framing=None):
    """Decode the first frame of an image file to upright RGB.

    Parameters
    ----------
    data : bytes
        The whole file. Its content tells the format, not its name.
    framing : Framing, optional
        Bring the picture to a square; by default it keeps its size.

    Returns
    -------
    PIL.Image.Image
        Of mode RGB. Transparent parts are white.

    Raises
    ------
    ImageError
        If the data is empty, no image of `FORMATS`, damaged, truncated or beyond the limits.
    """
    return _decode(_open(data), framing)


def describe_image(data):
    """Decode an image file once and tell what the manifest says about it.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    dict
        ``width`` and ``height`` in pixels and ``mode``, all as stored (before the EXIF
        orientation), ``dhash``, the `difference_hash` in 32 hex digits, and ``turned``, the hashes
        of the picture mirrored and turned.

    Raises
    ------
    ImageError
        As `read_image`.
    """
    image = _open(data)
    stored = {"width": image.width, "height": image.height, "mode": image.mode}
    with _reasons():
        image.draft(None, (_HASH_EDGE, _HASH_EDGE))
    upright, *turned = turned_hashes(_decode(image))
    return {**stored, "dhash": f"{upright:032x}", "turned": turned}


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
    return _hash(*_reduced(image))


def turned_hashes(image):
    """Hash a picture as it is, mirrored, turned by quarter turns, and both.

    Parameters
    ----------
    image : PIL.Image.Image

    Returns
    -------
    list of int
        The `difference_hash` of each of the 8, that of the picture itself first.
    """
    # Turned, what was reduced to 8 x 9 and 9 x 8 places changes its roles.
    across, down = _reduced(image)
    pairs = (across, down), (down.T, across.T)
    flips = [(rows, columns) for rows in (1, -1) for columns in (1, -1)]
    return [_hash(a[::r, ::c], d[::r, ::c]) for a, d in pairs for r, c in flips]


def _reduced(image):
    lines, gray = _HASH_LINES, image.convert("L")
    sizes = (lines + 1, lines), (lines, lines + 1)
    return [np.asarray(gray.resize(size, _BILINEAR)) for size in sizes]


def _hash(across, down):
    bits = np.stack([across[:, 1:] > across[:, :-1], down[1:] > down[:-1]])
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
