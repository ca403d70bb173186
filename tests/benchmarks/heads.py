"""Heads beside scikit-learn, Keras and PyTorch: CPU seconds and memory of one repeat.

`python tests/benchmarks/heads.py`, in four minutes, seven with PyTorch, which is left out where it
is not installed. All are held on one core, and each fit is a process of its own. Heads take their
coordinates' making and the search for their penalty with them; LogisticRegression is given the
penalty that was found. Features are made up: a pattern a class in noise, on a spectrum that falls.
"""

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
from table import Row, show

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from fewshot.backbone.compact import coordinates_of  # noqa: E402
from fewshot.backbone.coordinates import write_coordinates  # noqa: E402
from fewshot.data.draws import Draws, write_draws  # noqa: E402
from fewshot.heads.eigenbasis import make_features  # noqa: E402
from fewshot.heads.logistic import smoothed, train_logistic  # noqa: E402
from fewshot.heads.penalty import PENALTIES, choose_penalty  # noqa: E402
from fewshot.heads.train import train  # noqa: E402
from fewshot.heads.warm_start import scaled_ridge  # noqa: E402
from train_head import train_head  # noqa: E402

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
WIDE = [(257, 8, 4096), (100, 4, 25088)]
TALL = [(100, 100, 512), (1000, 16, 768)]  # classes, shots, numbers
LARGE = [(100, 500, 1024)]
NEAR = 1e-5  # a tolerance of scikit-learn's at which its objective is near that of fewshot
EPOCHS = 3
SGD = {"solver": "sgd", "epochs": EPOCHS, "batch_size": 32, "learning_rate": 1e-3, "momentum": 0.9}


def made(classes, shots, width):
    """Features (shots * classes, width) that heads tell apart in most cases, and labels."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(classes), shots)
    features = rng.standard_normal((len(labels), width), np.float32)
    features += 0.21 * rng.standard_normal((classes, width), np.float32)[labels]
    features *= (np.arange(1, width + 1) ** -0.4).astype(np.float32)
    return features, labels


def scaled(features):
    """Centre features and bring them to unit mean squared norm, as penalised heads do."""
    features = features - features.mean(axis=0)
    return features / np.sqrt((features**2).sum(axis=1).mean())


def objective(scores, labels, weights, l2):
    """Mean cross-entropy with hard targets and the penalty, in float64."""
    scores = scores - scores.max(axis=1, keepdims=True)
    scores = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True, dtype=np.float64))
    penalty = l2 / 2 * np.sum(np.square(weights, dtype=np.float64))
    return float(penalty - scores[np.arange(len(labels)), labels].mean())


def head(features, labels, settings):
    """Train a head of fewshot, from features to scores of all."""
    coordinates = coordinates_of(lambda start, stop: features[:, start:stop], *features.shape)
    every, rng = np.arange(len(labels)), np.random.default_rng(0)
    settings = json.loads(settings)
    result, *_ = train(
        coordinates, labels, every, every[:1], settings, rng, classes=labels.max() + 1
    )
    return result["l2"]


def hard(features, labels, _):
    """Softmax regression of fewshot with hard targets, search for the penalty included."""
    classes, own = labels.max() + 1, make_features(features)
    targets = smoothed(labels, classes, 0)
    chosen = choose_penalty(own, targets)
    l2 = chosen / classes
    start = scaled_ridge(own, targets, labels, l2, chosen)
    weights, bias = train_logistic(own.train, targets, l2, *start)
    return [l2, objective(own.train @ weights + bias, labels, weights, l2)]


def logistic_regression(features, labels, l2, **options):
    """Fit scikit-learn's LogisticRegression (lbfgs, tol as it comes) at the same penalty."""
    from sklearn.linear_model import LogisticRegression

    features, l2 = scaled(features), float(l2)
    model = LogisticRegression(C=1 / (len(labels) * l2), max_iter=1000, **options)
    model.fit(features, labels)
    scores = model.decision_function(features)
    return objective(scores, labels, model.coef_, l2)


def logistic_regression_near(features, labels, l2):
    """Fit the same until it is near the minimum."""
    return logistic_regression(features, labels, l2, tol=NEAR)


def ridge_classifier(features, labels, _):
    """Fit scikit-learn's RidgeClassifierCV over the same penalties."""
    from sklearn.linear_model import RidgeClassifierCV

    RidgeClassifierCV(alphas=len(labels) * PENALTIES).fit(scaled(features), labels)


