# The study's grid, input functions and digests of code. No rules.

import hashlib
import json
import os
from pathlib import Path

from config_errors import line, nearest
from digests import code_digest
from snakemake.exceptions import WorkflowError
from study import (
    ConfigError,
    experiment_points,
    pass_of,
    passes,
    points,
    read_study,
    stored_layer,
)

NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"
LAYER = "[A-Za-z0-9][A-Za-z0-9_.-]*"
SCRIPTS = Path(workflow.basedir, "scripts")

try:
    STUDY = read_study(config)
except ConfigError as error:
    raise WorkflowError(str(error)) from None

POINT = "results/{dataset}/{backbone}/{layer}/T{temperature}/{shots}-shot/{head}"
REPORT = f"reports/{STUDY['study']}"


def unknown_layers():
    """Layers that a backbone lacks, where its description is there from an earlier run."""
    for name, backbone in STUDY["backbones"].items():
        description = Path(f"results/backbones/{name}.json")
        known = json.loads(description.read_text()) if description.is_file() else {}
        if all(known.get(key) == backbone[key] for key in ("network", "include_top")):
            for layer in sum(passes(STUDY, name).values(), []):
                if layer not in known["layers"]:
                    hint = nearest(layer, list(known["layers"]))
                    yield line(["backbones", name, "layers"], "no such layer", layer, hint)


if lines := list(unknown_layers()):
    raise WorkflowError("\n".join(lines))


def digest(script):
    """Digest of a script and all project modules it imports: an edit reruns exactly its rules."""
    return code_digest(SCRIPTS / f"{script}.py", SCRIPTS / "fewshot")


def dataset(wildcards):
    return STUDY["datasets"][wildcards.dataset]


def source_archive(wildcards):
    """A local archive that is there, or that a rule draws. What is missing, fetch explains."""
    source = dataset(wildcards)["source"]
    drawn = source.startswith("results/characters/")
    return source if drawn or Path(source).is_file() else []


def source_listing(wildcards):
    """Digest of names and sizes in a local folder: images added, removed or edited are noticed."""
    listing = hashlib.sha256()
    for folder, folders, files in os.walk(dataset(wildcards)["source"]):
        folders.sort()
        for file in sorted(files):
            path = os.path.join(folder, file)
            listing.update(f"{path} {os.lstat(path).st_size}\n".encode(errors="surrogateescape"))
    return listing.hexdigest()


def weights_file(wildcards):
    source = STUDY["backbones"][wildcards.backbone]["weights"]
    return [] if source in ("imagenet", "none") else source


def weights_seed(wildcards):
    """Only random weights depend on the seed."""
    random = STUDY["backbones"][wildcards.backbone]["weights"] == "none"
    return STUDY["draws"]["seed"] if random else 0


def index_parts(wildcards):
    """Lists of the pieces that hold a layer's activations, one a part of the extraction."""
    forward_pass = pass_of(STUDY, wildcards.backbone, wildcards.layer)
    folder = Path("results", wildcards.dataset, wildcards.backbone, "passes", forward_pass)
    parts = STUDY["extraction"]["parts"]
    return [f"{folder}/part-{part}-of-{parts}.json" for part in range(1, parts + 1)]


def head_arguments(wildcards):
    settings = STUDY["heads"][wildcards.head]
    seed = STUDY["draws"]["seed"]
    return {"shots": int(wildcards.shots), "head": settings, "seed": seed}


def paths(pattern, grid):
    return [pattern.format(**point) for point in grid]


def dataset_points(name, wanted=lambda point: True):
    return [point for point in points(STUDY) if point["dataset"] == name and wanted(point)]


def has_curves(point):
    return STUDY["heads"][point["head"]]["solver"] == "sgd"


def against(name, axis):
    """Grid points of a dataset in the experiments that vary `axis`.

    Against layer stand those that vary nothing else, where there are any.
    """
    grids = [experiment_points(STUDY, each) for each in STUDY["experiments"]]
    grids = [[point for point in grid if point["dataset"] == name] for grid in grids]
    varied = [
        {key for key in ("shots", "layer", "temperature") if len({p[key] for p in grid}) > 1}
        for grid in grids
    ]
    chosen = [grid for grid, keys in zip(grids, varied) if axis in keys]
    if axis == "layer":
        chosen = [grid for grid, keys in zip(grids, varied) if keys == {"layer"}] or chosen
    return list({tuple(point.values()): point for grid in chosen for point in grid}.values())


def network_order():
    """Layers of all backbones, in the order in which the study names them."""
    entries = [entry for backbone in STUDY["backbones"].values() for entry in backbone["layers"]]
    return list(dict.fromkeys(layer for entry in entries for layer in entry))


def figures():
    """All figures that the study's experiments call for."""
    wanted = []
    for name in STUDY["datasets"]:
        if dataset_points(name, has_curves):
            wanted.append(f"{REPORT}/figures/{name}/curves")
        for axis in ("shots", "layer", "temperature"):
            if against(name, axis):
                wanted.append(f"{REPORT}/figures/{name}/accuracy_against_{axis}.png")
    return wanted
