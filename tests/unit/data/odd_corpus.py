"""The corpus of bad and odd images: name, how to make the file, and what must become of it."""

import io
import struct
import tarfile
import zipfile
import zlib
from typing import NamedTuple

import numpy as np
from odd_images import (
    DEEP,
    INDEX,
    PALETTE,
    PICTURE,
    PLTE,
    RAMP,
    adam7,
    big_endian,
    bmp,
    bmp_of,
    chunk,
    gif,
    gif_frame,
    grey,
    packed,
    png,
    png_header,
    rgb_rows,
    saved,
    tall_jpeg,
    tiff,
)
from PIL import Image

NO_FORMAT, BROKEN, TRUNCATED = "not an image of a known format", "cannot be decoded", "truncated"
PIECES, BOMB = "more than the limit of 200000 pieces", "exceeds limit of 500000000 pixels"


class Good(NamedTuple):
    """Used: mode as stored, and the upright RGB pixels, None where nobody can say."""

    mode: str
    pixels: np.ndarray | None
    within: float = 0  # levels of 255
    lossy: bool = False  # whether `within` is of the mean difference, not of the largest


class Bad(NamedTuple):
    """Rejected: words of the reason."""

    reason: str


def blend(alpha, pixels=PICTURE):
    """Pixels seen through on white, in floating point."""
    return np.round(255 + (np.asarray(pixels, float) - 255) * alpha / 255)


def with_alpha(alpha, pixels=PICTURE):
    return np.concatenate([pixels, np.full((*pixels.shape[:2], 1), alpha, np.uint8)], axis=-1)


def keyed(colour):
    """The picture with one colour transparent."""
    return np.where((colour == PICTURE).all(axis=-1, keepdims=True), 255, PICTURE)


BIG = np.kron(PICTURE, np.ones((8, 8, 1), np.uint8))  # whole blocks of a JPEG
DEEP_RGB = PICTURE.astype(np.uint16) * 257
LESS_RED = np.where(INDEX[..., None] == 0, 255, PICTURE)
GOOD_PNG = png(rgb_rows(), 8, 2)
PNG_BODY = GOOD_PNG[33:]
ROWS = [row.tobytes() for row in PICTURE[..., ::-1]]  # blue, green, red
DATA = PICTURE.tobytes()
CMYK = np.concatenate([255 - PICTURE, np.zeros((8, 16, 1), np.uint8)], axis=-1)
SMALL = np.full((8, 16, 3), 255, np.uint8)  # the middle of the picture alone
SMALL[2:6, 4:12] = PICTURE[2:6, 4:12]

# PNG


def broken_png(change, *, mend_crc=True):
    """The picture with its compressed pixels changed."""
    length = struct.unpack(">I", PNG_BODY[:4])[0]
    data = chunk(b"IDAT", change(PNG_BODY[8 : 8 + length]))
    return GOOD_PNG[:33] + (data if mend_crc else data[:-4] + bytes(4)) + chunk(b"IEND", b"")


def flipped(place):
    def change(data):
        data = bytearray(data)
        data[place] ^= 255
        return bytes(data)

    return change


def text_bomb(kind, head):
    return png(rgb_rows(), 8, 2, chunk(kind, head + zlib.compress(bytes(100 << 20), 9)))


def grey_levels(depth):
    return np.tile(np.arange(16) % 2**depth, (8, 1))


def animation(kind, **options):
    frames = [Image.new("RGB", (16, 8), colour) for colour in ("blue", "red")]
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, kind, save_all=True, append_images=frames, **options)
    return buffer.getvalue()


