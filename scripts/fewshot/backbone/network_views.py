"""What a network sees: its convolutions chosen, run on images, and their filters.

Importing this module imports keras and its backend.
"""

import keras
import numpy as np

from fewshot.backbone.networks import preprocessed, read_layers
from fewshot.errors import input_error

MOST_LAYERS = 6
_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.SeparableConv2D)
_DEPTHWISE = keras.layers.DepthwiseConv2D


def choose_layers(model):
    """Choose the first convolution at each resolution, and the second at the first of them.

    For VGG16, whose sets of convolutions stand at one resolution each, these are block1_conv1,
    block1_conv2, block2_conv1, ..., block5_conv1.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    list of str
        At most six, in the order of the network. A depthwise convolution, which mixes no channels,
        stands in where a resolution has no other. Convolutions of a single place, as in
        squeeze-and-excitation, do not count.

    Raises
    ------
    InputError
        If the network has no convolution.
    """
    resolutions = {}
    for layer in model.layers:
        size = layer.output.shape[1:3] if isinstance(layer, (*_CONVOLUTIONS, _DEPTHWISE)) else ()
        if None not in size and np.prod(size) > 1:
            resolutions.setdefault(size, []).append(layer)
    if not resolutions:
        raise input_error(
            "Feature maps need a network with convolutions",
            f"{model.name}, which has none",
            "set feature_maps of the backbone to [], or name layers",
        )
    chosen = []
    for layers in resolutions.values():
        ordinary = [layer for layer in layers if isinstance(layer, _CONVOLUTIONS)]
        chosen += (ordinary or layers)[: 1 if chosen else 2]
    return [layer.name for layer in chosen[:MOST_LAYERS]]


def feature_maps(network, layers, images):
    """Run images through a network and read the first outputs of some layers.

    Parameters
    ----------
    network : fewshot.backbone.sources.network.Network
    layers : list of str
    images : ndarray of shape (n, size, size, 3), uint8

    Returns
    -------
    list of ndarray of shape (n, height, width, channels), float32
        One a layer: what it gives on, so after its own activation function where it has one. A
        rectifier that is a layer of its own, as in MobileNet, comes later.
    """
    reader = read_layers(network, layers)
    # Keras gives one output bare, several as a list.
    return [np.asarray(maps) for maps in keras.tree.flatten(reader(images.astype(np.float32)))]


def first_filters(network):
    """Find the filters that see the image itself, as they weigh red, green and blue.

    Between the pixels of an image x and the input u of the first convolution stands a
    preprocessing that treats every pixel alike: u = J x + c, with J (3, 3). Three images of one
    colour each, less a black one, show J. A kernel k on u is the kernel J^T k on x: in red, green
    and blue whatever order of colours and scale the network wants.

    Parameters
    ----------
    network : fewshot.backbone.sources.network.Network

    Returns
    -------
    layer : str
        The first convolution of 3 input channels.
    filters : ndarray of shape (height, width, 3, filters), float32
        Change of the output for a change of a pixel by 1 of 255, in red, green and blue.

    Raises
    ------
    InputError
        If there is no such convolution.
    """
    for layer in network.model.layers:
        if isinstance(layer, keras.layers.Conv2D) and layer.kernel.shape[2] == 3:
            return layer.name, _in_colours(network, layer)
    raise input_error(
        "Filters that can be drawn in colour belong to a convolution of 3 input channels",
        f"{network.model.name}, which has none",
        "set feature_maps of the backbone to []",
    )


def _in_colours(network, layer):
    reader = preprocessed(network, layer.input)
    size = network.model.inputs[0].shape[1]
    colours = np.zeros((4, size, size, 3), np.float32)
    colours[1:] = 255 * np.eye(3, dtype=np.float32)[:, None, None]
    seen = np.asarray(reader(colours))
    middle = seen[:, seen.shape[1] // 2, seen.shape[2] // 2]  # away from padding
    slopes = (middle[1:] - middle[0]) / 255  # J^T: colour, channel of the convolution's input
    return np.einsum("rc,hwcn->hwrn", slopes, np.asarray(layer.kernel))
