"""What the choice of the penalty costs: accuracy against the best fixed penalty in hindsight.

`python tests/benchmarks/penalty.py results/*/*/*/T*` after the demo and tests/photographs.yaml, in
some minutes on one core. Every number of shots has draws of its own, of 8 test images a class.
"""

import sys
from collections import defaultdict
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from fewshot.backbone.coordinates import read_coordinates  # noqa: E402
from fewshot.data.draws import read_draws  # noqa: E402
from fewshot.heads.eigenbasis import make_features  # noqa: E402
from fewshot.heads.fitted import Head, head_scores  # noqa: E402
from fewshot.heads.logistic import smoothed, softmax_penalty, train_logistic  # noqa: E402
from fewshot.heads.penalty import (  # noqa: E402
    PENALTIES,
    choose_penalty,
    least_cross_entropy,
    leave_out,
)
from fewshot.metrics import accuracy  # noqa: E402

DRAWS, TESTS, SHOTS = 20, 8, (1, 2, 3, 4, 8, 16)


def draw(labels, shots, rng):
    """Test rows and training rows of every class."""
    parts = []
    for label in range(labels.max() + 1):
        rows = rng.permutation(np.flatnonzero(labels == label))
        parts.append(rows[: TESTS + shots])
    parts = np.array(parts)
    return parts[:, TESTS:].ravel(), parts[:, :TESTS].ravel()


def penalties_of(features, targets, shots):
    """Penalties by each rule."""
    rules = {f"fixed {l2:.0e}": l2 for l2 in PENALTIES[::2]}
    rules["chosen"] = choose_penalty(features, targets)
    if shots > 1:
        scores_of = leave_out(features, targets)
        scores = [scores_of(number) for number in range(len(PENALTIES))]
        least = np.argmin([least_cross_entropy(each, targets) for each in scores])
        rules["least log loss"] = PENALTIES[least]
        rules["least squared error"] = PENALTIES[
            np.argmin([np.mean((each - targets) ** 2) for each in scores])
        ]
    return rules


def accuracies(coordinates, labels, features, train_rows, test_rows):
    """Of a softmax head on the test images, in %, for each of `PENALTIES`."""
    classes = labels.max() + 1
    for l2 in PENALTIES:
        with redirect_stdout(None):
            weights, bias = train_logistic(
                features.train,
                smoothed(labels[train_rows], classes),
                softmax_penalty(l2, classes),
            )
        head = Head(train_rows, bias, **features.fitted(weights))
        scores = head_scores(coordinates, head, centred=True)
        yield 100 * accuracy(scores[test_rows], labels[test_rows])


def regrets_of(coordinates, labels, shots):
    """What each rule loses on a layer, in points, on average over the draws."""
    classes, path, by_rule = labels.max() + 1, [], defaultdict(list)
    for repeat in range(DRAWS):
        train_rows, test_rows = draw(labels, shots, np.random.default_rng([repeat, shots]))
        features = make_features(coordinates[train_rows])
        path.append(list(accuracies(coordinates, labels, features, train_rows, test_rows)))
        targets = np.eye(classes, dtype=np.float32)[labels[train_rows]]
        rules = penalties_of(features, targets, shots)
        for name, l2 in rules.items():
            by_rule[name].append(np.interp(np.log(l2), np.log(PENALTIES), path[-1]))
    best = np.mean(path, axis=0).max()
    return {name: best - np.mean(values) for name, values in by_rule.items()}


if __name__ == "__main__":
    regrets = defaultdict(list)
    for folder in map(Path, sys.argv[1:]):
        if not (folder / "coordinates.h5").is_file():
            continue
        labels = read_draws(folder.parents[2] / "draws.csv").labels
        paths = folder / "coordinates.h5", folder / "coordinates.json"
        coordinates = read_coordinates(*paths, np.arange(len(labels)))
        for shots in SHOTS:
            for name, regret in regrets_of(coordinates, labels, shots).items():
                regrets[name, shots > 1].append((regret, f"{folder}, {shots}"))
        print(folder, flush=True)
    for (name, several), pairs in sorted(regrets.items(), key=lambda item: item[0][1]):
        mean = np.mean([regret for regret, _ in pairs])
        text = "2 to 16 shots" if several else "1 shot"
        print(f"{text:13} {name:20} mean {mean:5.2f}, worst {max(pairs)[0]:5.2f}: {max(pairs)[1]}")
