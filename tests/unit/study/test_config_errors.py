"""Errors of a schema in plain words: what jsonschema finds, and the line that a person reads."""

import pytest
from jsonschema import Draft202012Validator

from fewshot.study.config_errors import line, nearest, schema_lines, spoilt_paths

ABOUT = {"description": "As many as you like."}


def errors(schema, value):
    return list(Draft202012Validator(schema).iter_errors(value))


def lines(schema, value):
    """Lines for a value that stands under the key `n` of a config."""
    schema = {"type": "object", "properties": {"n": {**ABOUT, **schema}}}
    return list(schema_lines(errors(schema, {"n": value})))


@pytest.mark.parametrize(
    ("path", "start"),
    [
        (["draws", "repeats"], "draws.repeats: "),
        (["experiments", "shots", "layers", 0], "experiments.shots.layers[0]: "),
        (["layers", 1, 2], "layers[1][2]: "),
        (["heads", 256], "heads[256]: "),
        ([], "config: "),
    ],
)
def test_a_line_starts_with_the_place_of_the_value(path, start):
    assert line(path, "must be so", "3", "try 4") == f"{start}must be so. Received: 3. Hint: try 4."


@pytest.mark.parametrize(
    ("hint", "end"), [("try 4", "try 4."), ("As said.", "As said."), ("did you?", "did you?")]
)
def test_a_line_ends_in_one_stop(hint, end):
    assert line(["a"], "must be so", "3", hint).endswith(f" Hint: {end}")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("vgg16", "did you mean VGG16?"),
        ("ResNet", "did you mean ResNet50?"),
        ("nothing like it", "known here: VGG16, ResNet50, 7"),
        (7, "did you mean 7?"),
    ],
)
def test_the_nearest_known_word_is_named_in_its_own_spelling_or_else_all_are(word, hint):
    assert nearest(word, ["VGG16", "ResNet50", 7]) == hint


def test_a_hint_of_ones_own_stands_where_no_word_is_near():
    assert nearest("xyz", ["VGG16"], "look at keras.io") == "look at keras.io"
    assert nearest("vgg", ["VGG16"], "look at keras.io") == "did you mean VGG16?"


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, 2.5, "must be a whole number. Received: 2.5"),
        ({"type": "number"}, None, "must be a number. Received: None"),
        ({"type": "string"}, 7, "must be text. Received: 7"),
        ({"type": "boolean"}, "maybe", "must be true or false. Received: 'maybe'"),
        ({"type": "object"}, [1], "must be a mapping. Received: [1]"),
        ({"type": ["array", "null"]}, {}, "must be a list or null. Received: {}"),
        ({"minimum": 1}, 0, "must be at least 1. Received: 0"),
        ({"maximum": 8}, 9, "must be at most 8. Received: 9"),
        ({"exclusiveMinimum": 0}, 0, "must be above 0. Received: 0"),
        ({"exclusiveMaximum": 1}, 1, "must be below 1. Received: 1"),
        (
            {"maxLength": 2},
            "abc",
            "must have at most this many characters: 2. Received: 'abc'",
        ),
        ({"minLength": 1}, "", "must not be empty. Received: ''"),
        ({"minItems": 1}, [], "must not be empty. Received: []"),
        ({"minProperties": 1}, {}, "must not be empty. Received: {}"),
        ({"pattern": "^[a-z]+$", "title": "small letters"}, "A", "must be made of small letters"),
        ({"not": {}, "title": "is for sgd alone"}, 1, "is for sgd alone. Received: 1"),
    ],
)
def test_each_kind_of_error_is_a_rule_and_the_keys_description(schema, value, expected):
    (told,) = lines(schema, value)
    assert told.startswith(f"n: {expected}")
    assert told.endswith(". Hint: As many as you like.")


def test_a_number_that_yaml_takes_for_text_is_told_so():
    (told,) = lines({"type": "number"}, "1e-3")
    assert "must be a number. Received: '1e-3'. Hint: As many as you like. YAML takes 1e-3" in told


@pytest.mark.parametrize("value", [4, "1-4"])
def test_how_a_list_is_written_is_told_to_who_wrote_none(value):
    (told,) = lines({"type": "array"}, value)
    assert told.endswith("As many as you like. A list is written in brackets, as in [1, 2, 4].")


def test_of_a_long_value_the_beginning_is_told():
    value = ["a" * 9]
    for _ in range(5):
        value = [value] * 6
    (told,) = lines({"type": "string"}, value)
    assert len(told) < 300


def test_a_choice_names_the_nearest_and_not_the_null_that_means_none():
    schema = {"enum": ["ridge", "logistic", None]}
    near, far = (lines(schema, value)[0] for value in ("rigde", "tree"))
    rule = "n: must be one of ridge, logistic. Received:"
    assert near == f"{rule} 'rigde'. Hint: did you mean ridge?"
    assert far == f"{rule} 'tree'. Hint: As many as you like."


def test_doubles_are_shown_with_their_list():
    expected = "n: must list nothing twice. Received: [2, 2]. Hint: leave each value in once."
    assert lines({"uniqueItems": True}, [2, 2]) == [expected]


def test_each_missing_key_is_a_line_with_its_description():
    schema = {
        "required": ["a", "b", "c"],
        "properties": {key: {"description": f"This is {key}."} for key in "abc"},
    }
    told = lines({"type": "object", **schema}, {"b": 1})
    rule = "required key is missing. Received: nothing. Hint:"
    assert sorted(set(told)) == [f"n.a: {rule} This is a.", f"n.c: {rule} This is c."]


def test_each_unknown_key_is_a_line_with_the_nearest_known():
    schema = {"additionalProperties": False, "properties": {"shots": ABOUT, "layers": ABOUT}}
    told = lines(schema, {"shot": [1], "xyz": None})
    assert told == [
        "n.shot: unknown key. Received: shot: [1]. Hint: did you mean shots?",
        "n.xyz: unknown key. Received: xyz: None. Hint: known here: shots, layers.",
    ]


def test_a_bad_name_is_the_place_of_its_error():
    names = {"propertyNames": {"pattern": "^[a-z]+$", "title": "small letters", **ABOUT}}
    expected = "n.A b: must be made of small letters. Received: 'A b'. Hint: As many as you like."
    assert lines(names, {"A b": 1}) == [expected]


def test_a_long_value_is_cut():
    (told,) = lines({"type": "string"}, list(range(1000)))
    assert "Received: [0, 1, 2, 3, 4, 5, ...]. Hint" in told


@pytest.mark.parametrize(
    ("schema", "value", "spoilt"),
    [
        ({"type": "integer"}, "a", {("n",)}),
        ({"items": {"minimum": 1}}, [1, 0, 0], {("n", 1), ("n", 2)}),
        ({"required": ["a"], "properties": {"a": ABOUT}}, {}, set()),
        ({"additionalProperties": False}, {"a": 1}, set()),
        ({"uniqueItems": True}, [1, 1], set()),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, set()),
    ],
)
def test_a_value_is_spoilt_unless_it_can_still_be_read(schema, value, spoilt):
    assert spoilt_paths(errors({"properties": {"n": schema}}, {"n": value})) == spoilt
