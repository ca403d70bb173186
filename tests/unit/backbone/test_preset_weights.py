"""Weights of presets beside what KerasHub itself loads, and what is refused in their place."""

import json
from types import SimpleNamespace

import h5py
import ml_dtypes
import numpy as np
import pytest
import small_networks as small
from safetensors.numpy import load_file, save_file

from fewshot.backbone.sources.preset_weights import load_preset
from fewshot.backbone.sources.presets import network_class, read_preset
from fewshot.errors import InputError
from fewshot.study.networks import FAMILIES

FORMS = {f"keras {name}": name for name in FAMILIES} | {
    f"hugging face {kind}": kind for kind in small.HUGGING_FACE
}


def read(folder, size=None):
    """Build the network of a folder as its preset says, and load its weights."""
    preset = read_preset(folder)
    key = "input_shape" if preset.class_name == "EfficientNetBackbone" else "image_shape"
    shape = {key: (size or preset.image_size,) * 2 + (3,)}
    model = network_class(preset.class_name)(**preset.arguments, **shape)
    load_preset(model, preset)
    return model


def outputs(*models):
    edge = next(iter(models[0].inputs)).shape[1]
    images = np.random.default_rng(2).normal(size=(2, edge, edge, 3)).astype(np.float32)
    images = {models[0].inputs[0].name: images} if isinstance(models[0].input, dict) else images
    return [np.asarray(model(images)) for model in models]


@pytest.mark.parametrize("class_name", FAMILIES)
def test_keras_format_of_every_family(class_name, tmp_path):
    import keras_hub

    small.save_keras(small.build(class_name), tmp_path)
    ours, theirs = outputs(read(tmp_path), keras_hub.models.Backbone.from_preset(str(tmp_path)))
    assert np.ptp(theirs) > 0.1
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("class_name", ["SigLIPVisionEncoder", "CLIPVisionEncoder"])
def test_keras_format_of_images_and_text(class_name, tmp_path):
    import keras_hub

    small.save_keras(small.build_whole(class_name), tmp_path)
    whole = keras_hub.models.Backbone.from_preset(str(tmp_path))
    ours, theirs = outputs(read(tmp_path), whole.vision_encoder)
    assert np.ptp(theirs) > 0.1
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_positions_are_interpolated_for_other_sizes_as_the_library_does(tmp_path):
    import keras_hub

    small.save_keras(small.build("DINOV2Backbone"), tmp_path)
    theirs = keras_hub.models.Backbone.from_preset(str(tmp_path), image_shape=(84, 84, 3))
    ours, theirs = outputs(read(tmp_path, 84), theirs)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("kind", small.HUGGING_FACE)
def test_hugging_faces_format_of_every_model_type(kind, tmp_path):
    small.save_hugging_face(tmp_path, kind)
    ours, theirs = outputs(read(tmp_path), small.read_by_the_library(tmp_path))
    assert np.ptp(theirs) > 0.1
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_numbers_of_16_bits(dtype, tmp_path):
    tensors = small.save_hugging_face(tmp_path / "short", "dinov2", dtype)
    folder = tmp_path / "long"
    small.save_hugging_face(folder, "dinov2")
    long = {name: each.astype(np.float32) for name, each in tensors.items()}
    save_file(long, folder / "model.safetensors")
    np.testing.assert_array_equal(*outputs(read(tmp_path / "short"), read(folder)))


@pytest.mark.parametrize(("kind", "own"), [("dinov2", ""), ("vit", "vit.")])
@pytest.mark.parametrize("prefix", ["", "model.backbone."])
def test_a_network_that_was_part_of_another(kind, own, prefix, tmp_path):
    tensors = small.save_hugging_face(tmp_path, kind)
    before = read(tmp_path)
    # Names without vit. are those of a network without a head.
    renamed = {prefix + name.removeprefix(own): each for name, each in tensors.items()}
    save_file(renamed | {"classifier.weight": np.ones(3, "f4")}, tmp_path / "model.safetensors")
    np.testing.assert_array_equal(*outputs(before, read(tmp_path)))


