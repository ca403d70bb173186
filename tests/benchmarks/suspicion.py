"""How well wrong labels are found by what heads say of them, printed.

    python tests/benchmarks/suspicion.py results/caltech101 mobilenet [layer ...]

after `snakemake --configfile tests/photographs.yaml`: sets 5 % of the labels to another class, five
times, trains heads on them and ranks labels by how little they are believed, in several ways.
Prints for each the fraction of wrong ones among as many first suspects, the AUC and the fraction of
images that are never judged. Takes a minute.
"""

import logging
import sys
import warnings
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/unit/results")]

from wrong_labels import predict_pool, rank, set_wrong  # noqa: E402

from fewshot.backbone.coordinates import read_coordinates  # noqa: E402
from fewshot.data.draws import TEST, TRAINED  # noqa: E402
from fewshot.data.pool import PoolRow  # noqa: E402
from fewshot.records import read_records  # noqa: E402

WRONG, SEEDS, SHOTS = 0.05, 5, (1, 2, 4, 8, 16, 24)
LAYERS = ("conv_pw_12_relu", "conv_pw_5_relu")


def believed(line, weigh=lambda shots: 1, tests_alone=False):
    """Mean probability of each label, heads weighed by their shots."""
    sums = weights = 0
    for shots, each in line.items():
        counted = each.role == TEST if tests_alone else each.role != TRAINED
        sums = sums + weigh(shots) * np.where(counted, each.given, 0).sum(axis=0, dtype=float)
        weights = weights + weigh(shots) * counted.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return sums / weights


def ways(line, labels):
    """Means by which labels are ranked."""
    unweighed = believed(line)
    classes = np.array([np.nanmean(unweighed[labels == each]) for each in range(labels.max() + 1)])
    return {
        "weighed by shots": believed(line, lambda shots: shots),
        "unweighed": unweighed,
        "at the most shots": believed(line, lambda shots: shots == SHOTS[-1]),
        "at half of them or more": believed(line, lambda shots: shots >= SHOTS[-1] / 2),
        "less the mean of the class": unweighed - classes[labels],
        "weighed, tests alone": believed(line, lambda shots: shots, tests_alone=True),
    }


def measure(coordinates, rows, test):
    """Rank labels set wrongly with each seed: by way, lists of precision, AUC and unjudged."""
    found = {}
    for seed in range(SEEDS):
        pool, is_wrong = set_wrong(rows, WRONG, seed)
        line = predict_pool(coordinates, pool, SHOTS, test=test, seed=seed)
        for way, means in ways(line, np.array([row.label for row in pool])).items():
            places = np.argsort(np.argsort(means, kind="stable"))  # those never judged come last
            own = (*rank(places, is_wrong), np.isnan(means).mean())
            found.setdefault(way, []).append(own)
    return found


def main(dataset, backbone, layers):
    """Print a row for each layer, protocol and way."""
    logging.disable()
    warnings.simplefilter("ignore")
    rows = read_records(Path(dataset, "pool.csv"), PoolRow)
    for layer in layers:
        folder = Path(dataset, backbone, layer, "T1")
        paths = folder / "coordinates.h5", folder / "coordinates.json"
        coordinates = read_coordinates(*paths, np.arange(len(rows)))
        for test in (8, "rest"):
            for way, numbers in measure(coordinates, rows, test).items():
                told = "{:.3f} {:.4f} {:.3f}".format(*np.mean(numbers, axis=0))
                print(f"{layer:16} test: {test:<5} {way:28} {told}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3], sys.argv[3:] or LAYERS)
