"""Names in zips, whose bytes are written here: read as they were meant, or the log says how."""

import io
import struct
import sys
import unicodedata
import zipfile
import zlib

import pytest

from fewshot.data.zip_names import ZipName, zip_names
from fewshot.errors import InputError

DOS, UNIX = 0, 3
UTF8_FLAG = 1 << 11


def zip_infos(*names, system=DOS, flags=0, extra=lambda name: b""):
    """Read the directory of a zip whose empty files have these bytes as names.

    By APPNOTE.TXT of PKWARE: the directory's entries, and its end.
    """
    directory = b"".join(
        struct.pack(
            *("<4s4B4H3L5H2L", b"PK\1\2", 20, system, 20, 0, flags, 0, 0, 33, 0, 0, 0, len(name)),
            *(len(extra(name)), 0, 0, 0, 0, 0),
        )
        + name
        + extra(name)
        for name in names
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(names), len(names), len(directory), 0, 0)
    with zipfile.ZipFile(io.BytesIO(directory + end)) as archive:
        return archive.infolist()


def texts(infos, encoding=None):
    return [name.text for name in zip_names(infos, encoding)]


def unicode_path(text, name, version=1):
    """The extra field of Info-ZIP that gives a name in UTF-8, bound to the name by its CRC-32."""
    field = struct.pack("<BL", version, zlib.crc32(name)) + text.encode()
    return struct.pack("<HH", 0x7075, len(field)) + field


JAPANESE = ["ソ連/表.png", "貼る/1.png", "ｱ/1.png"]  # 83 5C, 95 5C, 93 5C: backslashes in letters


def test_names_that_the_flag_or_ascii_makes_sure(capsys):
    assert texts(zip_infos("Bär/猫.png".encode(), flags=UTF8_FLAG)) == ["Bär/猫.png"]
    assert texts(zip_infos(b"cat/1.png")) == ["cat/1.png"]
    assert capsys.readouterr().out == ""


def test_the_extra_field_of_info_zip_comes_before_the_name(capsys):
    meant = dict(zip((name.encode("cp932") for name in JAPANESE), JAPANESE, strict=True))
    infos = zip_infos(*meant, extra=lambda name: b"UT\1\0x" + unicode_path(meant[name], name))
    for encoding in (None, "cp1252"):
        assert zip_names(infos, encoding) == [ZipName(name, False) for name in JAPANESE]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "extra",
    [
        unicode_path("evil", b"another name"),
        unicode_path("evil", b"B\x84r", version=2),
        unicode_path("", b"B\x84r"),
    ],
)
@pytest.mark.filterwarnings("ignore:Empty unicode path")  # of Python from 3.13 on
def test_an_extra_field_that_is_not_of_this_name_is_passed_over(extra):
    assert texts(zip_infos(b"B\x84r", extra=lambda name: extra)) == ["Bär"]


def test_a_cut_off_extra_field_is_passed_over_or_refused():
    def read():
        return texts(zip_infos(b"B\x84r", extra=lambda name: b"\x75\x70\x02\0\1\0"))

    if sys.version_info < (3, 13):
        assert read() == ["Bär"]
    else:  # Python reads this field itself
        with pytest.raises(zipfile.BadZipFile, match="Corrupt unicode path"):
            read()


def test_utf8_without_the_flag_as_macos_writes_it(capsys):
    names = [unicodedata.normalize("NFD", name) for name in ("Bär/1.png", "Ürs/1.png", "cat")]
    assert texts(zip_infos(*map(str.encode, names), system=UNIX)) == names
    assert capsys.readouterr().out == ""


def test_what_is_not_known_is_read_as_cp437_and_the_log_says_so_and_how_to_say_another(capsys):
    stored = (b"B\x84r/1.jpg", b"B\x84r/2.jpg", b"cat", "Bär".encode("cp1252"))
    assert texts(zip_infos(*stored)) == ["Bär/1.jpg", "Bär/2.jpg", "cat", "BΣr"]
    printed = capsys.readouterr().out
    assert printed.startswith("Note: 3 names in the zip do not say how they are written")
    assert "read as cp437, the default of zips: Bär, BΣr." in printed
    assert "set datasets.<name>.name_encoding: cp932 for Japanese" in printed


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp932", JAPANESE),
        ("gbk", ["猫/誠.png"]),
        ("big5", ["功/許.png"]),
        ("cp949", ["고양이/개.png"]),
        ("cp866", ["кот/1.png"]),
        ("cp850", ["Bär/Fuß.png"]),
        ("cp1252", ["Bär/Fuß.png"]),
    ],
)
def test_an_encoding_that_is_given(capsys, encoding, names):
    infos = zip_infos(*(name.encode(encoding) for name in names))
    assert zip_names(infos, encoding) == [ZipName(name, False) for name in names]
    assert capsys.readouterr().out == ""


def test_names_that_are_not_in_the_encoding_given():
    with pytest.raises(InputError, match=r"name_encoding says, cp932. Received: b'\\x83'. Hint: "):
        zip_names(zip_infos(b"\x83"), "cp932")


@pytest.mark.parametrize("name", [*JAPANESE, "功/許.png"])
def test_a_backslash_within_a_letter_parts_nothing(name):
    stored = name.encode("big5" if "功" in name else "cp932")
    for system in (DOS, UNIX):
        ((_, has_separator),) = zip_names(zip_infos(stored, system=system))
        assert not has_separator


def test_a_backslash_between_letters_parts_folders_but_on_unix():
    cases = [
        (b"cat\\1.png", None),
        ("Bär\\1.png".encode(), None),
        ("ソ\\表.png".encode("cp932"), "cp932"),
        ("ｱ\\1.png".encode("cp932"), "cp932"),
        (b"B\x84r\\cat\\1.png", "cp437"),
        (b"B\x84r\\cat\\1.png", None),
    ]
    for stored, encoding in cases:
        assert zip_names(zip_infos(stored), encoding)[0].has_separator
        assert not zip_names(zip_infos(stored, system=UNIX), encoding)[0].has_separator
    assert zip_names(zip_infos("Bär\\1".encode(), flags=UTF8_FLAG))[0].has_separator
