"""Training end to end beside the cached head and beside a Dense layer that Keras trains alone."""

import csv
import json
from functools import partial

import h5py
import numpy as np
import pytest
from settings_of import settings_of

from fewshot.backbone.compact import coordinates_of
from fewshot.data.draws import draw_repeats, read_draws, write_draws
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.heads.fitted import as_coefficients
from fewshot.heads.head_files import read_results
from fewshot.heads.train import train
from fewshot.progress import Progress
from fewshot.records import read_records
from train_end_to_end import train_end_to_end
from weights import weights

pytestmark = pytest.mark.slow

# 135 test images are three batches, the last of 7.
IMAGES, CLASSES, TESTS, REPEATS = 156, 3, 45, 2
SHOTS, SEED = 5, 3
# 15 training images: the last batch of an epoch has 3.
HEAD = {"solver": "end_to_end", "epochs": 6, "batch_size": 4, "momentum": 0.9, "augment": False}
SIZES = {"SmallVGG": 32, "MobileNet": 64}  # edge of the input in pixels


@pytest.fixture(scope="module")
def folder(tmp_path_factory, write_images):
    """Folder of the pictures, their pool and draws, and random weights of both networks."""
    folder = tmp_path_factory.mktemp("images")
    pool = write_images(folder, IMAGES)
    write_draws(draw_repeats(pool, TESTS, REPEATS, seed=0), folder / "draws.csv")
    write_mobilenet(folder / "random.weights.h5")
    for network, size in SIZES.items():
        source = folder / "random.weights.h5" if network == "MobileNet" else "none"
        asked = {"include_top": network == "SmallVGG", "image_size": size}
        weights(
            settings=settings_of(network, source, **asked),
            seed=0,
            weights_path=folder / f"{network}.weights.h5",
            backbone_path=folder / f"{network}.json",
        )
    weights(
        settings=settings_of(
            "SmallVGG", resize="crop", interpolation="bicubic", crop_fraction=0.875
        ),
        seed=0,
        weights_path=folder / "Cropped.weights.h5",
        backbone_path=folder / "Cropped.json",
    )
    return folder


def write_mobilenet(path):
    """Save weights with normalisations that do something, and would move if they were trained."""
    import keras

    rng = np.random.default_rng(0)
    model = keras.applications.MobileNet(
        weights=None, include_top=False, input_shape=(SIZES["MobileNet"], SIZES["MobileNet"], 3)
    )
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, each.shape) for each in layer.weights])
    model.save_weights(path)


def train_in(target, folder, network, layer, rate, **changes):
    """Train end to end into the folder `target` and give results, curves and weights back."""
    arguments = {
        "source_path": folder / "source.json",
        "pool_path": folder / "pool.csv",
        "draws_path": folder / "draws.csv",
        "backbone_path": folder / f"{network}.json",
        "backbone_weights_path": folder / f"{network}.weights.h5",
        "layer": layer,
        "shots": SHOTS,
        "head": {**HEAD, "learning_rate": rate, **changes.pop("head", {})},
        "seed": SEED,
        "precision": "float32",
        "results_path": target / "results.csv",
        "curves_path": target / "curves.csv",
        "predictions": "all",
        "weights_path": target / "model.h5",
        "predictions_path": target / "predictions.h5",
        "threads": 2,
        "gpus": 0,
    }
    train_end_to_end(**{**arguments, **changes})
    with open(target / "curves.csv", newline="") as file:
        rows = np.array([*csv.reader(file)][1:], float)
    with h5py.File(target / "model.h5") as file:
        assert file.attrs["complete"]
        model = {name: file[name][:] for name in file}
    results = read_results(target / "results.csv")
    return results, rows[:, 2:].reshape(len(results), -1, 4), model


@pytest.fixture
def run(folder, tmp_path):
    """Return a function that trains end to end and gives results, curves and weights back."""
    return partial(train_in, tmp_path, folder)


SMALL = ("SmallVGG", "fc2", 0.02)
AUGMENTED = {"augment": True}