PNGS = {
    **{
        f"png grey {depth} bit": (
            lambda depth=depth: png(packed(grey_levels(depth), depth), depth, 0),
            Good("1" if depth == 1 else "L", grey(grey_levels(depth) * (255 // (2**depth - 1)))),
        )
        for depth in (1, 2, 4)
    },
    "png grey 8 bit": (lambda: png(RAMP, 8, 0), Good("L", grey(RAMP))),
    "png grey 16 bit": (lambda: png(big_endian(DEEP), 16, 0), Good("I;16", grey(RAMP))),
    "png grey 16 bit to the nearest": (
        lambda: png(big_endian(np.minimum(DEEP.astype(int) + 100, 65535)), 16, 0),
        Good("I;16", grey(RAMP)),
    ),
    "png grey 8 bit, black clear": (
        lambda: png(RAMP, 8, 0, chunk(b"tRNS", b"\0\0")),
        Good("L", grey(np.where(RAMP == 0, 255, RAMP))),
    ),
    "png grey 16 bit, black clear": (
        lambda: png(big_endian(DEEP), 16, 0, chunk(b"tRNS", b"\0\0")),
        Good("I;16", grey(np.where(RAMP == 0, 255, RAMP))),
    ),
    **{
        f"png palette {depth} bit": (
            lambda depth=depth: png(packed(INDEX, depth), depth, 3, PLTE),
            Good("P", PICTURE),
        )
        for depth in (2, 4, 8)
    },
    "png palette, red clear": (
        lambda: png(packed(INDEX, 8), 8, 3, PLTE, chunk(b"tRNS", b"\0")),
        Good("P", LESS_RED),
    ),
    "png palette, half clear": (
        lambda: png(packed(INDEX, 8), 8, 3, PLTE, chunk(b"tRNS", b"\x80\x80\x80\x80")),
        Good("P", blend(128), 1),
    ),
    "png rgb 16 bit": (lambda: png(big_endian(DEEP_RGB), 16, 2), Good("RGB", PICTURE)),
    "png rgb, green clear": (
        lambda: png(rgb_rows(), 8, 2, chunk(b"tRNS", struct.pack(">HHH", 0, 255, 0))),
        Good("RGB", keyed((0, 255, 0))),
    ),
    "png rgb 16 bit, green clear": (
        lambda: png(big_endian(DEEP_RGB), 16, 2, chunk(b"tRNS", struct.pack(">HHH", 0, 65535, 0))),
        Good("RGB", keyed((0, 255, 0))),
    ),
    "png grey and alpha 8 bit": (
        lambda: png([row.tobytes() for row in np.stack([RAMP, RAMP * 0 + 51], -1)], 8, 4),
        Good("LA", blend(51, grey(RAMP)), 1),
    ),
    "png grey and alpha 16 bit": (
        lambda: png(big_endian(np.stack([DEEP, DEEP * 0 + 51 * 257], -1)), 16, 4),
        Good("RGBA", blend(51, grey(RAMP)), 1),
    ),
    "png rgba 8 bit": (
        lambda: png([row.tobytes() for row in with_alpha(128)], 8, 6),
        Good("RGBA", blend(128), 1),
    ),
    "png rgba 16 bit": (
        lambda: png(big_endian(with_alpha(128).astype(int) * 257), 16, 6),
        Good("RGBA", blend(128), 1),
    ),
    "png interlaced": (lambda: png(adam7(PICTURE), 8, 2, interlace=1), Good("RGB", PICTURE)),
    "png interlaced 16 bit": (
        lambda: png(adam7(DEEP_RGB.astype(">u2")), 16, 2, interlace=1),
        Good("RGB", PICTURE),
    ),
    "png animated": (lambda: animation("PNG"), Good("RGB", PICTURE)),
    "png without its end": (lambda: GOOD_PNG[:-12], Good("RGB", PICTURE)),
    "png with rows to spare": (lambda: png(rgb_rows() * 3, 8, 2), Good("RGB", PICTURE)),
    # The pixels have a checksum of their own, so this one says nothing.
    "png of a wrong crc": (lambda: broken_png(bytes, mend_crc=False), Good("RGB", PICTURE)),
    "png of bad zlib": (lambda: broken_png(flipped(6)), Bad("broken data stream")),
    "png of a bad checksum": (lambda: broken_png(flipped(-1)), Bad("broken data stream")),
    "png of a bad header": (lambda: GOOD_PNG[:20] + b"\xff" + GOOD_PNG[21:], Bad(NO_FORMAT)),
    "png truncated": (lambda: GOOD_PNG[:60], Bad(TRUNCATED)),
    "png without pixels": (lambda: png_header(16, 8, 8, 2) + chunk(b"IEND", b""), Bad(BROKEN)),
    "png without palette": (lambda: png(packed(INDEX, 8), 8, 3), Bad(BROKEN)),
    "png of an unknown filter": (
        lambda: broken_png(lambda data: zlib.compress(b"\x09".join([b"", *rgb_rows()]))),
        Bad(BROKEN),
    ),
    "png of 3 bits": (lambda: png(rgb_rows(), 3, 2), Bad(NO_FORMAT)),
    "png of no width": (lambda: png_header(0, 8, 8, 2) + PNG_BODY, Bad(NO_FORMAT)),
    "png bomb, 100000 pixels an edge": (
        lambda: png_header(10**5, 10**5, 8, 2) + PNG_BODY,
        Bad(BOMB),
    ),
    "png bomb, 20000 pixels an edge": (
        lambda: png_header(20000, 20000, 8, 2) + PNG_BODY,
        Bad("20000 x 20000 pixels, more than the limit of 250000000"),
    ),
    "png bomb, zTXt": (lambda: text_bomb(b"zTXt", b"k\0\0"), Bad("too large")),
    "png bomb, iTXt": (lambda: text_bomb(b"iTXt", b"k\0\1\0\0\0"), Bad("too large")),
    "png bomb, iCCP": (lambda: text_bomb(b"iCCP", b"k\0\0"), Bad("too large")),
    "png bomb, many zTXt": (
        lambda: png(
            rgb_rows(), 8, 2, *[chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1 << 20), 9))] * 200
        ),
        Bad("Too much memory used in text chunks"),
    ),
    "png of a million chunks": (
        lambda: png(rgb_rows(), 8, 2, chunk(b"teXt", b"") * 2**20),
        Bad(PIECES),
    ),
    "png of the most pixels, clear": (
        lambda: saved(np.zeros((5000, 10000, 4), np.uint8), "PNG", compress_level=1),
        Good("RGBA", None),
    ),
    "png of the most pixels, 16 bit": (
        lambda: saved(np.zeros((5000, 10000), np.uint16), "PNG", compress_level=1),
        Good("I;16", None),
    ),
    "png of one pixel": (
        lambda: png([b"\xff\0\0"], 8, 2, width=1, height=1),
        Good("RGB", PICTURE[:1, :1]),
    ),
    "png 1 x 10000": (
        lambda: png(np.tile(RAMP[:, 7:8], (1250, 1)), 8, 0, width=1, height=10000),
        Good("L", grey(np.full((10000, 1), 7 * 17))),
    ),
}

