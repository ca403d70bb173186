"""Put a network, its preprocessing and a head into a folder that names classes by itself."""

from functools import partial
from pathlib import Path

import numpy as np

from fewshot.backbone.activations import layer_reader
from fewshot.backbone.coordinates import read_coordinates
from fewshot.data.draws import read_draws
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.files import read_json
from fewshot.heads.export import (
    build_predictor,
    difference_from,
    layer_weights,
    pipeline_probabilities,
)
from fewshot.heads.final import drawn_head, train_on_all
from fewshot.heads.predictions import read_predictions
from fewshot.heads.publish import publish_predictor
from fewshot.page.model_card import model_card
from fewshot.records import read_records
from fewshot.results.choices import Choice, predictor_point
from fewshot.results.description import describe_measurement, describe_predictor
from fewshot.results.tables import read_summary
from fewshot.study.forward_passes import made_of
from fewshot.study.predictors import FILE_KEYS, to_predictor
from fewshot.study.solvers import SOLVERS


def export(
    *,
    predictor,
    layers,
    settings,
    code,
    choices_path,
    summary_path,
    source_path,
    pool_path,
    draws_path,
    candidates_paths,
    folder,
):
    """Write the folder of a predictor, whole or not at all.

    Parameters
    ----------
    predictor : tuple
        From `fewshot.study.predictors.Predictor.plain`.
    layers : list of tuple
        See `fewshot.study.predictors.predictor_layers`.
    settings : dict
        See `fewshot.study.predictors.predictor_settings`.
    code : str
        Digest of what makes it.
    choices_path, summary_path : str
        CSVs of the study: what it recommends, and how accurate each grid point is.
    source_path, pool_path, draws_path : str
        Of its dataset.
    candidates_paths : dict of str to list of str
        Of the grid points that it may be made from: see `fewshot.study.predictors.Predictor.files`.
        results and heads are read where its head is that of a repeat.
    folder : str
        Written.

    Raises
    ------
    InputError
        If the head has diverged, a form can't be written, or a file is damaged.
    """
    predictor = to_predictor(predictor)
    point = predictor_point(read_records(choices_path, Choice), predictor.candidates)
    files = predictor.files(point, candidates_paths)
    draws, pool = read_draws(draws_path), read_records(pool_path, PoolRow)
    solver, backbone = settings["heads"][point.head], read_json(files["backbones"])
    centres, framing = SOLVERS[solver["solver"]].centred, Framing.of(backbone)
    coordinates = read_coordinates(files["coordinates"], files["indexes"], np.arange(len(pool)))
    if predictor.is_new:
        head = train_on_all(coordinates, draws, solver, settings["draws"]["seed"])
    else:
        head = drawn_head(files["heads"], files["results"])
    *_, stored, lists = next(each for each in layers if tuple(each[:3]) == point[:3])
    read, _, width = layer_reader(lists, stored, point.activations)
    made = made_of(point.layer, point.temperature)
    weights = layer_weights(read, width, coordinates, head.fitted, made, centres=centres)
    build = partial(build_predictor, backbone, files["weights"], *weights, made, head.calibration)
    model = build(**{key: settings["extraction"][key] for key in ("precision", "storage")})
    description = describe_predictor(predictor, point, settings, backbone, pool, head)
    summary, predictions = read_summary(summary_path)[point], read_predictions(files["predictions"])
    description |= describe_measurement(point, summary, predictions, draws, description["classes"])
    description["difference"] = difference_from(
        pipeline_probabilities(coordinates, head, centres=centres),
        *(model, pool, read_json(source_path)["root"], framing),
    )
    publish_predictor(
        *(folder, model, description, framing),
        formats=predictor.formats,
        build=build,
        code=code,
        card=model_card,
    )


def main(snakemake):
    """Do what the rule says."""
    params, inputs = snakemake.params, snakemake.input
    export(
        **params.arguments,
        code=params.code,
        choices_path=inputs.choices,
        summary_path=inputs.summary,
        source_path=inputs.source,
        pool_path=inputs.pool,
        draws_path=inputs.draws,
        candidates_paths={name: getattr(inputs, name) for name in FILE_KEYS},
        folder=Path(snakemake.output.description).parent,
    )
