"""Read a study: check its config as a whole, fill in defaults, list its grid."""

import itertools
import math
from functools import cache

import yaml
from jsonschema import Draft202012Validator, validators

from fewshot.study.checks import study_errors
from fewshot.study.config_errors import line, schema_lines, spoilt_paths
from fewshot.study.digests import LIBRARY

_SCHEMA = LIBRARY.parents[1] / "rules/config.schema.yaml"


class ConfigError(ValueError):
    """The config is no valid study. The message has a line for each error."""


def read_study(config):
    """Check a config and fill in what it leaves out.

    Parameters
    ----------
    config : dict
        As rules/config.schema.yaml describes it. Left as it is.

    Returns
    -------
    dict
        The study with every default in place. Entries of a backbone's ``layers`` are lists,
        ``weights`` is text, experiments name their datasets, backbones and heads.

    Raises
    ------
    ConfigError
        If anything is wrong. Lists all errors at once, each with the path of its key, the
        rule, what was received and a hint.
    """
    schema, validator = read_schema()
    errors = list(validator.iter_errors(config))
    spoilt = spoilt_paths(errors)
    study = _normalised(_without(_filled(schema, config), spoilt) or {})
    lines = list(dict.fromkeys(schema_lines(errors)))
    lines += [line(*error) for error in study_errors(study) if tuple(error[0]) not in spoilt]
    if lines:
        count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
        raise ConfigError("\n".join([f"The config has {count}:", *lines]))
    return study


def points(study):
    """List the grid points of all experiments and distillations, each once.

    Parameters
    ----------
    study : dict
        From `read_study`.

    Returns
    -------
    list of dict
        With dataset, backbone, layer, temperature (str, as in paths), shots (int) and head.
    """
    every = [experiment_points(study, name) for name in study["experiments"]]
    for student in students(study):
        every.append([student["teacher"], student["alone"], student["labelled"]])
    return unique(itertools.chain(*every))


def unique(grid):
    """Keep each grid point once, in the order in which they first come."""
    return list({tuple(point.values()): point for point in grid}.values())


def experiment_points(study, name):
    """List the grid points of one experiment: see `points`."""
    experiment = study["experiments"][name]
    axes = {
        "dataset": experiment["datasets"],
        "backbone": experiment["backbones"],
        "layer": experiment["layers"],
        "temperature": dict.fromkeys(f"{float(t):g}" for t in experiment["temperatures"]),
        "shots": experiment["shots"],
        "head": experiment["heads"],
    }
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


def students(study):
    """List the students of all distillations.

    Parameters
    ----------
    study : dict
        From `read_study`.

    Returns
    -------
    list of dict
        With name (of the distillation), the grid points teacher, alone (the student without its
        teacher) and labelled (the same with the labels of as many images as the teacher had),
        temperatures (of the soft targets), hard_weight and transfer.
    """
    listed = []
    for name, settings in study["distillation"].items():
        axes = (settings[axis] for axis in ("datasets", "backbones", "layers", "shots"))
        teacher = settings["teacher"]
        for dataset, backbone, layer, shots in itertools.product(*axes):
            place = {"dataset": dataset, "backbone": backbone, "layer": layer, "temperature": "1"}
            head = {"head": settings["head"]}
            student = {
                "name": name,
                "alone": {**place, "shots": shots, **head},
                "labelled": {**place, "shots": teacher["shots"], **head},
                "teacher": {**place, "layer": teacher["layer"], "shots": teacher["shots"], **head},
            }
            keys = ("temperatures", "hard_weight", "transfer")
            listed.append({**student, **{key: settings[key] for key in keys}})
    return listed


def find_student(study, name, place):
    """Find the student of a distillation by its place in the grid.

    Parameters
    ----------
    study : dict
    name : str
        Of the distillation.
    place : mapping of str to str
        dataset, backbone, layer, temperature and shots.

    Returns
    -------
    dict
        See `students`.
    """
    keys = ("dataset", "backbone", "layer", "temperature", "shots")
    return next(
        student
        for student in students(study)
        if student["name"] == name and all(str(student["alone"][key]) == place[key] for key in keys)
    )


@cache
def read_schema():
    """Read rules/config.schema.yaml.

    Returns
    -------
    schema : dict
        JSON schema, with a description of every key.
    validator : jsonschema.protocols.Validator
        To which a number is finite.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    schema = yaml.load(_SCHEMA.read_text(encoding="utf-8"), loader)
    plain = Draft202012Validator.TYPE_CHECKER
    finite = plain.redefine(
        "number", lambda _, value: plain.is_type(value, "number") and -math.inf < value < math.inf
    )
    return schema, validators.extend(Draft202012Validator, type_checker=finite)(schema)


def _filled(schema, value):
    """Copy a value with the schema's defaults, and with whole numbers such as 8.0 as int."""
    if isinstance(value, dict):
        keys = schema.get("properties", {})
        others = schema.get("additionalProperties") or {}
        filled = {key: _filled(keys.get(key, others), item) for key, item in value.items()}
        for rule in schema.get("allOf", []):
            if Draft202012Validator(rule["if"]).is_valid(value):
                keys = {**keys, **rule["then"]["properties"]}
        for key, item in keys.items():
            if key not in value and "default" in item:
                filled[key] = _filled(item, item["default"])
        return filled
    if isinstance(value, list):
        return [_filled(schema.get("items", {}), item) for item in value]
    if isinstance(value, float) and value.is_integer() and "integer" in schema.get("type", ""):
        return int(value)
    return value


def _without(value, spoilt, here=()):
    """Copy nested mappings, with None for what is spoilt, and lists, without it."""
    if here in spoilt:
        return None
    if isinstance(value, dict):
        return {key: _without(item, spoilt, (*here, key)) for key, item in value.items()}
    if isinstance(value, list):
        valid = [(i, item) for i, item in enumerate(value) if (*here, i) not in spoilt]
        return [_without(item, spoilt, (*here, i)) for i, item in valid]
    return value


def _normalised(study):
    """Bring values that may be written in two ways, or left out for "all", to one form."""
    for kind in ("datasets", "backbones", "heads", "experiments", "distillation"):
        study[kind] = {name: item or {} for name, item in (study.get(kind) or {}).items()}
    for backbone in study["backbones"].values():
        backbone["weights"] = backbone.get("weights") or "none"
        entries = backbone.get("layers") or []
        backbone["layers"] = [[entry] if isinstance(entry, str) else entry for entry in entries]
    for experiment in study["experiments"].values():
        for kind in ("datasets", "backbones"):
            experiment.setdefault(kind, list(study[kind]))
        # ASSUME: what costs hours is trained where it is asked for.
        cached = [name for name, head in study["heads"].items() if not is_end_to_end(head)]
        experiment.setdefault("heads", cached or list(study["heads"]))
    for settings in study["distillation"].values():
        for kind in ("datasets", "backbones"):
            settings.setdefault(kind, list(study[kind]))
    return study


def head_repeats(study):
    """Give the number of repeats of each head: the study's, where it has none of its own."""
    drawn = study["draws"]["repeats"]
    return {name: head.get("repeats", drawn) for name, head in study["heads"].items()}


def is_end_to_end(head):
    """Tell whether a head of the study is the baseline that runs the network in every epoch."""
    return head.get("solver") == "end_to_end"
