"""Pictures brought to a square, beside Pillow's own ways and on paper."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from fewshot.data.framing import Framing, to_square

METHODS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}
SIZES = [(400, 300), (61, 97), (20, 20), (33, 50), (90, 12)]


def picture(width, height):
    """Smooth shapes, as in a photograph: noise of 12 x 12 pixels, enlarged."""
    pixels = np.random.default_rng(0).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)


def framed(picture, *framing):
    return np.asarray(to_square(picture, Framing(*framing))).astype(int)


@pytest.mark.parametrize("edges", SIZES)
@pytest.mark.parametrize("interpolation", METHODS)
def test_squash_and_pad_are_those_of_pillow(edges, interpolation):
    method = METHODS[interpolation]
    for size in (32, 61):
        squashed = picture(*edges).resize((size, size), method)
        padded = ImageOps.pad(picture(*edges), (size, size), method)
        for resize, expected in (("squash", squashed), ("pad", padded)):
            found = framed(picture(*edges), size, resize, interpolation)
            np.testing.assert_array_equal(found, np.asarray(expected))


@pytest.mark.parametrize("edges", SIZES)
@pytest.mark.parametrize("interpolation", METHODS)
@pytest.mark.parametrize(("size", "fraction", "shorter"), [(28, 1, 28), (28, 0.875, 32)])
def test_crop_is_the_middle_of_the_scaled_picture(edges, interpolation, size, fraction, shorter):
    # As torchvision's Resize and CenterCrop do it.
    longer = int(shorter * max(edges) / min(edges))
    width, height = (shorter if edge == min(edges) else longer for edge in edges)
    scaled = picture(*edges).resize((width, height), METHODS[interpolation])
    left, top = round((width - size) / 2), round((height - size) / 2)
    expected = np.asarray(scaled)[top : top + size, left : left + size]
    found = framed(picture(*edges), size, "crop", interpolation, fraction)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("edges", SIZES)
def test_squash_may_keep_the_middle_alone(edges):
    # As Hugging Face's processor of DeiT does it: 256 x 256, of which the middle 224 x 224.
    squashed = np.asarray(picture(*edges).resize((256, 256), METHODS["bicubic"]))
    found = framed(picture(*edges), 224, "squash", "bicubic", 0.875)
    np.testing.assert_array_equal(found, squashed[16:240, 16:240])


@pytest.mark.parametrize("edges", [(60, 40), (20, 64)])
def test_where_pixels_are_whole_crop_is_that_of_image_ops(edges):
    size = min(edges) // 2
    expected = ImageOps.fit(picture(*edges), (size, size), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(framed(picture(*edges), size, "crop"), np.asarray(expected), atol=1)


def test_crop_and_pad_on_paper():
    # Columns of one colour each: 0, 10, ..., 70, on 4 rows.
    columns = np.repeat(10 * np.arange(8, dtype=np.uint8)[None, :, None], 4, axis=0)
    image = Image.fromarray(np.repeat(columns, 3, axis=2))

    def rows(*framing):
        return framed(image, *framing)[..., 0].tolist()

    assert rows(4, "crop") == [[20, 30, 40, 50]] * 4
    assert rows(2, "crop", "nearest", 0.5) == [[30, 40]] * 2
    bars, between = [[0] * 8] * 2, [list(range(0, 80, 10))] * 4
    assert rows(8, "pad") == [*bars, *between, *bars]
    assert rows(4, "pad", "nearest")[1:3] == [[10, 30, 50, 70]] * 2


@pytest.mark.parametrize("edges", [(1_000_000, 1), (1, 1_000_000)])
@pytest.mark.parametrize("resize", ["squash", "crop", "pad"])
def test_a_line_is_not_scaled_to_more_than_there_is_room_for(edges, resize):
    found = framed(Image.new("RGB", edges, (255, 0, 0)), 224, resize)
    assert found.shape == (224, 224, 3)
    assert found[112, 112].tolist() == [255, 0, 0]


def test_the_scaled_edge_is_that_of_torchvision_and_timm():
    sizes = [(224, 0.875), (299, 0.875), (224, 0.9), (224, 1)]
    assert [Framing(size, "crop", crop_fraction=f).scaled_edge for size, f in sizes] == [
        *(256, 341, 248, 224)
    ]
    assert Framing(224, "pad").scaled_edge == 224


def test_a_description_says_how_pictures_are_framed():
    assert Framing.of({"image_size": 8, "layers": {}}) == (8, "squash", "bilinear", 1.0)
    given = {"image_size": 8, "resize": "crop", "interpolation": "bicubic", "crop_fraction": 1}
    assert Framing.of(given) == Framing(8, "crop", "bicubic")
    assert repr(Framing.of(given).crop_fraction) == "1.0"
