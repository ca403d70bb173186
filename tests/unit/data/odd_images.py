"""Image files written byte by byte, so that what is in them is known without any decoder."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

RED, GREEN, BLUE, WHITE, BLACK = (
    *((255, 0, 0), (0, 255, 0), (0, 0, 255)),
    *((255, 255, 255), (0, 0, 0)),
)


def picture():
    """8 x 16 (height x width): red at the top left, green top right, blue below, white beside."""
    pixels = np.empty((8, 16, 3), np.uint8)
    pixels[:4, :8], pixels[:4, 8:] = RED, GREEN
    pixels[4:, :8], pixels[4:, 8:] = BLUE, WHITE
    return pixels


PICTURE = picture()
# The same by palette index: 0 red, 1 green, 2 blue, 3 white.
INDEX = np.kron(np.array([[0, 1], [2, 3]], np.uint8), np.ones((4, 8), np.uint8))
PALETTE = np.array([RED, GREEN, BLUE, WHITE], np.uint8)
# Brightness from black at the left to white at the right, and as 16 bits.
RAMP = np.tile(np.arange(16, dtype=np.uint8) * 17, (8, 1))
DEEP = RAMP.astype(np.uint16) * 257


def grey(values):
    """Three equal channels."""
    return np.repeat(np.asarray(values, np.uint8)[..., None], 3, axis=-1)


def saved(pixels, kind, mode=None, **options):
    """Let Pillow encode pixels."""
    image = Image.fromarray(pixels)
    buffer = io.BytesIO()
    (image.convert(mode) if mode else image).save(buffer, kind, **options)
    return buffer.getvalue()


def packed(values, depth):
    """Rows of values of `depth` bits each, every row filled up to whole bytes."""
    bits = np.unpackbits(np.asarray(values, np.uint8)[..., None], axis=-1)[..., 8 - depth :]
    return [row.tobytes() for row in np.packbits(bits.reshape(len(bits), -1), axis=1)]


def big_endian(values):
    return [row.tobytes() for row in np.asarray(values, ">u2").reshape(len(values), -1)]


# PNG, https://www.w3.org/TR/png-3/


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width, height, depth, colour, interlace=0):
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)


def png(rows, depth, colour, *extra, width=16, height=8, interlace=0):
    """A PNG of rows of bytes, unfiltered, with further chunks before the pixels."""
    data = b"".join(b"\0" + bytes(row) for row in rows)
    body = b"".join(extra) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return png_header(width, height, depth, colour, interlace) + body


def adam7(pixels):
    """The seven passes of an interlaced PNG, as rows of bytes."""
    steps = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2))
    passes = [pixels[y::dy, x::dx] for y, x, dy, dx in (*steps, (1, 0, 2, 1))]
    return [row.tobytes() for each in passes if each.size for row in each]


PLTE = chunk(b"PLTE", PALETTE.tobytes())


def rgb_rows(pixels=PICTURE):
    return [row.tobytes() for row in pixels]


# GIF, https://www.w3.org/Graphics/GIF/spec-gif89a.txt


def lzw(values):
    """Uncompressed LZW of 8-bit values: every code 9 bits, the table cleared before it grows."""
    codes = []
    for number, value in enumerate(np.ravel(values).tolist()):
        codes += [256, value] if number % 200 == 0 else [value]
    bits = "".join(f"{code:09b}"[::-1] for code in (*codes, 257))
    data = bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8))
    blocks = [data[i : i + 255] for i in range(0, len(data), 255)]
    return b"\x08" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def gif_frame(index, left=0, top=0, transparent=None, interlaced=False):
    control = b""
    if transparent is not None:
        control = b"\x21\xf9\x04" + struct.pack("<BHBB", 1, 10, transparent, 0)
    height, width = index.shape
    rows = np.concatenate([index[0::8], index[4::8], index[2::4], index[1::2]])
    head = struct.pack("<BHHHHB", 0x2C, left, top, width, height, 0x40 * interlaced)
    return control + head + lzw(rows if interlaced else index)


def gif(*frames, width=16, height=8, background=0):
    table = PALETTE.tobytes() + bytes(3 * 252)
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, background, 0)
    return head + table + b"".join(frames) + b";"


# BMP, https://learn.microsoft.com/windows/win32/gdi/bitmap-storage


def bmp(rows, depth, *, compression=0, palette=None, masks=(), width=16, height=8):
    """A BMP of rows of bytes from the bottom up, or from the top down for a negative height."""
    rows = list(rows) if height < 0 else list(rows)[::-1]
    data = b"".join(row + bytes(-len(row) % 4) for row in rows)
    return bmp_of(data, depth, compression, palette, masks, width, height)


def bmp_of(data, depth, compression, palette=None, masks=(), width=16, height=8):
    table = b"" if palette is None else np.insert(palette[:, ::-1], 3, 0, axis=1).tobytes()
    table = struct.pack(f"<{len(masks)}I", *masks) + table
    colours = 0 if palette is None else len(palette)
    size = 40 + 4 * len(masks) if len(masks) == 4 else 40
    info = (size, width, height, 1, depth, compression, len(data), 2835, 2835, colours, 0)
    head = struct.pack("<IiiHHIIiiII", *info) + table
    return (
        b"BM" + struct.pack("<IHHI", 14 + len(head) + len(data), 0, 0, 14 + len(head)) + head + data
    )


# TIFF 6.0, https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf

_LETTERS, _UNITS = {2: "B", 3: "H", 4: "I"}, {2: 1, 3: 2, 4: 4}  # text, short and long


def tiff(
    data, samples=3, bits=8, photometric=2, *, order="<", extra=(), width=16, height=8, after=0
):
    """A TIFF of one strip, with further tags (tag, type, values) instead of or beside the usual."""
    tags = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [bits] * samples),
        259: (3, [1]),
        262: (3, [photometric]),
        273: (4, [8]),
        277: (3, [samples]),
        278: (4, [height]),
        279: (4, [len(data)]),
        **{tag: (kind, values) for tag, kind, values in extra},
    }
    tags = {tag: each for tag, each in tags.items() if each[1] is not None}
    start = 8 + len(data) + len(data) % 2
    beyond = start + 2 + 12 * len(tags) + 4
    entries, values_after = b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        raw = struct.pack(f"{order}{len(values)}{_LETTERS[kind]}", *values)
        if len(raw) > 4:
            place = struct.pack(f"{order}I", beyond + len(values_after))
            values_after += raw + bytes(len(raw) % 2)
        else:
            place = raw.ljust(4, b"\0")
        entries += struct.pack(f"{order}HHI", tag, kind, len(raw) // _UNITS[kind]) + place
    mark = b"II*\0" if order == "<" else b"MM\0*"
    ifd = (
        struct.pack(f"{order}H", len(tags))
        + entries
        + struct.pack(f"{order}I", start if after == "self" else after)
    )
    return mark + struct.pack(f"{order}I", start) + data + bytes(len(data) % 2) + ifd + values_after


# JPEG, https://www.w3.org/Graphics/JPEG/itu-t81.pdf


def tall_jpeg(width, height):
    """A grey JPEG of one colour, without an image of that size in memory.

    After a restart marker nothing is left of what came before: every line of blocks is the first.
    """
    buffer = io.BytesIO()
    Image.new("L", (width, 16), 200).save(buffer, "JPEG", restart_marker_rows=1)
    data = buffer.getvalue()
    size, scan = data.index(b"\xff\xc0") + 5, data.index(b"\xff\xda") + 10
    line = data[scan : data.index(b"\xff\xd0", scan)]
    head = data[:size] + struct.pack(">HH", height, width) + data[size + 4 : scan]
    lines = [line + bytes([0xFF, 0xD0 + n % 8]) for n in range(-(-height // 8))]
    return head + b"".join(lines)[:-2] + b"\xff\xd9"


# ICC profiles, https://www.color.org/specification/ICC.1-2001-04.pdf, of version 2.4

# Red, green and blue under D50, as ICC wants them: IEC 61966-2-1, Adobe RGB (1998), Apple's
# Display P3 and ROMM RGB, adapted by Bradford.
PRIMARIES = {
    "sRGB": ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
    "Adobe RGB": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
    "Display P3": ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),
    "ROMM RGB": ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)),
}
_D50 = (0.9642, 1.0, 0.8249)


def _fixed(*values):
    """Numbers of 16 bits in front of the point and 16 behind."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _curve(gamma):
    """One number, or samples of a curve from 0 to 1."""
    if np.isscalar(gamma):
        return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    return b"curv" + bytes(4) + struct.pack(">I", len(gamma)) + b"".join(big_endian([gamma]))


