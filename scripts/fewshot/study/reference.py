"""The reference of the configuration, made from its schema: `make docs` writes it."""

import json
import re

from fewshot.study.config_errors import KINDS, LIMITS, words_beside_numbers
from fewshot.study.read import read_schema

_HEAD = """\
<!-- Made from rules/config.schema.yaml by `make docs`: edit that file. -->
# The configuration

A study is a YAML file. Snakemake takes `config.yaml`, or instead of it, as a whole, the file given
with `--configfile`. What a study leaves out takes its default; a key that is not listed here is
refused. [config.yaml](../config.yaml) and [the demo's study](../profiles/demo/study.yaml) are
examples with comments. [results.md](results.md#the-heads) says what the solvers and the
distillation do, [data.md](data.md) what is read of a dataset.

- **Several files**, `--configfile mine.yaml more.yaml`, are one study, and `config.yaml` is not
  read. Mappings are merged key by key; of anything else, lists among them, the later file's counts.
- **`--config`** changes settings of the study it is used with, of `config.yaml` where no
  `--configfile` is given: `--config study=mine draws='{repeats: 3}'`. It merges as a further file
  would. Text is taken for the number, `true`, `false` or `null` that the key wants.
- **What a file must be**: one YAML (or JSON) document in UTF-8 with keys at its top, and spaces, no
  tabs, before them. A key that is given twice is refused, and so is what YAML would take for
  something else without quotes: `010` (8), `1:30` (90), `no`, `yes`, `on`, `off` (false and true),
  `2026-11-26` (a date). Each is told with its file and line.
- **Names** of datasets, backbones, heads, experiments and distillations become folders and files,
  so two that differ only in case are refused.
"""
_TABLE = ["| key | meaning | value | default |", "|---|---|---|---|"]
# Words that are no English: with an underscore, a path with <...>, or in quotes.
_CODE = re.compile(r'"([^"]+)"|(?<![\w/])([\w./-]*[_<][\w./<>-]*[\w>/])')
_DEFAULT = re.compile(r"(?:^| )Default (.+)\.$")


def reference(schema):
    """Write the reference of a schema.

    Parameters
    ----------
    schema : dict
        From `fewshot.study.read.read_schema`.

    Returns
    -------
    str
        Markdown: a section for each mapping, with a table of its keys (meaning, type and limits,
        default), and one of the keys that are taken, or have a default, by another key's value; then the
        rules of names.

    Raises
    ------
    ValueError
        If a rule of the schema has a form that can't be put into words here.
    """
    lines = [_HEAD, *_keys(schema, schema, ())]
    lines += _sections(schema, schema, ())
    lines += ["## Names", "", "| what | rule | value |", "|---|---|---|"]
    for name, each in schema["$defs"].items():
        if "not" not in each:
            lines.append(f"| {name} | {_prose(each['description'])} | {_value(schema, each)} |")
    return "\n".join(lines) + "\n"


def _sections(schema, mapping, path):
    """Write a section for every mapping below one, in the order of the schema."""
    lines = []
    for key, item in mapping["properties"].items():
        if "object" not in _kinds(item):
            continue
        here, body, about = (*path, key), item, []
        if "properties" not in item:
            body = item["additionalProperties"]
            about = [f"Under `{key}: <name>:`. {_prose(body['description'])}", ""]
        lines += [f"#{'#' * len(here)} {': '.join(here)}", "", *about]
        lines += [*_keys(schema, body, here), *_dependences(schema, body)]
        lines += _sections(schema, body, here)
    return lines


def _keys(schema, mapping, path):
    """Write the table of a mapping's keys."""
    lines = [*_TABLE]
    decisive, others = _rules(schema, mapping)
    for key, item in mapping["properties"].items():
        meaning, default = _meaning_and_default(item)
        if key in mapping.get("required", []):
            default = "required"
        elif key in others:
            default = f"by `{decisive}`: see below"
        value = "" if item.get("type") == "object" else _value(schema, item)
        if "object" in _kinds(item):
            value = ", ".join(filter(None, [value, f"[see below](#{'-'.join((*path, key))})"]))
        lines.append(f"| `{key}` | {_prose(meaning)} | {value} | {default} |")
    return [*lines, ""]


def _meaning_and_default(item):
    """Split what a key means from its default.

    Examples
    --------
    >>> _meaning_and_default({"description": "Edge. Default null, its own.", "default": None})
    ('Edge.', '`null`, its own')
    """
    description = item["description"]
    said = _DEFAULT.search(description)
    words = _prose(said[1]) if said else ""
    if "default" in item:
        value = _literal(item["default"])
        rest = said[1].removeprefix(value) if said else ""
        rest = rest if rest.startswith(",") or not rest else f", {rest}"
        words = f"`{value}`{_prose(rest)}"
    return _DEFAULT.sub("", description), words


