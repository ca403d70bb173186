"""Names on one line: what breaks lines, drives terminals or turns text is written out."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.errors import input_error
from fewshot.names import composed, first_few, shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("two\nlines", r"two\nlines"),
        ("re\rturn\ttab", r"re\rturn\ttab"),
        ("\x1b[31mred\x9b0m", r"\x1b[31mred\x9b0m"),
        ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("a\u2028b", r"a\u2028b"),
        ("caf\udce9", r"caf\udce9"),
    ],
)
def test_what_is_hidden_is_written_out(name, expected):
    assert shown(name) == expected


@pytest.mark.parametrize(
    "name", ["$x_{y}$", "<b>&amp;", "שלום", "👩‍👩‍👧", "ünï 文字", "e\u0301", r"\n", ""]
)
def test_what_can_be_seen_stays(name):
    assert shown(name) == name


@given(st.text())
def test_any_name_stays_on_its_line_and_can_be_encoded(name):
    line = shown(name)
    assert len(line.splitlines()) <= 1
    assert line.encode().decode() == line
    assert not {unicodedata.category(letter) for letter in line} & {"Cc", "Cs", "Zl", "Zp"}
    turns = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not {unicodedata.bidirectional(letter) for letter in line} & turns


def test_the_first_ten_are_named():
    assert first_few(["a", "b"]) == "a, b"
    assert first_few(["a"] * 11) == "a, " * 10 + "..."
    assert first_few(["a", "b"], 1) == "a, ..."


def test_errors_stay_on_one_line():
    error = input_error("A rule", "class 'a\n\x1b[2J'", "b\rc")
    assert str(error) == r"A rule. Received: class 'a\n\x1b[2J'. Hint: b\rc."


def test_two_forms_of_a_name_are_one():
    # From the Unicode standard, annex 15: Angstrom sign, A with ring, A and combining ring.
    assert {composed(name) for name in ("\u212b", "\u00c5", "A\u030a")} == {"\u00c5"}
    assert composed("\udcff plain") == "\udcff plain"
