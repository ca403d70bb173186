"""The head on all images: calibrated though no image is left, on data whose truth is known."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss

from fewshot.data.draws import Draws
from fewshot.errors import InputError
from fewshot.heads.calibration import fit_temperature
from fewshot.heads.eigenbasis import make_features
from fewshot.heads.final import FinalHead, drawn_head, fold_of, require_finite, train_on_all
from fewshot.heads.fitted import Head, head_scores
from fewshot.heads.head_files import HeadFiles
from fewshot.heads.penalty import choose_penalty
from fewshot.heads.train import train

CLASSES, NUMBERS = 5, 12
SOLVERS = {"tuned": {"solver": "logistic"}, "ridge": {"solver": "ridge"}}
SGD = {
    "solver": "sgd",
    **{"epochs": 30, "batch_size": 8, "learning_rate": 0.05, "momentum": 0.9},
}


def draw(images, seed):
    """Images of classes that overlap, and what decides where these lie."""
    means = 1.2 * np.random.default_rng(0).standard_normal((CLASSES, NUMBERS))
    rng = np.random.default_rng(seed)
    labels = np.arange(images) % CLASSES
    rows = means[labels] + 1.5 * rng.standard_normal((images, NUMBERS))
    return rows.astype(np.float32), labels


def draws_of(labels, groups=None):
    groups = np.arange(len(labels)) if groups is None else groups
    return Draws(labels, groups, np.zeros((len(labels), 1), int))


@pytest.mark.parametrize("solver", [*SOLVERS.values(), SGD], ids=["tuned", "ridge", "sgd"])
def test_its_weights_are_those_of_a_head_on_every_row(solver):
    rows, labels = draw(60, 1)
    head = train_on_all(rows, draws_of(labels), solver, seed=3)
    every = np.arange(60)
    np.testing.assert_array_equal(head.fitted.rows, every)
    rng = np.random.default_rng([3, 5])
    *_, expected, _ = train(rows, labels, every, every, solver, rng, classes=CLASSES)
    for name, array in expected.arrays().items():
        np.testing.assert_array_equal(head.fitted.arrays()[name], array)


@pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS)
@pytest.mark.parametrize("images", [40, 200])
def test_on_new_images_it_is_as_often_right_as_it_says(solver, images):
    apart, losses = [], []
    for seed in range(8):
        rows, labels = draw(images, 10 + seed)
        head = train_on_all(rows, draws_of(labels), solver, seed=0)
        new, own = draw(4000, 100 + seed)
        together = np.concatenate([rows, new])
        scores = head_scores(together, head.fitted, centred=True)
        said = {T: softmax(scores[images:] / T, axis=1) for T in (1, head.calibration)}
        probabilities = said[head.calibration]
        right = (probabilities.argmax(axis=1) == own).mean()
        apart.append(probabilities.max(axis=1).mean() - right)
        losses.append([log_loss(own, each) for each in said.values()])
    # It learned from a fifth less where it was calibrated, so it may be less sure than it might.
    assert -0.06 < np.mean(apart) < 0.03
    plain, calibrated = np.mean(losses, axis=0)
    assert calibrated <= plain + 0.01


def test_the_temperature_is_that_of_images_left_out():
    rows, labels = draw(50, 2)
    head = train_on_all(rows, draws_of(labels), SOLVERS["ridge"], seed=0)
    fold, scores = fold_of(labels, np.arange(50)), np.zeros((50, CLASSES), np.float32)
    penalty = choose_penalty(make_features(rows), np.eye(CLASSES, dtype=np.float32)[labels])
    for number in range(5):
        held, own = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        parts = rows, labels, own, held, {"solver": "ridge", "penalty": penalty}, None
        scores[held] = train(*parts, classes=CLASSES)[-1][held]
    assert head.calibration == fit_temperature(scores, labels)


def test_folds_part_no_group_and_have_as_many_of_every_class():
    labels = np.repeat([0, 1, 2], [16, 8, 8])
    groups = np.concatenate([np.arange(16) // 2, 8 + np.arange(16)])  # eight of every class
    order = np.random.default_rng(2).permutation(32)
    found = fold_of(labels[order], groups[order])
    counts = [np.bincount(found[labels[order] == label], minlength=5) for label in range(3)]
    assert [count.tolist() for count in counts] == [
        [4, 4, 4, 2, 2],
        [2, 2, 2, 1, 1],
        [2, 2, 2, 1, 1],
    ]
    for group in range(24):
        assert len({*found[groups[order] == group]}) == 1
    assert fold_of(np.array([0, 1, 0, 1]), np.arange(4)).tolist() == [0, 0, 1, 1]


def test_copies_are_left_out_together():
    rows, labels = draw(40, 3)
    doubled, twice = np.repeat(rows, 2, axis=0), np.repeat(labels, 2)
    together = train_on_all(
        doubled, draws_of(twice, np.repeat(np.arange(40), 2)), SOLVERS["tuned"], seed=0
    )
    parted = train_on_all(doubled, draws_of(twice), SOLVERS["tuned"], seed=0)
    # A copy on the other side would make the head look surer than it may be.
    assert together.calibration > 1.2 * parted.calibration


def test_a_class_of_one_image_is_no_obstacle():
    rows, labels = draw(21, 4)
    labels[0], labels[1:] = 0, 1 + labels[1:] % (CLASSES - 1)
    head = train_on_all(rows, draws_of(labels), SOLVERS["tuned"], seed=0)
    assert np.isfinite(head.fitted.weights).all()
    assert head.calibration > 0


def test_a_head_that_has_diverged_is_refused():
    rows, labels = draw(20, 5)
    wild = {**SGD, "learning_rate": 1e38}
    with np.errstate(all="ignore"), pytest.raises(InputError, match="one that has diverged"):
        train_on_all(rows, draws_of(labels), wild, seed=0)


def test_a_head_of_the_study_is_that_of_its_first_repeat(tmp_path):
    rows, labels = draw(40, 6)
    places = np.stack([np.arange(40) // CLASSES, (np.arange(40) // CLASSES + 1) % 8], axis=1)
    draws = Draws(labels, np.arange(40), places)
    files = HeadFiles(draws, "all")
    fitted = []
    for repeat, parts in enumerate(draws.parts(2)):
        rng = np.random.default_rng(repeat)
        result, curves, head, scores = train(
            rows, labels, *parts, SOLVERS["tuned"], rng, classes=CLASSES
        )
        fitted.append(head.arrays())
        files.add(result, curves, fitted[-1], scores)
    paths = {name: tmp_path / f"{name}.h5" for name in ("curves", "weights", "predictions")}
    files.write(
        results_path=tmp_path / "head.csv",
        **{f"{name}_path": path for name, path in paths.items()},
    )
    head = drawn_head(paths["weights"], tmp_path / "head.csv")
    assert head.fitted.arrays().keys() == fitted[0].keys()
    for name, array in fitted[0].items():
        np.testing.assert_array_equal(head.fitted.arrays()[name], array)
    assert head.calibration == pytest.approx(files._results[0][-1], rel=1e-5)


def test_finite_ones_pass():
    head = FinalHead(Head(np.arange(2), np.zeros(2), np.ones((2, 2))), 1.0)
    assert require_finite(head) is head
    with pytest.raises(InputError, match="diverged"):
        require_finite(head._replace(calibration=np.nan))
