"""Colours of other profiles, held against the arithmetic of profiles and of sRGB."""

import io
import zlib

import numpy as np
import pytest
from odd_images import (
    PRIMARIES,
    chunk,
    grey_profile,
    icc,
    ink_profile,
    png,
    rgb_profile,
    saved,
    tiff,
)
from PIL import Image

from fewshot.data import colours
from fewshot.data.colours import bits_in_16, profile_remark, to_rgb

LEVELS = np.random.default_rng(0).integers(30, 226, (20, 30, 3), dtype=np.uint8)
GREYS = np.arange(256, dtype=np.uint8)[None]


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def found(data):
    return np.asarray(to_rgb(opened(data))).astype(int)


def encoded(light):
    """Levels of sRGB for linear light, IEC 61966-2-1."""
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def expected(levels, primaries, gamma):
    """Levels of sRGB: to light by the curve, to XYZ by the primaries, and back by those of sRGB."""
    xyz = (levels / 255) ** gamma @ np.array(PRIMARIES[primaries])
    return encoded(xyz @ np.linalg.inv(PRIMARIES["sRGB"]))


def srgb_curve():
    values = np.linspace(0, 1, 1024)
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return (65535 * light).round().astype(int)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(
    ("primaries", "gamma"), [("Display P3", 2.2), ("Adobe RGB", 2.2), ("ROMM RGB", 1.8)]
)
def test_wide_colours_become_those_of_srgb(kind, primaries, gamma):
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(LEVELS, kind, icc_profile=rgb_profile(primaries, gamma), **options)
    wanted = expected(LEVELS, primaries, gamma)
    assert np.abs(wanted - LEVELS).mean() > 4
    assert np.abs(found(data) - wanted).max() <= 1.5
    assert profile_remark(opened(data)) == "converted"


def test_a_profile_that_is_srgb_changes_no_pixel():
    for profile in (rgb_profile("sRGB", srgb_curve()), b""):
        data = saved(LEVELS, "PNG", icc_profile=profile)
        np.testing.assert_array_equal(found(data), LEVELS)
        assert profile_remark(opened(data)) == ""


@pytest.mark.parametrize("gamma", [1.0, 1.8])
def test_grey(gamma):
    wanted = encoded((GREYS / 255) ** gamma)
    data = saved(GREYS, "PNG", icc_profile=grey_profile(gamma))
    assert np.abs(found(data) - wanted[..., None]).max() <= 2
    # 16 bits are brought to 8 before.
    data = saved(GREYS.astype(np.uint16) * 257, "PNG", icc_profile=grey_profile(gamma))
    assert np.abs(found(data) - wanted[..., None]).max() <= 2


def test_grey_with_a_profile_of_three_colours_has_its_curve():
    data = saved(GREYS, "JPEG", quality=100, icc_profile=rgb_profile("sRGB", 1.0))
    assert np.abs(found(data) - encoded(GREYS / 255)[..., None])[:, 8:].max() <= 6


def test_inks():
    inks = np.random.default_rng(0).integers(0, 226, (20, 30, 4), dtype=np.uint8)
    lightness = 100 - inks.mean(axis=-1) / 2.55
    light = ((lightness + 16) / 116) ** 3  # CIE 1976, where lightness is more than 8
    for kind, within in (("TIFF", 3), ("JPEG", 8)):  # in JPEGs ink is stored upside down
        buffer = io.BytesIO()
        options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
        Image.fromarray(inks, "CMYK").save(buffer, kind, icc_profile=ink_profile(), **options)
        data = buffer.getvalue()
        assert np.abs(found(data) - encoded(light)[..., None]).max() <= within
        assert profile_remark(opened(data)) == "converted"


def test_transparent_parts_are_white_whatever_the_profile_is():
    profile = rgb_profile("Adobe RGB", 2.2)
    half = np.concatenate([LEVELS, np.full((20, 30, 1), 128, np.uint8)], axis=-1)
    wanted = 255 + (expected(LEVELS, "Adobe RGB", 2.2) - 255) * 128 / 255
    assert np.abs(found(saved(half, "PNG", icc_profile=profile)) - wanted).max() <= 2
    grey = np.stack([GREYS, GREYS * 0], axis=-1)
    data = saved(grey, "PNG", icc_profile=grey_profile(1.0))
    assert opened(data).mode == "LA"
    assert (found(data) == 255).all()


def test_a_palette():
    image = Image.fromarray(LEVELS).quantize(16)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", icc_profile=rgb_profile("Adobe RGB", 2.2))
    wanted = expected(np.asarray(image.convert("RGB")), "Adobe RGB", 2.2)
    assert np.abs(found(buffer.getvalue()) - wanted).max() <= 1.5


UNUSABLE = {
    "rubbish": b"no profile" * 30,
    "cut off": rgb_profile("Adobe RGB", 2.2)[:200],
    "of another colour space": grey_profile(1.0),
    "of inks": ink_profile(),
    "without curves": icc(b"RGB "),
    "of a space that is no text": rgb_profile("Adobe RGB", 2.2).replace(
        b"RGB XYZ", b"\xff\xff\xff XYZ"
    ),
    "of a space that nobody has": rgb_profile("Adobe RGB", 2.2).replace(b"RGB XYZ ", b"6CLRXYZ "),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_is_no_profile_of_such_pixels_changes_none(name):
    data = saved(LEVELS, "PNG", icc_profile=UNUSABLE[name])
    np.testing.assert_array_equal(found(data), LEVELS)
    assert profile_remark(opened(data)) == "unusable"


def test_a_profile_of_many_megabytes_is_not_looked_at(monkeypatch):
    profile = rgb_profile("Adobe RGB", 2.0)
    monkeypatch.setattr(colours, "_MAX_PROFILE", len(profile) - 1)
    assert profile_remark(opened(saved(LEVELS, "PNG", icc_profile=profile))) == "unusable"


def test_lab_means_the_same_everywhere():
    data = tiff(LEVELS.tobytes(), 3, 8, 8, width=30, height=20)
    image = opened(data)
    image.info["icc_profile"] = grey_profile(1.0)
    assert profile_remark(image) == ""


@pytest.mark.parametrize(
    ("largest", "bits"), [(0, 8), (255, 8), (256, 12), (4095, 12), (4096, 16), (65535, 16)]
)
def test_how_many_of_16_bits_are_used(largest, bits):
    values = np.array([[0, largest]], np.uint16)
    assert bits_in_16(opened(saved(values, "PNG"))) == (bits if largest else 16)
    rows = [np.array([[0, 0, largest]], ">u2").tobytes()]
    assert bits_in_16(opened(png(rows, 16, 2, width=1, height=1))) == bits
    # What shines through is no colour.
    rows = [np.array([[0, largest, 0, 65535]], ">u2").tobytes()]
    assert bits_in_16(opened(png(rows, 16, 6, width=1, height=1))) == bits


def test_a_profile_of_a_png_is_read_where_it_is_compressed():
    profile = chunk(b"iCCP", b"made\0\0" + zlib.compress(rgb_profile("ROMM RGB", 1.8)))
    rows = [row.tobytes() for row in LEVELS]
    data = png(rows, 8, 2, profile, width=30, height=20)
    assert np.abs(found(data) - expected(LEVELS, "ROMM RGB", 1.8)).max() <= 1.5