def icc(space, kind=b"mntr", pcs=b"XYZ ", **tags):
    """A profile of a colour space, with tags beside those that every profile has."""
    every = {
        "desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"made\0" + bytes(79),
        "cprt": b"text" + bytes(4) + b"none\0",
        "wtpt": b"XYZ " + bytes(4) + _fixed(*_D50),
        **tags,
    }
    entries, data, start = b"", b"", 132 + 12 * len(every)
    for name, content in every.items():
        entries += name.encode() + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"none", 0x02400000, kind, space, pcs)
    head += struct.pack(">6H", 2001, 4, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(*_D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(every)) + entries + data


def rgb_profile(primaries, gamma):
    """A profile of three colours and a curve for all of them."""
    columns = zip("rgb", PRIMARIES[primaries], strict=True)
    colours = {f"{name}XYZ": b"XYZ " + bytes(4) + _fixed(*xyz) for name, xyz in columns}
    return icc(b"RGB ", **colours, **{f"{name}TRC": _curve(gamma) for name in "rgb"})


def grey_profile(gamma):
    return icc(b"GRAY", kTRC=_curve(gamma))


def ink_profile():
    """A profile of inks whose lightness is 1 less their mean, without colour.

    A table of the 16 corners, with CIE L*a*b* of 8 bits: 255 is white, 128 is grey.
    """
    table = bytes(
        value for n in range(16) for value in (round(255 - 63.75 * n.bit_count()), 128, 128)
    )
    ramp = bytes(range(256))
    head = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return icc(b"CMYK", b"prtr", b"Lab ", A2B0=head + ramp * 4 + table + ramp * 3)
