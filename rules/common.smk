# The study's grid, input functions and digests of code. No rules.

import hashlib
import json
import os
import sys
from pathlib import Path

SCRIPTS = Path(workflow.basedir, "scripts")
sys.path.insert(0, str(SCRIPTS))

from fewshot.study import planned_figures as drawn
from fewshot.study.checks import layer_errors
from fewshot.study.config_errors import line
from fewshot.study.digests import code_digest, listing_digest
from fewshot.study.forward_passes import passes, piece_lists, stored_layer
from snakemake.exceptions import WorkflowError
from fewshot.study.read import (
    ConfigError,
    find_student,
    is_end_to_end,
    points,
    read_study,
    students,
)
from fewshot.study.timed_jobs import costed, timed_jobs

NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"
LAYER = "[A-Za-z0-9][A-Za-z0-9_.-]*"
PLACE = ("dataset", "backbone", "layer")

try:
    STUDY = read_study(config)
except ConfigError as error:
    raise WorkflowError(str(error)) from None

# Of the rules that want a GPU, where `--sdm conda` is on.
GPU_ENVIRONMENT = f"../envs/{os.environ.get('FEWSHOT_ENVIRONMENT', 'cpu')}.yaml"
COORDINATES = "results/{dataset}/{backbone}/{layer}/T{temperature}/coordinates"
POINT = "results/{dataset}/{backbone}/{layer}/T{temperature}/{shots}-shot/{head}"
STUDENT = "results/{dataset}/{backbone}/{layer}/T{temperature}/{shots}-shot/{student}.distilled"
REPORT = f"reports/{STUDY['study']}"
MAPS = "reports/{{study}}/figures/{dataset}/{{backbone}}_feature_maps"
FIGURES = drawn.figures(STUDY)
CHECKED = drawn.shallowest_place(STUDY)


def described(backbone):
    """Description of a backbone, where it is there and whole; if damaged, its readers say so."""
    path = Path(f"results/backbones/{backbone}.json")
    digest = path.with_name(f".{path.name}.sha256")
    if not path.is_file() or not digest.is_file():
        return {}
    text = path.read_bytes()
    is_whole = digest.read_bytes()[:64] == hashlib.sha256(text).hexdigest().encode()
    return json.loads(text) if is_whole else {}


if wrong := list(layer_errors(STUDY, {name: described(name) for name in STUDY["backbones"]})):
    raise WorkflowError("\n".join(line(*each) for each in wrong))


def digest(script):
    """Digest of a script and all project modules it imports: an edit reruns exactly its rules."""
    return code_digest(SCRIPTS / f"{script}.py")


def dataset(wildcards):
    return STUDY["datasets"][wildcards.dataset]


def source_archive(wildcards):
    """A local archive that is there, or that a rule draws. What is missing, fetch explains."""
    source = dataset(wildcards)["source"]
    is_made = source.startswith("results/characters/")
    # Snakemake takes braces in an input for wildcards: such a file is watched by its listing.
    return source if is_made or Path(source).is_file() and "{" not in source else []


def source_listing(wildcards):
    """Digest of a local source: files added, removed or of another size are noticed."""
    return listing_digest(dataset(wildcards)["source"])


def weights_file(wildcards):
    source = STUDY["backbones"][wildcards.backbone]["weights"]
    return [] if source in ("imagenet", "none") else source


def weights_seed(wildcards):
    """Only random weights depend on the seed."""
    random = STUDY["backbones"][wildcards.backbone]["weights"] == "none"
    return STUDY["draws"]["seed"] if random else 0


def index_parts(wildcards):
    return piece_lists(STUDY, wildcards.dataset, wildcards.backbone, wildcards.layer)


def head_arguments(wildcards):
    settings = STUDY["heads"][wildcards.head]
    seed = STUDY["draws"]["seed"]
    return {"shots": int(wildcards.shots), "head": settings, "seed": seed}


def heads_pattern(wanted):
    """Wildcard pattern of the heads for which `wanted` holds, of none where there are none."""
    return "|".join(name for name, head in STUDY["heads"].items() if wanted(head)) or "(?!)"


def paths(pattern, grid):
    return [pattern.format(**point) for point in grid]


def drawn_files(*kinds):
    """Files of the study's figures, of some kinds or of all; for a folder of curves its list."""
    chosen = [figure for figure in FIGURES if not kinds or figure["kind"] in kinds]
    return [f"{each['file']}.json" if each["kind"] == "curves" else each["file"] for each in chosen]


def curve_folders():
    """Folders of learning curves. Their lists have digests, so that touching a folder is nothing."""
    return [figure["file"] for figure in FIGURES if figure["kind"] == "curves"]


def captions():
    """Files of the captions; those of learning curves lie in their folder."""
    pictures = [Path(file) for file in drawn_files() if file.endswith(".png")]
    return [str(picture.with_suffix(".txt")) for picture in pictures]


def taught(pattern, who="teacher"):
    """Input function: a file of a student's teacher, or of the heads it is held against."""
    return lambda wildcards: pattern.format(
        **find_student(STUDY, wildcards.student, wildcards)[who]
    )


def distilled_files():
    pairs = [(each["name"], each["alone"]) for each in students(STUDY)]
    return [f"{STUDENT}.csv".format(student=name, **alone) for name, alone in pairs]


def solvers():
    return {name: head["solver"] for name, head in STUDY["heads"].items()}


def table(name, kind):
    """A table that the study has where it draws figures of a kind."""
    return f"{REPORT}/{name}.csv" if drawn_files(kind) else []
