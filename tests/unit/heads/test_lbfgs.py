"""Minima that are known, by hand or by SciPy in float64."""

import numpy as np
import pytest
from scipy.optimize import minimize

from fewshot.errors import InputError
from fewshot.heads.lbfgs import minimise

OPTIONS = {"tolerance": 1e-7, "max_steps": 500}


def recorded(objective):
    """Return the objective and the list that its values go to."""
    values = []

    def record(x):
        value, gradient = objective(x)
        values.append(value)
        return value, gradient.astype(np.float32)

    return record, values


def test_minimum_of_a_quadratic():
    # f(x) = x.Ax/2 - b.x is least where A x = b.
    a = np.array([[1.0, 0.3, 0.0], [0.3, 0.8, 0.1], [0.0, 0.1, 2.0]])
    b = np.array([1.0, -2.0, 0.5])
    x, value, steps = minimise(
        lambda x: (float(x @ a @ x / 2 - b @ x), (a @ x - b).astype(np.float32)),
        np.zeros(3, np.float32),
        **OPTIONS,
    )
    expected = np.linalg.solve(a, b)
    np.testing.assert_allclose(x, expected, atol=1e-3)
    assert value == pytest.approx(-b @ expected / 2, rel=1e-6)
    assert steps < 15


def softened_maximum(x):
    """log sum exp(B x) + |x|^2 / 20 over rows of a fixed B, and its gradient."""
    rows = 3 * np.random.default_rng(0).standard_normal((40, 12))
    scores = rows @ x.astype(np.float64)
    odds = np.exp(scores - scores.max())
    value = np.log(odds.sum()) + scores.max() + x @ x / 20
    return float(value), rows.T @ (odds / odds.sum()) + x / 10


def test_minimum_that_scipy_finds():
    expected = minimize(softened_maximum, np.zeros(12), jac=True, method="BFGS", tol=1e-10)
    objective, _ = recorded(softened_maximum)
    x, value, _ = minimise(objective, np.ones(12, np.float32), **OPTIONS)
    assert value == pytest.approx(expected.fun, rel=1e-5)
    np.testing.assert_allclose(x, expected.x, atol=0.01)


def test_steps_that_overshoot_are_shortened():
    # The unit step from 1 goes to -99; the parabola through both is the function itself.
    objective, values = recorded(lambda x: (50 * float(x @ x), 100 * x))
    x, value, _ = minimise(objective, np.ones(2, np.float32), **OPTIONS)
    np.testing.assert_allclose(x, 0, atol=1e-3)
    assert value == min(values)


def test_a_step_to_where_there_is_no_value_is_shortened():
    objective, _ = recorded(lambda x: (50 * float(x @ x) if abs(x[0]) < 2 else np.nan, 100 * x))
    x, *_ = minimise(objective, np.ones(2, np.float32), **OPTIONS)
    np.testing.assert_allclose(x, 0, atol=1e-3)


def test_the_minimum_itself_is_where_it_stays():
    x, value, steps = minimise(
        lambda x: (7 + float(x @ x), 2 * x), np.zeros(3, np.float32), **OPTIONS
    )
    assert (x.tolist(), value) == ([0, 0, 0], 7)
    assert steps <= 2


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_minimum_that_is_not_reached_is_told(steps):
    objective, values = recorded(softened_maximum)
    with pytest.raises(InputError, match=f"still falls after {steps} steps"):
        minimise(objective, np.ones(12, np.float32), tolerance=1e-7, max_steps=steps)
    assert steps < len(values) <= 4 * steps
    assert values[-1] < values[0]


@pytest.mark.parametrize(("value", "slope"), [(np.nan, 1), (np.inf, 1), (1, np.nan)])
def test_values_that_are_not_finite_are_told(value, slope):
    with pytest.raises(InputError, match=r"least value.*in step 1"):
        minimise(lambda x: (value, slope * x), np.ones(2, np.float32), **OPTIONS)


def test_rounding_that_hides_what_is_left_to_gain_is_no_failure():
    # Below 1 + 2^-11 every value is 1 in float16, while the gradient still points to 0.
    start = np.full(3, 0.01, np.float32)
    objective, values = recorded(lambda x: (float(np.float16(1 + x @ x)), 2 * x))
    x, value, _ = minimise(objective, start, tolerance=0, max_steps=100)
    np.testing.assert_array_equal(x, start)
    assert value == 1
    assert values == 21 * [1]  # the start and a step halved 19 times


def test_the_start_is_left_alone_and_any_shape_will_do():
    start = np.ones((2, 3), np.float32)
    x, _, _ = minimise(lambda x: (float(np.vdot(x, x)), 2 * x), start, **OPTIONS)
    assert x.shape == (2, 3)
    assert x.dtype == np.float32
    np.testing.assert_array_equal(start, 1)
