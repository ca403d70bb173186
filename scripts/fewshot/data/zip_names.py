"""Names of the files in a zip: in which letters their bytes are to be read."""

import re
import struct
import zlib
from typing import NamedTuple

from fewshot.errors import input_error
from fewshot.job import note
from fewshot.names import first_few

_UTF8_FLAG = 1 << 11
_UNICODE_PATH = 0x7075  # the extra field of Info-ZIP: version, CRC-32 of the name, name in UTF-8
_UNIX = 3  # the system that a zip says it was made on, where a backslash is a letter like others
# What zipfile, and the zip specification, read unmarked names as: one letter for every byte.
ASSUMED = "cp437"
# In cp932, gbk and big5 a backslash can be the second byte of a letter, after one of these.
_SEPARATOR = re.compile(rb"(?<![\x81-\xfe])\\")


class ZipName(NamedTuple):
    """Name of a file in a zip.

    Attributes
    ----------
    text : str
    has_separator : bool
        Whether a backslash in it parts folders: one that may be the second byte of a letter does
        not, and on Unix it is a letter itself.
    """

    text: str
    has_separator: bool


def zip_names(infos, encoding=None):
    """Decode the names of the files in a zip.

    A name is UTF-8 where its flag says so, or an extra field of Info-ZIP that belongs to it gives
    it so. The others have the encoding that is given; or else they are UTF-8 if all of them can be
    (macOS writes that without the flag), and cp437 if not, which is printed.

    Parameters
    ----------
    infos : list of zipfile.ZipInfo
        Of one zip, as zipfile reads them without a `metadata_encoding`.
    encoding : str, optional
        As Python names it, such as cp932.

    Returns
    -------
    list of ZipName
        In the order of `infos`.

    Raises
    ------
    InputError
        If a name can't be read in the encoding that is given.
    """
    marked = [_marked_name(info) for info in infos]
    unmarked = [_bytes(info) for info, text in zip(infos, marked, strict=True) if text is None]
    is_known = encoding is not None or _are_utf8(unmarked)
    encoding = encoding or ("utf-8" if is_known else ASSUMED)
    if not is_known:
        _print_assumption(unmarked)
    names = []
    for info, text in zip(infos, marked, strict=True):
        is_sure = is_known or text is not None
        text = _decoded(_bytes(info), encoding) if text is None else text
        parts = "\\" in text if is_sure else bool(_SEPARATOR.search(_bytes(info)))
        names.append(ZipName(text, parts and info.create_system != _UNIX))
    return names


def _bytes(info):
    return info.orig_filename.encode(ASSUMED)


def _marked_name(info):
    """The name of a file that is surely UTF-8; None for others."""
    name, extra = info.orig_filename, info.extra
    if info.flag_bits & _UTF8_FLAG or name.isascii():
        return name
    of_this_name = struct.pack("<BL", 1, zlib.crc32(_bytes(info)))
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and field.startswith(of_this_name) and len(field) > 5:
            return field[5:].decode()
    return None


def _are_utf8(names):
    try:
        for name in names:
            name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _print_assumption(names):
    parts = (part for name in names for part in name.decode(ASSUMED).split("/"))
    examples = first_few([*dict.fromkeys(part for part in parts if not part.isascii())], 5)
    note(
        f"{len(names)} names in the zip do not say how they are written and are no UTF-8: read as "
        f"{ASSUMED}, the default of zips: {examples}. Where that is wrong, set "
        "datasets.<name>.name_encoding: cp932 for Japanese, gbk or big5 for Chinese, cp949 for "
        "Korean, cp866 for Russian, cp850 or cp1252 for Western letters"
    )


def _decoded(name, encoding):
    try:
        return name.decode(encoding)
    except UnicodeDecodeError:
        raise input_error(
            f"Names in a zip must be written as datasets.<name>.name_encoding says, {encoding}",
            repr(name),
            "correct name_encoding, or remove it to see in fetch.log what is assumed without",
        ) from None
