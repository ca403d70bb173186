"""Counts of scans and tiles, on files that Pillow wrote and on sizes written by the standard."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from fewshot.data.codestreams import count_scans, count_tiles

PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8))


def saved(kind, **options):
    buffer = io.BytesIO()
    PICTURE.save(buffer, kind, **options)
    return buffer.getvalue()


def test_scans_of_a_jpeg():
    assert count_scans(saved("JPEG"), 100) == 1
    # The usual script of libjpeg for three components.
    progressive = saved("JPEG", progressive=True)
    assert count_scans(progressive, 100) == 10
    assert count_scans(progressive, 3) == 4
    assert count_scans(progressive + saved("JPEG"), 100) == 10
    assert count_scans(b"\xff\xd8\xff", 100) == 0


@pytest.mark.parametrize("options", [{}, {"no_jp2": True}])
def test_tiles_of_a_jpeg_2000(options):
    assert count_tiles(saved("JPEG2000", **options)) == 1
    # 90 x 60 pixels in tiles of 40 x 30: 3 x 2.
    assert count_tiles(saved("JPEG2000", tile_size=(40, 30), **options)) == 6


def sizes(*values):
    """The first segments of a codestream, ISO/IEC 15444-1, A.5.1."""
    return b"\xff\x4f\xff\x51" + struct.pack(">HH8I", 47, 0, *values)


def test_tiles_by_their_sizes():
    assert count_tiles(sizes(200, 160, 0, 0, 1, 1, 0, 0)) == 200 * 160
    # The first tile begins 10 pixels before the picture does.
    assert count_tiles(sizes(110, 100, 20, 0, 50, 100, 10, 0)) == 2
    assert count_tiles(sizes(9, 9, 0, 0, 9, 9, 0, 0) + sizes(9, 9, 0, 0, 1, 1, 0, 0)) == 81
    assert count_tiles(b"no codestream") == 0
    with pytest.raises(ZeroDivisionError):
        count_tiles(sizes(9, 9, 0, 0, 0, 9, 0, 0))
