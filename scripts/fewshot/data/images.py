"""The one decoder of image files, and a hash by which copies of a picture are found."""

import io
from contextlib import contextmanager, nullcontext
from threading import Lock

import numpy as np
from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from fewshot.data.codestreams import count_scans, count_tiles
from fewshot.data.colours import bits_in_16, on_white, profile_remark, to_rgb
from fewshot.data.framing import NEAREST, to_square
from fewshot.errors import InputError

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000")
MAX_BYTES = 128 * 2**20  # photographs of 200 megapixels have some 60
MAX_PIXELS = 250_000_000
# Pillow refuses twice as many when it opens a file, before the pixels of some GIFs take memory.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Of images with more pixels one at a time is decoded, so that threads need not have room for each.
_MANY_PIXELS = 50_000_000
_LARGE = Lock()
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # images are decoded side by side
# What stands around the pixels is read piece by piece, in the photographs seen in some hundred: a
# file made of millions keeps a decoder busy for minutes.
MAX_READS = 200_000
# Every scan of a JPEG goes over all its pixels, however few bytes it has: 0.1 s for _MANY_PIXELS.
# Progressive photographs have about ten.
MAX_SCANS = 100
MAX_TILES = 4096  # of a JPEG 2000: each takes some 12 kB, however few pixels it has
# Large JPEGs are decoded at a fraction of their size to be hashed, but no smaller than this.
_HASH_EDGE = 256
_HASH_LINES = 8
_BILINEAR = Image.Resampling.BILINEAR
_ORIENTATION_TAG = 0x0112
# Whether the first page of a TIFF is a small version of another, and what Adobe's RAW is known by.
_SMALLER_TAG, _DNG = 0x00FE, 0xC612
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
        known = ", ".join(FORMATS)
        raise ImageError(f"not an image of a known format ({known}), or damaged") from None
    except Exception as error:
        raise ImageError(f"cannot be decoded: {str(error) or type(error).__name__}") from error


def _open(data, max_pixels=None):
    """Read the header of an image and check its limits; the pixels are not decoded yet.

    Returns
    -------
    image : PIL.Image.Image
    kept : int
        Pixels that take memory even where the image is decoded at a fraction.
    """
    most = MAX_PIXELS if max_pixels is None else max_pixels
    if not data:
        raise ImageError("empty file")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{len(data)} bytes, more than the limit of {MAX_BYTES}")
    with _reasons():
        image = Image.open(_Counted(data), formats=FORMATS)
        if image.width * image.height > most:
            raise ImageError(
                f"{image.width} x {image.height} pixels, more than the limit of {most:.0f}: see "
                "datasets.<name>.max_megapixels"
            )
        return image, _check(image, data)


def _check(image, data):
    """Check what is in front of the pixels, and count those that are kept in any case."""
    pixels = image.width * image.height
    if image.format == "TIFF" and (image.tag_v2.get(_SMALLER_TAG, 0) & 1 or _DNG in image.tag_v2):
        raise ImageError("a preview, as in RAW of a camera: develop it, or save it as JPEG or PNG")
    if image.format == "JPEG2000" and (tiles := count_tiles(data)) > MAX_TILES:
        raise ImageError(f"{tiles} tiles, more than the limit of {MAX_TILES}")
    if image.format not in ("JPEG", "MPO"):
        return 0
    most = min(MAX_SCANS, MAX_SCANS * _MANY_PIXELS // pixels)
    if (scans := count_scans(data, most)) > most:
        raise ImageError(f"more than the limit of {most} scans")
    return pixels if scans > 1 else 0


def _upright(image):
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG)
    except Exception:
        # ASSUME: an unreadable EXIF block means that the picture is stored upright.
        return image
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def _reduce(image, edge):
    """Have a JPEG decoded at 1/2, 1/4 or 1/8 of its size, for less, if that has some edge."""
    with _reasons():
        image.draft(None, (edge, edge))  # a square: the EXIF block may swap the sides


def _room(image, kept):
    """Wait until no other large image is decoded, where this one has many pixels."""
    return _LARGE if max(kept, image.width * image.height) > _MANY_PIXELS else nullcontext()


def _decode(image, framing=None):
    """Decode an opened image to upright RGB, brought to a square where a framing is given."""
    frame = image.tile[0].extents if image.format == "GIF" else None
    image.load()
    if image.mode in ("I", "F"):
        raise ImageError(
            f"pixels of mode {image.mode} have no known range: save them with 8 or 16 bits"
        )
    image, whole = to_rgb(_upright(image)), (0, 0, *image.size)
    if frame not in (None, whole):
        # ASSUME: what the first frame of a GIF leaves free is transparent, as in browsers.
        image = on_white(image.crop(frame), frame[:2], image.size)
    return image if framing is None else to_square(image, framing)


def read_image(data, framing=None, max_pixels=None):
    """Decode the first frame of an image file to upright RGB.

    Parameters
    ----------
    data : bytes
        The whole file. Its content tells the format, not its name.
    framing : Framing, optional
        Bring the picture to a square; by default it keeps its size.
    max_pixels : float, optional
        Pixels that it may have, by default `MAX_PIXELS`.

    Returns
    -------
    PIL.Image.Image
        Of mode RGB, in sRGB. Transparent parts are white.

    Raises
    ------
    ImageError
        If the data is empty, no image of `FORMATS`, damaged, truncated or beyond the limits.
    """
    image, kept = _open(data, max_pixels)
    # Nearest mixes no colours, which decoding at a fraction does.
    if framing is not None and framing.interpolation != NEAREST:
        _reduce(image, 2 * framing.scaled_edge)
    with _reasons(), _room(image, kept):
        return _decode(image, framing)


def describe_image(data, max_pixels=None):
    """Decode an image file once and tell what the manifest says about it.

    Parameters
    ----------
    data : bytes
    max_pixels : float, optional
        As of `read_image`.

    Returns
    -------
    dict
        ``width`` and ``height`` in pixels and ``mode``, all as stored (before the EXIF
        orientation), ``dhash``, the `difference_hash` in 32 hex digits, ``turned``, the hashes
        of the picture mirrored and turned, ``profile``, of `profile_remark`, and ``bits``: 8 or 12
        where the file has 16 a colour and uses no more, else 16.

    Raises
    ------
    ImageError
        As `read_image`.
    """
    image, kept = _open(data, max_pixels)
    stored = {"width": image.width, "height": image.height, "mode": image.mode}
    has_16_bits = _has_16_bits(image)
    _reduce(image, _HASH_EDGE)
    with _reasons(), _room(image, kept):
        upright, *turned = turned_hashes(_decode(image))
        found = {
            **{"dhash": f"{upright:032x}", "turned": turned, "profile": profile_remark(image)},
            "bits": bits_in_16(image) if has_16_bits else 16,
        }
    return {**stored, **found}


def _has_16_bits(image):
    """Tell whether an opened image has 16 bits a colour in its file."""
    stored_as = image.tile[0].args if image.tile else ""
    stored_as = stored_as if isinstance(stored_as, str) else stored_as[0]
    return ";16" in f"{stored_as}" or (image.mode == "I;16" and stored_as != "I;12")


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