# GIF


def bad_lzw():
    data = bytearray(gif(gif_frame(INDEX)))
    place = data.index(b"\x2c", 13 + 768) + 12
    data[place : place + 2] = b"\xff\xff"
    return bytes(data)


GIFS = {
    "gif": (lambda: gif(gif_frame(INDEX)), Good("P", PICTURE)),
    "gif interlaced": (lambda: gif(gif_frame(INDEX, interlaced=True)), Good("P", PICTURE)),
    "gif, red clear": (lambda: gif(gif_frame(INDEX, transparent=0)), Good("P", LESS_RED)),
    "gif animated": (lambda: gif(gif_frame(INDEX), gif_frame(INDEX * 0)), Good("P", PICTURE)),
    "gif, first frame smaller": (
        lambda: gif(gif_frame(INDEX[2:6, 4:12], 4, 2), background=2),
        Good("P", SMALL),
    ),
    "gif, first frame smaller, red clear": (
        lambda: gif(gif_frame(INDEX[2:6, 4:12], 4, 2, transparent=0)),
        Good("P", np.where(INDEX[..., None] == 0, 255, SMALL)),
    ),
    "gif, frame larger than it says": (
        lambda: gif(gif_frame(INDEX), width=4, height=4),
        Good("P", PICTURE),
    ),
    "gif without its end": (lambda: gif(gif_frame(INDEX))[:-1], Good("P", PICTURE)),
    "gif truncated": (lambda: gif(gif_frame(INDEX))[:-60], Bad(TRUNCATED)),
    "gif without a frame": (gif, Bad(NO_FORMAT)),
    "gif of bad lzw": (bad_lzw, Bad(BROKEN)),
    "gif bomb": (lambda: gif(gif_frame(INDEX), width=65535, height=65535), Bad(BOMB)),
    "gif bomb, far frame": (lambda: gif(gif_frame(INDEX, 60000, 60000)), Bad(BOMB)),
    "gif of a million comments": (
        lambda: gif(b"\x21\xfe" + b"\x01x" * 2**20 + b"\0", gif_frame(INDEX)),
        Bad(PIECES),
    ),
}

# BMP


def words(red, green, blue, bits):
    """Rows of 16-bit pixels, from the numbers of bits of green."""
    five = PICTURE.astype(int) >> 3
    value = five[..., 0] << (5 + bits) | (PICTURE[..., 1].astype(int) >> (8 - bits)) << 5
    return [row.astype("<u2").tobytes() for row in value | five[..., 2]]


def runs(depth):
    """Each row of the picture as two runs, from the bottom up."""
    both = 17 if depth == 4 else 1
    rows = [bytes([8, row[0] * both, 8, row[8] * both, 0, 0]) for row in INDEX[::-1]]
    return b"".join(rows) + b"\0\1"


