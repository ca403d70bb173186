"""docs/configuration.md has every key of the schema, as the schema has it now."""

import copy
import json
import re

import pytest

from fewshot.study.digests import LIBRARY
from fewshot.study.read import read_schema
from fewshot.study.reference import reference

PAGE = LIBRARY.parents[1] / "docs/configuration.md"
WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "null": "`null`",
}
LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "minLength": "not empty",
    "minItems": "not empty",
}


def mappings(item, path=()):
    """Yield the path of every mapping of the schema, and what it says of the mapping."""
    body = item if "properties" in item else item["additionalProperties"]
    yield path, body
    for key, each in body["properties"].items():
        if "object" in each.get("type", ""):
            yield from mappings(each, (*path, key))


def keys():
    """List (path of the mapping, key, what the schema says of it, whether it is required)."""
    return [
        (path, key, item, key in body.get("required", []))
        for path, body in mappings(read_schema()[0])
        for key, item in body["properties"].items()
    ]


def sections(page):
    """Sections of the page by heading; what comes before the first is that of ""."""
    parts = re.split(r"^##+ (.+)$", page, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def row(page, path, key):
    """Cells of a key's row: meaning, value, default."""
    lines = sections(page)[": ".join(path)].splitlines()
    found = next(line for line in lines if line.startswith(f"| `{key}` |"))
    _, _, meaning, value, default, _ = re.split(r" ?(?<!\\)\| ?", found)
    return meaning, value, default


def literal(value):
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == reference(read_schema()[0]), "run make docs"


@pytest.mark.parametrize(
    ("path", "key", "item", "is_required"),
    [pytest.param(*each, id=".".join([*each[0], each[1]])) for each in keys()],
)
def test_a_key_has_its_type_limits_and_default(path, key, item, is_required):
    meaning, value, default = row(PAGE.read_text(encoding="utf-8"), path, key)
    assert meaning
    for each in item.get("enum", []):
        assert literal(each) in value
    kinds = item.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        assert WORDS.get(kind, "") in value
    for limit, words in LIMITS.items():
        if limit in item:
            assert words.format(item[limit]) in value
    if is_required:
        assert default == "required"
    elif default != "by `solver`: see below":
        said = re.search(r"Default (.*?)\.", item["description"])
        written = literal(item["default"]) if "default" in item else said[1]
        assert default.replace("`", "").startswith(written.replace("`", ""))


def test_no_description_gives_another_default_than_the_schema():
    said = {}
    for path, key, item, _ in keys():
        if match := re.search(r"Default (true|false|[\d.e-]*\d|\[.+?\])", item["description"]):
            said[(*path, key)] = json.loads(match[1]), item["default"]
    assert len(said) > 10
    assert all(words == value for words, value in said.values())


def test_keys_by_hand():
    assert row(PAGE.read_text(encoding="utf-8"), ("draws",), "repeats") == (
        "Random draws of test and training images.",
        "a whole number, at least 1, at most 1000",
        "`5`",
    )
    _, value, default = row(PAGE.read_text(encoding="utf-8"), ("draws",), "test")
    assert value == "a whole number, at least 1; or `rest` or `official`"
    assert default == "`8`"


def test_what_each_solver_takes_is_told_with_its_default():
    lines = sections(PAGE.read_text(encoding="utf-8"))["heads"].splitlines()
    header = next(line for line in lines if line.startswith("| key | `sgd`"))
    solvers = re.findall(r"`(\w+)`", header)

    def taken(key):
        (line,) = [line for line in lines[lines.index(header) :] if line.startswith(f"| `{key}`")]
        return dict(zip(solvers, line.strip("| ").split(" | ")[1:], strict=True))

    refused = {"logistic": "not taken", "ridge": "not taken"}
    assert taken("epochs") == {"sgd": "`200`", "end_to_end": "`11`", **refused}
    assert taken("momentum") == {"sgd": "`0.9`", "end_to_end": "`0.9`", **refused}
    assert taken("augment") == {"sgd": "not taken", "end_to_end": "`false`", **refused}


def test_a_rule_without_words_is_refused():
    schema = copy.deepcopy(read_schema()[0])
    head = schema["properties"]["heads"]["additionalProperties"]
    head["allOf"] = [{"if": {"minProperties": 2}, "then": {"properties": {}}}]
    with pytest.raises(ValueError, match=r"add words for this one"):
        reference(schema)
