import base64
import io

import numpy as np
import pytest
from PIL import Image

from fewshot.data.images import read_image
from fewshot.data.thumbnails import EDGE, FRAMING, encode_thumbnail

ORIENTATION = 0x0112


def draw(width, height, seed=0):
    rough = np.random.default_rng(seed).integers(60, 256, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC)


def file_of(image, kind="PNG", orientation=None):
    file, exif = io.BytesIO(), Image.Exif()
    if orientation:
        exif[ORIENTATION] = orientation
    image.save(file, kind, exif=exif)
    return file.getvalue()


def thumbnail_of(data):
    """Decode a file, make its thumbnail as for a manifest, and decode that."""
    stored = Image.open(io.BytesIO(data))
    text = encode_thumbnail(np.asarray(read_image(data, FRAMING)), *stored.size)
    return Image.open(io.BytesIO(base64.b64decode(text, validate=True)))


def difference(one, other):
    pair = [np.asarray(each.convert("RGB").resize((24, 24)), float) for each in (one, other)]
    return np.abs(pair[0] - pair[1]).mean()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((300, 200), (96, 64)),
        ((200, 300), (64, 96)),
        ((640, 640), (96, 96)),
        ((8, 6), (96, 72)),
        ((1000, 3), (96, 1)),
        ((3, 1000), (1, 96)),
        ((300, 201), (96, 64)),
    ],
)
def test_the_longer_edge_is_96_pixels_and_the_aspect_stays(size, expected):
    thumbnail = thumbnail_of(file_of(draw(*size)))
    assert (thumbnail.format, thumbnail.mode, thumbnail.size) == ("JPEG", "RGB", expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(300, 200), (200, 300)])
def test_a_picture_of_a_turned_camera_is_upright(orientation, size):
    upright = draw(*size)
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(back[orientation]) if orientation in back else upright
    thumbnail = thumbnail_of(file_of(stored, "JPEG", orientation))
    assert thumbnail.size == ((96, 64) if size[0] > size[1] else (64, 96))
    assert difference(thumbnail, upright) < 8


def test_it_shows_the_picture():
    picture = draw(400, 300)
    assert difference(thumbnail_of(file_of(picture)), picture) < 4
    assert difference(thumbnail_of(file_of(picture)), draw(400, 300, 1)) > 20


def test_black_that_belongs_to_a_picture_stays():
    scan = Image.new("RGB", (300, 200))
    scan.paste(draw(60, 60), (120, 70))
    assert thumbnail_of(file_of(scan)).size == (96, 64)
    assert thumbnail_of(file_of(Image.new("RGB", (300, 200)))).size == (96, 64)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK"])
def test_every_mode_becomes_rgb(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert thumbnail_of(file_of(draw(90, 60).convert(mode), kind)).mode == "RGB"


def test_nothing_of_the_file_but_the_picture_comes_along():
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    file = io.BytesIO()
    draw(300, 200).save(file, "JPEG", exif=exif, comment=b"of a patient")
    data = file.getvalue()
    assert b"taken at home" in data
    made = base64.b64decode(encode_thumbnail(np.asarray(read_image(data, FRAMING)), 300, 200))
    assert b"taken at home" not in made
    assert b"of a patient" not in made


def test_it_is_small():
    rng = np.random.default_rng(0)
    # As much detail as a photograph of these sizes has: noise on a picture.
    pixels = np.asarray(draw(EDGE * 4, EDGE * 4), int) + rng.normal(0, 40, (EDGE * 4, EDGE * 4, 3))
    detailed = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    text = encode_thumbnail(np.asarray(read_image(file_of(detailed), FRAMING)), EDGE, EDGE)
    assert len(text) < 6000
