# Predictors: from coordinates, activations and weights to classifiers that are taken away.
# Needs what a study recommends, and networks, activations and heads behind it; leaves
# predictors/<name>/.

from fewshot.predictor.folder import FILES as PREDICTOR_FILES, refuse_other_study
from fewshot.study.predictors import (
    FOLDER as TAKEN_AWAY,
    predictor_layers,
    predictor_settings,
    predictors,
)

PREDICTORS = {each.name: each for each in predictors(STUDY)}
DESCRIPTIONS, TAKEN = (
    expand(f"{TAKEN_AWAY}/{{predictor}}/{{file}}", predictor=PREDICTORS, file=files)
    for files in (PREDICTOR_FILES["description"], PREDICTOR_FILES.values())
)
try:
    for name in PREDICTORS:
        refuse_other_study(f"{TAKEN_AWAY}/{name}", STUDY["study"])
except InputError as error:
    raise WorkflowError(str(error)) from None


def of_predictor(look):
    """Input function: what is looked up for a predictor."""
    return lambda wildcards: look(PREDICTORS[wildcards.predictor])


def of_candidates(path):
    """Input function: files of each grid point that a predictor may come from."""
    return of_predictor(lambda predictor: predictor.distinct(path))


def of_drawn_heads(ending):
    """Input function: files of the heads that a predictor may be, if it is one of a repeat."""
    return of_predictor(
        lambda each: [] if each.is_new else each.distinct(lambda point: point.file(ending))
    )


def of_dataset(name):
    """Input function: a file of a predictor's dataset."""
    return of_predictor(lambda predictor: f"results/{predictor.dataset}/{name}")


rule export:
    """Put network, preprocessing and head into a folder that names classes by itself."""
    input:
        choices=ANSWERS["choices"],
        summary=f"{REPORT}/summary.csv",
        predictions=of_candidates(lambda point: point.file(".predictions.h5")),
        results=of_drawn_heads(".csv"),
        heads=of_drawn_heads(".h5"),
        indexes=of_candidates(lambda point: f"{point.folder}/coordinates.json"),
        coordinates=ancient(of_candidates(lambda point: f"{point.folder}/coordinates.h5")),
        pieces=of_predictor(
            lambda predictor: chain.from_iterable(
                paths for *_, paths in predictor_layers(STUDY, predictor)
            )
        ),
        source=of_dataset("source.json"),
        pool=of_dataset("pool.csv"),
        draws=of_dataset("draws.csv"),
        backbones=of_candidates(lambda point: f"results/backbones/{point.backbone}.json"),
        weights=ancient(
            of_candidates(lambda point: f"results/backbones/{point.backbone}.weights.h5")
        ),
    output:
        **{name: f"{TAKEN_AWAY}/{{predictor}}/{file}" for name, file in PREDICTOR_FILES.items()},
    log:
        f"{REPORT}/logs/{{predictor}}/export.log",
    conda:
        "../envs/cpu.yaml"
    threads: 4
    params:
        code=digest("export"),
        # What travels with it is copied, and not imported.
        program=digest("fewshot/predictor/predict"),
        basis=of_predictor(
            lambda predictor: [
                basis_of_heads(point)
                for point in {each.backbone: each for each in predictor.candidates}.values()
            ]
        ),
        arguments=of_predictor(
            lambda predictor: {
                "predictor": predictor.plain(),
                "layers": predictor_layers(STUDY, predictor),
                "settings": predictor_settings(STUDY, predictor),
            }
        ),
    script:
        "../scripts/enter.py"
