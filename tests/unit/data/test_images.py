"""Images of every kind that turns up in real folders: used rightly, or refused with a reason."""

import io
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from odd_images import tall_jpeg
from PIL import Image

from fewshot.data import images
from fewshot.data.framing import Framing, to_square
from fewshot.data.images import (
    ImageError,
    describe_image,
    difference_hash,
    read_image,
    turned_hashes,
)
from fewshot.study.digests import LIBRARY

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(height, width, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def picture(height, width):
    """Smooth shapes, as in a photograph: noise of 12 x 12 pixels, enlarged."""
    return noise(12, 12).resize((width, height), Image.Resampling.BICUBIC)


def corners(data, framing=None):
    """Colours at the top left, top right and bottom left."""
    pixels = np.asarray(read_image(data, framing))
    return [tuple(map(int, pixels[place])) for place in ((0, 0), (0, -1), (-1, 0))]


def three_corners():
    """8 x 16 (height x width): red at the top left, green top right, blue bottom left."""
    image = Image.new("RGB", (16, 8), "white")
    image.paste(RED, (0, 0, 8, 4))
    image.paste(GREEN, (8, 0, 16, 4))
    image.paste(BLUE, (0, 4, 8, 8))
    return image


def test_there_is_no_other_decoder():
    """Headers are all that is read beside it: of the report's own figures, of what gets a thumbnail."""
    scripts = LIBRARY.parent
    ways = ("Image.open", "imread", "load_img", "decode_", "image_dataset_from_directory")
    found = {
        path.name
        for path in scripts.rglob("*.py")
        if any(re.search(rf"\b{re.escape(way)}", path.read_text()) for way in ways)
    }
    assert found == {"images.py", "pictures.py", "reading.py"}


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "JPEG2000"])
def test_formats_without_loss_give_the_pixels_that_were_saved(kind):
    assert corners(encoded(three_corners(), kind)) == [RED, GREEN, BLUE]


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_formats_with_loss_give_nearly_these_pixels(kind):
    given = np.asarray(picture(300, 400)).astype(int)
    read = np.asarray(read_image(encoded(picture(300, 400), kind, quality=95))).astype(int)
    assert np.abs(given - read).mean() < 3


def test_cmyk_jpeg_keeps_its_colours():
    data = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=95)
    red = np.asarray(read_image(data)).reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(red, RED, atol=6)
    assert describe_image(data)["mode"] == "CMYK"


def test_grayscale_has_three_equal_channels():
    assert corners(encoded(Image.new("L", (4, 4), 77)))[0] == (77, 77, 77)


def test_one_bit_is_black_and_white():
    image = Image.new("1", (4, 4), 0)
    image.putpixel((3, 0), 1)
    assert corners(encoded(image))[:2] == [(0, 0, 0), WHITE]


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (257, 1), (128 * 257, 128), (65535, 255)])
def test_16_bit_is_scaled_and_not_clipped(value, expected):
    data = encoded(Image.fromarray(np.full((4, 4), value, np.uint16)))
    assert describe_image(data)["mode"] == "I;16"
    assert corners(data)[0] == (expected,) * 3


def test_pixels_without_a_known_range_are_refused():
    data = encoded(Image.fromarray(np.full((4, 4), 0.5, np.float32)), "TIFF")
    with pytest.raises(ImageError, match="mode F have no known range"):
        read_image(data)


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (*BLUE, 0)), ("LA", (0, 0))])
def test_what_shines_through_is_white(mode, colour):
    assert corners(encoded(Image.new(mode, (4, 4), colour)))[0] == WHITE


def test_half_transparent_red_is_pink():
    pink = corners(encoded(Image.new("RGBA", (4, 4), (*RED, 128))))[0]
    np.testing.assert_allclose(pink, (255, 127, 127), atol=1)


def test_palette_with_and_without_transparency():
    palette = three_corners().quantize(4)
    assert corners(encoded(palette)) == [RED, GREEN, BLUE]
    clear = palette.getpixel((0, 0))
    assert corners(encoded(palette, transparency=clear)) == [WHITE, GREEN, BLUE]
    assert describe_image(encoded(palette))["mode"] == "P"


