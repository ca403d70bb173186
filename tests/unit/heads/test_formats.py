"""The forms of a predictor: what their runtimes say of other images, and what is refused."""

import os
import sys

import numpy as np
import pytest

from fewshot.errors import InputError
from fewshot.heads.formats import export_formats, refuse_formats
from fewshot.predictor.check import Check
from fewshot.predictor.folder import FORMATS

SIZE, CLASSES = 12, 4


def made_model(activation="gelu"):
    """A predictor of all that converters trip over: constants, groups, GELU."""
    import keras

    keras.utils.set_random_seed(3)
    images = keras.Input((SIZE, SIZE, 3), dtype="uint8", name="images")
    x = keras.ops.flip(keras.ops.cast(images, "float32"), axis=-1)
    x = keras.layers.Rescaling([0.02, 0.03, 0.04], [-1.0, -2.0, -3.0])(x)
    inner = pixels = keras.Input((SIZE, SIZE, 3))
    inner = keras.layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0])(inner)
    inner = keras.layers.Conv2D(12, 3, activation=activation)(inner)
    inner = keras.layers.Conv2D(12, 3, groups=12, padding="same")(inner)
    inner = keras.layers.Activation(activation)(inner)
    x = keras.layers.GlobalAveragePooling2D()(keras.Model(pixels, inner)(x))
    spread = keras.initializers.Orthogonal(gain=20.0)
    logits = keras.layers.Dense(CLASSES, kernel_initializer=spread, name="head")(x)
    return keras.Model(images, keras.layers.Softmax(name="probabilities")(logits))


def made_check(model):
    """Images whose colours differ, so that classes do."""
    rng = np.random.default_rng(5)
    levels = rng.uniform(0, 255, (6, 1, 1, 3)) + rng.normal(0, 20, (6, SIZE, SIZE, 3))
    pixels = levels.clip(0, 255).astype(np.uint8)
    probabilities = model.predict(pixels, verbose=0)
    assert np.ptp(probabilities, axis=0).max() > 0.2
    return Check([b""] * len(pixels), pixels, probabilities)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    model = made_model()
    differences = export_formats(model, folder, [*FORMATS], made_check(model), 1e-4)
    return model, folder, differences


def said_by_onnx(path, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"images": images})[0]


def said_by_saved_model(path, images):
    import tensorflow as tf

    signature = tf.saved_model.load(path).signatures["serving_default"]
    (said,) = signature(images=images).values()
    return said.numpy()


def said_by_litert(path, images):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(path)).get_signature_runner()
    (said,) = runner(images=images).values()
    return said


@pytest.mark.parametrize(
    ("name", "said_by"),
    [("onnx", said_by_onnx), ("saved_model", said_by_saved_model), ("litert", said_by_litert)],
)
@pytest.mark.parametrize("images", [1, 5])
def test_each_form_says_what_the_model_says_of_images_of_any_number(
    exported, name, said_by, images
):
    model, folder, differences = exported
    shape = (images, SIZE, SIZE, 3)
    batch = np.random.default_rng(images).integers(0, 256, shape, dtype=np.uint8)
    said = said_by(folder / FORMATS[name], batch)
    assert said.dtype == np.float32
    np.testing.assert_allclose(said, model.predict(batch, verbose=0), atol=1e-5)
    assert 0 <= differences[name] < 1e-5


def test_the_onnx_file_is_of_the_standard_and_its_weights_are_ready(exported):
    import onnx

    _, folder, _ = exported
    model = onnx.load(folder / FORMATS["onnx"])
    onnx.checker.check_model(model)
    assert [each.name for each in model.graph.input] == ["images"]
    weights = {each.name for each in model.graph.initializer}
    assert weights
    # Nothing is left to be computed from weights alone.
    assert not [node.name for node in model.graph.node if {*node.input} <= weights]


def test_the_folder_holds_the_forms_alone(exported):
    _, folder, differences = exported
    assert {*os.listdir(folder)} == {*FORMATS.values()}
    assert list(differences) == list(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_form_that_says_something_else_is_not_published(tmp_path, name):
    model = made_model()
    check = made_check(model)
    model.get_layer("head").bias.assign([0.0, 0.5, 0.0, 0.0])
    with pytest.raises(
        InputError, match=rf"^As {name} a predictor .* Received: probabilities up to"
    ):
        export_formats(model, tmp_path, [name], check, 1e-3)
    assert os.listdir(tmp_path) == []


# ONNX has no inverse of erf; LiteRT writes a tangent, for a runtime with all of TensorFlow in it.
@pytest.mark.parametrize(
    ("name", "operation", "done"), [("onnx", "erfinv", "written"), ("litert", "tan", "read again")]
)
def test_what_a_runtime_can_not_compute_is_refused_in_one_line(
    tmp_path, capfd, name, operation, done
):
    import keras

    model = made_model(activation=lambda x: getattr(keras.ops, operation)(keras.ops.tanh(x)))
    with pytest.raises(InputError, match=rf"^What is asked for as {name} .* be {done} as"):
        export_formats(model, tmp_path, [name], made_check(model), 1e-3)
    assert os.listdir(tmp_path) == []
    assert "tf2onnx" not in "".join(capfd.readouterr())


def test_unknown_forms_are_refused():
    with pytest.raises(InputError, match="did you mean onnx"):
        refuse_formats(["saved_model", "Onnx"])


def test_forms_without_their_runtime_are_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # as if it were not installed
    with pytest.raises(InputError, match=r"no onnxruntime. Hint: .*leave onnx out"):
        export_formats(None, tmp_path / "none", ["saved_model", "onnx"], None, 1e-3)
    assert not (tmp_path / "none").exists()


def test_only_tensorflow_writes_forms(monkeypatch):
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    refuse_formats([])
    with pytest.raises(InputError, match=r"saved_model by TensorFlow alone. Received: .*=jax"):
        refuse_formats(["saved_model"])
