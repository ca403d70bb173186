"""What is wrong with a study beyond what its schema can see."""

import itertools

from fewshot.errors import unknown
from fewshot.point import SOFTENED
from fewshot.study.backbone_checks import backbone_errors
from fewshot.study.dataset_checks import dataset_errors
from fewshot.study.forward_passes import SCORES
from fewshot.study.predictors import predictor_errors
from fewshot.study.protocol import OFFICIAL, REST, least_tested
from fewshot.study.solvers import SOLVERS, solver_of

# Kinds of entries whose names are folders or files.
_IN_PATHS = ("datasets", "backbones", "heads", "experiments", "distillation", "predictors")


def study_errors(study):
    """Yield each error as path, rule, what was received and a hint: see `config_errors.line`.

    Parameters
    ----------
    study : dict
        Filled in and normalised; values that the schema refuses are None.
    """
    checks = (_name_errors, dataset_errors, backbone_errors, _draws_errors, _head_errors)
    for check in (*checks, _experiment_errors, _distillation_errors, predictor_errors):
        yield from check(study)


def _name_errors(study):
    """Yield names of which some disks, such as those of macOS and Windows, make one folder."""
    for kind in _IN_PATHS:
        first = {}
        for name in study[kind]:
            other = first.setdefault(str(name).casefold(), name)
            if other != name:
                rule = "names must differ in more than case"
                yield [kind, name], rule, f"{other} and {name}", "give it another name"


def _head_errors(study):
    drawn = (study.get("draws") or {}).get("repeats")
    for name, head in study["heads"].items():
        repeats = head.get("repeats")
        if drawn and repeats and repeats > drawn:
            hint = f"give {drawn} or fewer, or raise draws.repeats"
            yield ["heads", name, "repeats"], f"the study has {drawn} repeats", repeats, hint


def _experiment_errors(study):
    for name, experiment in study["experiments"].items():
        path = ["experiments", name]
        kinds = ("datasets", "backbones", "heads")
        yield from _unknown(study, path, {kind: experiment[kind] for kind in kinds})
        layers = experiment.get("layers") or []
        yield from _temperature_errors(experiment, path, layers)
        yield from _end_to_end_errors(study, experiment, path, layers)
        most = max(experiment.get("shots") or [0])
        yield from _short_pool(study, [*path, "shots"], most)


def _distillation_errors(study):
    for name, settings in study["distillation"].items():
        path = ["distillation", name]
        chosen = {kind: settings[kind] for kind in ("datasets", "backbones")}
        head, teacher = settings.get("head"), settings.get("teacher") or {}
        yield from _unknown(study, path, {**chosen, "head": [head] if head else []})
        solver = (study["heads"].get(head) or {}).get("solver")
        if solver and not solver_of(study, head).teaches:
            kinds = " or ".join(name for name, each in SOLVERS.items() if each.teaches)
            rule = f"teacher and student alone are heads of solver {kinds}"
            teachers = [each for each in study["heads"] if solver_of(study, each).teaches]
            hint = f"take {', '.join(teachers)}" if teachers else "add one to heads"
            yield [*path, "head"], rule, f"{head}, of solver {solver}", hint
        yield from _short_pool(study, [*path, "shots"], max(settings.get("shots") or [0]))
        yield from _short_pool(study, [*path, "teacher", "shots"], teacher.get("shots") or 0)


def _unknown(study, path, chosen):
    """Yield the names that the study has no entry for."""
    for key, names in chosen.items():
        kind = "heads" if key == "head" else key
        for each in (names or []) if study[kind] else ():
            if wrong := unknown(each, study[kind], f"the study has no such entry under {kind}"):
                yield [*path, key], *wrong


def _draws_errors(study):
    draws = study.get("draws") or {}
    test, most = draws.get("test"), draws.get("test_at_most")
    if most and test and test != REST:
        hint = "remove the key, or set test: rest"
        yield ["draws", "test_at_most"], "only the rest has a limit", f"test: {test}", hint
    for name, dataset in study["datasets"].items():
        classes = dataset.get("classes")
        said = isinstance(classes, dict) and {"part", "splits"} & {*classes}
        if test == OFFICIAL and classes and not (said or dataset.get("parts")):
            rule = f"dataset {name} does not say where the parts of its split are written"
            hint = "set its parts: folders, part or splits of its classes, or another test"
            yield ["draws", "test"], rule, f"test: {test}", hint


def _short_pool(study, path, most):
    draws = study.get("draws") or {}
    test, pool = draws.get("test"), draws.get("images_per_class")
    if test is None or not isinstance(pool, int):
        return
    needed = least_tested(test) + most
    if pool < needed:
        tested = {REST: "a test image and ", OFFICIAL: ""}.get(test, f"{test} test images and ")
        images = "training images" if test == OFFICIAL else "images"
        rule = f"{tested}{most} shots need {needed} {images} a class"
        hint = f"raise draws.images_per_class to {needed} or lower the shots"
        yield path, rule, f"draws.images_per_class: {pool}", hint


def _temperature_errors(experiment, path, layers):
    temperatures = [t for t in experiment.get("temperatures") or [] if t != 1]
    for layer in layers:
        if temperatures and layer != SOFTENED:
            rule = "only predictions take temperatures other than 1"
            received = f"{layer} at T = {', '.join(map(str, temperatures))}"
            hint = f"give {layer} an experiment of its own"
            yield [*path, "temperatures"], rule, received, hint


def _end_to_end_errors(study, experiment, path, layers):
    heads = experiment["heads"] or []
    baselines = [name for name in heads if solver_of(study, name).runs_network]
    for name, layer in itertools.product(baselines, layers):
        if layer in SCORES:
            rule = "an end_to_end head stands on a layer below the class scores"
            hint = "give it an experiment of its own"
            yield [*path, "layers"], rule, f"{name} on {layer}", hint
