"""The generated pictures: of many kinds, always the same, and telling."""

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from fewshot.data.framing import Framing
from fewshot.data.images import read_image
from fewshot.predictor.pictures import check_pictures


@pytest.fixture(scope="module")
def pictures():
    return check_pictures()


def test_they_are_the_same_each_time(pictures):
    assert check_pictures() == pictures
    assert len({*pictures}) == len(pictures) == 32


def test_they_are_of_the_odd_kinds_that_are_good_images(pictures):
    opened = [Image.open(io.BytesIO(data)) for data in pictures]
    assert {"JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"} == {image.format for image in opened}
    assert {"RGB", "L", "CMYK", "I;16", "P", "RGBA", "LA"} <= {image.mode for image in opened}
    assert {image.getexif().get(0x0112) for image in opened} >= {2, 3, 5, 6, 8}
    assert any("transparency" in image.info for image in opened)
    assert any(image.info.get("progressive") for image in opened)
    edges = [edge for image in opened for edge in image.size]
    assert min(edges) < 32
    assert max(edges) > 448


@pytest.mark.parametrize("resize", ["squash", "crop", "pad"])
@pytest.mark.parametrize("size", [32, 224])
def test_nearly_all_tell_every_interpolation_from_every_other(pictures, size, resize):
    kinds = ("bilinear", "bicubic", "lanczos", "nearest")
    telling = 0
    for data in pictures:
        pixels = [np.asarray(read_image(data, Framing(size, resize, k)), int) for k in kinds]
        apart = [abs(one - other).max() for one, other in combinations(pixels, 2)]
        telling += min(apart) > 2  # by which decoders of JPEG may differ
    # Of pictures of few pixels, enlarged, bicubic and Lanczos make nearly the same.
    assert telling >= 0.8 * len(pictures)


def test_each_in_colour_tells_the_order_of_colours(pictures):
    for data in pictures:
        pixels = np.asarray(read_image(data, Framing(64)), int)
        if Image.open(io.BytesIO(data)).mode not in ("L", "I;16", "LA"):
            assert abs(pixels - pixels[..., ::-1]).max() > 50
