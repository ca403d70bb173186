import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import norm

from fewshot.results.families import fit_families

SHOTS = np.array([1, 2, 4, 8, 16])
FAMILIES = (
    lambda k, a, b, c: a - b * k**-c,
    lambda k, a, b: norm.cdf(a + b * np.log(k)),
    lambda k, s, a, b: s * norm.cdf(a + b * np.log(k)),
)
TRUE = ((0.92, 0.5, 0.6), (-0.8, 0.5), (0.85, -0.4, 0.6))


@pytest.mark.parametrize("family", range(3))
def test_each_family_continues_its_own_curves(family):
    curve = FAMILIES[family](SHOTS, *TRUE[family])
    at = np.array([16, 24, 32])
    found = fit_families(SHOTS, curve[None], at)[family, 0]
    np.testing.assert_allclose(found, FAMILIES[family](at, *TRUE[family]), atol=0.004)


def test_fits_are_about_as_near_as_those_of_least_squares():
    generator = np.random.default_rng(0)
    curves = FAMILIES[2](SHOTS, *TRUE[2]) + 0.01 * generator.standard_normal((20, len(SHOTS)))
    fitted = fit_families(SHOTS, curves, SHOTS)
    bounds = ([0, -np.inf, 0], [1, np.inf, 3]), ([-np.inf, 0], np.inf), ([0, -6, 0], [1, 6, np.inf])
    for family, (function, limits) in enumerate(zip(FAMILIES, bounds, strict=True)):
        for curve, own in zip(curves, fitted[family], strict=True):
            best, _ = curve_fit(function, SHOTS, curve, TRUE[family], bounds=limits, maxfev=10_000)
            error, least = (
                np.sqrt(((each - curve) ** 2).mean()) for each in (own, function(SHOTS, *best))
            )
            assert error < 1.5 * least + 0.003