@pytest.fixture(scope="module")
def plain(folder, tmp_path_factory):
    return train_in(tmp_path_factory.mktemp("plain"), folder, *SMALL)


@pytest.fixture(scope="module")
def augmented(folder, tmp_path_factory):
    return train_in(tmp_path_factory.mktemp("augmented"), folder, *SMALL, head=AUGMENTED)


def activations(folder, network, layer):
    """What the cached way reads, in float32, in the order of the pool."""
    from fewshot.backbone.networks import build_reader
    from fewshot.data.decoding import decoded_batches

    backbone = json.loads((folder / f"{network}.json").read_text())
    reader = build_reader(
        backbone,
        [layer],
        folder / f"{network}.weights.h5",
        precision="float32",
        storage="float32",
    )
    pool = [read_records(folder / "pool.csv", PoolRow)]
    decoded = decoded_batches(pool, folder / "images", Framing.of(backbone), IMAGES, 1)
    return np.asarray(reader.predict_on_batch(next(decoded))[0])


def keras_means(features, labels, rows, rate, rng):
    """Loss and accuracy that `fit` reports in each epoch of a Dense layer alone."""
    import keras

    model = keras.Sequential(
        [keras.Input(features.shape[1:]), keras.layers.Dense(CLASSES, kernel_initializer="zeros")]
    )
    model.compile(
        keras.optimizers.SGD(rate, HEAD["momentum"]),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,
    )
    means = []
    for _ in range(HEAD["epochs"]):
        order = rows[rng.permutation(len(rows))]
        history = model.fit(
            features[order], labels[order], HEAD["batch_size"], shuffle=False, verbose=0
        ).history
        means.append([history["loss"][0], history["accuracy"][0]])
    return means


@pytest.mark.parametrize(
    ("network", "layer", "rate"),
    [
        ("SmallVGG", "block2_pool", 1e-3),
        ("SmallVGG", "logits", 0.02),
        ("Cropped", "block2_pool", 1e-3),
        ("MobileNet", "conv_pw_2_relu", 1e-4),
    ],
)
def test_it_is_the_cached_head_on_the_same_draws(folder, run, network, layer, rate):
    results, curves, model = run(network, layer, rate)
    draws = read_draws(folder / "draws.csv")
    features = activations(folder, network, layer)
    coordinates = coordinates_of(lambda start, stop: features[:, start:stop], *features.shape)
    head = {**HEAD, "solver": "sgd", "learning_rate": rate}
    for repeat, rows in enumerate(draws.parts(SHOTS)):
        rngs = [np.random.default_rng([SEED, repeat]) for _ in range(2)]
        _, cached, cached_head, _ = train(
            coordinates, draws.labels, *rows, head, rngs[0], classes=CLASSES
        )
        assert np.ptp(cached[:, 2]) > 0.01  # there is a curve to agree with
        np.testing.assert_allclose(curves[repeat, :, 2:], cached[:, 2:], atol=1e-3)
        means = keras_means(features, draws.labels, rows[0], rate, rngs[1])
        np.testing.assert_allclose(curves[repeat, :, :2], means, atol=1e-3)
        np.testing.assert_array_equal(model["rows"][repeat], rows[0])
        expected = (
            features[rows[0]].T
            @ as_coefficients(coordinates, cached_head, centred=False).coefficients
        )
        largest = np.abs(expected).max()
        np.testing.assert_allclose(model["weights"][repeat], expected, atol=1e-3 * largest)
        np.testing.assert_allclose(
            model["bias"][repeat], cached_head.bias, atol=1e-3 * np.abs(cached_head.bias).max()
        )
        last = [float(results[repeat][name]) for name in ("train_loss", "test_accuracy")]
        assert last == [curves[repeat, -1, 0], curves[repeat, -1, 3]]
        assert (results[repeat]["epochs"], results[repeat]["l2"]) == (str(HEAD["epochs"]), "")


