"""Wrong labels are found as well as cleanlab finds them with all of the data to learn from."""

import numpy as np
import pytest
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from scipy.stats import rankdata
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from wrong_labels import judge_pool, make_pool, rank, set_wrong

IMAGES = 60  # of each of the ten digits
WRONG = 0.05
SHOTS = (4, 8, 16)


@pytest.fixture(scope="module", params=range(3))
def world(request):
    """Digits with labels set wrongly: their numbers, the pool, what is wrong, the seed."""
    digits = load_digits()
    # The first images of every digit, in turn: a pool.
    rows = np.stack([np.flatnonzero(digits.target == digit)[:IMAGES] for digit in range(10)]).T
    rows = rows.ravel()
    pool = make_pool(digits.target[rows], [f"digit {digit}" for digit in range(10)])
    numbers = (digits.data[rows] / 16).astype(np.float32)
    return numbers, *set_wrong(pool, WRONG, request.param), request.param


@pytest.fixture(scope="module")
def probabilities(world):
    """What scikit-learn says of each image that it was not trained on, of the same labels."""
    numbers, pool, *_ = world
    model = LogisticRegression(C=1.0, max_iter=1000)
    labels = [row.label for row in pool]
    return cross_val_predict(model, numbers, labels, cv=5, method="predict_proba")


def places(images):
    return np.array([image.suspicion for image in images])


@pytest.mark.parametrize(
    ("test", "kept", "solver"),
    [
        (20, "all", "logistic"),
        (20, "all", "ridge"),
        ("rest", "all", "logistic"),
        ("rest", "tests", "logistic"),
    ],
)
def test_wrong_labels_are_ranked_as_high_as_by_cleanlab(world, probabilities, test, kept, solver):
    numbers, pool, is_wrong, seed = world
    scores = get_label_quality_scores(np.array([row.label for row in pool]), probabilities)
    theirs = rank(rankdata(scores), is_wrong)
    judged = judge_pool(numbers, pool, SHOTS, test=test, kept=kept, solver=solver, seed=seed)
    ours = rank(places(judged), is_wrong)
    assert ours.precision >= theirs.precision - 0.05
    assert ours.auc >= theirs.auc - 0.002
    assert theirs.auc > 0.99  # which is something to keep up with


def test_what_cleanlab_rightly_doubts_is_among_as_many_first_suspects(world, probabilities):
    numbers, pool, is_wrong, seed = world
    labels = np.array([row.label for row in pool])
    found = find_label_issues(labels, probabilities)
    suspects = places(judge_pool(numbers, pool, SHOTS, test=20, seed=seed)) <= found.sum()
    rightly = found & is_wrong
    assert rightly.sum() > 15
    assert (suspects & rightly).sum() >= 0.95 * rightly.sum()


def test_images_that_are_never_tested_come_last_where_only_tests_are_kept(world):
    numbers, pool, is_wrong, seed = world
    judged = judge_pool(numbers, pool, SHOTS, test=10, kept="tests", seed=seed)
    is_judged = np.array([image.judged > 0 for image in judged])
    suspicion = places(judged)
    assert 0 < (~is_judged).sum() < len(pool) / 4  # 5 / 6 of them are not, in each of 10 draws
    assert suspicion[is_judged].max() < suspicion[~is_judged].min()
    assert rank(suspicion[is_judged], is_wrong[is_judged]).auc > 0.99
