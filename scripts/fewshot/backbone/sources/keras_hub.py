"""The networks of KerasHub, of which transformers hide their blocks in one layer.

Importing this module imports keras; KerasHub itself is imported where a network is built.
"""

import inspect
from pathlib import Path

import keras
import numpy as np
from keras import ops

from fewshot.backbone.sources.network import Network, Taken, begin_names, named_outputs
from fewshot.backbone.sources.preset_files import take_preset
from fewshot.backbone.sources.preset_weights import load_preset
from fewshot.backbone.sources.presets import SHAPES, network_class, read_preset
from fewshot.errors import InputError, first_line, input_error
from fewshot.study.networks import FAMILIES, blocks_of, family_of
from fewshot.study.weights import PRESET, RANDOM, WORDS
from fewshot.surroundings import models_folder

_POSITIONS = "position_embedding_shape"  # argument of networks that interpolate their positions


def build(backbone):
    """Build a network at random weights.

    Parameters
    ----------
    backbone : dict
        network, image_size, and hub: class_name, arguments, scale and offset.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        If there is none of such a size.
    """
    hub, size = backbone["hub"], backbone["image_size"]
    begin_names()
    constructor = network_class(hub["class_name"])
    # One that it does not know a constructor takes without a word.
    (shape,) = {*SHAPES} & {*inspect.signature(constructor).parameters}
    try:
        model = constructor(**hub["arguments"], **{shape: (size, size, 3)})
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise input_error(
            f"{backbone['network']} must allow its arguments and the image size that is asked for",
            f"image_size={size}, {hub['arguments']} ({first_line(error)})",
            "correct image_size of the backbone, or leave it out",
        ) from None
    scale, offset = (np.float32(hub[key]) for key in ("scale", "offset"))
    layers, prefix_tokens = _LAYERS_OF[hub["class_name"]](model)
    return Network(model, layers, lambda pixels: pixels * scale + offset, prefix_tokens)


def take(settings):
    """Build a network with the weights that a study asks for.

    Parameters
    ----------
    settings : dict
        network, image_size, sha256 and weights: "preset" for the download, "none", or a folder.

    Returns
    -------
    Taken

    Raises
    ------
    InputError
        If a file is missing, can't be downloaded, is damaged, holds anything else than a network of
        the class, or the network can't have such a size.
    """
    network, weights = settings["network"], settings["weights"]
    if weights in (PRESET, RANDOM):
        take_preset(network, settings["sha256"], with_weights=weights == PRESET)
    built, preset, hub = _read(settings)
    _check_shapes(network, built)
    size = built.model.inputs[0].shape[1]
    if weights != RANDOM:
        _load(built.model, preset, size, settings["sha256"])
    if _POSITIONS in inspect.signature(network_class(hub["class_name"])).parameters:
        hub["arguments"] |= {_POSITIONS: [size, size]}
        backbone = {"network": network, "image_size": size, "hub": hub}
        built = _with_positions(build(backbone), built.model)
    return Taken(built, preset.framing | {"image_size": size}, hub)


def _load(model, preset, size, sha256):
    try:
        load_preset(model, preset, sha256)
    except InputError as error:
        if preset.image_size in (None, size):
            raise
        rule = f"A {preset.class_name} must fit the image size that is asked for"
        hint = f"leave image_size out: that of its weights is {preset.image_size}"
        raise input_error(rule, f"{size} ({first_line(error)})", hint) from None


def _with_positions(network, model):
    """Give a network the weights of one whose positions were interpolated to its size.

    Loading a DINOv2 interpolates, and other machines would round otherwise.
    """
    for ours, theirs in zip(network.model.weights, model.weights, strict=True):
        if ours.shape == theirs.shape:
            ours.assign(theirs)
    embeddings = network.model.embeddings
    embeddings.position_embeddings.assign(embeddings.interpolated_position_embeddings)
    return network


def look(settings):
    """Build a network at random weights from what is here of it: see `take`.

    Parameters
    ----------
    settings : dict
        network, image_size and weights.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        If a file is not here or speaks of another network.
    """
    return _read(settings)[0]


def _read(settings):
    """Build a network as the files in its folder say; return it, these and what they say of it."""
    network, weights = settings["network"], settings["weights"]
    folder = models_folder() / network if weights in WORDS else Path(weights)
    preset = read_preset(folder)
    if preset.class_name != family_of(network):
        rule = f"The weights of {network} must be those of a {family_of(network)}"
        hint = "correct network or weights of the backbone"
        raise input_error(rule, f"a {preset.class_name} in {folder}", hint)
    keys = ("class_name", "arguments", "scale", "offset")
    hub = {key: getattr(preset, key) for key in keys}
    size = settings["image_size"] or preset.framing["image_size"]
    _check_patches(settings, preset)
    built = build({"network": network, "image_size": size, "hub": hub})
    _check_blocks(network, blocks_of(network, weights), built.layers, folder)
    return built, preset, hub


