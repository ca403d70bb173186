"""What a file is by its name and by its first bytes, before anything decodes it."""

import re
from pathlib import PurePath

START = 32  # bytes
_ENDINGS = {
    *("jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "dib", "tif", "tiff", "webp"),
    # What is an image, too, though not read here: it is to be named as such.
    *("heic", "heif", "avif", "jxl", "jp2", "ppm", "pgm", "pbm", "pnm", "tga"),
    *("dng", "cr2", "cr3", "nef", "arw", "orf", "rw2", "raf"),
}
_IMAGE = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|II\*\0|MM\0\*|RIFF....WEBP"
    rb"|BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0"  # with the sizes that its header can have
    rb"|....ftyp(?:hei|hev|mif1|msf1|avi[fs])",
    re.DOTALL,
)
_UNREAD = {
    re.compile(rb"version https://git-lfs"): "a Git LFS pointer, git lfs pull brings the image",
    re.compile(rb"....ftyp(?:hei|hev|mif1|msf1)", re.DOTALL): "HEIC, save it as JPEG or PNG",
    re.compile(rb"....ftypavi[fs]", re.DOTALL): "AVIF, save it as JPEG or PNG",
}


def is_image(name, start):
    """Tell whether a file is an image by its name or by its content, read here or not.

    Parameters
    ----------
    name : str
    start : bytes
        Its first `START` bytes.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_image("1.JPG", b""), is_image("1", b"GIF89a"), is_image("1.xml", b"<a/>")
    (True, True, False)
    """
    return has_image_name(name) or _IMAGE.match(start) is not None


def has_image_name(name):
    """Tell whether a file is an image by its name."""
    return PurePath(name).suffix[1:].lower() in _ENDINGS


def unread_kind(start):
    r"""Name a kind of file that stands in for an image or is one that is not read; "" for others.

    Examples
    --------
    >>> unread_kind(b"\0\0\0\x18ftypheic")
    'HEIC, save it as JPEG or PNG'
    """
    return next((words for kind, words in _UNREAD.items() if kind.match(start)), "")
