"""Configurations of presets: read as KerasHub reads them, and run by nobody."""

import json
import sys

import pytest
import small_networks as small

from fewshot.backbone.sources.presets import read_preset
from fewshot.errors import InputError
from fewshot.study.networks import FAMILIES

CLASSES = list(FAMILIES)


def serialised(class_name, config):
    """Write a class as Keras does."""
    module = f"keras_hub.src.models.{class_name.lower()}.backbone"
    name = f"keras_hub>{class_name}"
    return {"module": module, "class_name": class_name, "config": config, "registered_name": name}


@pytest.fixture
def folder(tmp_path):
    """A folder in Keras' format, without weights."""
    converter = {"class_name": "DINOV2ImageConverter", "config": small.CONVERTER}
    (tmp_path / "image_converter.json").write_text(json.dumps(converter))
    write(tmp_path, serialised("DINOV2Backbone", small.ARGUMENTS["DINOV2Backbone"]))
    return tmp_path


@pytest.fixture
def foreign(tmp_path):
    """A folder in Hugging Face's format, without weights."""
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(small.PROCESSOR))
    write(tmp_path, small.HUGGING_FACE["dinov2"] | {"model_type": "dinov2"})
    return tmp_path


def write(folder, content, name="config.json"):
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text)


def edit(folder, *keys, **values):
    """Change values of a configuration, in the object to which the keys lead."""
    content = json.loads((folder / "config.json").read_text())
    inner = content
    for key in keys:
        inner = inner[key]
    inner |= values
    write(folder, content)


@pytest.mark.parametrize("class_name", CLASSES)
def test_every_family_is_read_as_keras_saved_it(class_name, tmp_path):
    model = small.build(class_name)
    small.save_keras(model, tmp_path)
    preset = read_preset(tmp_path)
    assert (preset.folder, preset.form, preset.whole) == (tmp_path, "keras", None)
    assert preset.class_name == class_name
    assert preset.image_size == small.ARGUMENTS[class_name]["image_shape"][0]
    saved = {key: value for key, value in model.get_config().items() if key in preset.arguments}
    assert saved == _tuples(preset.arguments, saved)
    left = {*model.get_config()} - {*preset.arguments}
    assert left <= {"name", "trainable", "dtype", "data_format", "image_shape", "input_shape"}
    assert preset.framing == {
        **{"image_size": 56, "resize": "crop", "interpolation": "bicubic", "crop_fraction": 1.0},
    }
    assert preset.scale == small.CONVERTER["scale"]
    assert preset.offset == small.CONVERTER["offset"]


def _tuples(found, saved):
    """Make tuples where the model has them, which JSON does not know."""
    return {k: tuple(v) if isinstance(saved[k], tuple) else v for k, v in found.items()}


@pytest.mark.parametrize("class_name", ["SigLIPVisionEncoder", "CLIPVisionEncoder"])
def test_of_a_model_of_images_and_text_the_vision_encoder_is_read(class_name, tmp_path):
    small.save_keras(small.build(class_name), tmp_path / "alone")
    whole = small.build_whole(class_name)
    small.save_keras(whole, tmp_path / "whole")
    preset = read_preset(tmp_path / "whole")
    assert preset.whole == type(whole).__name__
    alone = read_preset(tmp_path / "alone")
    assert preset._replace(folder=None, whole=None) == alone._replace(folder=None)


@pytest.mark.parametrize("kind", small.HUGGING_FACE)
def test_every_model_type_is_read_as_keras_hub_converts_it(kind, tmp_path):
    from fewshot.backbone.sources.presets import hugging_face_converter

    config = small.HUGGING_FACE[kind] | {"model_type": kind}
    write(tmp_path, config)
    write(tmp_path, small.PROCESSOR, "preprocessor_config.json")
    preset = read_preset(tmp_path)
    converter = hugging_face_converter(config)
    expected = converter.convert_backbone_config(config)
    size = expected.pop("image_shape")[0]
    assert _tuples(preset.arguments, expected) == expected
    assert preset.class_name == converter.backbone_cls.__name__
    assert (preset.form, preset.image_size, preset.whole) == ("hugging_face", size, None)
    assert preset.framing["resize"] == "squash"


def test_what_hugging_face_writes_beside_is_passed_over(foreign):
    names = {str(number): f"a name, of a class {number}" for number in range(21_841)}
    before = read_preset(foreign)
    edit(foreign, id2label=names, label2id={v: int(k) for k, v in names.items()})
    edit(foreign, architectures=["Dinov2Model"], torch_dtype="float32", _name_or_path="a/b c")
    assert read_preset(foreign) == before
    edit(foreign, image_size=[70, 70])
    assert read_preset(foreign) == before


