"""Training end to end: what is counted, what is set back, and which images are tested."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError

HEAD = {"learning_rate": 0.1, "momentum": 0.9, "augment": True}
CLASSES = 3


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A classifier on fc2 of a SmallVGG at random."""
    from fewshot.backbone.networks import build_network
    from fewshot.backbone.weight_files import weights_digest
    from fewshot.heads.end_to_end import build_classifier

    backbone = {"network": "SmallVGG", "include_top": True, "image_size": 32}
    network = build_network(backbone).model
    path = tmp_path_factory.mktemp("weights") / "net.weights.h5"
    network.save_weights(path)
    backbone["weights"] = weights_digest(network)
    return build_classifier(backbone, path, "fc2", classes=CLASSES, head=HEAD, precision="float32")


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)


def state(model):
    """All numbers of a classifier: weights of head and network, momenta, steps, random numbers."""
    import keras

    variables = (*model.variables, *model.optimizer.variables)
    return [keras.ops.convert_to_numpy(each) for each in variables]


def take_steps(model, images):
    labels = np.arange(len(images)) % CLASSES
    return [float(model.train_on_batch(images, labels)[0]) for _ in range(3)]


def test_reset_brings_a_classifier_back_to_the_start(model, images):
    from fewshot.heads.end_to_end import reset

    reset(model, 7, 0)
    before = state(model)
    np.testing.assert_array_equal(model.predict_on_batch(images), np.zeros((6, CLASSES)))
    losses = take_steps(model, images)
    assert losses[0] == pytest.approx(np.log(CLASSES))  # all classes alike
    assert any((old != new).any() for old, new in zip(before, state(model), strict=True))
    reset(model, 7, 0)
    for old, new in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(old, new)
    assert take_steps(model, images) == losses


@pytest.mark.parametrize("other", [(7, 1), (8, 0)])
def test_another_seed_or_repeat_changes_images_in_another_way(model, images, other):
    from fewshot.heads.end_to_end import reset

    losses = []
    for start in ((7, 0), other):
        reset(model, *start)
        losses.append(take_steps(model, images))
    assert losses[0][0] == losses[1][0]  # before any step no image counts
    assert losses[0][1:] != losses[1][1:]


def test_the_head_alone_is_trained(model, images):
    from fewshot.heads.end_to_end import reset

    assert [each.shape for each in model.trainable_variables] == [(256, CLASSES), (CLASSES,)]
    assert len(model.non_trainable_variables) > 26  # kernels and biases of 13 convolutions
    reset(model, 0, 0)
    is_network = [each.ndim == 4 for each in state(model)]
    before = [each for each, kept in zip(state(model), is_network, strict=True) if kept]
    take_steps(model, images)
    after = [each for each, kept in zip(state(model), is_network, strict=True) if kept]
    assert len(before) == 13
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_augmented_images_are_flipped_moved_and_zoomed_at_random(model):
    changes = [type(layer).__name__ for layer in model.layers if hasattr(layer, "generator")]
    assert changes == ["RandomFlip", "RandomTranslation", "RandomZoom"]


@pytest.mark.parametrize(
    ("train_images", "test_images", "epochs", "batch_size", "batches"),
    [
        (10, 130, 5, 4, 5 * (3 + 3)),  # 4, 4, 2 and 64, 64, 2
        (8, 128, 5, 4, 5 * (2 + 2)),
        (1, 1, 1, 32, 1 + 1),
        (33, 65, 2, 32, 2 * (2 + 2)),
    ],
)
def test_batches_counted_by_hand(train_images, test_images, epochs, batch_size, batches):
    from fewshot.heads.end_to_end import count_batches

    head = {"epochs": epochs, "batch_size": batch_size}
    assert count_batches(train_images, test_images, head) == batches


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    """Folder of 130 images of one colour each, and their rows: image i is (i, 0, 0), of class i % 7."""
    folder, rows = tmp_path_factory.mktemp("pool"), []
    for number in range(130):
        path = folder / f"{number}.png"
        Image.new("RGB", (3, 3), (number, 0, 0)).save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        label = number % 7
        rows.append(PoolRow(number, path.name, "abcdefg"[label], label, digest, digest))
    return folder, rows


def test_every_test_image_comes_once_in_order(pool):
    from fewshot.heads.end_to_end import _TestImages

    folder, rows = pool
    batches = _TestImages(rows, [], root=folder, framing=Framing(4), threads=1)
    assert len(batches) == 3
    images, labels = zip(*(batches[number] for number in range(3)), strict=True)
    assert [each.shape for each in images] == [(64, 4, 4, 3), (64, 4, 4, 3), (2, 4, 4, 3)]
    assert np.concatenate(images)[:, 0, 0, 0].tolist() == list(range(130))
    assert np.concatenate(labels).tolist() == [number % 7 for number in range(130)]


def test_training_batches_have_the_images_they_name_and_no_padding(pool):
    from fewshot.heads.end_to_end import _decoded

    folder, rows = pool
    named = [[5, 0], [129, 7], [3]]
    found = list(
        _decoded(rows, named, [], root=folder, framing=Framing(4), batch_size=2, threads=1)
    )
    assert [images[:, 0, 0, 0].tolist() for images, _ in found] == named
    assert [labels.tolist() for _, labels in found] == [[5, 0], [129 % 7, 0], [3]]


def test_an_image_that_was_changed_is_kept_as_the_error_to_raise(pool):
    from fewshot.heads.end_to_end import _decoded, _TestImages

    folder, rows = pool
    changed = [*rows[:3], rows[3]._replace(sha256=64 * "0")]
    errors = []
    with pytest.raises(InputError):
        _TestImages(changed, errors, root=folder, framing=Framing(4), threads=1)[0]
    with pytest.raises(InputError):
        list(
            _decoded(
                changed,
                [[0, 1, 2, 3]],
                errors,
                root=folder,
                framing=Framing(4),
                batch_size=4,
                threads=1,
            )
        )
    assert len(errors) == 2
    assert all("3.png, changed" in str(error) for error in errors)
