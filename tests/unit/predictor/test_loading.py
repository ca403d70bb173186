"""A predictor is loaded if it is what it was; a file of a model from anyone runs nothing."""

import io
import json
import os
import shutil
import zipfile

import h5py
import keras
import numpy as np
import pytest
from made_predictor import CLASSES, FRAMING, describe, description

from fewshot.errors import InputError
from fewshot.predictor.check import read_check, write_check
from fewshot.predictor.folder import CHECK, MODEL
from fewshot.predictor.loading import in_batches, load_model, load_predictor

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
SENTINEL = "FEWSHOT_TEST_SENTINEL"


@pytest.fixture
def folder(made, tmp_path):
    """A copy of the predictor, to be changed."""
    shutil.copytree(made, tmp_path / "predictor")
    return tmp_path / "predictor"


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def rewrite(path, kind=zipfile.ZIP_STORED, **changed):
    """Write a model again with some of its members changed: names have __ for a dot."""
    changed = {name.replace("__", "."): data for name, data in changed.items()}
    found = members(path) | changed
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, data in found.items():
            archive.writestr(name, data)


def with_config(path, change):
    config = json.loads(members(path)[CONFIG])
    change(config)
    rewrite(path, config__json=json.dumps(config).encode())


def test_a_predictor_says_what_it_said_where_it_was_made(made):
    predictor = load_predictor(made, 4)
    assert (predictor.framing, predictor.description["classes"]) == (FRAMING, CLASSES)
    check = read_check(made / CHECK)
    found = predictor.predict(check.pixels)
    assert found.dtype == np.float32
    assert found == pytest.approx(check.probabilities, abs=1e-5)


@pytest.mark.parametrize("batch_size", [1, 4, 11, 64])
def test_the_size_of_batches_does_not_count(made, batch_size):
    check = read_check(made / CHECK)
    predict = in_batches(load_model(made / MODEL), batch_size)
    assert predict(check.pixels) == pytest.approx(check.probabilities, abs=1e-5)
    assert predict(check.pixels[:1]) == pytest.approx(check.probabilities[:1], abs=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"interpolation": "bilinear"},
        {"resize": "squash"},
        {"crop_fraction": 1.0},
        {"image_size": 40},
    ],
    ids=str,
)
def test_another_way_to_bring_images_to_the_square_is_refused(folder, change):
    describe(folder, framing=FRAMING._asdict() | change)
    with pytest.raises(InputError, match="must be decoded here as where the predictor was made"):
        load_predictor(folder, 4)


def test_classes_of_another_number_are_refused(folder):
    describe(folder, classes=["a", "b"])
    with pytest.raises(
        InputError, match=r"probabilities of all classes\. Received: 5 of 2 classes"
    ):
        load_predictor(folder, 4)


@pytest.mark.parametrize("part", [0.5, 0.999, 0])
def test_a_model_that_was_cut_off_is_refused_by_its_digest_and_by_what_is_in_it(folder, part):
    path = folder / MODEL
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(InputError, match=r"model\.keras must be the file that predictor\.json was"):
        load_predictor(folder, 4)
    describe(folder)
    with pytest.raises(InputError, match=r"model\.keras must be a whole file"):
        load_predictor(folder, 4)


def test_one_weight_that_differs_is_refused(folder):
    model = load_model(folder / MODEL)
    layer = model.get_layer("head")
    kernel, bias = layer.get_weights()
    bias[0] += 0.05
    layer.set_weights([kernel, bias])
    keras.Model(model.input, model.output).save(folder / MODEL)
    describe(folder)
    with pytest.raises(InputError, match=r"up to 0\.01\d? apart where 0\.001 are allowed"):
        load_predictor(folder, 4)


def other_epsilon(self, *arguments, __init__=keras.layers.BatchNormalization.__init__, **options):
    """As another version of Keras could have it, or one that somebody has patched."""
    __init__(self, *arguments, **options)
    self.epsilon *= 3


