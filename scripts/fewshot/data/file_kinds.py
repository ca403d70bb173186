"""What a file is by its name and by its first bytes, before anything decodes it."""

import re
from pathlib import PurePath

START = 4096  # bytes: a drawing or a page may say late that it is one
_RAW = {
    *("dng", "crw", "cr2", "cr3", "nef", "nrw", "arw", "srf", "sr2", "orf", "rw2", "raf", "pef"),
    *("srw", "x3f", "mrw", "erf", "kdc", "dcr", "3fr", "fff", "iiq", "mef", "mos", "rwl"),
}
_ENDINGS = {
    *("jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "dib", "tif", "tiff", "webp"),
    *("avif", "avifs", "jp2", "j2k", "jpf", "jpx", "j2c", "jpc"),
    # What is an image, too, though not read here: it is to be named as such.
    *("heic", "heif", "heics", "hif", "jxl", "svg", "svgz", "ppm", "pgm", "pbm", "pnm", "tga"),
    *_RAW,
}
_READ = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|II\*\0|MM\0\*|RIFF....WEBP"
    rb"|BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0"  # with the sizes that its header can have
    rb"|....ftyp(?:avi[fs]|mif1|msf1|hei|hev|crx )|\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51",
    re.DOTALL,
)
_DEVELOP = "RAW of a camera: develop it, or save it as JPEG or PNG"
# Canon's, Fujifilm's, Olympus', Panasonic's, Sigma's and Minolta's; others begin like a TIFF.
_RAW_START = (
    rb"....ftypcrx |II\*\0.{4}CR|II\x1a\0{3}HEAPCCDR|FUJIFILMCCD-RAW|IIR[OS]|MMOR|IIU\0|FOVb|\0MRM"
)
_SVG_START = rb"(?:\xef\xbb\xbf)?\s*<(?:svg\b|(?:\?xml|!--|!DOCTYPE svg).*?<svg\b)"
_UNREAD = {
    rb"version https://git-lfs": "a Git LFS pointer, git lfs pull brings the image",
    # mif1 alone may also be AVIF, which its further brands tell.
    rb"....ftyp(?:hei|hev|(?:mif1|msf1)(?!.{4}(?:.{4}){,8}avi[fs]))": "HEIC, save it as JPEG or PNG",
    rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL, save it as JPEG or PNG",
    _RAW_START: _DEVELOP,
    _SVG_START: "SVG, a drawing: render it as PNG",
}
_UNREAD = {re.compile(mark, re.DOTALL): words for mark, words in _UNREAD.items()}
_TIFF = b"II*\0", b"MM\0*"


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
    return has_image_name(name) or bool(_READ.match(start))


def has_image_name(name):
    """Tell whether a file is an image by its name."""
    return _ending(name) in _ENDINGS


def _ending(name):
    return PurePath(name).suffix[1:].lower()


def unread_kind(start, name=""):
    r"""Name a kind of file that stands in for an image or is one that is not read; "" for others.

    Parameters
    ----------
    start : bytes
        Its first `START` bytes, or more.
    name : str, default ""
        By which a TIFF may be the RAW of a camera.

    Returns
    -------
    str

    Examples
    --------
    >>> unread_kind(b"\0\0\0\x18ftypheic")
    'HEIC, save it as JPEG or PNG'
    """
    if start.startswith(_TIFF) and _ending(name) in _RAW:
        return _DEVELOP
    return next((words for kind, words in _UNREAD.items() if kind.match(start)), "")