def torch_lbfgs(features, labels, l2):
    """Minimise the same in PyTorch, on one thread."""
    import torch

    torch.set_num_threads(1)
    rows, own = torch.from_numpy(scaled(features)), torch.from_numpy(labels)
    classes = int(labels.max()) + 1
    weights = torch.zeros((rows.shape[1], classes), requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    parts = [weights, bias]
    solver = torch.optim.LBFGS(
        parts,
        max_iter=1000,
        tolerance_grad=1e-4 / classes,
        history_size=10,
        line_search_fn="strong_wolfe",
    )

    def loss():
        solver.zero_grad()
        value = torch.nn.functional.cross_entropy(rows @ weights + bias, own)
        value = value + float(l2) / 2 * (weights**2).sum()
        value.backward()
        return value

    solver.step(loss)
    scores = (rows @ weights + bias).detach().numpy()
    return objective(scores, labels, weights.detach().numpy(), float(l2))


def keras_fit(features, labels, _):
    """Fit a Dense layer by Keras for as many epochs as the head `sgd`."""
    import keras

    model = keras.Sequential(
        [keras.Input(features.shape[1:]), keras.layers.Dense(int(labels.max()) + 1, "softmax")]
    )
    optimizer = keras.optimizers.SGD(SGD["learning_rate"], SGD["momentum"])
    # Compiled as a whole it takes longer on a CPU.
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(features[:64], labels[:64], batch_size=SGD["batch_size"], verbose=0)
    start = time.process_time()
    model.fit(features, labels, batch_size=SGD["batch_size"], epochs=EPOCHS, verbose=0)
    return time.process_time() - start


def job(features, labels, _):
    """Run a job of a head from files to files, predictions of all images among them."""
    ranks = np.arange(len(labels)) // (labels.max() + 1)
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        write_coordinates(features, at / "c.h5", at / "c.json")
        places = np.where(ranks < 4, 0, ranks - 3)[:, None]
        write_draws(Draws(labels, np.arange(len(labels)), places), at / "draws.csv")
        train_head(
            **{"coordinates_path": at / "c.h5", "index_path": at / "c.json"},
            **{"draws_path": at / "draws.csv", "shots": int(ranks[-1]) - 3, "seed": 0},
            **{"head": {"solver": "logistic"}, "predictions": "all"},
            **{f"{name}_path": at / name for name in ("results", "curves", "weights")},
            predictions_path=at / "predictions",
        )


def fit(kind, shape, argument=""):
    """Fit in a process of its own: CPU seconds, GB, and what `kind` gives."""
    command = [sys.executable, __file__, kind, *map(str, shape), str(argument)]
    threads = dict.fromkeys(THREADS, "1") | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        command, env=os.environ | threads, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def fit_here(kind, *shape_and_argument):
    """Do what `fit` asks of its process, and print it."""
    *shape, argument = shape_and_argument
    features, labels = made(*map(int, shape))
    start = time.process_time()
    with redirect_stdout(sys.stderr):
        value = globals()[kind](features, labels, argument)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(json.dumps([seconds, memory, value]))


def rows():
    """Measure each head beside what a person would take instead."""
    for shape in (*WIDE, *TALL):
        place = f"{shape[0]} classes, {shape[1]} shots, {shape[2]} numbers"
        own, memory, (l2, value) = fit("hard", shape)
        peers, against = ["logistic_regression"], None
        if shape in TALL:
            peers.append("logistic_regression_near")
        if importlib.util.find_spec("torch"):
            peers.append("torch_lbfgs")
        for peer in peers:
            other, more, its = fit(peer, shape, l2)
            beside = f"{peer}, objective {its:.4f}, {more:.2f} GB"
            yield Row(f"{place}: hard targets, {value:.4f}", own, "CPU s", beside, other, memory)
            against = against or (f"{peer}, {more:.2f} GB", other)
        own, memory, _ = fit("head", shape, json.dumps({"solver": "logistic"}))
        # The same fit of scikit-learn, whose targets are hard.
        yield Row(f"{place}: tuned", own, "CPU s", *against, memory)
        own, memory, _ = fit("head", shape, json.dumps({"solver": "ridge"}))
        other, more, _ = fit("ridge_classifier", shape)
        yield Row(
            f"{place}: ridge", own, "CPU s", f"RidgeClassifierCV, {more:.2f} GB", other, memory
        )
    for shape in (WIDE[0], TALL[0]):
        own, memory, _ = fit("head", shape, json.dumps(SGD))
        _, more, other = fit("keras_fit", shape)
        what = f"{shape[0]} classes, {shape[1]} shots, {shape[2]} numbers: sgd, {EPOCHS} epochs"
        yield Row(what, own, "CPU s", f"Keras fit, {more:.2f} GB", other, memory)
    for classes, shots, numbers in LARGE:
        own, memory, _ = fit("job", (classes, shots + 4, numbers))
        yield Row(f"{classes * shots} images, {numbers} numbers: job", own, "CPU s", memory=memory)


if __name__ == "__main__":
    if sys.argv[1:]:
        fit_here(*sys.argv[1:])
    else:
        show(rows())
