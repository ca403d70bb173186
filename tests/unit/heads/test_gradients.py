"""The gradient check: right gradients pass, wrong ones are told with their numbers."""

import numpy as np
import pytest

from fewshot.backbone.compact import coordinates_of
from fewshot.errors import InputError
from fewshot.heads import distillation, gradients, logistic
from fewshot.heads.gradients import Check, check_compaction, check_heads, compare, require_right

CLASSES = 5


def task(width=300):
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(CLASSES), 4)
    rows = np.maximum(rng.standard_normal((len(labels), width)), 0).astype(np.float16)
    rows = rows.astype(np.float32)
    return rows, coordinates_of(lambda a, b: rows[:, a:b], *rows.shape), labels


def run(width=300):
    rows, coordinates, labels = task(width)
    rng = np.random.default_rng(1)
    features = rng.standard_normal((len(labels), 12)).astype(np.float32) / 4
    return [
        *check_heads(features, labels, CLASSES, rng),
        check_compaction(rows, coordinates, labels, CLASSES, rng),
    ]


def test_differences_by_hand():
    # f = sum w^3: the gradient is 3 w^2, the central difference adds s^2.
    weights = np.array([[1.0, 2.0], [3.0, -1.0]])
    wrong = 3 * weights**2 + [[0, 0.5], [0, 0]]
    check = compare("cubes", lambda w: np.sum(w**3), weights, wrong, np.array([1, 2]))
    assert check.checked == "cubes"
    assert check.compared == 2
    assert check.mean_difference == pytest.approx(0.25, abs=1e-8)
    assert check.largest_difference == pytest.approx(0.5, abs=1e-8)
    assert check.largest_gradient == pytest.approx(27)
    np.testing.assert_array_equal(weights, [[1, 2], [3, -1]])


@pytest.mark.parametrize("width", [15, 300])
def test_the_gradients_of_this_project_pass(width):
    checks = run(width)
    assert [check.checked for check in checks] == [
        "head weights",
        "head bias",
        "distillation weights",
        "through compaction",
    ]
    assert [check.compared for check in checks] == [60, CLASSES, 60, min(200, width * CLASSES)]
    require_right(checks)
    assert all(check.largest_gradient > 1e-3 for check in checks)
    # As close as the original's own, 1.6e-6 and 1.6e-7 at most, or closer.
    assert max(check.largest_difference for check in checks) < 1e-8


@pytest.mark.parametrize(
    ("module", "name", "caught"),
    [
        (logistic, "objective", {"head weights", "head bias"}),
        (distillation, "objective", {"distillation weights"}),
    ],
)
def test_a_wrong_gradient_is_caught(monkeypatch, module, name, caught):
    right = getattr(module, name)

    def wrong(*arguments, **named):
        value, gradient = right(*arguments, **named)
        return value, gradient * 1.001

    monkeypatch.setattr(module, name, wrong)
    checks = run()
    off = {check.checked for check in checks if check.largest_difference > gradients.LIMIT}
    assert off == caught
    with pytest.raises(InputError, match=f"{min(caught)} off by .* gradients up to"):
        require_right(checks)


def test_coordinates_of_other_images_are_caught():
    rows, coordinates, labels = task()
    others = coordinates[::-1]
    check = check_compaction(rows, others, labels, CLASSES, np.random.default_rng(1))
    assert check.largest_difference > 100 * gradients.LIMIT


def test_numbers_that_are_none_are_no_agreement():
    with pytest.raises(InputError, match="off by nan"):
        require_right([Check("x", 1, float("nan"), float("nan"), 1.0)])


def test_a_dead_layer_has_nothing_wrong():
    rows = np.zeros((4, 30), np.float32)
    checks = [
        *check_heads(np.empty((4, 0), np.float32), np.arange(4), 4, np.random.default_rng(0)),
        check_compaction(rows, rows[:, :1], np.arange(4), 4, np.random.default_rng(0)),
    ]
    require_right(checks)
    assert [check.compared for check in checks] == [0, 4, 0, 120]