@pytest.mark.parametrize(
    ("layer", "method", "changed"),
    [
        ("BatchNormalization", "__init__", other_epsilon),
        ("ReLU", "call", lambda self, inputs: keras.ops.leaky_relu(inputs, 0.02)),
    ],
)
def test_a_keras_that_computes_otherwise_is_refused(made, monkeypatch, layer, method, changed):
    monkeypatch.setattr(getattr(keras.layers, layer), method, changed)
    with pytest.raises(InputError, match=r"compute here what .* 0\.\d+ apart where 0\.001 are"):
        load_predictor(made, 4)


def test_a_model_for_other_images_is_refused(folder):
    check = read_check(folder / CHECK)
    pixels = np.repeat(np.repeat(check.pixels, 2, axis=1), 2, axis=2)
    model = load_model(folder / MODEL)
    with pytest.raises(InputError, match="The network must be able to compute here"):
        in_batches(model, 4)(pixels)


def test_a_check_for_another_size_is_refused(folder):
    check = read_check(folder / CHECK)
    write_check(folder / CHECK, check._replace(pixels=check.pixels[:, :16, :16]))
    describe(folder)
    with pytest.raises(InputError, match="32 pixels wide instead of 16"):
        load_predictor(folder, 4)


def touch():
    """Code that a hostile file would like to run."""
    with open(os.environ[SENTINEL], "w") as file:
        file.write("ran")


def hostile_layer(value):
    """Put an object in the place of the last layer's softmax."""

    def change(config):
        config["config"]["layers"][-1] |= value

    return change


def in_argument(value):
    """Put an object in the place of a layer's initializer."""

    def change(config):
        config["config"]["layers"][-2]["config"]["kernel_initializer"] = value

    return change


RUN = {"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "exec"}
SYSTEM = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
HOSTILE = {
    "a lambda": hostile_layer(
        {
            "class_name": "Lambda",
            "config": {"function": {"class_name": "__lambda__", "config": {"value": "4wAAAA=="}}},
            "registered_name": None,
        }
    ),
    "a function": in_argument(RUN),
    "a function of the system": in_argument(SYSTEM),
    "a lambda as argument": in_argument({"class_name": "__lambda__", "config": {"value": "4w=="}}),
    "a registered object": hostile_layer(
        {"module": None, "class_name": "Own", "registered_name": "mine>Own"}
    ),
    "a known layer by another's registered name": hostile_layer({"registered_name": "mine>Own"}),
    "a module of elsewhere": hostile_layer({"module": "antigravity", "class_name": "Softmax"}),
    "a layer that reads files": hostile_layer({"class_name": "TextVectorization"}),
    "a layer that runs a saved model": hostile_layer({"class_name": "TFSMLayer"}),
    "a type of TensorFlow": in_argument(
        {"class_name": "__typespec__", "spec_name": "x", "module": "tensorflow", "config": []}
    ),
    "a class of KerasHub that is in no predictor": hostile_layer(
        {"module": "keras_hub.src.models.backbone", "class_name": "Backbone"}
    ),
    "a class that is no text": hostile_layer({"class_name": ["Lambda"]}),
    "a module without a class": in_argument({"module": "os", "config": {}}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_objects_that_are_not_known_layers_are_refused(folder, name):
    with_config(folder / MODEL, HOSTILE[name])
    with pytest.raises(InputError, match="must be made of layers of Keras that take no code"):
        load_model(folder / MODEL)


def test_a_real_model_with_code_is_refused_and_does_not_run(tmp_path, monkeypatch):
    monkeypatch.setenv(SENTINEL, str(tmp_path / "sentinel"))
    images = keras.Input((4, 4, 3), dtype="uint8")
    outputs = keras.layers.Lambda(lambda x: (touch(), keras.ops.cast(x, "float32"))[1])(images)
    model = keras.Model(images, outputs)
    (tmp_path / "sentinel").unlink()  # it ran here, where it was made
    model.save(tmp_path / MODEL)
    with pytest.raises(InputError, match=r"take no code\. Received: keras\.layers, Lambda in"):
        load_model(tmp_path / MODEL)
    assert [path.name for path in tmp_path.iterdir()] == [MODEL]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"../../outside__txt": b"x"}, "and nothing else"),
        ({"assets/x__txt": b"x"}, "and nothing else"),
        ({"config__json": b"[" * 10**5}, "must be a whole file"),
        ({"config__json": b"{"}, "must be a whole file"),
        ({"config__json": b"[]"}, "can load"),
        ({"config__json": b"{}"}, "can load"),
        ({"config__json": b" " * (2**26 + 1)}, "more than 67108864 bytes"),
        ({"model__weights__h5": b"text"}, "must hold weights as Keras writes them"),
    ],
    ids=range(8),
)
def test_other_members_are_refused_and_nothing_is_written(folder, changed, words):
    rewrite(folder / MODEL, **changed)
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(InputError, match=words):
        load_model(folder / MODEL)
    assert sorted(folder.parent.rglob("*")) == before


