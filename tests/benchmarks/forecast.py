"""How near forecasts come to what is measured, and how often their band holds it.

`python tests/benchmarks/forecast.py reports/*/forecast.csv`, in some seconds on one core: the
back-tests of these studies, and digits of scikit-learn with more and more noise, ten repeats of
ridge regression on 1 to 64 images a class.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifierCV

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from fewshot.point import Point  # noqa: E402
from fewshot.records import read_records  # noqa: E402
from fewshot.results.forecast import Forecast, Line, forecast_rows  # noqa: E402
from fewshot.results.statistics import mean_interval  # noqa: E402

SHOTS, REPEATS, TESTS = (1, 2, 4, 8, 16, 32, 64), 10, 20
NOISE = (0, 4, 8, 12)  # grey levels; digits have 16


def digits(noise):
    """Forecasts on digits with noise."""
    images, labels = load_digits(return_X_y=True)
    rng = np.random.default_rng(noise)
    images = images + noise * rng.normal(size=images.shape)
    accuracy = np.empty((REPEATS, len(SHOTS)))
    for repeat in range(REPEATS):
        order = [rng.permutation(np.flatnonzero(labels == label)) for label in range(10)]
        tests = np.concatenate([each[:TESTS] for each in order])
        for place, shots in enumerate(SHOTS):
            own = np.concatenate([each[TESTS : TESTS + shots] for each in order])
            model = RidgeClassifierCV(np.geomspace(1e-3, 1e4, 15)).fit(images[own], labels[own])
            accuracy[repeat, place] = model.score(images[tests], labels[tests])
    point = Point("digits", "pixels", f"noise {noise}", "1", 1, "ridge")
    _, _, *ends = mean_interval(accuracy.T)  # over draws; images are drawn anew each time
    return forecast_rows(Line(point, np.array(SHOTS), accuracy, *ends))


def tell(name, rows):
    """Print how the back-tests went."""
    tests = [row for row in rows if row.came == row.came]
    errors = [100 * abs(row.accuracy - row.came) for row in tests]
    held = sum(row.low <= row.came <= row.high for row in tests)
    width = np.mean([100 * (row.high - row.low) for row in tests])
    print(f"{name}: {len(tests)} back-tests, mean absolute error {np.mean(errors):.1f} points, ")
    print(f"    largest {max(errors):.1f}; the band holds {held}, {width:.1f} points wide")


if __name__ == "__main__":
    for path in sys.argv[1:]:
        tell(path, read_records(path, Forecast))
    tell("digits", [row for noise in NOISE for row in digits(noise)])