def _check_patches(settings, preset):
    """Check that no edge of the pictures is left out where a person chose their size."""
    size, patch = settings["image_size"], preset.arguments.get("patch_size")
    patch = max(patch) if isinstance(patch, list) else patch
    if size and patch and size % patch:
        rule = f"image_size must be a multiple of {patch}, the patch of {settings['network']}"
        hint = f"take {max(size // patch, 1) * patch} or {(size // patch + 1) * patch}"
        raise input_error(rule, size, hint)


def _check_blocks(network, blocks, layers, folder):
    """Check that a study that reads all blocks of a network reads all, and in their order."""
    family = FAMILIES[family_of(network)]
    further = family.block.format(family.first + len(blocks))
    found = [name for name in layers if name in blocks]
    if found != blocks or further in layers:
        rule = f"{network} must have the {len(blocks)} blocks that are known of it"
        received = f"{further} too" if further in layers else f"{len(found)} of them"
        raise input_error(rule, f"{received}, in {folder}", "get its config.json again")


def _check_shapes(name, network):
    """Run one black image: what layers tell Keras of their shapes may be wrong."""
    (entry,) = network.model.inputs
    said = keras.Model(entry, [*network.layers.values()])(ops.zeros((1, *entry.shape[1:])))
    for (layer, tensor), array in zip(network.layers.items(), said, strict=True):
        if tensor.shape[1:] != tuple(array.shape[1:]):
            rule = f"Layers of {name} must have the shapes that they tell"
            received = f"{layer} of shape {tensor.shape[1:]}, which gives {tuple(array.shape[1:])}"
            raise input_error(rule, received, "take another network, and report it to KerasHub")


def _dinov2(model):
    """Chain the blocks, so that those behind the last one read cost nothing."""
    x = model.get_layer("embeddings").output
    layers = {"stem": x}
    for number, block in enumerate(model.encoder.layers, start=1):
        x = layers[f"stage{number}"] = block(x)
    layers["layernorm"] = model.layernorm(x)
    return layers, 1 + model.num_register_tokens


def _dinov3(model):
    x = model.get_layer("embeddings").output
    prefix_tokens = 1 + model.num_register_tokens
    rotations = model.get_layer("rope_embedding").output
    layers = {"stem": x}
    for number, block in enumerate(model.encoder.layers, start=1):
        x = block(x, position_embeddings=rotations, num_prefix_tokens=prefix_tokens)
        layers[f"stage{number}"] = x
    layers["layernorm"] = model.layernorm(x)
    return layers, prefix_tokens


def _vit(model):
    encoder = model.get_layer("vit_encoder")
    x = model.get_layer("vit_patching_and_embedding").output
    layers = {"stem": x}
    for number, block in enumerate(encoder.encoder_layers):
        x = layers[f"encoder_block_{number}"] = block(x)
    layers["encoder"] = encoder.layer_norm(x)
    return layers, int(model.use_class_token)


def _deit(model):
    encoder = model.get_layer("deit_encoder")
    x = model.get_layer("deit_patching_and_embedding").output
    layers = {"stem": x}
    for number, block in enumerate(encoder.encoder_layers):
        x, _ = block(x, return_attention_scores=True)  # else nothing stands in their place
        layers[f"encoder_block_{number}"] = x
    layers["encoder"] = encoder.layer_norm(x)
    return layers, 2  # class and distillation


def _siglip(model):
    """Chain the blocks behind an embedding that tells Keras of one token more than it gives."""
    x = model.embedding.output
    x = ops.reshape(x, (-1, model.embedding.num_positions, x.shape[-1]))
    layers = {"stem": x}
    for number, block in enumerate(model.encoder_layers):
        x = layers[f"encoder_block_{number}"] = block(x)
    layers["post_layer_norm"] = model.post_layer_norm(x)
    layers["head"] = model.head(layers["post_layer_norm"])
    return layers, 0


def _clip(model):
    layers = {"stem": model.pre_layer_norm.output}
    for number, block in enumerate(model.encoder_layers):
        layers[f"encoder_block_{number}"] = block.output
    return layers | {"layer_norm": model.layer_norm.output}, 1


def _pyramid(model):
    """Add the last layer at each resolution under its level."""
    return named_outputs(model) | dict(sorted(model.pyramid_outputs.items())), 0


# By class: what can be read of a model, and its tokens before those of patches.
_LAYERS_OF = {
    "DINOV2Backbone": _dinov2,
    "DINOV3Backbone": _dinov3,
    "ViTBackbone": _vit,
    "DeiTBackbone": _deit,
    "SigLIPVisionEncoder": _siglip,
    "CLIPVisionEncoder": _clip,
    "SwinTransformerBackbone": lambda model: (named_outputs(model), 0),
    "ResNetBackbone": _pyramid,
    "EfficientNetBackbone": _pyramid,
}
