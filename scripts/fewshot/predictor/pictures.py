"""Generated pictures: what a check of a predictor is made of.

They show nothing, but have what photographs have: large gradients, edges, texture, sizes above and
below that of a network, and the odd kinds of files that are good images.
"""

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image

_WAVES = 24  # sums of which look like clouds, for an amplitude that falls with the frequency
_DISCS = 5
_ORIENTATION_TAG = 0x0112
_SIZES = ((320, 240), (240, 320), (128, 128), (400, 150), (90, 300), (48, 64), (20, 16), (500, 375))


class _Kind(NamedTuple):
    """How a picture becomes a file: of 8-bit RGB (height, width, 3) an image, and how to save it."""

    image: Callable
    format: str
    options: dict


def _rgb(pixels):
    return Image.fromarray(pixels)


def _grey(pixels):
    return Image.fromarray(pixels[..., 1])


def _deep(pixels):
    """Sixteen bits of grey, of which the lower eight are no copy of the upper."""
    return Image.fromarray(pixels[..., 0].astype(np.uint16) * 256 + pixels[..., 2])


def _cmyk(pixels):
    black = 255 - pixels.max(axis=-1, keepdims=True)
    return Image.fromarray(np.concatenate([255 - pixels - black, black], axis=-1), "CMYK")


def _clear(pixels):
    """With an alpha channel that is one more wave of the picture."""
    alpha = np.roll(pixels[..., :1], pixels.shape[1] // 3, axis=1)
    return Image.fromarray(np.concatenate([pixels, alpha], axis=-1))


def _grey_and_clear(pixels):
    return Image.fromarray(np.ascontiguousarray(pixels[..., :2]), "LA")


def _palette(pixels):
    """64 colours, four levels of each channel."""
    index = (pixels >> 6).astype(np.uint8) @ np.array([16, 4, 1], np.uint8)
    image = Image.fromarray(index)
    levels = (0, 85, 170, 255)
    image.putpalette([v for r in levels for g in levels for b in levels for v in (r, g, b)])
    return image


def _exif(orientation):
    tags = Image.Exif()
    tags[_ORIENTATION_TAG] = orientation
    return {"exif": tags.tobytes()}


_KINDS = (
    *(_Kind(_rgb, "JPEG", {"quality": quality}) for quality in (60, 80, 90, 95)),
    _Kind(_rgb, "JPEG", {"quality": 92, "subsampling": 0}),
    _Kind(_rgb, "JPEG", {"quality": 85, "progressive": True}),
    *(_Kind(_rgb, "JPEG", {"quality": 85, **_exif(turn)}) for turn in (2, 3, 5, 6, 8)),
    _Kind(_grey, "JPEG", {"quality": 85}),
    _Kind(_cmyk, "JPEG", {"quality": 90}),
    *(_Kind(_rgb, "PNG", {}) for _ in range(5)),
    _Kind(_grey, "PNG", {}),
    _Kind(_deep, "PNG", {}),
    _Kind(_palette, "PNG", {}),
    _Kind(_palette, "PNG", {"transparency": bytes(range(0, 256, 4))}),
    _Kind(_clear, "PNG", {}),
    _Kind(_grey_and_clear, "PNG", {}),
    _Kind(_palette, "GIF", {}),
    _Kind(_palette, "GIF", {"transparency": 21}),
    _Kind(_rgb, "BMP", {}),
    _Kind(_clear, "WEBP", {"lossless": True}),
    _Kind(_rgb, "WEBP", {"quality": 85}),
    _Kind(_rgb, "TIFF", {"compression": "tiff_lzw"}),
    _Kind(_rgb, "JPEG", {"quality": 85, "optimize": True}),
    _Kind(_rgb, "JPEG", {"quality": 75}),
)


def check_pictures():
    """Make pictures in files of many kinds and sizes.

    Returns
    -------
    list of bytes
        The same pictures each time; how a version of Pillow writes them may differ.
    """
    return [_encode(number, kind) for number, kind in enumerate(_KINDS)]


def _encode(number, kind):
    rng = np.random.default_rng(number)
    width, height = _SIZES[number % len(_SIZES)]
    file = io.BytesIO()
    kind.image(_paint(rng, width, height)).save(file, kind.format, **kind.options)
    return file.getvalue()


def _paint(rng, width, height):
    """Paint a picture of 8-bit RGB: clouds in colours of their own, and discs with texture."""
    edge = max(width, height)
    down, across = np.arange(height)[:, None] / edge, np.arange(width)[:, None] / edge
    frequency = np.exp(rng.uniform(0, np.log(40), _WAVES))
    angle, phase = rng.uniform(0, 2 * np.pi, (2, _WAVES))
    y = phase + 2 * np.pi * frequency * np.sin(angle) * down  # (height, waves)
    x = 2 * np.pi * frequency * np.cos(angle) * across  # (width, waves)
    colours = rng.normal(0, 40 / np.sqrt(frequency), (3, _WAVES))
    levels = np.broadcast_to(rng.uniform(60, 200, 3), (height, width, 3)).copy()
    for channel, colour in enumerate(colours):
        # cos(y + x) = cos y cos x - sin y sin x
        levels[..., channel] += (np.cos(y) * colour) @ np.cos(x).T - (np.sin(y) * colour) @ np.sin(
            x
        ).T
    for _ in range(_DISCS):
        top, left, radius = rng.uniform(0, 1, 3) * (height / width, 1, 0.25)
        inside = np.hypot(down - top, across.T - left) < radius
        grain = rng.normal(0, 25, (height, width, 1))
        levels[inside] = (rng.uniform(0, 255, 3) + grain)[inside]
    return levels.round().clip(0, 255).astype(np.uint8)
