import itertools

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_score, recall_score

from fewshot.data.draws import TEST, TRAINED, UNUSED, Draws
from fewshot.heads.predictions import Predictions
from fewshot.point import Point
from fewshot.results.classes import Confusion, class_results, confusions, order_confused
from fewshot.results.statistics import Layout, lay_out, two_way

POINT = Point("birds", "vgg16", "fc2", "1", 1, "tuned")
HOSTILE = ("<img src=x onerror=owned=1>", "$\\frac{", "two\n\nlines", "=HYPERLINK(A1)")


def predictions_of(draws, named, shots=1):
    """Predictions of heads that name these classes: only `role` and `named` are filled in."""
    repeats = range(draws.repeats)
    roles = [draws.roles(each, draws.training_rows(each, shots)) for each in repeats]
    return Predictions(np.stack(roles), named, *3 * [None])


def results_of(draws, named, names):
    predictions, layout = predictions_of(draws, named), lay_out(draws, 1)
    rows = class_results(POINT, predictions, layout, draws.labels, names)
    return rows, confusions("birds", predictions, layout.tests, draws.labels, names)


@pytest.fixture
def tiny():
    """Three classes of three images, of which each repeat tests two and trains on one."""
    labels = np.array([0, 1, 2] * 3)
    places = np.array([[0, 0]] * 3 + [[0, 1]] * 3 + [[1, 0]] * 3)
    named = np.array([[0, 0, 0, 1, 1, 0, 9, 9, 9], [0, 1, 2, 9, 9, 9, 0, 0, 0]])
    return results_of(Draws(labels, np.arange(9), places), named, ["ibis", "jay", "kite"])


def test_counts_shares_and_precision_are_those_on_paper(tiny):
    # Named of ibis: ibis, jay; ibis, ibis. Of jay: ibis, jay; jay, ibis. Of kite: ibis, ibis;
    # kite, ibis. So ibis is named 3 + 2 + 3 = 8 times.
    ibis, jay, kite = tiny[0]
    assert [row.class_name for row in tiny[0]] == ["ibis", "jay", "kite"]
    assert {row[:6] for row in tiny[0]} == {tuple(POINT)}
    assert {(row.images, row.judged) for row in tiny[0]} == {(3, 4)}
    assert [row.accuracy for row in tiny[0]] == [3 / 4, 2 / 4, 1 / 4]
    assert [row.precision for row in tiny[0]] == [3 / 8, 2 / 3, 1]
    assert (ibis.taken_for, ibis.taken_share) == ("jay", 1 / 4)
    assert (jay.taken_for, jay.taken_share) == ("ibis", 2 / 4)
    assert (kite.taken_for, kite.taken_share) == ("ibis", 3 / 4)


def test_confusion_has_what_happens_and_nothing_else(tiny):
    assert [tuple(row[1:]) for row in tiny[1]] == [
        ("ibis", "ibis", 3, 3 / 4),
        ("ibis", "jay", 1, 1 / 4),
        ("jay", "ibis", 2, 2 / 4),
        ("jay", "jay", 2, 2 / 4),
        ("kite", "ibis", 3, 3 / 4),
        ("kite", "kite", 1, 1 / 4),
    ]


