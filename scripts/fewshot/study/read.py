"""Read a study: check its config as a whole and fill in defaults."""

import itertools
import json
import math
from functools import cache

import yaml
from jsonschema import Draft202012Validator, validators

from fewshot.names import composed
from fewshot.study.checks import study_errors
from fewshot.study.config_errors import (
    FORMER_KEYS,
    ConfigError,
    counted,
    line,
    schema_lines,
    spoilt_paths,
)
from fewshot.study.digests import LIBRARY
from fewshot.study.layer_checks import layer_errors
from fewshot.study.networks import (
    BLOCKS,
    HUB,
    blocks_of,
    has_feature_maps,
    licence_of,
    source_of,
    weights_of,
)
from fewshot.study.overrides import merged, typed
from fewshot.study.pooling import MARK, split_pooling
from fewshot.study.solvers import SOLVERS, solver_of
from fewshot.study.weights import RANDOM

_SCHEMA = LIBRARY.parents[1] / "rules/config.schema.yaml"


def read_study(config, overrides=None, find_layers=None):
    """Check a config and fill in what it leaves out.

    Parameters
    ----------
    config : dict
        As rules/config.schema.yaml describes it. Left as it is.
    overrides : dict, optional
        What ``--config`` changes of it, with texts for numbers: see `fewshot.study.overrides`.
    find_layers : callable, optional
        Lists the layers of a network: see `fewshot.study.network_layers`. None knows of none.

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
    config = merged(_renamed(config), typed(schema, _renamed(overrides or {})))
    errors = list(validator.iter_errors(config))
    spoilt = spoilt_paths(errors)
    # What is said of labels stands or falls as a whole.
    spoilt |= {path[:3] for path in spoilt if path[2:3] == ("classes",)}
    study = _normalised(_without(_filled(schema, config), spoilt) or {})
    lines = list(dict.fromkeys(schema_lines(errors)))
    found = itertools.chain(
        study_errors(study), layer_errors(study, find_layers or (lambda *_: None))
    )
    lines += [line(*error) for error in found if tuple(error[0]) not in spoilt]
    if lines:
        raise ConfigError(counted(lines))
    return study


def _renamed(config):
    """Give keys of older studies the names they have now, but where a study has both."""
    for path, now in FORMER_KEYS.items():
        section, key = path.split(".")
        own = config.get(section)
        if isinstance(own, dict) and key in own and now not in own:
            config = config | {section: {now if k == key else k: own[k] for k in own}}
    return config


@cache
def read_schema():
    """Read rules/config.schema.yaml, and what heads take from the table of solvers.

    Returns
    -------
    schema : dict
        JSON schema, with a description of every key.
    validator : jsonschema.protocols.Validator
        To which a number is finite.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    schema = _with_solvers(yaml.load(_SCHEMA.read_text(encoding="utf-8"), loader))
    plain = Draft202012Validator.TYPE_CHECKER
    finite = plain.redefine(
        "number", lambda _, value: plain.is_type(value, "number") and -math.inf < value < math.inf
    )
    return schema, validators.extend(Draft202012Validator, type_checker=finite)(schema)


def _with_solvers(schema):
    """Write into the schema of a head which solvers there are, and what each takes."""
    head = schema["properties"]["heads"]["additionalProperties"]
    keys = head["properties"]
    keys["solver"]["enum"] = [*SOLVERS]
    keys["solver"]["description"] += " " + "; ".join(
        f"{name}: {solver.summary}" for name, solver in SOLVERS.items()
    )
    takers = {}
    for name, solver in SOLVERS.items():
        for key, value in solver.settings.items():
            takers.setdefault(key, {})[name] = value
    for key, defaults in takers.items():
        said = (f"{name} (default {json.dumps(value)})" for name, value in defaults.items())
        keys[key]["description"] += f" Solvers {' and '.join(said)} only."
    head["allOf"] = [
        {
            "if": {"required": ["solver"], "properties": {"solver": {"const": name}}},
            "then": {
                "properties": {
                    key: {"default": solver.settings[key]}
                    if key in solver.settings
                    else _not_taken(defaults)
                    for key, defaults in takers.items()
                }
            },
        }
        for name, solver in SOLVERS.items()
    ]
    return schema


def _not_taken(takers):
    """Make the schema of a key that a solver does not take."""
    solvers = f"solver{'s' * (len(takers) > 1)} {' and '.join(takers)}"
    return {
        "not": {},
        "title": f"is taken by {'the ' * (len(takers) > 1)}{solvers} alone",
        "description": f"Remove the key, or choose solver {' or '.join(takers)}.",
    }


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
    for kind in ("datasets", "backbones", "heads", "experiments", "distillation", "predictors"):
        study[kind] = {name: item or {} for name, item in (study.get(kind) or {}).items()}
    for dataset in study["datasets"].values():
        if isinstance(classes := dataset.get("classes"), dict):
            # What is not said of labels is no column, so it is left out.
            given = {key: value for key, value in classes.items() if value is not None}
            dataset["classes"] = given
        dataset["exclude"] = [composed(name) for name in dataset.get("exclude") or []]
    for backbone in study["backbones"].values():
        _take_own(backbone)
    for experiment in study["experiments"].values():
        for kind in ("datasets", "backbones"):
            experiment.setdefault(kind, list(study[kind]))
        _name_blocks(study, experiment)
        # ASSUME: what costs hours is trained where it is asked for.
        cached = [name for name in study["heads"] if not solver_of(study, name).runs_network]
        experiment.setdefault("heads", cached or list(study["heads"]))
    for settings in study["distillation"].values():
        for kind in ("datasets", "backbones"):
            settings.setdefault(kind, list(study[kind]))
        _name_blocks(study, settings)
    return study


def _take_own(backbone):
    """Fill in what a network brings with it, and name its blocks."""
    network = backbone.get("network")
    weights = backbone.get("weights") or (weights_of(network) if network else None) or RANDOM
    backbone["weights"] = weights
    if backbone.get("include_top") is None:
        backbone["include_top"] = not network or source_of(network) != HUB
    entries = [[each] if isinstance(each, str) else each for each in backbone.get("layers") or []]
    blocks = blocks_of(network, weights) if network else []
    backbone["layers"] = [_with_blocks(entry, blocks) for entry in entries]
    if network and backbone.get("feature_maps") is None and not has_feature_maps(network):
        backbone["feature_maps"] = []
    if network and not backbone.get("licence"):
        licence, terms = licence_of(network, weights)
        backbone["licence"] = None if terms else licence


def _with_blocks(layers, blocks):
    """Put all blocks in the place of the word for them, where they are known."""
    found = []
    for layer in layers:
        name, pooling = split_pooling(layer)
        behind = f"{MARK}{pooling}" if pooling else ""
        named = [f"{block}{behind}" for block in blocks] if name == BLOCKS else []
        found += named or [layer]
    return found if found == layers else unique(found)


def _name_blocks(study, grid):
    """Name the blocks in the layers of a grid: those that all its backbones have."""
    backbones = [study["backbones"].get(name) or {} for name in grid["backbones"] or []]
    named = [each for each in backbones if each.get("network")]
    blocks = [blocks_of(each["network"], each["weights"]) for each in named]
    shared = blocks[0] if blocks and all(each == blocks[0] for each in blocks) else []
    if grid.get("layers"):
        grid["layers"] = _with_blocks(grid["layers"], shared)