def test_old_presets_of_keras_may_have_a_processor_of_hugging_face(folder):
    (folder / "image_converter.json").unlink()
    with pytest.raises(InputError, match=r"image_converter\.json or preprocessor_config\.json"):
        read_preset(folder)
    write(folder, small.PROCESSOR, "preprocessor_config.json")
    assert read_preset(folder).framing["resize"] == "squash"


def test_a_folder_of_hugging_face_needs_its_processor(foreign):
    (foreign / "preprocessor_config.json").unlink()
    with pytest.raises(InputError, match=r"in preprocessor_config\.json\. Received"):
        read_preset(foreign)


def test_what_keras_decides_is_not_taken(folder):
    before = read_preset(folder)
    policy = {"class_name": "DTypePolicy", "config": {"name": "bfloat16"}, "module": "keras"}
    for dtype in (None, "float16", policy):
        edit(folder, "config", name="x", trainable=False, dtype=dtype, data_format="channels_last")
        assert read_preset(folder) == before


def test_names_that_old_presets_of_efficient_nets_have(folder):
    config = {k: v for k, v in small.ARGUMENTS["EfficientNetBackbone"].items() if "shape" not in k}
    old = {"width_coefficient": 1.0, "depth_coefficient": 1.0, "input_shape": [None, None, 3]}
    write(folder, serialised("EfficientNetBackbone", config | old))
    preset = read_preset(folder)
    assert preset.image_size is None
    assert preset.arguments["width_coefficient"] == 1.0


LAMBDA = {
    "class_name": "__lambda__",
    "config": {"value": "4wAAAAAAAAAA", "defaults": None, "closure": None},
}
HOSTILE = {
    "another class": {"class_name": "Lambda"},
    "a class of another family": {"class_name": "GemmaBackbone"},
    "a whole model without its encoder": {"class_name": "SigLIPBackbone"},
    "a class that is none": {"class_name": ["DINOV2Backbone"]},
    "no class": {"class_name": None},
    "no configuration": {"config": None},
    "a list of configurations": {"config": [1]},
}
ARGUMENTS = {
    "an unknown parameter": {"weights": "imagenet"},
    "a parameter of Keras": {"compile_config": "x"},
    "a lambda": {"layer_scale_init_value": LAMBDA},
    "an object": {"patch_size": {"class_name": "Custom", "module": "os", "config": {}}},
    "an object in a list": {"position_embedding_shape": [{"class_name": "X"}, 70]},
    "lists in lists in lists": {"position_embedding_shape": [[[[70]]]]},
    "a long list": {"position_embedding_shape": [70] * 100_000},
    "a huge number": {"num_layers": 10**12},
    "a huge fraction": {"layer_scale_init_value": 1e30},
    "a negative number": {"num_heads": -2},
    "positions of nothing": {"position_embedding_shape": []},
    "positions of zero": {"position_embedding_shape": [0, 70]},
    "positions of fractions": {"position_embedding_shape": [70.5, 70.5]},
    "many wide blocks": {"num_layers": 1000, "hidden_dim": 100_000},
    "a text that is no word": {"num_heads": "__import__('os').system('touch /tmp/x')"},
    "a long text": {"num_heads": "a" * 1000},
    "a picture that is no square": {"image_shape": [56, 70, 3]},
    "a picture of four colours": {"image_shape": [56, 56, 4]},
    "a picture of no numbers": {"image_shape": ["56", "56", 3]},
    "a huge picture": {"image_shape": [10**9, 10**9, 3]},
    "a picture of one number": {"image_shape": 56},
    "a picture of nothing": {"image_shape": {}},
    "colours first": {"image_shape": [3, 56, 56], "data_format": "channels_first"},
    "quantised weights": {"dtype": "int8_from_float32"},
    "a map of policies": {"dtype": {"class_name": "DTypePolicyMap", "config": {"policy_map": {}}}},
    "types that are a list": {"dtype": ["float32"]},
}


def refused(folder):
    """Check that it is refused with rule, value and way out, and that nothing came of it."""
    before = {*sys.modules}
    with pytest.raises(InputError, match=r"^[^\n]+\. Received: [^\n]*\. Hint: [^\n]+\.$") as caught:
        read_preset(folder)
    assert len(str(caught.value)) < 2000
    return {*sys.modules} - before


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_other_classes_are_refused(folder, change):
    edit(folder, **change)
    assert refused(folder) == set()