def random_world(seed, classes=6, images=24, repeats=5):
    """Classes of images of which half are tested; heads that are right in six of ten."""
    rng = np.random.default_rng(seed)
    labels = np.arange(classes * images) % classes
    places = np.empty((len(labels), repeats), int)
    for repeat, label in itertools.product(range(repeats), range(classes)):
        places[label::classes, repeat] = rng.permutation(np.arange(images) - images // 2 + 1)
    guesses = rng.integers(0, classes, (repeats, len(labels)))
    named = np.where(rng.random(guesses.shape) < 0.6, labels, guesses)
    return Draws(labels, np.arange(len(labels)), np.maximum(places, 0)), named


@pytest.mark.parametrize("seed", range(3))
def test_scikit_learn_counts_the_same(seed):
    draws, named = random_world(seed)
    names = [*"abcdef"]
    rows, cells = results_of(draws, named, names)
    tests = draws.places.T == 0
    true, said = np.broadcast_to(draws.labels, tests.shape)[tests], named[tests]
    found = np.zeros((6, 6), int)
    for cell in cells:
        found[names.index(cell.class_name), names.index(cell.named)] = cell.judged
    assert (found == confusion_matrix(true, said)).all()
    assert all(cell.judged for cell in cells)
    precision = precision_score(true, said, average=None)
    assert [row.precision for row in rows] == pytest.approx(precision)
    assert [row.accuracy for row in rows] == pytest.approx(recall_score(true, said, average=None))
    shares = confusion_matrix(true, said, normalize="true")
    assert [cell.share for cell in cells] == pytest.approx(shares[shares > 0])


def test_the_interval_is_that_of_a_pool_of_this_class_alone():
    # Four images of the second class, of which the last two are copies, between those of the first.
    draws = Draws(
        np.array([0, 1, 0, 1, 1, 0, 1]),
        np.array([0, 1, 2, 3, 4, 5, 4]),
        np.array([[0, 1], [0, 0], [1, 0], [0, 1], [1, 0], [0, 0], [2, 0]]),
    )
    named = np.array([[0, 1, 9, 0, 9, 1, 9], [9, 1, 0, 9, 1, 0, 0]])
    _, second = results_of(draws, named, ["ibis", "jay"])[0]
    tests = np.array([[1, 1, 0, 0], [1, 0, 1, 1]], bool)
    trained = np.array([[0, 0, 1, 0], [0, 1, 0, 0]], bool)
    right = np.array([[1, 0, 0, 0], [1, 0, 1, 0]], float)
    share = lay_out(draws, 1).share
    layout = Layout(np.array([0, 1, 2, 2]), tests, trained, share)
    # Every judgement counts alike, so a repeat of three counts more than one of two.
    expected = two_way(right, layout, tests / 5, fraction=True)
    assert (second.images, second.judged, second.accuracy) == (4, 5, pytest.approx(3 / 5))
    assert (second.low, second.high) == pytest.approx((expected.low, expected.high))
    assert 0 < second.low < 3 / 5 < second.high < 1


def test_a_class_that_is_always_right_is_taken_for_none_and_has_an_interval():
    draws, _ = random_world(0)
    rows, cells = results_of(draws, np.tile(draws.labels, (5, 1)), [*"abcdef"])
    for row in rows:
        assert (row.accuracy, row.precision, row.taken_for, row.taken_share) == (1, 1, "", 0)
        assert 0.7 < row.low < row.high <= 1
    assert [(cell.class_name, cell.named) for cell in cells] == [(each, each) for each in "abcdef"]


def test_a_class_that_is_never_named_has_no_precision():
    draws, named = random_world(0)
    row = results_of(draws, np.where(named == 3, 4, named), [*"abcdef"])[0][3]
    assert np.isnan(row.precision)
    assert (row.accuracy, row.taken_for) == (0, "e")
    assert row.taken_share > 0.6
    assert row.low == pytest.approx(0, abs=1e-12)


def test_one_repeat_has_the_interval_over_images():
    draws, named = random_world(0, repeats=1)
    rows, _ = results_of(draws, named, [*"abcdef"])
    assert all(0 <= row.low < row.accuracy < row.high <= 1 for row in rows)


def test_only_test_images_are_counted():
    role = np.array([[TEST, TRAINED, UNUSED, TEST, TRAINED, UNUSED]])
    labels = np.array([0, 0, 0, 1, 1, 1])
    predictions = Predictions(role, np.array([[0, 1, 1, 1, 0, 0]]), *3 * [None])
    cells = confusions("birds", predictions, role == TEST, labels, ["ibis", "jay"])
    assert [tuple(cell[1:4]) for cell in cells] == [("ibis", "ibis", 1), ("jay", "jay", 1)]


def test_names_are_kept_as_they_are():
    draws, named = random_world(0, classes=4)
    rows, cells = results_of(draws, named, HOSTILE)
    assert tuple(row.class_name for row in rows) == HOSTILE
    assert {row.taken_for for row in rows} <= {*HOSTILE}
    assert {cell.named for cell in cells} == {*HOSTILE}


def confused(shares):
    return [Confusion("birds", a, b, 1, share) for (a, b), share in shares.items()]


def test_the_order_follows_a_chain_of_confusions():
    chain = {("b", "d"): 0.3, ("d", "a"): 0.2, ("a", "c"): 0.3, ("c", "c"): 0.9}
    assert "".join(order_confused(confused(chain), [*"abcd"])) in ("bdac", "cadb")


@pytest.mark.parametrize(("classes", "size"), [(12, 3), (257, 5)])
def test_classes_of_a_block_lie_together(classes, size):
    # Block by number: classes that leave the same rest are taken for each other.
    blocks = -(-classes // size)
    names = [f"{number:03}" for number in range(classes)]
    rng, shares = np.random.default_rng(0), {}
    for one, other in itertools.permutations(range(classes), 2):
        near = one % blocks == other % blocks
        if near or rng.random() < 0.1:
            shares[names[one], names[other]] = 0.05 + 0.1 * rng.random() if near else 0.005
    order = [int(name) % blocks for name in order_confused(confused(shares), names)]
    assert sum(1 for _ in itertools.groupby(order)) == blocks
    assert order_confused(confused(shares), names) == order_confused(confused(shares), names)


def test_where_nothing_is_confused_classes_stay_as_they_come():
    right = confused({(name, name): 1.0 for name in "dab"})
    assert order_confused(right, [*"dab"]) == [*"dab"]
    assert order_confused([], [*"dab"]) == [*"dab"]


def test_two_classes_have_an_order():
    shares = confused({("a", "b"): 0.2, ("b", "a"): 0.1})
    assert sorted(order_confused(shares, ["a", "b"])) == ["a", "b"]