def test_fewer_repeats_are_the_first_ones(run, plain):
    whole, curves, model = plain
    results, shorter, fitted = run(*SMALL, head={"repeats": 1})
    untimed = dict.fromkeys(("seconds", "scoring_seconds"), "")
    assert results[0] | untimed == whole[0] | untimed
    np.testing.assert_array_equal(shorter, curves[:1])
    for name, values in fitted.items():
        np.testing.assert_array_equal(values, model[name][:1])


def classifier(folder, augment):
    from fewshot.heads.end_to_end import build_classifier

    backbone = json.loads((folder / "SmallVGG.json").read_text())
    head = {**HEAD, "learning_rate": 0.02, "augment": augment}
    path = folder / "SmallVGG.weights.h5"
    return head, build_classifier(
        backbone, path, "fc2", classes=CLASSES, head=head, precision="float32"
    )


def test_augmentation_changes_training_and_not_testing(folder, plain, augmented):
    assert np.abs(augmented[1] - plain[1]).max() > 0.01
    images = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3), dtype=np.uint8)
    logits = []
    for augment in (False, True):
        _, model = classifier(folder, augment)
        model.get_layer("head").set_weights([plain[2]["weights"][0], plain[2]["bias"][0]])
        logits.append(model.predict_on_batch(images))
    np.testing.assert_array_equal(*logits)
    assert np.abs(np.asarray(model(images, training=True)) - logits[0]).max() > 0.01


def test_augmentation_follows_the_seed(run, augmented):
    again, other = (run(*SMALL, head=AUGMENTED, seed=seed)[1] for seed in (SEED, SEED + 1))
    np.testing.assert_array_equal(augmented[1], again)
    assert np.abs(augmented[1] - other).max() > 0.01


@pytest.mark.parametrize("augment", [False, True])
def test_a_repeat_knows_nothing_of_those_before_it(folder, plain, augmented, augment, capsys):
    from fewshot.heads.end_to_end import count_batches, reset
    from fewshot.heads.end_to_end import train as train_with_keras

    _, curves, fitted = augmented if augment else plain
    head, model = classifier(folder, augment)
    rows = read_draws(folder / "draws.csv").parts(SHOTS)[1]
    reset(model, SEED, 1)
    capsys.readouterr()
    alone, kernel, bias, seconds = train_with_keras(
        model,
        read_records(folder / "pool.csv", PoolRow),
        *rows,
        head,
        np.random.default_rng([SEED, 1]),
        Progress(count_batches(SHOTS * CLASSES, TESTS * CLASSES, head), "batches"),
        root=folder / "images",
        framing=Framing(32),
        threads=1,
    )
    np.testing.assert_allclose(alone, curves[1], atol=1e-6)
    np.testing.assert_allclose(kernel, fitted["weights"][1], atol=1e-6)
    np.testing.assert_allclose(bias, fitted["bias"][1], atol=1e-6)
    assert seconds > 0
    # Four batches of training images and three of test images in each of six epochs.
    assert "42/42 batches, " in capsys.readouterr().out


@pytest.mark.parametrize("place", [0, -1])
def test_an_image_that_was_changed_after_the_scan_is_refused(folder, run, tmp_path, place):
    # Of the first batch of the first epoch, and of its last one.
    rows = read_draws(folder / "draws.csv").training_rows(0, SHOTS)
    order = np.random.default_rng([SEED, 0]).permutation(SHOTS * CLASSES)
    row = read_records(folder / "pool.csv", PoolRow)[rows[order[place]]]
    path = folder / "images" / row.image
    kept = path.read_bytes()
    path.write_bytes(kept + b" ")
    try:
        with pytest.raises(InputError, match=f"must be the one that was scanned.*{path.name}"):
            run(*SMALL)
    finally:
        path.write_bytes(kept)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_layer_is_told(run):
    with pytest.raises(
        InputError, match=r"one of SmallVGG's\. Received: fc3\. Hint: did you mean fc2"
    ):
        run("SmallVGG", "fc3", 0.02)
