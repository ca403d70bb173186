"""Pretrained networks: built, loaded, described, and read at some of their layers.

Importing this module imports keras and its backend, which takes seconds: only stages that run a
network do it.
"""

import math

import keras
from keras import ops

from fewshot.backbone.pooling import pooled
from fewshot.backbone.weight_files import load_described, weights_digest
from fewshot.study.networks import APPLICATIONS, HUB, source_of
from fewshot.study.pooling import split_pooling


def _source(network):
    """Import the module that a network comes from, and none of the others."""
    source = source_of(network)
    if source == HUB:
        from fewshot.backbone.sources import keras_hub as module
    elif source == APPLICATIONS:
        from fewshot.backbone.sources import keras_applications as module
    else:
        from fewshot.backbone.sources import small_vgg as module
    return module


def take_network(settings):
    """Build a network with the weights that a study asks for, and describe it.

    Parameters
    ----------
    settings : dict
        network, weights (a word of `fewshot.study.weights`, a file or a folder), sha256,
        include_top, image_size, resize, interpolation and crop_fraction, where None is the
        network's own.

    Returns
    -------
    network : fewshot.backbone.sources.network.Network
    description : dict
        What is to be known of it later: network, include_top, how pictures become its input,
        digest of its weights, shape of an image's activations at each of its layers,
        prefix_tokens, and what makes a network of KerasHub.

    Raises
    ------
    InputError
        If there is no such network, or its weights are missing, damaged, can't be downloaded or do
        not fit it.
    """
    network, own, hub = _source(settings["network"]).take(settings)
    return network, {
        **{key: settings[key] for key in ("network", "include_top")},
        **_framing(settings, own),
        "weights": weights_digest(network.model),
        **_readable(network),
        "hub": hub,
    }


def _framing(settings, own):
    """Say how pictures become the input: as the study says, then as the network does."""
    cut = 1.0 if settings["resize"] else own.get("crop_fraction", 1.0)
    given = settings["crop_fraction"]
    return {
        "image_size": own["image_size"],
        "resize": settings["resize"] or own.get("resize", "squash"),
        "interpolation": settings["interpolation"] or own.get("interpolation", "bilinear"),
        "crop_fraction": cut if given is None else given,
    }


def _readable(network):
    layers = {name: list(tensor.shape[1:]) for name, tensor in network.layers.items()}
    return {"layers": layers, "prefix_tokens": network.prefix_tokens}


def find_readable(settings):
    """Tell what can be read of a network, of which nothing is downloaded.

    Parameters
    ----------
    settings : dict
        network, weights, include_top and image_size of a study.

    Returns
    -------
    dict
        layers and prefix_tokens as `take_network` describes them.

    Raises
    ------
    InputError
        If there is no such network, or its configuration is not here.
    """
    return _readable(_source(settings["network"]).look(settings))


def build_network(backbone):
    """Build a network at random weights.

    Parameters
    ----------
    backbone : dict
        Its description, from `take_network`.

    Returns
    -------
    fewshot.backbone.sources.network.Network
        A network with a top ends in logits.

    Raises
    ------
    InputError
        If there is no such network.
    """
    return _source(backbone["network"]).build(backbone)


def preprocessed(network, outputs):
    """Put a network's own preprocessing in front of it.

    Parameters
    ----------
    network : fewshot.backbone.sources.network.Network
    outputs : KerasTensor or list of KerasTensor
        Of its model, what it is to give.

    Returns
    -------
    keras.Model
        From float32 RGB images of shape (batch, size, size, 3), 0 to 255.
    """
    (entry,) = network.model.inputs
    images = keras.Input(entry.shape[1:])
    return keras.Model(images, keras.Model(entry, outputs)(network.preprocess(images)))


def read_layers(network, layers):
    """Make the model that turns images into what a network says at some layers.

    Parameters
    ----------
    network : fewshot.backbone.sources.network.Network
    layers : list of str
        Names of its layers, pooled where they have an "@".

    Returns
    -------
    keras.Model
        Frozen; from float32 RGB images of shape (batch, size, size, 3), 0 to 255, to a list: the
        activations of each layer, in the shape that they have there, and the precision but for
        means, which are float32.
    """
    read = [
        pooled(layer, network.layers[split_pooling(layer)[0]], network.prefix_tokens)
        for layer in layers
    ]
    trunk = preprocessed(network, read)
    trunk.trainable = False
    return trunk


def load_network(backbone, weights_path, *, precision):
    """Build a network and load its weights.

    Parameters
    ----------
    backbone : dict
        Its description, from `weights`.
    weights_path : str
        Weights of the network, as `weights` left them.
    precision : {"float32", "bfloat16", "float16"}
        What the network computes in; its weights stay float32.

    Returns
    -------
    fewshot.backbone.sources.network.Network

    Raises
    ------
    InputError
        If the file of the weights is damaged, or is not that of the description.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        network = build_network(backbone)
    finally:
        keras.config.set_dtype_policy(policy)
    load_described(network.model, weights_path, backbone["weights"])
    return network


def build_trunk(backbone, layers, weights_path, *, precision):
    """Build a network, load its weights and read it at some layers.

    Parameters
    ----------
    backbone, weights_path, precision
        As `load_network` takes them.
    layers : list of str
        As `read_layers` takes them.

    Returns
    -------
    keras.Model
        As `read_layers` gives it.
    """
    return read_layers(load_network(backbone, weights_path, precision=precision), layers)


def compiled_by_xla():
    """Whether XLA is to compile models: for a GPU. On a CPU TensorFlow's kernels are faster."""
    backend = keras.backend.backend()
    return bool(keras.distribution.list_devices("gpu")) if backend == "tensorflow" else True


def build_reader(backbone, layers, weights_path, *, precision, storage):
    """Build the model that turns images into activations of some layers, in one forward pass.

    Parameters
    ----------
    backbone, layers, weights_path, precision
        As `build_trunk` takes them.
    storage : {"float16", "float32"}

    Returns
    -------
    keras.Model
        From uint8 RGB images of shape (batch, size, size, 3) to a list: for each layer flattened
        activations of shape (batch, width) in `storage`, and last a bool array of shape
        (batch, layers), False where a number is not finite in `storage`.
    """
    trunk = build_trunk(backbone, layers, weights_path, precision=precision)
    size = backbone["image_size"]
    images = keras.Input((size, size, 3), dtype="uint8")
    activations = trunk(ops.cast(images, "float32"))
    stored = [ops.cast(ops.reshape(a, (-1, math.prod(a.shape[1:]))), storage) for a in activations]
    finite = ops.stack([ops.all(ops.isfinite(a), axis=1) for a in stored], axis=1)
    reader = keras.Model(images, [*stored, finite])
    reader.compile(jit_compile=compiled_by_xla())
    return reader