def test_weights_in_several_files(tmp_path):
    tensors = small.save_hugging_face(tmp_path, "deit")
    before = read(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    names, weight_map = sorted(tensors), {}
    for number in range(3):
        file = f"model-{number:05}-of-00003.safetensors"
        save_file({name: tensors[name] for name in names[number::3]}, tmp_path / file)
        weight_map |= dict.fromkeys(names[number::3], file)
    index = json.dumps({"metadata": {}, "weight_map": weight_map})
    (tmp_path / "model.safetensors.index.json").write_text(index)
    np.testing.assert_array_equal(*outputs(before, read(tmp_path)))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A folder of each format, to be copied."""
    folder = tmp_path_factory.mktemp("presets")
    small.save_keras(small.build("DINOV2Backbone"), folder / "keras")
    small.save_keras(small.build_whole("CLIPVisionEncoder"), folder / "whole")
    small.save_hugging_face(folder / "hugging_face", "dinov2_with_registers")
    return folder


@pytest.fixture
def copied(folders, tmp_path):
    import shutil

    return SimpleNamespace(
        **{
            name: shutil.copytree(folders / name, tmp_path / name)
            for name in ("keras", "whole", "hugging_face")
        }
    )


def refused(folder, words):
    with pytest.raises(InputError, match=rf"(?s){words}.*Received: .*Hint: "):
        read(folder)


POSITIONS = "embeddings.position_embeddings"
CHANGES = {
    **{
        f"without {name}": (name, lambda value: None)
        for name in (
            *("embeddings.cls_token", "embeddings.register_tokens", POSITIONS, "layernorm.bias"),
            *(
                "encoder.layer.1.attention.attention.query.bias",
                "encoder.layer.1.layer_scale2.lambda1",
            ),
        )
    },
    "of another shape": (POSITIONS, lambda value: value[:, 1:]),
    "of a shape that would be broadcast": (POSITIONS, lambda value: value[:, :1]),
    "of no number": (POSITIONS, lambda value: value * np.float32("nan")),
    "of integers": (POSITIONS, lambda value: value.astype(np.int64)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_tensor_must_be_there_and_fit(copied, change):
    path, (name, changed) = copied.hugging_face / "model.safetensors", change
    tensors = load_file(path)
    tensors[name] = changed(tensors[name])
    save_file({k: v for k, v in tensors.items() if v is not None}, path)
    refused(copied.hugging_face, "weights of a folder must fit its network")


def test_a_variable_that_no_tensor_reaches_is_an_error(copied):
    """KerasHub's converter passes over the biases that config.json of a Swin says are not there."""
    folder = copied.hugging_face.parent / "swin"
    small.save_hugging_face(folder, "swin")
    preset = read_preset(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"qkv_bias": False}))
    model = network_class(preset.class_name)(**preset.arguments, image_shape=(56, 56, 3))
    with pytest.raises(InputError, match=r"qkv.*is missing, or is not of finite numbers"):
        load_preset(model, preset)


def test_configuration_and_weights_of_different_networks(copied):
    for folder in (copied.keras, copied.whole, copied.hugging_face):
        text = (folder / "config.json").read_text()
        for old, new in (('"num_layers": 2', '"num_layers": 3'), ('_layers": 2', '_layers": 3')):
            text = text.replace(old, new)
        (folder / "config.json").write_text(text)
        refused(folder, "must fit its network")


def test_pictures_of_another_size_than_the_positions(tmp_path):
    small.save_hugging_face(tmp_path, "vit")
    with pytest.raises(InputError, match="must fit its network"):
        read(tmp_path, 84)


@pytest.mark.parametrize("name", ["keras", "whole", "hugging_face"])
def test_weights_may_be_pinned(copied, name):
    import hashlib

    preset = read_preset(getattr(copied, name))
    (path,) = preset.folder.glob("model.*")
    model, digest = read(preset.folder), hashlib.sha256(path.read_bytes()).hexdigest()
    load_preset(model, preset, digest)
    with pytest.raises(
        InputError, match=rf"must have the sha256 {'0' * 64} of the study.*{digest}"
    ):
        load_preset(model, preset, "0" * 64)
    elsewhere = path.rename(copied.keras.parent / path.name)
    with pytest.raises(InputError, match="must be there"):
        load_preset(model, preset, digest)
    path.symlink_to(elsewhere)
    with pytest.raises(InputError, match="must lie in it"):
        load_preset(model, preset, digest)


def test_weights_in_several_files_are_not_pinned(copied):
    preset = read_preset(copied.hugging_face)
    model = read(preset.folder)
    (preset.folder / "model.safetensors.index.json").write_text("{}")
    with pytest.raises(InputError, match="Weights in several files have no sha256"):
        load_preset(model, preset, "0" * 64)


def test_a_whole_model_without_its_vision_encoder(copied):
    with h5py.File(copied.whole / "model.weights.h5", "a") as file:
        del file["layers/clip_vision_encoder"]
    refused(copied.whole, "must have a part for images")


@pytest.mark.parametrize("name", ["keras", "whole"])
@pytest.mark.parametrize("kind", ["soft", "external", "chunked", "text", "missing", "cut"])
def test_hostile_hdf5_is_refused_and_loads_nothing(copied, name, kind, tmp_path):
    folder = getattr(copied, name)
    path = folder / "model.weights.h5"
    if kind in ("missing", "cut"):
        data = path.read_bytes()
        path.unlink()
        if kind == "cut":
            path.write_bytes(data[: len(data) // 2])
    else:
        with h5py.File(path, "a") as file:
            made = {
                "soft": lambda: h5py.SoftLink("/layers"),
                "external": lambda: h5py.ExternalLink(str(tmp_path / "secret.h5"), "/"),
                "chunked": lambda: None,
                "text": lambda: np.array([b"text"]),
            }[kind]()
            if kind == "chunked":
                file.create_dataset("layers/a", data=np.zeros(9), chunks=(3,), compression="gzip")
            else:
                file["layers/a"] = made
    model = small.build("CLIPVisionEncoder" if name == "whole" else "DINOV2Backbone")
    before = [each.numpy() for each in model.weights]
    with pytest.raises(InputError, match=r"Received: .*Hint: "):
        load_preset(model, read_preset(folder))
    for value, each in zip(before, model.weights, strict=True):
        np.testing.assert_array_equal(value, each.numpy())


@pytest.mark.parametrize("name", ["keras/model.weights.h5", "hugging_face/model.safetensors"])
def test_links_out_of_the_folder(copied, name, tmp_path):
    path = copied.keras.parent / name
    elsewhere = tmp_path / path.name
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    refused(path.parent, "must lie in it")


def test_a_pickle_beside_the_weights_is_not_opened(copied):
    path = copied.hugging_face / "model.safetensors"
    path.rename(copied.hugging_face / "pytorch_model.bin")
    refused(copied.hugging_face, "must be there")
