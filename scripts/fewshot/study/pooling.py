"""Layers that are pooled before they are kept: what stands behind the "@" of their names."""

import math

from fewshot.errors import input_error

MEAN, MAX, CLS, GRID = "mean", "max", "cls", "2x2"
MARK = "@"
GRID_EDGE = 2  # cells of a 2x2 grid along each edge


def split_pooling(layer):
    """Split the name of a layer into that of the network's own layer and how it is pooled.

    Examples
    --------
    >>> split_pooling("block4_pool@mean"), split_pooling("fc2")
    (('block4_pool', 'mean'), ('fc2', ''))
    """
    name, _, pooling = layer.partition(MARK)
    return name, pooling


def pooled_shape(layer, shape, prefix_tokens):
    """Shape of one image's activations after pooling.

    Parameters
    ----------
    layer : str
        With or without "@".
    shape : sequence of int
        Of the network's own layer: (height, width, channels), or (tokens, channels).
    prefix_tokens : int
        Tokens of a transformer before those of patches, the class token first; 0 for none.

    Returns
    -------
    list of int

    Raises
    ------
    InputError
        If such a layer can't be pooled so.
    """
    if wrong := pooling_error(layer, shape, prefix_tokens):
        raise input_error(*wrong)
    _, pooling = split_pooling(layer)
    if not pooling:
        return list(shape)
    return [GRID_EDGE, GRID_EDGE, shape[-1]] if pooling == GRID else [shape[-1]]


def pooling_error(layer, shape, prefix_tokens):
    """Say why a layer can't be pooled as its name says: see `pooled_shape`.

    Returns
    -------
    tuple of (str, str, str), or None
        Rule, what was received and a hint. None where it can be.
    """
    name, pooling = split_pooling(layer)
    received = f"{name} of shape {tuple(shape)}"
    if pooling == CLS and (len(shape) != 2 or not prefix_tokens):
        rule = f"{MARK}{CLS} is of layers of tokens with a class token"
        return rule, received, f"take {name}{MARK}{MEAN}" if len(shape) > 1 else f"take {name}"
    if pooling and len(shape) not in (2, 3):
        return f"{MARK}{pooling} is of layers with places", received, f"take {name} as it is"
    if pooling == GRID:
        places = shape[0] - prefix_tokens
        edges = shape[:2] if len(shape) == 3 else [math.isqrt(places)] * 2
        if min(edges) < GRID_EDGE or (len(shape) == 2 and edges[0] ** 2 != places):
            rule = f"{MARK}{GRID} is of layers with a grid of at least {GRID_EDGE} places each way"
            return rule, received, f"take {name}{MARK}{MEAN}"
    return None


def layer_shape(backbone, layer):
    """Shape of one image's activations at a layer of a described network.

    Parameters
    ----------
    backbone : dict
        layers and prefix_tokens of the description, from `weights`.
    layer : str
        With or without "@".

    Returns
    -------
    list of int

    Raises
    ------
    InputError
        If the layer can't be pooled so.
    """
    name, _ = split_pooling(layer)
    # Descriptions of before there were transformers don't tell it.
    return pooled_shape(layer, backbone["layers"][name], backbone.get("prefix_tokens") or 0)
