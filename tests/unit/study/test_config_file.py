"""The files of a study: what YAML would drop, guess or not read is one line with its place."""

import codecs
import json
import os
import textwrap

import pytest
import yaml

from fewshot.study.config_errors import ConfigError
from fewshot.study.config_file import check_files, repeated_keys

STUDY = """\
study: tiny
datasets:
  shapes: {source: data/shapes, classes: folders}
draws:
  test: 2
  repeats: 5
heads:
  tuned:
    solver: logistic
"""


def errors(tmp_path, content, name="study.yaml"):
    """Lines of the errors in a file, without its name."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        check_files([path])
    except ConfigError as error:
        header, *lines = str(error).splitlines()
        assert header == f"The config has {len(lines)} error{'s' * (len(lines) > 1)}:"
        assert all(". Received: " in line and ". Hint: " in line for line in lines)
        return [line.removeprefix(f"{path}, ") for line in lines]
    return []


@pytest.mark.parametrize(
    "text",
    [
        STUDY,
        "\ufeff" + STUDY,
        STUDY.replace("\n", "\r\n"),
        "---\n" + STUDY + "...\n",
        "%YAML 1.1\n---\n" + STUDY,
        STUDY + "  sgd: &s {solver: sgd, epochs: 3}\n  long: {<<: *s, epochs: 9}\n",
        STUDY.replace("tiny", "!!str 2026-11-26"),
        STUDY.replace("tiny", "'no'"),
        STUDY.replace("tiny", '"010"'),
        STUDY.replace("tiny", "Zürich 文字 «a» d’or"),
        STUDY.replace("tiny", "'\u00a0'"),
        STUDY.replace("5", "1_000"),
        STUDY.replace("5", "0x10"),
        STUDY.replace("5", "True"),
        "# with a\ttab\n" + STUDY,
        json.dumps(yaml.safe_load(STUDY), indent="\t"),
        '{"study": "\x7f", "a"\n: 1}',
    ],
)
def test_what_says_one_thing_passes(tmp_path, text):
    assert errors(tmp_path, text) == []


@pytest.mark.parametrize(
    ("old", "new", "number", "said"),
    [
        ("  test: 2", "\ttest: 2", 5, r"takes no tab here. Received: \ttest: 2"),
        ("study: tiny", "study:\ttiny", 1, "takes no tab here"),
        ("repeats: 5", "test: 3", 6, "key is given once. Received: test, which is in line 5"),
        ("repeats: 5", '"test": 3', 6, "key is given once. Received: test"),
        ("heads:", "study: other\nheads:", 7, "Received: study, which is in line 1"),
        ("{source: data/shapes,", "{source: a, source: b,", 3, "Received: source"),
        ("5", "010", 6, "octal. Received: 010. Hint: write 10, or put it in quotes"),
        ("5", "-0_7", 6, "octal. Received: -0_7. Hint: write -7"),
        ("5", "1:30", 6, "of base 60. Received: 1:30"),
        ("5", "1:30.5", 6, "of base 60. Received: 1:30.5"),
        ("5", "9" * 5000, 6, "YAML takes this for int. Received: '99999"),
        ("5", '!!int "x"', 6, "YAML takes this for int. Received: 'x'"),
        ("5", '!!bool "x"', 6, "YAML takes this for bool"),
        ("5", "!!timestamp x", 6, "for a date"),
        ("5", '!!float ""', 6, "YAML takes this for float"),
        ("tiny", "no", 1, "for false. Received: no. Hint: write false, or put it in quotes"),
        ("tiny", "On", 1, "for true. Received: On. Hint: write true"),
        ("shapes:", "off:", 3, "for false. Received: off"),
        ("tiny", "2026-11-26", 1, "for a date. Received: 2026-11-26. Hint: put it in quotes"),
        ("tiny", "2026-13-45", 1, "for a date"),
        ("tiny", "2026-11-26 10:00:00", 1, "for a date"),
        ("study: tiny", "study:\u00a0tiny", 1, "Received: study:<U+00A0>tiny"),
        ("data/shapes", "data\u00a0x", 3, "ordinary ones. Received: data<U+00A0>x"),
        ("  test", "\u00a0 test", 5, "ordinary ones"),
        ("tiny", "tiny\u200b", 1, "Received: tiny<U+200B>"),
        ("tiny", "“tiny”", 1, "straight ones. Received: “tiny”"),
        ("tiny", '"tiny', 1, "Hint: close the quotes that this line opens"),
        ("folders}", "folders", 3, "Hint: close the bracket that this line opens"),
        ("folders}", "folders]", 3, "Hint: close the bracket"),
        ("  repeats", "   repeats", 6, "Hint: put a space after each colon"),
        ("tiny", "tiny: x", 1, "quotes around a value that has a colon"),
        ("study: tiny", "study:tiny", 2, "also in the line above"),
        ("heads:", "heads", 7, "Hint: indent what belongs together alike"),
        ("data/shapes", r'"C:\data"', 3, "Hint: use single quotes"),
        ("tiny", "*x", 1, "undefined alias 'x'. Hint: put a value that begins"),
        ("tiny", "@x", 1, "Hint: put a value that begins"),
        ("study", "{study}", 1, "Hint: a key is text"),
        ("tiny", "=", 1, "Hint: remove the tag"),
        ("tiny", "!!python/name:os.system x", 1, "Hint: remove the tag"),
        ("tiny", "a\0b", 1, r"a study is text. Received: '\x00'"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path, old, new, number, said):
    assert old in STUDY
    (line,) = errors(tmp_path, STUDY.replace(old, new, 1))
    assert line.startswith(f"line {number}: ")
    assert said in line


def test_all_mistakes_of_all_files_are_told_in_order(tmp_path):
    first, second, absent = (tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml"))
    first.write_text("draws:\n  repeats: 010\n  seed: 1:30\nstudy: no\nstudy: a\n")
    second.write_text("study: tiny\n---\nstudy: other\n")
    with pytest.raises(ConfigError) as caught:
        check_files([first, second, absent])
    places = [line.partition(": ")[0] for line in str(caught.value).splitlines()[1:]]
    assert places == [
        *(f"{first}, line {number}" for number in (2, 3, 4, 5)),
        f"{second}, line 2",
        str(absent),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_named(tmp_path, encoding):
    (line,) = errors(tmp_path, STUDY.encode(encoding))
    name = encoding[:6].upper()
    assert line.startswith(f"line 1: a study is text in UTF-8. Received: {name}. Hint: save it as")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_byte_that_is_no_utf_8_is_found_in_its_line(tmp_path, encoding):
    (line,) = errors(tmp_path, STUDY.replace("shapes:", "café:").encode(encoding))
    assert line.startswith("line 3: a study is text in UTF-8. Received: Latin-1")
    assert "café: {source: data/shapes" in line


def test_a_mark_of_utf_8_is_no_mistake_and_those_of_others_are(tmp_path):
    assert errors(tmp_path, codecs.BOM_UTF8 + STUDY.encode()) == []
    assert len(errors(tmp_path, codecs.BOM_UTF16_BE + STUDY.encode("utf-16-be"))) == 1


@pytest.mark.parametrize(
    ("text", "number", "received"),
    [
        ("", 1, "nothing"),
        ("# comments\n\n# alone\n", 1, "nothing"),
        ("---\n", 1, "nothing"),
        ("\n{}\n", 2, "{}"),
        ("null\n", 1, "'null'"),
        ("- a\n- b\n", 1, "a list"),
        ("hello\n", 1, "'hello'"),
        ("[]", 1, "a list"),
    ],
)
def test_what_holds_no_keys_is_no_study(tmp_path, text, number, received):
    (line,) = errors(tmp_path, text)
    assert line.startswith(f"line {number}: a study is a mapping")
    assert f". Received: {received}. Hint: " in line


@pytest.mark.parametrize("end", ["---\nstudy: other\n", "---\n", "...\n---\nstudy: other\n"])
def test_a_second_document_is_refused(tmp_path, end):
    (line,) = errors(tmp_path, STUDY + end)
    first = len(STUDY.splitlines()) + end.splitlines().index("---") + 1
    assert line.startswith(f"line {first}: a study is one YAML document")


def test_json_with_tabs_is_read_and_its_doubles_are_found(tmp_path):
    text = textwrap.dedent("""\
        {
        \t"study": "tiny",
        \t"draws": {"test": 2},
        \t"study": "other"
        }
        """)
    (line,) = errors(tmp_path, text, "study.json")
    assert line.startswith("line 4: a key is given once. Received: study, which is in line 2")


def test_broken_json_is_told_by_the_rules_of_json(tmp_path):
    text = '{\n\t"study": "tiny",\n\t"draws": {"test": 2},,\n}\n'
    (line,) = errors(tmp_path, text, "study.json")
    assert line.startswith("line 3: a study is JSON. Received: Expecting property name")


def test_what_never_ends_is_refused_at_once(tmp_path):
    levels = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))
    (line,) = errors(tmp_path, "a0: &a0 [x]\n" + levels)
    assert "at most 1000000 values" in line
    (line,) = errors(tmp_path, STUDY + "x: &x [*x]\n")
    assert line.startswith("line 10: a value holds no alias of itself")
    (line,) = errors(tmp_path, "x: " + "[" * 5000)
    assert "nested" in line


def test_a_folder_or_a_name_that_no_disk_takes_is_no_file(tmp_path):
    for path, received in ((tmp_path, "it is a folder"), (tmp_path / ("x" * 300), "too long")):
        with pytest.raises(ConfigError, match=r"a study is a file that can be read") as caught:
            check_files([path])
        assert received in str(caught.value)


def test_a_pipe_is_left_to_snakemake_for_it_is_read_but_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    check_files([tmp_path / "pipe"])


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("{a: 1, b: {c: 2, c: 3}, a: 4}", ["a", "c"]),
        ("[{a: 1}, {a: 2}]", []),
        ("&x [*x]", []),
        ("{a: 1", []),
        ("3", []),
        ("", []),
    ],
)
def test_keys_given_twice_in_a_text(text, keys):
    assert repeated_keys(text) == keys
