"""How a picture becomes the square that a network takes."""

from typing import NamedTuple

from PIL import Image

_NARROWEST = 8  # times the shorter edge: what is longer loses its ends before it is cropped
NEAREST = "nearest"
_METHODS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    NEAREST: Image.Resampling.NEAREST,
}


class Framing(NamedTuple):
    """How a picture becomes the square that a network takes.

    Attributes
    ----------
    image_size : int
        Edge of the square in pixels.
    resize : {"squash", "crop", "pad"}, default "squash"
        Squash stretches the picture to a square of image_size / crop_fraction and keeps the middle,
        which is all of it where that is 1. Crop brings its shorter edge to that size and keeps the
        middle. Pad brings its longer edge to image_size and leaves black bars.
    interpolation : {"bilinear", "bicubic", "lanczos", "nearest"}, default "bilinear"
    crop_fraction : float, default 1.0
        Part of the shorter edge that crop keeps, and of both that squash keeps, at most 1.
    """

    image_size: int
    resize: str = "squash"
    interpolation: str = "bilinear"
    crop_fraction: float = 1.0

    @property
    def scaled_edge(self):
        """Edge in pixels to which the picture is scaled before its middle is taken."""
        return (
            self.image_size if self.resize == "pad" else int(self.image_size / self.crop_fraction)
        )

    @classmethod
    def of(cls, backbone):
        """Take it from the description of a network that `weights` left.

        What an older description does not say has its default.
        """
        framing = cls(**{key: backbone[key] for key in cls._fields if key in backbone})
        return framing._replace(crop_fraction=float(framing.crop_fraction))  # 1 is 1.0 in a recipe


def to_square(image, framing):
    """Bring a picture to the square that a network takes.

    Parameters
    ----------
    image : PIL.Image.Image
        Of mode RGB, upright.
    framing : Framing

    Returns
    -------
    PIL.Image.Image
    """
    size, method = framing.image_size, _METHODS[framing.interpolation]
    if framing.resize == "squash":
        return _middle(image.resize((framing.scaled_edge,) * 2, method), (size, size))
    if framing.resize == "pad":
        edges = [max(1, round(size * edge / max(image.size))) for edge in image.size]
        return _middle(image.resize(edges, method), (size, size))
    # Of a long and narrow picture the middle alone is scaled: the whole might not fit in memory.
    shorter = min(image.size)
    image = _middle(image, [min(edge, _NARROWEST * shorter) for edge in image.size])
    edges = [framing.scaled_edge * edge // shorter for edge in image.size]
    return _middle(image.resize(edges, method), (size, size))


def _middle(image, edges):
    """Cut out the middle of a picture; what lies beside the picture is black."""
    left, top = (round((edge - kept) / 2) for edge, kept in zip(image.size, edges, strict=True))
    return image.crop((left, top, left + edges[0], top + edges[1]))