BMPS = {
    "bmp 1 bit": (
        lambda: bmp(packed(INDEX % 2, 1), 1, palette=PALETTE[:2]),
        Good("P", PALETTE[INDEX % 2]),
    ),
    "bmp 4 bit": (lambda: bmp(packed(INDEX, 4), 4, palette=PALETTE), Good("P", PICTURE)),
    "bmp 8 bit": (lambda: bmp(packed(INDEX, 8), 8, palette=PALETTE), Good("P", PICTURE)),
    "bmp 16 bit": (lambda: bmp(words(5, 5, 5, 5), 16), Good("RGB", PICTURE)),
    "bmp 16 bit, 6 of green": (
        lambda: bmp(words(5, 6, 5, 6), 16, compression=3, masks=(0xF800, 0x7E0, 0x1F)),
        Good("RGB", PICTURE),
    ),
    "bmp 24 bit": (lambda: bmp(ROWS, 24), Good("RGB", PICTURE)),
    "bmp from the top": (lambda: bmp(ROWS, 24, height=-8), Good("RGB", PICTURE)),
    "bmp 32 bit": (
        lambda: bmp([row.tobytes() for row in with_alpha(0, PICTURE[..., ::-1])], 32),
        Good("RGB", PICTURE),
    ),
    "bmp 32 bit with alpha": (
        lambda: bmp(
            [row.tobytes() for row in with_alpha(128, PICTURE[..., ::-1])],
            32,
            compression=3,
            masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000),
        ),
        Good("RGBA", blend(128), 1),
    ),
    "bmp in runs, 8 bit": (lambda: bmp_of(runs(8), 8, 1, PALETTE), Good("P", PICTURE)),
    "bmp in runs, 4 bit": (lambda: bmp_of(runs(4), 4, 2, PALETTE), Good("P", PICTURE)),
    "bmp in runs, truncated": (lambda: bmp_of(runs(8)[:20], 8, 1, PALETTE), Bad("not enough")),
    "bmp truncated": (lambda: bmp(ROWS, 24)[:-50], Bad(TRUNCATED)),
    "bmp bomb": (lambda: bmp([], 24, width=2**30, height=2**30), Bad(BOMB)),
    "bmp of no width": (lambda: bmp([], 24, width=-16), Bad(BOMB)),
    "bmp of unknown masks": (
        lambda: bmp(ROWS, 32, compression=3, masks=(0xFF0, 0xFF00, 0xFF)),
        Bad("bitfields"),
    ),
    "bmp of an unknown compression": (lambda: bmp_of(bytes(99), 24, 4), Bad("compression (4)")),
}

# JPEG


def jpeg(pixels=BIG, mode=None, **options):
    return saved(pixels, "JPEG", mode, **{"quality": 95, "subsampling": 0, **options})


def jpeg_dimensions(height, width):
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_frame(kind, precision=8):
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 1], data[frame + 4] = kind, precision
    return bytes(data)


def with_segment(kind, content, times=1):
    data = jpeg()
    segment = bytes([0xFF, kind]) + struct.pack(">H", len(content) + 2) + content
    return data[:2] + segment * times + data[2:]


def exif(*tags, **options):
    return with_segment(0xE1, b"Exif\0\0" + tiff(b"", extra=tags, **options))


def cmyk_jpeg():
    """Ink stored upside down and marked by Adobe, as Photoshop does."""
    buffer = io.BytesIO()
    image = Image.fromarray(np.kron(CMYK, np.ones((8, 8, 1), np.uint8)), "CMYK")
    image.save(buffer, "JPEG", quality=95, subsampling=0)
    return buffer.getvalue()


def ycck_jpeg():
    """Ink turned to brightness and colour, beside black upside down, marked by Adobe.

    By JFIF: Y = 0.299 R + 0.587 G + 0.114 B, Cb and Cr the scaled differences of B and R from Y,
    with cyan, magenta and yellow in the places of red, green and blue.
    """
    red, green, blue = np.moveaxis(255.0 - BIG, -1, 0)
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    parts = (bright, 128 + (blue - bright) * 0.564, 128 + (red - bright) * 0.713, bright * 0 + 255)
    stored = np.stack(parts, axis=-1).round().clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    # Pillow turns ink upside down before it is stored.
    Image.fromarray(255 - stored, "CMYK").save(buffer, "JPEG", quality=95, subsampling=0)
    data = bytearray(buffer.getvalue())
    data[data.index(b"Adobe") + 11] = 2
    return bytes(data)


