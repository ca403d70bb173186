"""Minimise a smooth convex function of many float32 numbers.

Its own code because heads start often: scipy.optimize takes 0.3 s of CPU time to import, seven
times what the five repeats of a small head take to solve, and works in float64 vectors, so that
large heads are solved no sooner either.
"""

import numpy as np

from fewshot.errors import input_error

_MEMORY = 10  # pairs of steps and gradient changes that stand in for the Hessian
_SUFFICIENT = 1e-4  # part of the predicted decrease that a step must bring
_SHORTENED = 20  # times, at most


def minimise(objective, start, *, tolerance, max_steps):
    """Minimise by limited-memory BFGS with steps shortened until they bring enough.

    Variables should be scaled so that the Hessian is near the unit matrix: then almost every first
    try is taken.

    Parameters
    ----------
    objective : callable
        objective(x) gives the value (float) and the gradient (like x).
    start : ndarray, float32
    tolerance : float
        Done when two steps in a row lower the value by less than this part of it.
    max_steps : int

    Returns
    -------
    x : ndarray, float32
    value : float
    steps : int

    Raises
    ------
    InputError
        If the minimum is not reached in `max_steps`, or the function is not finite.

    References
    ----------
    Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 7.4, 7.5 and 3.1.
    """
    x, pairs, idle = start, [], 0
    value, gradient = objective(x)
    for step in range(1, max_steps + 1):
        direction = -_multiply_inverse_hessian(pairs, gradient)
        slope = float(np.vdot(gradient, direction))
        if not np.isfinite(value + slope):
            raise _failed(f"a value of {value:g} with slope {slope:g} in step {step}")
        length = 1.0
        for _ in range(_SHORTENED):
            tried = x + np.float32(length) * direction
            tried_value, tried_gradient = objective(tried)
            if tried_value <= value + _SUFFICIENT * length * slope:
                break
            # Where a parabola through both values and the slope is least; the bound comes first, as
            # a value that is no number compares with nothing.
            least = 0.5 * length * slope / (slope - (tried_value - value) / length)
            length = min(max(0.05 * length, least), 0.5 * length)
        else:
            # A short step on a smooth convex function brings enough: rounding hides the rest.
            return x, value, step
        move, change = tried - x, tried_gradient - gradient
        if (curvature := float(np.vdot(move, change))) > 0:
            pairs = [*pairs[1 - _MEMORY :], (move, change, curvature)]
        idle = idle + 1 if value - tried_value <= tolerance * abs(value) else 0
        x, value, gradient = tried, tried_value, tried_gradient
        if idle == 2:
            return x, value, step
    raise _failed(f"a value of {value:g} that still falls after {max_steps} steps")


def _failed(received):
    """Make the error that the minimum was not reached."""
    hint = "leave out this layer or head, or raise the temperature where the head is distilled"
    return input_error("A head is trained to the least value of its loss", received, hint)


def _multiply_inverse_hessian(pairs, gradient):
    """The two-loop recursion."""
    product, factors = gradient.copy(), []
    for move, change, curvature in reversed(pairs):
        factors.append(np.float32(np.vdot(move, product) / curvature))
        product -= factors[-1] * change
    if pairs:
        move, change, curvature = pairs[-1]
        product *= np.float32(curvature / np.vdot(change, change))
    for (move, change, curvature), factor in zip(pairs, reversed(factors), strict=True):
        product += (factor - np.float32(np.vdot(change, product) / curvature)) * move
    return product
