"""What `--config` changes of a study: it arrives as text, and is taken for what the schema wants."""

import re

from fewshot.study.config_errors import ConfigError, counted, line
from fewshot.study.config_file import repeated_keys

_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_ALTERED = re.compile(r"[-+]?0[0-9]+|[-+]?[0-9]+(_[0-9]+)+")
_NULL = ("null", "~", "")
_KEY = re.compile("[A-Za-z_][A-Za-z0-9_-]*")


def check_settings(settings):
    """Check the words after `--config`, of which Snakemake would end in a traceback or drop some.

    Parameters
    ----------
    settings : list of str

    Raises
    ------
    ConfigError
        If one is no ``key=value``, or gives a key twice. Lists all errors at once.
    """
    lines, keys = [], set()
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not _KEY.fullmatch(key):
            hint = (
                "write draws='{repeats: 3}' for a key in a mapping, study=mine for one at the top"
            )
            lines.append(line(["--config"], "a setting is key=value", setting, hint))
        if _ALTERED.fullmatch(value):
            hint = f"""write {key}="'{value}'" for text, else a number without them"""
            rule = "Snakemake drops zeros in front of a number and _ within it"
            lines.append(line(["--config"], rule, setting, hint))
        twice = [key] if key in keys else repeated_keys(value)
        keys.add(key)
        hint = "give it one value"
        lines += [line(["--config"], "a key is given once", each, hint) for each in twice]
    if lines:
        raise ConfigError(counted(lines))


def typed(schema, value):
    """Take text for the number, the truth value or the null that its key wants.

    Text stays text where its key takes text, and where it is no number as people write one: 010.

    Parameters
    ----------
    schema : dict
        Of the value, as `fewshot.study.read.read_schema` gives it.
    value : object
        Of ``--config``: mappings and lists of texts.

    Returns
    -------
    object

    Examples
    --------
    >>> typed({"properties": {"repeats": {"type": "integer"}}}, {"repeats": "3"})
    {'repeats': 3}
    """
    if isinstance(value, dict):
        keys, others = schema.get("properties", {}), schema.get("additionalProperties") or {}
        return {key: typed(keys.get(key, others), item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(schema.get("items", {}), item) for item in value]
    if "$ref" in schema and type(value) is int:
        return str(value)  # names are text, of which Snakemake makes numbers
    return _read(schema, value) if isinstance(value, str) else value


def _read(schema, text):
    kinds = schema.get("type", [])
    kinds = {kinds} if isinstance(kinds, str) else {*kinds}
    if text in _NULL and ("null" in kinds or None in schema.get("enum", ())):
        return None
    if "boolean" in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kinds & {"integer", "number"} and (number := _NUMBER.fullmatch(text)):
        return float(text) if number[2] or number[3] else int(text)
    return text


def merged(config, changes):
    """Merge as Snakemake does: mappings key by key, all else as a whole.

    Parameters
    ----------
    config, changes : dict

    Returns
    -------
    dict
        New, with both of them left as they are.

    Examples
    --------
    >>> merged({"draws": {"test": 8, "seed": 0}}, {"draws": {"seed": 1}})
    {'draws': {'test': 8, 'seed': 1}}
    """
    result = dict(config)
    for key, change in changes.items():
        if isinstance(change, dict):
            own = result.get(key)
            result[key] = merged(own if isinstance(own, dict) else {}, change)
        else:
            result[key] = change
    return result
