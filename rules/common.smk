# The study's grid, input functions and digests of code. No rules.
from functools import cache
from itertools import chain

from fewshot.heads.memory import head_memory, student_memory
from fewshot.point import Point
from fewshot.study.digests import listing_digest
from fewshot.study.figure_grids import COMPARED, curve_points, deepest_points, shallowest_point
from fewshot.study.figure_kinds import FOLDER, KINDS, planned_figures, to_plain
from fewshot.study.forward_passes import made_of, network_settings, passes, piece_lists
from fewshot.study.grid import Student, controls, heads_where, network_order, points, students
from fewshot.study.kept_digests import script_digests
from fewshot.study.protocol import draw_arguments, pool_arguments
from fewshot.study.solvers import solver_of
from fewshot.study.timed_jobs import costed, timed_jobs
from fewshot.study.weights import RANDOM, weights_files

NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"
LAYER = "[A-Za-z0-9][A-Za-z0-9_.@-]*"

# Of the rules that want a GPU, where `--sdm conda` is on.
GPU_ENVIRONMENT = f"../envs/{os.environ.get('FEWSHOT_ENVIRONMENT', 'cpu')}.yaml"
ANY = Point(*(f"{{{field}}}" for field in Point._fields))  # with wildcards for its fields
COORDINATES = f"{ANY.folder}/coordinates"
STUDENT = Student("{student}", ANY, ANY, ANY, [], 0, "").file(".csv")
REPORT = f"reports/{STUDY['study']}"
PAGE = f"{REPORT}/report.html"
PROGRAM = "fewshot/predictor/predict"  # that predictors take with them
GRID = points(STUDY)
DIGESTS = script_digests(SCRIPTS, ".snakemake/fewshot/digests.json", [PROGRAM])
DRAWS = [f"results/{name}/draws.csv" for name in STUDY["datasets"]]
FIGURES = planned_figures(STUDY)
STUDENTS = {student.file(".csv"): student for student in students(STUDY)}
CHECKED = shallowest_point(STUDY)


def digest(script):
    """Digest of a script and all project modules it imports: an edit reruns exactly its rules."""
    return DIGESTS[script]


# A job that fails has lost its outputs, and Snakemake makes what is missing only where it is wanted:
# by `all`, or by a rule that is stale itself. So what a person may delete to free the disk, which
# `all` can't want, has what decides it in the params of the rules behind it, too.
def basis_of_scan(wildcards):
    return digest("fetch"), *map(dataset(wildcards).get, ("source", "sha256", "folder"))


def basis_of_heads(wildcards):
    """What decides coordinates beside the images."""
    pinned = {"sha256": None}  # to write down the digest of what is there changes nothing
    decisive = network_settings(STUDY, wildcards.backbone) | pinned
    code = [*map(digest, ("weights", "extract", "compact"))]
    return code, decisive, weights_seed(wildcards), STUDY["extraction"]


def dataset(wildcards):
    return STUDY["datasets"][wildcards.dataset]


def source_archive(wildcards):
    """A local archive that is there, or that a rule draws. What is missing, fetch explains."""
    source = dataset(wildcards)["source"]
    is_made = source.startswith("results/characters/")
    # Snakemake takes braces in an input for wildcards: such a file is watched by its listing.
    return source if is_made or os.path.isfile(source) and "{" not in source else []


def source_listing(wildcards):
    """Digest of a local source: files added, removed, replaced or touched are noticed."""
    return listing(wildcards.dataset)


@cache  # of the start of a run: what changes meanwhile is noticed by the next one
def listing(name):
    return listing_digest(STUDY["datasets"][name]["source"], STUDY["datasets"][name]["classes"])


def weights_input(wildcards):
    return weights_files(STUDY["backbones"][wildcards.backbone]["weights"])


def weights_seed(wildcards):
    """Only random weights depend on the seed."""
    random = STUDY["backbones"][wildcards.backbone]["weights"] == RANDOM
    return STUDY["draws"]["seed"] if random else 0


def needed_layers(backbone):
    """Layers that a backbone's network must have."""
    feature_maps = STUDY["backbones"][backbone]["feature_maps"] or []
    return [*chain.from_iterable(passes(STUDY, backbone).values()), *feature_maps]


def index_parts(wildcards):
    return piece_lists(STUDY, wildcards.dataset, wildcards.backbone, wildcards.layer)


def head_arguments(wildcards):
    settings = STUDY["heads"][wildcards.head]
    common = {"seed": STUDY["draws"]["seed"], "predictions": STUDY["predictions"]}
    return {"shots": int(wildcards.shots), "head": settings, **common}


def memory_of_head(wildcards, input, attempt):
    return attempt * head_memory(input.index, int(wildcards.shots), most_shots(wildcards))


def memory_of_student(wildcards, input, attempt):
    return attempt * student_memory(input.index, input.teacher_index, most_shots(wildcards))


def most_shots(wildcards):
    return max(point.shots for point in GRID if point.dataset == wildcards.dataset)


def heads_pattern(wanted):
    """Wildcard pattern of the heads whose solver is as wanted, of none where there are none."""
    return "|".join(heads_where(STUDY, wanted)) or "(?!)"


def of_student(place):
    """Input function: what `place` names."""
    return lambda wildcards: place(STUDENTS[STUDENT.format(**wildcards)])


def figures_of(rule, **place):
    """Figures that a rule draws, of a dataset or a backbone or of all."""
    return [
        figure
        for figure in FIGURES
        if KINDS[figure.kind].drawn_by == rule
        and all(getattr(figure, key) == value for key, value in place.items())
    ]


def files_of(figures, ending=".png"):
    return [f"{REPORT}/{FOLDER}/{Path(figure.file).with_suffix(ending)}" for figure in figures]


def datasets_of(rule):
    return [name for name in STUDY["datasets"] if figures_of(rule, dataset=name)]


def solvers():
    return {name: head["solver"] for name, head in STUDY["heads"].items()}


def roles():
    return {name: settings["role"] for name, settings in STUDY["datasets"].items()}
