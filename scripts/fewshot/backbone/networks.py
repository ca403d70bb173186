"""Pretrained networks: built, loaded, described, and read at some of their layers.

Importing this module imports keras and its backend, which takes seconds: only stages that run a
network do it.
"""

import difflib
import inspect
import math

import keras
from keras import ops

from fewshot.backbone import small_vgg
from fewshot.backbone.imagenet import with_imagenet_weights
from fewshot.backbone.weight_files import load_described
from fewshot.errors import InputError, first_line, input_error


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
        If there is no such network, not of such a size, or its weights cannot be downloaded.
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
    arguments |= {"include_top": include_top, "input_shape": shape}
    try:
        if weights == "imagenet":
            return with_imagenet_weights(constructor, **arguments)
        return constructor(weights=None, **arguments)
    except InputError:
        raise
    except ValueError as error:
        raise input_error(
            f"{network} must allow the image size and the top that are asked for",
            f"image_size={image_size}, include_top={include_top} ({first_line(error)})",
            "correct image_size or include_top of the backbone, or leave them out",
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


def build_trunk(backbone, layers, weights_path, *, precision):
    """Build a network, load its weights and read it at some layers.

    Parameters
    ----------
    backbone : dict
        network, include_top, image_size and digest of the weights, from `weights`.
    layers : list of str
        Layer names, or "logits" for the output of the top.
    weights_path : str
        Weights of the network, as `weights` left them.
    precision : {"float32", "bfloat16", "float16"}
        What the network computes in; its weights stay float32.

    Returns
    -------
    keras.Model
        As `read_layers` gives it.

    Raises
    ------
    InputError
        If the file of the weights is damaged, or is not that of the description.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    network, size = backbone["network"], backbone["image_size"]
    try:
        model = build_network(network, None, backbone["include_top"], size)
    finally:
        keras.config.set_dtype_policy(policy)
    load_described(model, weights_path, backbone["weights"])
    return read_layers(model, network, layers)


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
