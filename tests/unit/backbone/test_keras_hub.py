"""The networks of KerasHub: each layer read is what the library's own model gives there."""

from itertools import pairwise

import numpy as np
import pytest
from settings_of import settings_of
from small_networks import (
    ARGUMENTS,
    HUGGING_FACE,
    PROCESSOR,
    build,
    read_by_the_library,
    save_hugging_face,
    save_keras,
)

from fewshot.errors import InputError
from fewshot.study.networks import FAMILIES, blocks_of

# What is the library's own last output.
LAST = {
    **dict.fromkeys(("DINOV2Backbone", "DINOV3Backbone"), "layernorm"),
    **dict.fromkeys(("ViTBackbone", "DeiTBackbone"), "encoder"),
    "SigLIPVisionEncoder": "head",
    "CLIPVisionEncoder": "layer_norm",
    "SwinTransformerBackbone": "norm",
    "ResNetBackbone": "P3",
    "EfficientNetBackbone": "P2",
}
PREFIX = {"DINOV2Backbone": 5, "DINOV3Backbone": 5, "CLIPVisionEncoder": 1, "ViTBackbone": 1}
PREFIX["DeiTBackbone"] = 2


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """Return a function that gives the library's own model, and ours of its files, once."""
    made = {}

    def taken(class_name):
        import keras_hub

        from fewshot.backbone.networks import take_network

        if class_name not in made:
            folder = tmp_path_factory.mktemp(class_name)
            size = ARGUMENTS[class_name]["image_shape"][0]
            save_keras(build(class_name), folder, size=size)
            # The library interpolates positions when it loads them.
            model = getattr(keras_hub.models, class_name).from_preset(str(folder))
            settings = settings_of(class_name, folder, include_top=False)
            made[class_name] = model, folder, *take_network(settings)
        return made[class_name]

    return taken


def images(model, count=2):
    (entry,) = model.inputs
    return np.random.default_rng(3).uniform(-2, 2, (count, *entry.shape[1:])).astype(np.float32)


def read(network, names, pixels):
    """Read layers of ours without preprocessing."""
    import keras

    (entry,) = network.model.inputs
    model = keras.Model(entry, [network.layers[name] for name in names])
    return [np.asarray(each) for each in model(pixels)]


