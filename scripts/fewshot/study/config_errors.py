"""Errors in a config, in plain words."""

import reprlib

from jsonschema import Draft202012Validator

from fewshot.errors import full_sentence, nearest

KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
LIMITS = {
    "minimum": "must be at least",
    "maximum": "must be at most",
    "exclusiveMinimum": "must be above",
    "exclusiveMaximum": "must be below",
    "maxLength": "must have at most this many characters:",
}
_LONGEST = 200  # characters of what was received
FORMER_KEYS = {"draws.test_per_class": "test"}


class ConfigError(ValueError):
    """The config is no valid study. The message has a line for each error."""


def counted(lines):
    """Put the lines of all errors below how many there are.

    Examples
    --------
    >>> print(counted(["study: must be text. Received: 7. Hint: quote it."]))
    The config has 1 error:
    study: must be text. Received: 7. Hint: quote it.
    """
    count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
    return "\n".join([f"The config has {count}:", *lines])


def line(path, rule, received, hint):
    """Put an error into one line.

    Parameters
    ----------
    path : list of str or int
        Keys and list positions that lead to the value.
    rule, received, hint : str
        Sentences without their full stop.

    Examples
    --------
    >>> line(["draws", "repeats"], "must be at least 1", "0", "give 5 or more")
    'draws.repeats: must be at least 1. Received: 0. Hint: give 5 or more.'
    """
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    where = key.lstrip(".") or "config"
    return f"{where}: {rule}. Received: {received}. Hint: {full_sentence(hint)}"


def spoilt_paths(errors):
    """Find the values that are not what they must be, so that nothing more is said of them.

    A mapping with a missing, unknown or badly named key and a list with doubles can be read.

    Parameters
    ----------
    errors : iterable of jsonschema.ValidationError

    Returns
    -------
    set of tuple
        Paths of keys and list positions.
    """
    return {
        tuple(error.absolute_path)
        for error in errors
        if error.validator not in ("required", "additionalProperties", "uniqueItems")
        and "propertyNames" not in error.absolute_schema_path
    }


def schema_lines(errors):
    """Say in plain words what errors of `jsonschema` mean.

    Parameters
    ----------
    errors : iterable of jsonschema.ValidationError
        As `iter_errors` gives them for rules/config.schema.yaml.

    Yields
    ------
    str
        See `line`.
    """
    for error in errors:
        path, value, schema = list(error.absolute_path), error.instance, error.schema
        if error.validator == "required":
            for key in [key for key in error.validator_value if key not in value]:
                hint = schema["properties"][key]["description"]
                yield line([*path, key], "required key is missing", "nothing", hint)
        elif error.validator == "additionalProperties":
            taken = _taken_keys(schema, value)
            for key in [key for key in value if key not in schema["properties"]]:
                received = f"{key}: {_short(value[key])}"
                now = FORMER_KEYS.get(".".join(map(str, [*path, key])))
                hint = f"it is called {now} now" if now else nearest(key, taken)
                yield line([*path, key], "unknown key", received, hint)
        else:
            path += [value] if "propertyNames" in error.absolute_schema_path else []
            rule, hint = _rule_and_hint(error.validator, error.validator_value, value, schema)
            yield line(path, rule, _short(value), hint)


def _taken_keys(schema, value):
    """List the keys that a mapping takes, of which others that it has may forbid some."""
    refused = set()
    for rule in schema.get("allOf", ()):
        if Draft202012Validator(rule["if"]).is_valid(value):
            keys = rule["then"]["properties"].items()
            refused |= {key for key, item in keys if item.get("not") == {}}
    return [key for key in schema["properties"] if key not in refused]


def _short(value):
    text = reprlib.repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _rule_and_hint(kind, limit, value, schema):
    hint = schema["description"]
    if kind == "not":
        return schema["title"], hint
    if kind == "type":
        kinds = [limit] if isinstance(limit, str) else limit
        if isinstance(value, str) and {"number", "integer"} & set(kinds):
            hint += " YAML takes 1e-3 and what is in quotes for text, 1.0e-3 and 1.0e+3 for numbers"
        if "array" in kinds and isinstance(value, (int, float, str)):
            hint += " A list is written in brackets, as in [1, 2, 4]."
        return f"must be {' or '.join(KINDS[each] for each in kinds)}", hint
    if kind == "enum":
        words = [each for each in limit if each is not None]
        return f"must be one of {', '.join(words)}", nearest(value, words, hint)
    if kind == "pattern" and (words := words_beside_numbers(schema)):
        return f"must be a whole number or {schema['title']}", nearest(value, words, hint)
    if kind == "pattern":
        return f"must be made of {schema['title']}", hint
    if kind == "uniqueItems":
        return "must list nothing twice", "leave each value in once"
    return f"{LIMITS[kind]} {limit}" if kind in LIMITS else "must not be empty", hint


def words_beside_numbers(schema):
    """List the words that a key takes which else takes whole numbers, as its title names them.

    Parameters
    ----------
    schema : dict
        Of the key.

    Returns
    -------
    list of str

    Examples
    --------
    >>> words_beside_numbers({"type": ["integer", "string"], "title": "rest or official"})
    ['rest', 'official']
    """
    is_both = {"integer", "string"} <= {*schema.get("type", ())}
    return schema["title"].split(" or ") if is_both else []