def _value(schema, item):
    """Say which values a key takes: type and limits.

    Examples
    --------
    >>> _value({"$defs": {}}, {"type": ["integer", "null"], "minimum": 1})
    'a whole number, at least 1; or `null`'
    """
    if "$ref" in item:
        return f"a [{item['$ref'].rpartition('/')[2]}](#names)"
    if "enum" in item:
        return _either(item["enum"])
    return "; or ".join(_of_kind(schema, item, kind) for kind in _kinds(item))


def _kinds(item):
    """List the types that a value may have."""
    kinds = item.get("type", [])
    return [kinds] if isinstance(kinds, str) else kinds


def _of_kind(schema, item, kind):
    if kind == "null":
        return "`null`"
    parts = [KINDS[kind]]
    if kind == "string" and (words := words_beside_numbers(item)):
        return _either(words)
    if kind == "string":
        for name, each in schema["$defs"].items():
            if each is not item and "pattern" in item and each.get("pattern") == item["pattern"]:
                return f"a [{name}](#names)"
        parts[0] += f" of {_prose(item['title'])}" if "pattern" in item else ""
        parts += [f"at most {item['maxLength']} characters"] if "maxLength" in item else []
        parts += ["not empty"] if item.get("minLength") else []
    elif kind == "array":
        parts += ["not empty"] if item.get("minItems") else []
        parts += ["nothing twice"] if item.get("uniqueItems") else []
        parts += [f"each {_value(schema, item['items'])}"]
    elif kind in ("integer", "number"):
        limits = [(LIMITS[key], limit) for key, limit in item.items() if key in LIMITS]
        parts += [f"{words.removeprefix('must be ')} {limit}" for words, limit in limits]
    return ", ".join(parts)


def _dependences(schema, mapping):
    """Write the table of the keys whose default, or right to be there, depends on another key."""
    decisive, cells = _rules(schema, mapping)
    if not cells:
        return []
    values = mapping["properties"][decisive]["enum"]
    lines = [
        f"Which `{decisive}` takes which key, with its default:",
        "",
        f"| key | {' | '.join(f'`{value}`' for value in values)} |",
        f"|---|{'---|' * len(values)}",
    ]
    for key, words in cells.items():
        usual = mapping["properties"][key].get("default")
        otherwise = "taken" if usual is None else f"`{_literal(usual)}`"
        row = [words.get(value, otherwise) for value in values]
        lines.append(f"| `{key}` | {' | '.join(row)} |")
    return [*lines, ""]


def _rules(schema, mapping):
    """Read the rules under allOf: the key that decides, and words by other key and its value."""
    decisive, cells = None, {}
    for rule in mapping.get("allOf", []):
        found, values = _condition(rule)
        if decisive not in (None, found):
            raise _wordless(rule)
        decisive = found
        for key, item in rule["then"]["properties"].items():
            cells.setdefault(key, {}).update(
                dict.fromkeys(values, _consequence(_resolved(schema, item)))
            )
    return decisive, cells


def _condition(rule):
    """Read the key that decides, and the values for which a rule holds."""
    condition = rule.get("if", {})
    keys = condition.get("properties", {})
    if set(rule) != {"if", "then"} or len(keys) != 1 or condition.get("required") != [*keys]:
        raise _wordless(rule)
    ((key, item),) = keys.items()
    if set(item) not in ({"const"}, {"enum"}):
        raise _wordless(rule)
    return key, item.get("enum") or [item["const"]]


def _resolved(schema, item):
    name = item.get("$ref", "").rpartition("/")[2]
    return schema["$defs"][name] if name else item


def _consequence(item):
    if item.get("not") == {}:
        return "not taken"
    if set(item) == {"default"}:
        return f"`{_literal(item['default'])}`"
    raise _wordless(item)


def _wordless(rule):
    return ValueError(
        "The reference has words for rules by which one key with const or enum decides whether "
        f"others are taken (not: {{}}) and their default. Received: {rule}. "
        "Hint: add words for this one to fewshot.study.reference."
    )


def _either(values):
    words = [f"`{_literal(value)}`" for value in values]
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _literal(value):
    return value if isinstance(value, str) else json.dumps(value)


def _prose(text):
    """Mark what is no English as code, so that Markdown leaves it as it is.

    Examples
    --------
    >>> _prose('Letters and "_" in reports/<study>/.')
    'Letters and `_` in `reports/<study>/`.'
    """
    return _CODE.sub(lambda match: f"`{match[1] or match[2]}`", text).replace("|", r"\|")


if __name__ == "__main__":
    print(reference(read_schema()[0]), end="")
