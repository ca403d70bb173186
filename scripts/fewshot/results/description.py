"""What there is to know of a classifier that is taken away: what it is, and how it did."""

import hashlib
import json

import numpy as np

from fewshot.data.pool import class_names
from fewshot.results.classes import class_results
from fewshot.results.statistics import lay_out
from fewshot.results.tables import TEST_ACCURACY
from fewshot.results.trust import trust_table


def describe_predictor(predictor, point, settings, backbone, pool, head):
    """Say what a classifier is made of.

    Parameters
    ----------
    predictor : fewshot.study.predictors.Predictor
    point : fewshot.point.Point
        That it is made from.
    settings : dict
        See `fewshot.study.predictors.predictor_settings`.
    backbone : dict
        Description of the network, from `weights`.
    pool : list of PoolRow
    head : fewshot.heads.final.FinalHead

    Returns
    -------
    dict
    """
    trained = [pool[row] for row in head.fitted.rows]
    data = settings["data"]
    return {
        "name": predictor.name,
        "study": settings["study"],
        "dataset": point.dataset,
        "classes": class_names(pool),
        "max_megapixels": data["max_megapixels"],
        "data": {key: data[key] for key in ("source", "licence")},
        "backbone": {"name": point.backbone, **settings["backbones"][point.backbone]},
        "layer": point.layer,
        "temperature": point.temperature,
        "precision": settings["extraction"]["precision"],
        "head": {
            "name": point.head,
            "solver": settings["heads"][point.head]["solver"],
            "shots": predictor.shots,
            "images": len(trained),
            "by_class": np.bincount([row.label for row in trained]).tolist(),
            "calibration": head.calibration,
        },
        "sha256": {
            "weights": backbone["weights"],
            "study": _sha256(settings),
            "training_images": _sha256(sorted(row.sha256 for row in trained)),
        },
    }


def describe_measurement(point, summary, predictions, draws, names):
    """Say how a head did on images that it was not trained on.

    Parameters
    ----------
    point : fewshot.point.Point
    summary : dict of str to float
        Its row of summary.csv.
    predictions : fewshot.heads.predictions.Predictions
        Of the point.
    draws : fewshot.data.draws.Draws
    names : list of str
        Of the classes, by label.

    Returns
    -------
    dict
        measured: shots, repeats, different test images, accuracy with the ends of its 95 % interval
        and calibration error; by_class: fields of `fewshot.results.classes.ClassResult` but the grid
        point; trust: rows of `fewshot.results.trust.Trust`.
    """
    layout = lay_out(draws.first(len(predictions.role)), point.shots)
    classes = class_results(point, predictions, layout, draws.labels, names)
    measured = {
        "shots": point.shots,
        "repeats": len(predictions.role),
        "test_images": int(layout.tests.any(axis=0).sum()),
        **dict(zip(("accuracy", "low", "high"), map(summary.get, TEST_ACCURACY), strict=True)),
        "calibration_error": summary["ece"],
    }
    return {
        "measured": measured,
        "by_class": [dict([*row._asdict().items()][len(point) :]) for row in classes],
        "trust": [row._asdict() for row in trust_table(predictions, layout)],
    }


def _sha256(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
