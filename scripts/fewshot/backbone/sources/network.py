"""What every source of networks gives."""

from collections.abc import Callable
from typing import NamedTuple

import keras


class Network(NamedTuple):
    """A network whose layers can be read.

    Attributes
    ----------
    model : keras.Model
        From float32 images of shape (batch, size, size, 3), preprocessed; it holds all weights.
    layers : dict of str to KerasTensor
        What can be read, in the order of the network; "logits" is the output of the top.
    preprocess : callable
        From float32 RGB images of shape (batch, size, size, 3), 0 to 255, to what the model takes.
    prefix_tokens : int, default 0
        Tokens of a transformer before those of patches, the class token first.
    """

    model: keras.Model
    layers: dict
    preprocess: Callable
    prefix_tokens: int = 0


class Taken(NamedTuple):
    """A network with its weights, and what it brings with it.

    Attributes
    ----------
    network : Network
    framing : dict
        What it says of image_size, resize, interpolation and crop_fraction.
    hub : dict or None
        Of KerasHub's: class_name, arguments of its constructor, scale and offset of pixels.
    """

    network: Network
    framing: dict
    hub: dict | None = None


def named_outputs(model):
    """Find the layers of a model that give one array of known shape.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    dict of str to KerasTensor
        In the order of the model.
    """
    return {
        layer.name: layer.output
        for layer in model.layers
        if not isinstance(layer.output, (list, tuple, dict)) and None not in layer.output.shape[1:]
    }


def begin_names():
    """Have Keras number the layers that a network does not name from one, whatever came before."""
    policy = keras.config.dtype_policy()
    keras.utils.clear_session()
    keras.config.set_dtype_policy(policy)  # which that resets
