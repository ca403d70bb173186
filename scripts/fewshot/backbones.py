"""Pretrained networks: built, loaded, described, and read at some of their layers.

Importing this module imports keras and its backend, which takes seconds: only stages that run a
network do it.
"""

import difflib
import hashlib
import inspect
import math
import warnings

import keras
import numpy as np
from keras import ops

from fewshot import small_vgg
from fewshot.errors import input_error


def _find_network(network):
    """Return (constructor, preprocess_input) of a network by its class name."""
    if network == "SmallVGG":
        return small_vgg.SmallVGG, small_vgg.preprocess_input
    constructor = vars(keras.applications).get(network)
    if not inspect.isfunction(constructor):
        known = ["SmallVGG", *(k for k, v in vars(keras.applications).items() if callable(v))]
        near = difflib.get_close_matches(network, known, 3) or known
        raise input_error(
            "A network is SmallVGG or a class of keras.applications",
            f"network={network}",
            f"try {', '.join(near)}",
        )
    module = getattr(keras.applications, constructor.__module__.rpartition(".")[2])
    return constructor, module.preprocess_input


def build_network(network, weights=None, include_top=True, image_size=None):
    """Build a network that ends in logits.

    Parameters
    ----------
    network : str
        Class of keras.applications, or "SmallVGG".
    weights : {"imagenet"} or None
        "imagenet" has keras.applications download its own weights, None initialises at random.
    include_top : bool, default True
        Whether the dense layers at the end are there.
    image_size : int, optional
        Edge of the square input in pixels; the network's own by default.

    Returns
    -------
    keras.Model
        From float32 images of shape (batch, size, size, 3), preprocessed, to logits or, without
        the top, to the last spatial layer.

    Raises
    ------
    InputError
        If there is no such network, or its weights cannot be downloaded.
    """
    constructor, _ = _find_network(network)
    shape = (image_size, image_size, 3)
    if image_size is None:
        # Without the top any size will do: then the size is that of the whole network.
        shape = None if include_top else constructor(weights=None).input_shape[1:]
    arguments = {"classifier_activation": None} if include_top else {}
    # Keras numbers the layers that a network does not name: from one, whatever was built before.
    policy = keras.config.dtype_policy()
    keras.utils.clear_session()
    keras.config.set_dtype_policy(policy)  # which that resets
    try:
        return constructor(weights=weights, include_top=include_top, input_shape=shape, **arguments)
    except Exception as error:
        if weights != "imagenet" or "URL" not in str(error):
            raise
        raise input_error(
            f"The ImageNet weights of {network} must be at hand or come by download",
            str(error),
            "where there is no network, put the file that the address names into "
            "~/.keras/models, or give its path as the backbone's weights",
        ) from None


def load_weights(model, path):
    """Load a weights file into a network, all of it or none.

    Parameters
    ----------
    model : keras.Model
    path : str
        A file of `keras.Model.save_weights` or one that keras.applications offers (".h5").

    Raises
    ------
    InputError
        If the file is not a weights file, or not one of this network.
    """
    try:
        with warnings.catch_warnings():
            # Keras only warns when it leaves layers at random.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(path)
    except (ValueError, OSError, KeyError, UserWarning) as error:
        raise input_error(
            f"A weights file must fit its network, {model.name}",
            f"{path} ({str(error).splitlines()[0]})",
            "check network, weights and include_top of the backbone",
        ) from None


def layer_shapes(model, include_top):
    """Shape of one image's activations at every layer, without the batch axis.

    Parameters
    ----------
    model : keras.Model
    include_top : bool
        Whether the model ends in logits; they then stand under the name "logits".

    Returns
    -------
    dict of str to list of int
        In the order of the network.
    """
    shapes = {
        layer.name: list(layer.output.shape[1:])
        for layer in model.layers
        if not isinstance(layer.output, (list, dict)) and None not in layer.output.shape[1:]
    }
    if include_top:
        shapes["logits"] = list(model.output_shape[1:])
    return shapes