@pytest.mark.parametrize("change", ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_that_are_not_plain_are_refused(folder, change):
    read_preset(folder)  # so that all is imported that ever should be
    edit(folder, "config", **change)
    assert refused(folder) == set()


@pytest.mark.parametrize(
    ("class_name", "change"),
    [
        ("EfficientNetBackbone", {"stackwise_strides": [1]}),
        ("SwinTransformerBackbone", {"num_heads": []}),
        ("ViTBackbone", {"patch_size": [14]}),
        ("DINOV2Backbone", {"num_heads": 0}),
        ("DINOV3Backbone", {"hidden_activation": "unknown"}),
        ("ResNetBackbone", {"block_type": "unknown"}),
        ("CLIPVisionEncoder", {"hidden_dim": "word"}),
    ],
)
def test_plain_arguments_of_no_network_are_refused_when_it_is_built(folder, class_name, change):
    from fewshot.backbone.sources.keras_hub import build

    config = {k: v for k, v in small.ARGUMENTS[class_name].items() if k != "image_shape"}
    write(folder, serialised(class_name, config | change))
    preset = read_preset(folder)
    hub = {key: getattr(preset, key) for key in ("class_name", "arguments", "scale", "offset")}
    with pytest.raises(InputError, match="must allow its arguments"):
        build({"network": class_name, "image_size": 56, "hub": hub})


def test_a_missing_argument_is_named(folder):
    config = dict(small.ARGUMENTS["DINOV2Backbone"])
    del config["num_heads"]
    write(folder, serialised("DINOV2Backbone", config))
    with pytest.raises(InputError, match="missing: num_heads"):
        read_preset(folder)


@pytest.mark.parametrize(
    "encoder",
    [None, [], {"class_name": "DINOV2Backbone", "config": {}}, {"class_name": "CLIPVisionEncoder"}],
)
def test_a_whole_model_has_the_encoder_of_its_family(folder, encoder):
    write(folder, {"class_name": "SigLIPBackbone", "config": {"vision_encoder": encoder}})
    refused(folder)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", "{}", "<html>", '{"class_name": "DINOV2Backbone"}'),
        '{"class_name": "DINOV2Backbone", "config": {"num_layers": NaN}}',
        '{"class_name": "DINOV2Backbone", "config": {"num_layers": 1, "num_layers": 2}}',
        '{"class_name": "DINOV2Backbone", "config": ' + '{"config": ' * 10**6,
    ],
)
def test_files_that_are_no_plain_json(folder, text):
    for name in ("config.json", "image_converter.json"):
        before = (folder / name).read_text()
        write(folder, text, name)
        refused(folder)
        write(folder, before, name)


def test_links_out_of_the_folder(folder, tmp_path_factory):
    for name in ("config.json", "image_converter.json"):
        elsewhere = tmp_path_factory.mktemp("elsewhere") / name
        (folder / name).rename(elsewhere)
        (folder / name).symlink_to(elsewhere)
        refused(folder)
        (folder / name).unlink()
        elsewhere.rename(folder / name)
    read_preset(folder)


@pytest.mark.parametrize(
    "change",
    [
        *({"model_type": "bert"}, {"model_type": ["vit"]}, {"model_type": None}),
        *(
            {"image_size": [70, 56]},
            {"image_size": "70"},
            {"image_size": None},
            {"image_size": 1e9},
        ),
        *({"hidden_size": "a" * 50, "mlp_ratio": 1000}, {"hidden_size": None}, {"hidden_size": []}),
        *({"hidden_size": LAMBDA}, {"num_hidden_layers": 10**9}, {"mlp_ratio": 1e300}),
        {"hidden_size": 100_000, "num_hidden_layers": 1000},
    ],
)
def test_values_of_hugging_face_that_are_not_plain(foreign, change):
    read_preset(foreign)
    edit(foreign, **change)
    assert refused(foreign) == set()


@pytest.mark.parametrize("key", ["hidden_size", "num_attention_heads", "image_size", "mlp_ratio"])
def test_values_of_hugging_face_that_are_missing(foreign, key):
    content = json.loads((foreign / "config.json").read_text())
    del content[key]
    write(foreign, content)
    refused(foreign)


def test_python_in_the_folder_is_not_imported(foreign):
    (foreign / "modeling.py").write_text("raise SystemExit('run')")
    before = read_preset(foreign)
    edit(foreign, auto_map={"AutoModel": "modeling.Dinov2Model"})
    assert read_preset(foreign) == before
    assert "modeling" not in sys.modules