def many_scans():
    """The last scan of a progressive JPEG again and again: each goes over all pixels."""
    data = jpeg(progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 200 + data[-2:]


def phones():
    """A JPEG with a second picture and a film behind its end, in which anything may stand."""
    return jpeg() + jpeg(BIG // 2) + b"\0\0\0\x18ftypmp42" + b"\xff\xda\0\2" * 1000


def several_pictures():
    buffer = io.BytesIO()
    other = Image.new("RGB", (50, 50))
    options = {"quality": 95, "subsampling": 0}
    Image.fromarray(BIG).save(buffer, "MPO", save_all=True, append_images=[other], **options)
    return buffer.getvalue()


TURNS = {
    1: BIG,
    2: BIG[:, ::-1],
    3: BIG[::-1, ::-1],
    4: BIG[::-1],
    5: BIG.transpose(1, 0, 2),
    6: np.rot90(BIG, -1),
    7: np.rot90(BIG, 2).transpose(1, 0, 2),
    8: np.rot90(BIG),
}
JPEGS = {
    "jpeg": (jpeg, Good("RGB", BIG, 2)),
    "jpeg progressive": (lambda: jpeg(progressive=True), Good("RGB", BIG, 2)),
    "jpeg grey": (
        lambda: jpeg(np.kron(RAMP, np.ones((8, 8), np.uint8))),
        Good("L", grey(np.kron(RAMP, np.ones((8, 8), np.uint8))), 2),
    ),
    "jpeg with restarts": (lambda: jpeg(restart_marker_blocks=2), Good("RGB", BIG, 2)),
    "jpeg of red, green and blue": (lambda: jpeg(keep_rgb=True), Good("RGB", BIG, 2)),
    "jpeg cmyk": (cmyk_jpeg, Good("CMYK", BIG, 2)),
    "jpeg ycck": (ycck_jpeg, Good("CMYK", BIG, 3)),
    "jpeg with more behind it": (phones, Good("RGB", BIG, 2)),
    "jpeg of several pictures": (several_pictures, Good("RGB", BIG, 2)),
    **{
        f"jpeg, exif orientation {n}": (
            lambda n=n: exif((274, 3, [n])),
            Good("RGB", pixels, 2),
        )
        for n, pixels in {**TURNS, 0: BIG, 9: BIG, 65535: BIG}.items()
    },
    "jpeg, exif orientation as text": (lambda: exif((274, 2, b"6\0")), Good("RGB", BIG, 2)),
    "jpeg, exif orientation as long": (lambda: exif((274, 4, [6])), Good("RGB", TURNS[6], 2)),
    "jpeg, exif without sense": (
        lambda: with_segment(0xE1, b"Exif\0\0no tiff header here"),
        Good("RGB", BIG, 2),
    ),
    "jpeg, exif in circles": (
        lambda: exif((34665, 4, [8]), (34853, 4, [8]), (330, 4, [8]), after="self"),
        Good("RGB", BIG, 2),
    ),
    "jpeg, exif of absurd length": (
        lambda: with_segment(
            0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 274, 3, 2**31, 8)
        ),
        Good("RGB", BIG, 2),
    ),
    # What the format's own library mends in silence, with grey where nothing is left, no reader
    # of its pixels can tell: the file is used.
    "jpeg of bad huffman data": (
        lambda: jpeg()[:700] + b"\x5a" * 40 + jpeg()[740:],
        Good("RGB", None),
    ),
    # The photographs of phones.
    "jpeg of the most pixels": (lambda: tall_jpeg(16384, 12288), Good("L", None)),
    "jpeg truncated": (lambda: jpeg()[: len(jpeg()) * 2 // 3], Bad(TRUNCATED)),
    "jpeg of its header": (lambda: jpeg()[: jpeg().index(b"\xff\xda")], Bad(BROKEN)),
    "jpeg of its first bytes": (lambda: b"\xff\xd8\xff", Bad(NO_FORMAT)),
    "jpeg of no height": (lambda: jpeg_dimensions(0, 128), Bad(NO_FORMAT)),
    "jpeg bomb": (lambda: jpeg_dimensions(65500, 65500), Bad(BOMB)),
    "jpeg of 12 bits": (lambda: jpeg_frame(0xC1, 12), Bad(NO_FORMAT)),
    "jpeg without loss": (lambda: jpeg_frame(0xC3), Bad(BROKEN)),
    "jpeg without tables": (lambda: jpeg().replace(b"\xff\xdb", b"\xff\xfe"), Bad(BROKEN)),
    "jpeg of 200 scans": (many_scans, Bad("more than the limit of 100 scans")),
    "jpeg of a million comments": (lambda: with_segment(0xFE, b"", 2**20), Bad(PIECES)),
    "jpeg whose scan is a million fillers": (
        lambda: jpeg()[: jpeg().index(b"\xff\xda") + 14] + b"\xff" * 2**20 + b"\0",
        Bad(BROKEN),
    ),
    "jpeg of a million fillers": (lambda: jpeg()[:2] + b"\xff" * 2**20 + jpeg()[2:], Bad(PIECES)),
}

# TIFF

TILES = [(273, 4, None), (279, 4, None), (278, 4, None), (322, 4, [16]), (323, 4, [16])]
TWELVE = np.unpackbits(
    np.tile(np.arange(16) * 273, (8, 1)).astype(">u2").view(np.uint8).reshape(8, 16, 2), axis=-1
)[..., 4:]
COLOUR_MAP = [int(v) * 257 for v in np.pad(PALETTE, ((0, 252), (0, 0))).T.ravel()]
BOMB_STRIP = zlib.compress(bytes(100 << 20), 9)

TIFFS = {
    "tiff": (lambda: tiff(DATA), Good("RGB", PICTURE)),
    "tiff, other byte order": (lambda: tiff(DATA, order=">"), Good("RGB", PICTURE)),
    "tiff in planes": (
        lambda: tiff(
            PICTURE.transpose(2, 0, 1).tobytes(),
            extra=[(284, 3, [2]), (273, 4, [8, 136, 264]), (279, 4, [128] * 3)],
        ),
        Good("RGB", PICTURE),
    ),
    "tiff in tiles": (
        lambda: tiff(DATA + bytes(384), extra=[*TILES, (324, 4, [8]), (325, 4, [768])]),
        Good("RGB", PICTURE),
    ),
    "tiff of several pages": (lambda: animation("TIFF"), Good("RGB", PICTURE)),
    "tiff whose pages go in circles": (lambda: tiff(DATA, after="self"), Good("RGB", PICTURE)),
    "tiff grey 16 bit": (
        lambda: tiff(DEEP.astype("<u2").tobytes(), 1, 16, 1),
        Good("I;16", grey(RAMP)),
    ),
    "tiff grey 16 bit, other byte order": (
        lambda: tiff(DEEP.astype(">u2").tobytes(), 1, 16, 1, order=">"),
        Good("I;16B", grey(RAMP)),
    ),
    "tiff grey 16 bit, white is zero": (
        lambda: tiff((65535 - DEEP).astype("<u2").tobytes(), 1, 16, 0),
        Good("I;16", grey(RAMP)),
    ),
    "tiff grey 12 bit": (
        lambda: tiff(np.packbits(TWELVE.reshape(8, -1), axis=1).tobytes(), 1, 12, 1),
        Good("I;16", grey(RAMP)),
    ),
    "tiff grey 8 bit, white is zero": (
        lambda: tiff((255 - RAMP).tobytes(), 1, 8, 0),
        Good("L", grey(RAMP)),
    ),
    "tiff 1 bit, white is zero": (
        lambda: tiff(b"".join(packed(1 - RAMP // 128, 1)), 1, 1, 0),
        Good("1", grey(RAMP // 128 * 255)),
    ),
    "tiff rgb 16 bit": (
        lambda: tiff(DEEP_RGB.astype("<u2").tobytes(), 3, 16),
        Good("RGB", PICTURE),
    ),
    "tiff palette": (
        lambda: tiff(INDEX.tobytes(), 1, 8, 3, extra=[(320, 3, COLOUR_MAP)]),
        Good("P", PICTURE),
    ),
    "tiff cmyk": (lambda: tiff(CMYK.tobytes(), 4, 8, 5), Good("CMYK", PICTURE)),
    # CIE L*a*b* of sRGB's red, under the D50 of print: 54.3, 80.8, 69.9.
    "tiff lab": (
        lambda: tiff(np.tile(np.uint8([138, 81, 70]), (8, 16, 1)).tobytes(), 3, 8, 8),
        Good("LAB", np.tile(PICTURE[:1, :1], (8, 16, 1)), 8),
    ),
    "tiff with alpha": (
        lambda: tiff(with_alpha(128).tobytes(), 4, 8, 2, extra=[(338, 3, [2])]),
        Good("RGBA", blend(128), 1),
    ),
    "tiff with alpha multiplied in": (
        lambda: tiff(with_alpha(128, PICTURE // 255 * 128).tobytes(), 4, extra=[(338, 3, [1])]),
        Good("RGBA", blend(128), 1),
    ),
    "tiff with a fourth channel": (
        lambda: tiff(with_alpha(7).tobytes(), 4, extra=[(338, 3, [0])]),
        Good("RGB", PICTURE),
    ),
    "tiff, orientation 6": (
        lambda: tiff(DATA, extra=[(274, 3, [6])]),
        Good("RGB", np.rot90(PICTURE, -1)),
    ),
    "tiff, orientation 9": (lambda: tiff(DATA, extra=[(274, 3, [9])]), Good("RGB", PICTURE)),
    **{
        f"tiff by {way}": (
            lambda way=way: saved(PICTURE, "TIFF", compression=way),
            Good("RGB", PICTURE),
        )
        for way in ("tiff_lzw", "tiff_adobe_deflate", "packbits")
    },
    "tiff by jpeg": (
        lambda: saved(BIG, "TIFF", compression="jpeg", quality=95),
        Good("RGB", BIG, 2),
    ),
    "tiff by fax": (
        lambda: saved(RAMP // 128 * 255, "TIFF", "1", compression="group4"),
        Good("1", grey(RAMP // 128 * 255)),
    ),
    "tiff with 7000 tags": (
        lambda: tiff(DATA, extra=[(41000 + n, 4, [1, 2, 3]) for n in range(7000)]),
        Good("RGB", PICTURE),
    ),
    "tiff of floats": (
        lambda: tiff(RAMP.astype("<f4").tobytes(), 1, 32, 1, extra=[(339, 3, [3])]),
        Bad("pixels of mode F have no known range"),
    ),
    "tiff of long numbers": (
        lambda: tiff(RAMP.astype("<i4").tobytes(), 1, 32, 1, extra=[(339, 3, [2])]),
        Bad("pixels of mode I have no known range"),
    ),
    "tiff of a preview": (lambda: tiff(DATA, extra=[(254, 4, [1])]), Bad("develop it")),
    "tiff of a preview, as text": (lambda: tiff(DATA, extra=[(254, 2, b"1\0")]), Bad(BROKEN)),
    "tiff, dng": (lambda: tiff(DATA, extra=[(50706, 4, [1])]), Bad("develop it")),
    "tiff truncated": (lambda: tiff(DATA)[:200], Bad(NO_FORMAT)),
    "tiff of a short strip": (lambda: tiff(DATA[:100]), Bad(TRUNCATED)),
    "tiff of a strip far away": (lambda: tiff(DATA, extra=[(273, 4, [2**31])]), Bad(TRUNCATED)),
    "tiff of tags far away": (lambda: b"II*\0" + struct.pack("<I", 2**31), Bad(NO_FORMAT)),
    "tiff of no width": (lambda: tiff(DATA, width=0), Bad(NO_FORMAT)),
    "tiff of too many channels": (lambda: tiff(DATA, extra=[(277, 3, [65535])]), Bad(NO_FORMAT)),
    "tiff bomb": (lambda: tiff(DATA, width=10**5, height=10**5), Bad(BOMB)),
    "tiff bomb, short strip": (lambda: tiff(DATA, width=7000, height=7000), Bad(TRUNCATED)),
    # 100 MB of zeros in the strip, of which the picture takes its 384 bytes.
    "tiff bomb, deflate": (
        lambda: tiff(BOMB_STRIP, extra=[(259, 3, [8])]),
        Good("RGB", PICTURE * 0),
    ),
}

# WebP


def webp_canvas(edge):
    data = animation("WEBP", lossless=True)
    size = struct.pack("<I", edge - 1)[:3] * 2
    return data[:24] + size + data[30:]


WEBPS = {
    "webp": (lambda: saved(BIG, "WEBP", quality=95), Good("RGB", BIG, 3, True)),
    "webp without loss": (lambda: saved(PICTURE, "WEBP", lossless=True), Good("RGB", PICTURE)),
    "webp with alpha": (
        lambda: saved(with_alpha(128), "WEBP", lossless=True),
        Good("RGBA", blend(128), 1),
    ),
    "webp animated": (lambda: animation("WEBP", lossless=True), Good("RGBA", PICTURE)),
    "webp truncated": (lambda: saved(BIG, "WEBP")[:-60], Bad(BROKEN)),
    "webp of its header": (lambda: saved(BIG, "WEBP")[:30], Bad(BROKEN)),
    "webp bomb": (lambda: webp_canvas(16383), Bad("16383 x 16383 pixels, more than the limit")),
}

# AVIF and JPEG 2000


def avif(pixels=BIG, **options):
    return saved(pixels, "AVIF", **{"quality": 95, "subsampling": "4:4:4", **options})


def avif_turned(orientation):
    exif = Image.Exif()
    exif[274] = orientation
    return avif(exif=exif)


def jp2(pixels=PICTURE, **options):
    return saved(pixels, "JPEG2000", **options)


def jp2_box(*size):
    """Another size in the box in front of the pixels."""
    data = jp2()
    place = data.index(b"ihdr") + 4
    return data[:place] + struct.pack(">II", *size) + data[place + 8 :]


def j2k_sizes(*sizes):
    """Other sizes of the picture, its place, the tiles, their place, in the pixels themselves."""
    data = jp2(no_jp2=True)
    return data[:8] + struct.pack(">8I", *sizes) + data[40:]


AVIFS = {
    "avif": (avif, Good("RGB", BIG, 3, True)),
    "avif grey": (
        lambda: avif(np.kron(RAMP, np.ones((8, 8), np.uint8))),
        Good("RGB", grey(np.kron(RAMP, np.ones((8, 8), np.uint8))), 3, True),
    ),
    "avif with alpha": (
        lambda: avif(np.kron(with_alpha(128), np.ones((8, 8, 1), np.uint8))),
        Good("RGBA", np.kron(blend(128), np.ones((8, 8, 1))), 3, True),
    ),
    "avif animated": (
        lambda: animation("AVIF", quality=95, subsampling="4:4:4"),
        Good("RGB", PICTURE, 6, True),
    ),
    **{
        f"avif, orientation {n}": (lambda n=n: avif_turned(n), Good("RGB", pixels, 3, True))
        for n, pixels in TURNS.items()
        if n > 1
    },
    "avif truncated": (lambda: avif()[:-60], Bad(BROKEN)),
    "avif of its header": (lambda: avif()[:200], Bad(NO_FORMAT)),
}
JP2S = {
    "jp2": (jp2, Good("RGB", PICTURE)),
    "jp2, codestream alone": (lambda: jp2(no_jp2=True), Good("RGB", PICTURE)),
    "jp2 grey": (lambda: jp2(RAMP), Good("L", grey(RAMP))),
    "jp2 grey 16 bit": (lambda: jp2(DEEP), Good("I;16", grey(RAMP))),
    "jp2 with alpha": (lambda: jp2(with_alpha(128)), Good("RGBA", blend(128), 1)),
    "jp2 in tiles": (lambda: jp2(BIG, tile_size=(64, 32)), Good("RGB", BIG)),
    "jp2 with loss": (
        lambda: jp2(BIG, quality_mode="dB", quality_layers=[45], irreversible=True),
        Good("RGB", BIG, 3, True),
    ),
    "jp2 truncated": (lambda: jp2(BIG)[:300], Bad(BROKEN)),
    "jp2 of its header": (lambda: jp2()[:60], Bad(BROKEN)),
    "jp2 bomb": (lambda: jp2_box(30000, 30000), Bad(BOMB)),
    "jp2 bomb, pixels": (lambda: j2k_sizes(30000, 30000, 0, 0, 30000, 30000, 0, 0), Bad(BOMB)),
    "jp2 of another size than its box": (lambda: jp2_box(800, 1600), Bad(BROKEN)),
    "jp2 bomb, tiles": (
        lambda: j2k_sizes(20000, 10000, 0, 0, 100, 100, 0, 0),
        Bad("20000 tiles, more than the limit of 4096"),
    ),
    "jp2 of tiles of no size": (lambda: j2k_sizes(16, 8, 0, 0, 0, 0, 0, 0), Bad(BROKEN)),
}

# What is no image, or of a format that is not read


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("1.jpg", jpeg())
    return buffer.getvalue()


def tarred():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("1.jpg"))
    return buffer.getvalue()


OTHERS = {
    "nothing": (bytes, Bad("empty file")),
    "zeros": (lambda: bytes(1000), Bad(NO_FORMAT)),
    "129 MiB": (lambda: bytes(129 << 20), Bad("more than the limit of 134217728 bytes")),
    "html": (lambda: b"<!DOCTYPE html><html>404 Not Found</html>", Bad(NO_FORMAT)),
    "svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', Bad(NO_FORMAT)),
    "text": (lambda: b"a picture of a cat\n", Bad(NO_FORMAT)),
    "xbm": (lambda: saved(RAMP, "XBM", "1"), Bad(NO_FORMAT)),
    "zip": (zipped, Bad(NO_FORMAT)),
    "tar": (tarred, Bad(NO_FORMAT)),
    "mp4": (lambda: b"\0\0\0\x18ftypmp42" + bytes(100), Bad(NO_FORMAT)),
    "psd": (lambda: b"8BPS\0\1" + bytes(100), Bad(NO_FORMAT)),
    **{
        kind.lower(): (lambda kind=kind: saved(BIG, kind), Bad(NO_FORMAT))
        for kind in ("PDF", "EPS", "PPM", "ICO", "TGA", "PCX", "DDS")
    },
}
CORPUS = {**PNGS, **GIFS, **BMPS, **JPEGS, **TIFFS, **WEBPS, **AVIFS, **JP2S, **OTHERS}