def weights_digest(model):
    """SHA-256 over names, shapes, types and values of all weights of a model, as 64 hex digits."""
    digest = hashlib.sha256()
    for variable in model.weights:
        value = np.ascontiguousarray(variable.numpy())
        digest.update(f"{variable.path} {value.shape} {value.dtype}".encode())
        digest.update(value)
    return digest.hexdigest()


def preprocessed(model, network):
    """Put a network's own preprocessing in front of a model that takes its input.

    Parameters
    ----------
    model : keras.Model
    network : str
        Class of keras.applications, or "SmallVGG".

    Returns
    -------
    keras.Model
        From float32 RGB images of shape (batch, size, size, 3), 0 to 255, to what the model gives.
    """
    _, preprocess_input = _find_network(network)
    images = keras.Input(model.input_shape[1:])
    return keras.Model(images, model(preprocess_input(images)))


def read_layers(model, network, layers):
    """Make the model that turns images into what a network says at some layers.

    Parameters
    ----------
    model : keras.Model
        The network, as `build_network` gives it.
    network : str
        Its name, which decides how images are preprocessed.
    layers : list of str
        Layer names, or "logits" for the output of the top.

    Returns
    -------
    keras.Model
        Frozen; from float32 RGB images of shape (batch, size, size, 3), 0 to 255, to a list: the
        activations of each layer, in the precision and the shape that they have there.
    """
    read = [model.output if name == "logits" else model.get_layer(name).output for name in layers]
    trunk = preprocessed(keras.Model(model.input, read), network)
    trunk.trainable = False
    return trunk


def build_trunk(network, layers, weights_path, *, include_top, image_size, precision):
    """Build a network, load its weights and read it at some layers.

    Parameters
    ----------
    network : str
        Class of keras.applications, or "SmallVGG".
    layers : list of str
        Layer names, or "logits" for the output of the top.
    weights_path : str
        Weights of the network, as `keras.Model.save_weights` wrote them.
    include_top : bool
    image_size : int
        Edge of the square input in pixels.
    precision : {"float32", "bfloat16", "float16"}
        What the network computes in; its weights stay float32.

    Returns
    -------
    keras.Model
        As `read_layers` gives it.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        model = build_network(network, None, include_top, image_size)
    finally:
        keras.config.set_dtype_policy(policy)
    load_weights(model, weights_path)
    return read_layers(model, network, layers)


def compiled_by_xla():
    """Whether XLA is to compile models: for a GPU. On a CPU TensorFlow's kernels are faster."""
    backend = keras.backend.backend()
    return bool(keras.distribution.list_devices("gpu")) if backend == "tensorflow" else True


def build_reader(network, layers, weights_path, *, include_top, image_size, precision, storage):
    """Build the model that turns images into activations of some layers, in one forward pass.

    Parameters
    ----------
    network, layers, weights_path, include_top, image_size, precision
        As `build_trunk` takes them.
    storage : {"float16", "float32"}

    Returns
    -------
    keras.Model
        From uint8 RGB images of shape (batch, size, size, 3) to a list: for each layer flattened
        activations of shape (batch, width) in `storage`, and last a bool array of shape
        (batch, layers), False where a number is not finite in `storage`.
    """
    trunk = build_trunk(
        network,
        layers,
        weights_path,
        include_top=include_top,
        image_size=image_size,
        precision=precision,
    )
    images = keras.Input((image_size, image_size, 3), dtype="uint8")
    activations = trunk(ops.cast(images, "float32"))
    stored = [ops.cast(ops.reshape(a, (-1, math.prod(a.shape[1:]))), storage) for a in activations]
    finite = ops.stack([ops.all(ops.isfinite(a), axis=1) for a in stored], axis=1)
    reader = keras.Model(images, [*stored, finite])
    reader.compile(jit_compile=compiled_by_xla())
    return reader