def test_one_colour_of_an_rgb_image_can_be_transparent():
    assert corners(encoded(three_corners(), transparency=GREEN)) == [RED, WHITE, BLUE]


def test_first_frame_of_an_animation():
    frames = [Image.new("RGB", (4, 4), colour) for colour in (RED, GREEN)]
    for kind in ("GIF", "PNG", "WEBP", "TIFF", "MPO", "AVIF"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        np.testing.assert_allclose(corners(data)[0], RED, atol=4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_brought_upright(kind, orientation):
    # The inverse of what each orientation asks for, from the EXIF standard.
    stored = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation](np.asarray(three_corners().resize((64, 32), Image.Resampling.NEAREST)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {
        "JPEG": {"quality": 100, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    }.get(kind, {})
    data = encoded(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif, **options)
    np.testing.assert_allclose(corners(data), [RED, GREEN, BLUE], atol=8)
    assert read_image(data).size == (64, 32)


def test_unreadable_exif_means_upright():
    data = encoded(three_corners(), "PNG", exif=b"Exif\x00\x00no tiff header here")
    assert corners(data) == [RED, GREEN, BLUE]


def test_the_name_and_the_declared_kind_do_not_matter_but_the_content_does():
    with pytest.raises(ImageError, match="not an image of a known format"):
        read_image(b"<!DOCTYPE html><html>404 Not Found</html>")
    icon = encoded(three_corners(), "ICO")
    with pytest.raises(ImageError, match="not an image of a known format"):
        read_image(icon)


def test_empty_file():
    with pytest.raises(ImageError, match=r"^empty file$"):
        read_image(b"")


@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.95])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF", "JPEG2000"])
def test_truncated_files_are_refused_at_full_and_at_reduced_size(kind, part):
    data = encoded(noise(600, 800), kind)
    data = data[: int(part * len(data))]
    for read in (read_image, describe_image, lambda data: read_image(data, Framing(32))):
        with pytest.raises(ImageError):
            read(data)


def test_too_many_bytes_or_pixels(monkeypatch):
    data = encoded(noise(40, 50))
    monkeypatch.setattr(images, "MAX_PIXELS", 1999)
    with pytest.raises(ImageError, match="50 x 40 pixels, more than the limit of 1999"):
        read_image(data)
    monkeypatch.setattr(images, "MAX_BYTES", len(data) - 1)
    with pytest.raises(ImageError, match="bytes, more than the limit"):
        read_image(data)


def test_the_limit_of_pixels_can_be_another():
    data = encoded(noise(40, 50))
    assert read_image(data, max_pixels=2000).size == (50, 40)
    for read in (read_image, describe_image):
        with pytest.raises(ImageError, match=r"limit of 1999: see datasets.<name>.max_megapixels"):
            read(data, max_pixels=1999)


def test_a_bomb_is_refused_before_its_pixels_are_decoded():
    data = encoded(Image.new("1", (8000, 7000)))[:60]
    with pytest.raises(ImageError, match="8000 x 7000 pixels"):
        read_image(data, max_pixels=55_999_999)


def test_a_photograph_of_200_megapixels():
    data = tall_jpeg(16320, 12240)
    described = describe_image(data)
    assert (described["width"], described["height"]) == (16320, 12240)
    read = np.asarray(read_image(data, Framing(32))).astype(int)
    assert np.abs(read - 200).max() < 4


def test_of_large_images_one_is_decoded_at_a_time(monkeypatch):
    """Others go on meanwhile, and a JPEG that is decoded at a fraction is none."""
    monkeypatch.setattr(images, "_MANY_PIXELS", 100_000)
    large = encoded(noise(400, 300))
    small, photograph = encoded(noise(300, 300)), encoded(noise(800, 600), "JPEG")
    progressive = encoded(noise(800, 600), "JPEG", progressive=True)
    with ThreadPoolExecutor(2) as threads:
        with images._LARGE:
            waiting = [
                threads.submit(read_image, each, Framing(32)) for each in (large, progressive)
            ]
            assert read_image(small, Framing(32)).size == (32, 32)
            assert read_image(photograph, Framing(32)).size == (32, 32)
            assert not any(each.done() for each in waiting)
        assert [each.result().size for each in waiting] == [(32, 32)] * 2


def test_squashing_gives_all_of_the_picture():
    data = encoded(three_corners())
    assert read_image(data, Framing(20)).size == (20, 20)
    assert corners(data, Framing(20)) == [RED, GREEN, BLUE]


def test_a_picture_is_brought_upright_before_it_is_cropped():
    stored = np.rot90(np.asarray(three_corners().resize((64, 32), Image.Resampling.NEAREST)))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.fromarray(np.ascontiguousarray(stored)), "PNG", exif=exif)
    assert read_image(data).size == (64, 32)
    assert corners(data, Framing(32, "crop")) == [RED, GREEN, BLUE]


@pytest.mark.parametrize(
    "framing",
    [
        *(Framing(32), Framing(60), Framing(32, "crop"), Framing(60, "pad", "lanczos")),
        Framing(60, "crop", "bicubic", 0.875),
    ],
)
def test_reduced_decoding_of_a_jpeg_is_close_to_decoding_it_whole(framing):
    data = encoded(picture(600, 800), "JPEG", quality=95)
    whole = to_square(read_image(data), framing)
    fast = read_image(data, framing)
    assert fast.size == whole.size
    assert np.abs(np.asarray(fast).astype(int) - np.asarray(whole)).mean() < 2


def test_nearest_mixes_no_colours_of_a_jpeg():
    data = encoded(noise(600, 800), "JPEG", quality=95)
    colours = {tuple(pixel) for pixel in np.asarray(read_image(data)).reshape(-1, 3).tolist()}
    found = read_image(data, Framing(32, interpolation="nearest"))
    assert {tuple(pixel) for pixel in np.asarray(found).reshape(-1, 3).tolist()} <= colours


def test_description_is_of_the_picture_as_stored():
    described = describe_image(encoded(picture(600, 800), "JPEG"))
    assert (described["width"], described["height"], described["mode"]) == (800, 600, "RGB")
    assert len(described["dhash"]) == 32
    assert len(described["turned"]) == 7


@pytest.mark.parametrize("is_on_white", [False, True])
def test_hashes_of_a_turned_picture_are_those_of_the_picture_turned(is_on_white):
    image = picture(301, 400)
    if is_on_white:  # where neighbours are equal
        page = Image.new("RGB", (600, 500), "white")
        page.paste(image, (50, 60))
        image = page
    first, *turned = turned_hashes(image)
    assert first == difference_hash(image)
    nearest = [
        min(((difference_hash(image.transpose(way)) ^ each).bit_count(), each) for each in turned)
        for way in Image.Transpose
    ]
    assert len({each for _, each in nearest}) == 7
    # Pillow shrinks first across, then downwards, and rounds in between.
    assert all(apart <= 1 for apart, _ in nearest)
    # All are far from each other.
    assert min((a ^ b).bit_count() for a in (first, *turned) for b in turned if a != b) > 25


def test_a_symmetric_picture_has_the_same_hashes_when_turned():
    half = np.asarray(picture(300, 150))
    image = Image.fromarray(np.concatenate([half, half[:, ::-1]], axis=1))
    assert len({*turned_hashes(image)}) == 4


def test_hash_of_gradients_and_of_one_colour():
    rows = np.arange(0, 256, dtype=np.uint8)
    down = Image.fromarray(np.repeat(rows[:, None], 256, axis=1))
    right = down.transpose(Image.Transpose.TRANSPOSE)
    assert difference_hash(down) == 2**64 - 1
    assert difference_hash(right) == (2**64 - 1) << 64
    assert difference_hash(Image.new("RGB", (30, 20), RED)) == 0


def test_hash_stays_when_a_picture_is_saved_again_and_moves_with_another():
    original = picture(300, 400)
    again = read_image(encoded(original, "JPEG", quality=75))
    half = original.resize((200, 150), Image.Resampling.BICUBIC)
    value = difference_hash(original)
    assert (value ^ difference_hash(again)).bit_count() <= 1
    assert (value ^ difference_hash(half)).bit_count() <= 1
    other = noise(12, 12, seed=1).resize((400, 300), Image.Resampling.BICUBIC)
    assert (value ^ difference_hash(other)).bit_count() > 25
