# Candidates: the predictors of the study, and what each may be made from. No rules.
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
