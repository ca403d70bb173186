"""Pools in which some labels are set to another class, and how high these are ranked."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from fewshot.data.draws import draw_repeats
from fewshot.data.pool import PoolRow
from fewshot.heads.predictions import Predictions, predict
from fewshot.heads.train import train
from fewshot.results.images import judged_images

REPEATS = 10


class Ranking(NamedTuple):
    """How well wrong labels are found.

    `precision` is the fraction of wrong ones among as many first suspects as there are wrong ones,
    `auc` the chance that a wrong one is ranked before a right one.
    """

    precision: float
    auc: float


def make_pool(labels, names):
    """Make a pool of images that are no copies, in the order of `labels`."""
    digests = [f"{row:064x}" for row in range(len(labels))]
    return [
        PoolRow(row, f"{row}.png", names[label], int(label), digests[row], digests[row])
        for row, label in enumerate(labels)
    ]


def set_wrong(pool_rows, fraction, seed):
    """Set some labels to another class at random.

    Returns
    -------
    pool_rows : list of PoolRow
    is_wrong : ndarray of shape (images,), bool
    """
    names = sorted({row.class_name for row in pool_rows})
    rng, is_wrong = np.random.default_rng(seed), np.zeros(len(pool_rows), bool)
    is_wrong[rng.choice(len(pool_rows), round(fraction * len(pool_rows)), replace=False)] = True
    changed = list(pool_rows)
    for row in np.flatnonzero(is_wrong):
        label = (pool_rows[row].label + int(rng.integers(1, len(names)))) % len(names)
        changed[row] = pool_rows[row]._replace(label=label, class_name=names[label])
    return changed, is_wrong


def predict_pool(coordinates, pool_rows, shots, *, test, kept="all", solver="logistic", seed=0):
    """Train heads on a pool and test them.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32
    pool_rows : list of PoolRow
    shots : sequence of int
    test, kept, solver, seed
        draws.test, predictions, the head's solver and draws.seed of a study.

    Returns
    -------
    dict of int to Predictions
        By shots.
    """
    draws = draw_repeats(pool_rows, test, REPEATS, seed, shots=max(shots))
    line = {}
    for count in shots:
        repeats = []
        for repeat, rows in enumerate(draws.parts(count)):
            own = coordinates, draws.labels, *rows, {"solver": solver}, None
            *_, scores = train(*own, classes=draws.classes)
            roles = draws.roles(repeat, rows[0])
            repeats.append(predict(scores, draws.labels, draws.groups, roles, kept=kept)[0])
        line[count] = Predictions(*map(np.stack, zip(*repeats, strict=True)))
    return line


def judge_pool(coordinates, pool_rows, shots, **settings):
    """Say of each image what heads say of it: list of JudgedImage. See `predict_pool`."""
    line = predict_pool(coordinates, pool_rows, shots, **settings)
    return judged_images("pool", pool_rows, line, [line[max(shots)]])


def rank(suspicion, is_wrong):
    """Say how well the places of images, the most suspicious first, find wrong labels."""
    first = np.argsort(suspicion, kind="stable")[: is_wrong.sum()]
    return Ranking(float(is_wrong[first].mean()), float(roc_auc_score(is_wrong, -suspicion)))
