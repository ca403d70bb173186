# Answers: from predictions to which network, how many images, which classes and which images.
# Needs predictions, draws, pools, coordinates and images; leaves tables in reports/<study>/ and, of
# images that may be shown, small pictures.

from fewshot.study.figure_plans import shown_datasets
from fewshot.study.grid import unique
from fewshot.study.timed_jobs import layers_read

SHOWN = shown_datasets(STUDY)
PREDICTIONS = [point.file(".predictions.h5") for point in GRID]
POOLS = expand("results/{dataset}/pool.csv", dataset=STUDY["datasets"])
THUMBNAIL = f"{REPORT}/thumbnails/{{dataset}}.json"
THUMBNAILS = expand(THUMBNAIL, dataset=SHOWN)
ANSWERS = {
    name: f"{REPORT}/{name}.csv"
    for name in (
        *("choices", "forecast", "wanted", "classes", "confusion", "images"),
        *("map", "neighbours"),
    )
}
GRID_ARGUMENTS = {"points": [*map(tuple, GRID)], "datasets": [*STUDY["datasets"]]}
# Where cached heads read, by dataset: what may come to be recommended.
MAPPED = unique(point.folder for point in GRID if not solver_of(STUDY, point.head).runs_network)


rule choices:
    """Put backbones, layers and heads in their order, and recommend one at each number of shots."""
    input:
        summary=f"{REPORT}/summary.csv",
        predictions=PREDICTIONS,
        draws=DRAWS,
        backbones=expand("results/backbones/{backbone}.json", backbone=STUDY["backbones"]),
    output:
        choices=report(ANSWERS["choices"], category="Tables"),
    log:
        f"{REPORT}/logs/choices.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("choices"),
        arguments={
            **GRID_ARGUMENTS,
            "solvers": solvers(),
            "backbones": [*STUDY["backbones"]],
            "layers_read": layers_read(STUDY),
        },
    script:
        "../scripts/enter.py"


rule forecast:
    """Say how accurate each line would be with up to twice the training images."""
    input:
        accuracy=f"{REPORT}/accuracy.csv",
        summary=f"{REPORT}/summary.csv",
    output:
        forecast=report(ANSWERS["forecast"], category="Tables"),
        wanted=report(ANSWERS["wanted"], category="Tables"),
    log:
        f"{REPORT}/logs/forecast.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("forecast"),
        arguments={"wanted_accuracy": STUDY["wanted_accuracy"]},
    script:
        "../scripts/enter.py"


rule mistakes:
    """Say which classes and images the recommended heads get wrong, and what for."""
    input:
        choices=ANSWERS["choices"],
        predictions=PREDICTIONS,
        pools=POOLS,
        draws=DRAWS,
    output:
        classes=report(ANSWERS["classes"], category="Tables"),
        confusion=report(ANSWERS["confusion"], category="Tables"),
        images=report(ANSWERS["images"], category="Tables"),
    log:
        f"{REPORT}/logs/mistakes.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("mistakes"),
        arguments=GRID_ARGUMENTS,
    script:
        "../scripts/enter.py"


rule place:
    """Place test images on a map by what the recommended layer says, and find nearest neighbours."""
    input:
        choices=ANSWERS["choices"],
        images=ANSWERS["images"],
        predictions=PREDICTIONS,
        indexes=[f"{folder}/coordinates.json" for folder in MAPPED],
        coordinates=ancient([f"{folder}/coordinates.h5" for folder in MAPPED]),
        draws=DRAWS,
    output:
        map=report(ANSWERS["map"], category="Tables"),
        neighbours=report(ANSWERS["neighbours"], category="Tables"),
    log:
        f"{REPORT}/logs/place.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("place"),
        arguments={**GRID_ARGUMENTS, "folders": MAPPED},
    script:
        "../scripts/enter.py"


rule thumbnails:
    """Make small pictures of the images of a dataset that figures and page show."""
    input:
        **{name: ANSWERS[name] for name in ("images", "confusion", "map", "neighbours")},
        manifest="results/{dataset}/manifest.csv",
        pool="results/{dataset}/pool.csv",
        source="results/{dataset}/source.json",
    output:
        thumbnails=THUMBNAIL,
    log:
        f"{REPORT}/logs/{{dataset}}/thumbnails.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("thumbnails"),
        arguments=lambda wildcards: {"dataset": wildcards.dataset},
    script:
        "../scripts/enter.py"
