"""Read a study: check its config as a whole, fill in defaults, list its grid."""

import ast
import hashlib
import importlib.util
import itertools
import math
from collections import Counter
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, validators

from config_errors import line, nearest, schema_lines, spoilt_paths

_TAKEN_NAMES = ("backbones", "characters")  # folders under results/ that hold no dataset
_LONGEST_PASS_NAME = 100  # file systems take 255 bytes a name


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
    schema, validator = _schema()
    errors = list(validator.iter_errors(config))
    spoilt = spoilt_paths(errors)
    study = _normalised(_without(_filled(schema, config), spoilt) or {})
    lines = list(dict.fromkeys(schema_lines(errors)))
    for check in (_dataset_errors, _backbone_errors, _experiment_errors):
        lines += [line(*error) for error in check(study) if tuple(error[0]) not in spoilt]
    if lines:
        count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
        raise ConfigError("\n".join([f"The config has {count}:", *lines]))
    return study


def points(study):
    """List the grid points of all experiments, each once.

    Parameters
    ----------
    study : dict
        From `read_study`.

    Returns
    -------
    list of dict
        With dataset, backbone, layer, temperature (str, as in paths), shots (int) and head.
    """
    every = itertools.chain.from_iterable(
        experiment_points(study, name) for name in study["experiments"]
    )
    return list({tuple(point.values()): point for point in every}.values())


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


def stored_layer(layer):
    """Name the activations that a layer is made of.

    Examples
    --------
    >>> stored_layer("predictions"), stored_layer("fc2")
    ('logits', 'fc2')
    """
    return "logits" if layer == "predictions" else layer


def passes(study, backbone):
    """Name the forward passes of a backbone.

    Returns
    -------
    dict of str to list of str
        Stored layers of each pass. The name joins them with "+", so it stands for what the
        pass computes; a long one is cut and ends in a digest.
    """
    named = {}
    for entry in study["backbones"][backbone]["layers"]:
        stored = list(dict.fromkeys(stored_layer(layer) for layer in entry))
        name = "+".join(stored)
        if len(name) > _LONGEST_PASS_NAME:
            digest = hashlib.sha256(name.encode()).hexdigest()[:8]
            name = f"{stored[0]}+{len(stored) - 1}-more-{digest}"
        named[name] = stored
    return named


def pass_of(study, backbone, layer):
    """Name the forward pass that a layer comes from."""
    stored = stored_layer(layer)
    return next(name for name, layers in passes(study, backbone).items() if stored in layers)


@cache
def _schema():
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = Path(__file__).with_name("config.schema.yaml").read_text(encoding="utf-8")
    schema = yaml.load(text, loader)
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
        barred = {}
        if "if" in schema and Draft202012Validator(schema["if"]).is_valid(value):
            barred = schema["then"]["properties"]
        for key, item in keys.items():
            if key not in value and key not in barred and "default" in item:
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
    for kind in ("datasets", "backbones", "heads", "experiments"):
        study[kind] = {name: item or {} for name, item in (study.get(kind) or {}).items()}
    for backbone in study["backbones"].values():
        backbone["weights"] = backbone.get("weights") or "none"
        entries = backbone.get("layers") or []
        backbone["layers"] = [[entry] if isinstance(entry, str) else entry for entry in entries]
    for experiment in study["experiments"].values():
        for kind in ("datasets", "backbones", "heads"):
            experiment.setdefault(kind, list(study[kind]))
    return study


def _dataset_errors(study):
    """Yield what the schema can't see, as arguments of `line`."""
    for name, dataset in study["datasets"].items():
        path, source = ["datasets", name], dataset.get("source") or ""
        if name in _TAKEN_NAMES:
            yield path, f"results/{name}/ has another use", name, "give it another name"
        if "://" in source and not source.startswith("https://"):
            hint = "give an https address, or the path of an archive or a folder"
            yield [*path, "source"], "a download must come by https", source, hint
        elif "://" in source and not dataset.get("sha256"):
            hint = "download it once and give the output of sha256sum"
            yield [*path, "sha256"], "a download needs its digest", "nothing", hint


@cache
def _networks():
    """Names that keras.applications exports, read without importing Keras; empty without it."""
    keras = importlib.util.find_spec("keras")
    if keras is None:
        return ()
    source = Path(keras.origin).with_name("applications") / "__init__.py"
    imports = [node for node in ast.parse(source.read_bytes()).body if hasattr(node, "names")]
    names = [alias.asname or alias.name for node in imports for alias in node.names]
    return ("SmallVGG", *(name for name in names if not name.islower()))


def _backbone_errors(study):
    for name, backbone in study["backbones"].items():
        path, network, weights = ["backbones", name], backbone.get("network"), backbone["weights"]
        if network and _networks() and network not in _networks():
            hint = nearest(network, _networks(), "take one of keras.io/api/applications")
            yield [*path, "network"], "unknown network", network, hint
        if network == "SmallVGG" and weights == "imagenet":
            hint = "give the path of a weights file, or none"
            yield [*path, "weights"], "SmallVGG has no download", weights, hint
        elif weights not in ("imagenet", "none") and not Path(weights).is_file():
            hint = nearest(weights, ["imagenet", "none"], "give the path of a weights file")
            yield [*path, "weights"], "no such file", weights, hint
        stored = [{stored_layer(layer) for layer in entry} for entry in backbone["layers"]]
        for layer, count in Counter(itertools.chain.from_iterable(stored)).items():
            if count > 1:
                hint = "name it in one entry (predictions and logits are read as one)"
                yield [*path, "layers"], "a layer is read by one pass", layer, hint
            if layer == "logits" and backbone.get("include_top") is False:
                hint = "remove predictions and logits, or set include_top: true"
                yield [*path, "layers"], "class scores need the top", layer, hint


def _experiment_errors(study):
    draws = study.get("draws") or {}
    for name, experiment in study["experiments"].items():
        path = ["experiments", name]
        for kind in ("datasets", "backbones", "heads"):
            known = study[kind]
            for each in experiment[kind] or []:
                if known and each not in known:
                    rule = f"the study has no such entry under {kind}"
                    yield [*path, kind], rule, each, nearest(each, known)
        yield from _layer_errors(study, experiment, path)
        test, pool = draws.get("test_per_class"), draws.get("images_per_class")
        most = max(experiment.get("shots") or [0])
        if test and pool and pool < test + most:
            rule = f"{test} test images and {most} shots need {test + most} images a class"
            hint = f"raise draws.images_per_class to {test + most} or lower the shots"
            yield [*path, "shots"], rule, f"draws.images_per_class: {pool}", hint


def _layer_errors(study, experiment, path):
    temperatures = [t for t in experiment.get("temperatures") or [] if t != 1]
    for layer in experiment.get("layers") or []:
        if temperatures and layer != "predictions":
            rule = "only predictions take temperatures other than 1"
            received = f"{layer} at T = {', '.join(map(str, temperatures))}"
            hint = f"give {layer} an experiment of its own"
            yield [*path, "temperatures"], rule, received, hint
        for name in experiment["backbones"] or []:
            read = study["backbones"].get(name, {}).get("layers") or []
            known = {each for entry in read for each in entry}
            if known and stored_layer(layer) not in map(stored_layer, known):
                rule = f"backbone {name} does not read this layer"
                yield [*path, "layers"], rule, layer, nearest(layer, sorted(known))