def assert_same(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize("class_name", FAMILIES)
def test_every_shape_is_as_told(taken, class_name):
    model, _, network, described = taken(class_name)
    names = [*network.layers]
    found = dict(zip(names, read(network, names, images(model)), strict=True))
    told = {name: list(array.shape[1:]) for name, array in found.items()}
    assert told == described["layers"]
    assert described["prefix_tokens"] == network.prefix_tokens == PREFIX.get(class_name, 0)


def library_layers(model, pixels):
    """Read what the library's own model has of layers: all tensors of its graph, and what is hidden.

    ViT and DeiT hide their blocks in one layer, whose parts are called one after another.
    """
    import keras

    hidden = {"ViTBackbone": "vit", "DeiTBackbone": "deit"}.get(type(model).__name__)
    if hidden:
        encoder = model.get_layer(f"{hidden}_encoder")
        x = model.get_layer(f"{hidden}_patching_and_embedding")(pixels)
        found = {"stem": x}
        for number, block in enumerate(encoder.encoder_layers):
            x = found[f"encoder_block_{number}"] = keras.tree.flatten(block(x))[0]
        return found | {"encoder": model(pixels)}
    (entry,) = model.inputs
    # As a part of a model of images and text, layers begin with the name of that part.
    graph = {each.name.removeprefix(f"{model.name}_"): each.output for each in model.layers}
    graph |= getattr(model, "pyramid_outputs", {})
    graph |= {LAST[type(model).__name__]: model.output}
    return dict(zip(graph, keras.Model(entry, [*graph.values()])(pixels), strict=True))


def assert_same_layers(network, model, blocks):
    """Blocks, and all other layers that both name, are the same; each block changes what comes."""
    pixels = images(model)
    theirs = library_layers(model, pixels)
    names = [name for name in network.layers if name in theirs]
    assert {*blocks, LAST[type(model).__name__]} <= {*names}
    ours = dict(zip(names, read(network, names, pixels), strict=True))
    for name, found in ours.items():
        assert_same(found, np.asarray(theirs[name]))
    for before, after in pairwise(ours[block] for block in blocks):
        assert before.shape != after.shape or np.abs(after - before).max() > 1e-3


@pytest.mark.parametrize("class_name", FAMILIES)
def test_layers_are_those_of_the_library(taken, class_name):
    model, folder, network, _ = taken(class_name)
    assert_same_layers(network, model, blocks_of(class_name, str(folder)))


@pytest.mark.parametrize("kind", HUGGING_FACE)
def test_layers_from_the_format_of_hugging_face_are_those_of_the_library(kind, tmp_path):
    from fewshot.backbone.networks import take_network

    save_hugging_face(tmp_path, kind)
    size = PROCESSOR["size"]["height"]
    model = read_by_the_library(tmp_path, image_shape=(size, size, 3))
    class_name = type(model).__name__
    network, _ = take_network(settings_of(class_name, tmp_path, include_top=False))
    assert_same_layers(network, model, blocks_of(class_name, str(tmp_path)))


def test_stages_of_swin_halve_their_places(taken):
    _, folder, _, described = taken("SwinTransformerBackbone")
    shapes = [
        described["layers"][block] for block in blocks_of("SwinTransformerBackbone", str(folder))
    ]
    # 56 pixels in patches of 4; a stage ends in a merging of 2 x 2 places, but for the last.
    assert shapes == [[49, 32], [49, 32]]


def test_pixels_are_scaled_and_shifted_as_the_converter_says(taken):
    _, _, network, described = taken("DINOV2Backbone")
    pixel = np.float32([255, 100, 0])
    expected = pixel * described["hub"]["scale"] + described["hub"]["offset"]
    np.testing.assert_allclose(network.preprocess(pixel), expected, rtol=1e-6)


def test_positions_follow_another_size_and_where_they_cant_it_is_told(taken):
    from fewshot.backbone.networks import take_network

    for class_name, size in (
        ("DINOV2Backbone", 84),
        ("DINOV3Backbone", 28),
        ("ResNetBackbone", 96),
    ):
        _, folder, *_ = taken(class_name)
        settings = settings_of(class_name, folder, include_top=False, image_size=size)
        assert take_network(settings)[1]["image_size"] == size
    for class_name in ("SigLIPVisionEncoder", "CLIPVisionEncoder", "ViTBackbone"):
        _, folder, *_ = taken(class_name)
        settings = settings_of(class_name, folder, include_top=False, image_size=84)
        with pytest.raises(InputError, match="image_size"):
            take_network(settings)


def test_positions_are_interpolated_once_and_a_saved_network_loads_as_it_is(taken, tmp_path):
    """Loaded again, nothing is computed: the digest is that of the description."""
    from fewshot.backbone.networks import build_network, take_network
    from fewshot.backbone.weight_files import load_described

    _, folder, *_ = taken("DINOV2Backbone")
    asked = settings_of("DINOV2Backbone", folder, include_top=False, image_size=42)
    network, described = take_network(asked)
    embeddings = network.model.embeddings
    assert embeddings.position_embeddings.shape == (1, 1 + 3 * 3, 32)
    positions = [
        np.asarray(each)
        for each in (embeddings.position_embeddings, embeddings.interpolated_position_embeddings)
    ]
    np.testing.assert_array_equal(*positions)
    network.model.save_weights(tmp_path / "net.weights.h5")
    again = build_network(described)
    load_described(again.model, tmp_path / "net.weights.h5", described["weights"])


def test_a_size_that_is_no_number_of_patches_is_told(taken):
    from fewshot.backbone.networks import take_network

    _, folder, *_ = taken("ViTBackbone")
    with pytest.raises(InputError, match=r"must be a multiple of 14"):
        take_network(settings_of("ViTBackbone", folder, include_top=False, image_size=60))


@pytest.mark.parametrize(("size", "hint"), [(60, "take 56 or 70"), (9, "take 14 or 14")])
def test_no_edge_is_left_out_of_the_patches(taken, size, hint):
    from fewshot.backbone.networks import take_network

    _, folder, *_ = taken("DINOV2Backbone")
    asked = settings_of("DINOV2Backbone", folder, include_top=False, image_size=size)
    with pytest.raises(InputError, match=rf"must be a multiple of 14, .*Received: {size}.*{hint}"):
        take_network(asked)


@pytest.mark.parametrize("depth", [1, 3])
def test_blocks_are_as_many_as_the_study_takes_them_for(taken, depth):
    """Of 2 blocks neither one nor three: a sweep would not end with the last."""
    from fewshot.backbone.sources.keras_hub import _check_blocks

    _, folder, network, _ = taken("DINOV2Backbone")
    blocks = [f"stage{number}" for number in range(1, depth + 1)]
    with pytest.raises(InputError, match=f"must have the {depth} blocks that are known of it"):
        _check_blocks("DINOV2Backbone", blocks, network.layers, folder)


def test_a_folder_of_another_class_is_refused(taken):
    from fewshot.backbone.networks import take_network

    _, folder, *_ = taken("ViTBackbone")
    with pytest.raises(InputError, match=r"must be those of a DINOV2Backbone.*a ViTBackbone in"):
        take_network(settings_of("dinov2_small", folder, include_top=False))


def test_what_can_be_read_is_told_without_weights(taken):
    from fewshot.backbone.networks import find_readable

    _, folder, _, described = taken("SigLIPVisionEncoder")
    settings = settings_of("SigLIPVisionEncoder", folder, include_top=False)
    assert find_readable(settings) == {key: described[key] for key in ("layers", "prefix_tokens")}


def test_a_network_is_built_again_from_its_description(taken):
    from fewshot.backbone.networks import build_network

    model, _, network, described = taken("CLIPVisionEncoder")
    again = build_network(described)
    again.model.set_weights(network.model.get_weights())
    pixels = images(model)
    ours, theirs = (read(each, ["stem", "layer_norm"], pixels) for each in (again, network))
    np.testing.assert_array_equal(ours[1], theirs[1])


@pytest.mark.parametrize(
    ("layers", "blocks"),
    [
        (["stage1@mean"], 1),
        (["stage1@mean", "stage2@mean", "stage1@cls", "stage2@cls", "layernorm@cls"], 2),
    ],
)
def test_all_blocks_are_computed_once_and_those_behind_the_last_not_at_all(taken, layers, blocks):
    import keras

    from fewshot.backbone.networks import read_layers

    _, _, network, _ = taken("DINOV2Backbone")
    reader = read_layers(network, layers)
    (inner,) = (layer for layer in reader.layers if isinstance(layer, keras.Model))
    kinds = [type(operation).__name__ for operation in inner.operations]
    assert (kinds.count("DINOV2Embedding"), kinds.count("DINOV2Layer")) == (1, blocks)