def test_a_zip_bomb_is_refused_before_it_is_unpacked(folder):
    rewrite(folder / MODEL, zipfile.ZIP_DEFLATED, model__weights__h5=bytes(300 << 20))
    assert (folder / MODEL).stat().st_size < 2**20
    with pytest.raises(InputError, match="must lie there as they are, uncompressed"):
        load_model(folder / MODEL)


def with_weights(path, change):
    file = io.BytesIO(members(path)[WEIGHTS])
    with h5py.File(file, "r+") as weights:
        change(weights)
    rewrite(path, model__weights__h5=file.getvalue())


def external(weights):
    del weights["layers/dense/vars/0"]
    weights["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd", "/x")


def external_bytes(weights):
    del weights["layers/dense/vars/0"]
    where = [("/etc/passwd", 0, 256 * 5 * 4)]
    weights.create_dataset("layers/dense/vars/0", (256, 5), "float32", external=where)


def soft(weights):
    del weights["layers/dense/vars/0"]
    weights["layers/dense/vars/0"] = h5py.SoftLink("/layers/dense/vars/1")


def unwritten(weights):
    del weights["layers/dense/vars/0"]
    weights.create_dataset("layers/dense/vars/0", (10**6, 10**6), "float32")


def packed(weights):
    del weights["layers/dense/vars/0"]
    zeros = np.zeros((10**7,), "float32")
    weights.create_dataset("layers/dense/vars/0", data=zeros, compression="gzip")


@pytest.mark.parametrize("change", [external, external_bytes, soft, unwritten, packed])
def test_weights_that_are_no_plain_arrays_are_refused(folder, change):
    with_weights(folder / MODEL, change)
    with pytest.raises(InputError, match=r"must hold weights as Keras writes them.*layers/dense"):
        load_model(folder / MODEL)


def missing(weights):
    del weights["layers/dense/vars/1"]


def of_another_shape(weights):
    del weights["layers/dense/vars/1"]
    weights["layers/dense/vars/1"] = np.zeros(6, "float32")


@pytest.mark.parametrize("change", [missing, of_another_shape])
def test_weights_of_another_network_are_refused(folder, change):
    with_weights(folder / MODEL, change)
    with pytest.raises(InputError, match=f"a network that this Keras, {keras.__version__}, can"):
        load_model(folder / MODEL)


def test_a_layer_of_absurd_size_is_an_error_like_any_other(folder):
    with_config(folder / MODEL, lambda c: c["config"]["layers"][-2]["config"].update(units=2**62))
    with pytest.raises(InputError, match="can load"):
        load_model(folder / MODEL)


def test_what_is_described_is_what_is_there(made):
    assert description(made)["sha256"] == load_predictor(made, 8).description["sha256"]
