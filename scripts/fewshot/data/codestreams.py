"""Counts of what makes a small image file dear to decode."""

import re
import struct

# Of JPEG: any marker but those within a scan.
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
_START, _END, _SCAN = b"\xd8", b"\xd9", b"\xda"
_SIZES = re.compile(rb"\xff\x4f\xff\x51....(.{32})", re.DOTALL)  # at the start of JPEG 2000


def count_scans(data, most):
    """Count the scans of a JPEG up to its end, or to one more than `most`.

    Parameters
    ----------
    data : bytes
    most : int

    Returns
    -------
    int
    """
    scans = place = 0
    while scans <= most and (marker := _MARKER.search(data, place)):
        if marker[1] == _END:
            break
        scans += marker[1] == _SCAN
        # A segment tells its length; what marks no segment and no end has none.
        alone = marker[1] == _START
        place = marker.end() + (
            0 if alone else int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        )
    return scans


def count_tiles(data):
    """Count the tiles of a JPEG 2000; the most of any, where something looks like several.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    int
        0 where no sizes are found.

    Raises
    ------
    ZeroDivisionError
        If a tile has no width or height.
    """
    tiles = 0
    for found in _SIZES.finditer(data):
        # The canvas, where the picture begins in it, a tile, where the first one begins.
        right, down, _, _, width, height, left, top = struct.unpack(">8I", found[1])
        tiles = max(tiles, -(-(right - left) // width) * -(-(down - top) // height))
    return tiles
