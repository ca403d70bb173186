"""Layers that are pooled before they are kept: what stands behind the "@" of their names."""

import math

from fewshot.errors import input_error

MEAN, MAX, CLS, GRID = "mean", "max", "cls", "2x2"
POOLINGS = (MEAN, MAX, CLS, GRID)
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
    name, pooling = split_pooling(layer)
    if not pooling:
        return list(shape)
    if pooling not in POOLINGS:
        hint = f"take one of {', '.join(MARK + each for each in POOLINGS)}"
        raise input_error("A layer is pooled in one of the known ways", layer, hint)
    if pooling == CLS:
        if len(shape) != 2 or not prefix_tokens:
            rule = f"{MARK}{CLS} is of layers of tokens with a class token"
            raise input_error(rule, f"{name} of shape {tuple(shape)}", f"take {name}{MARK}{MEAN}")
        return [shape[-1]]
    if len(shape) < 2:
        rule = f"{MARK}{pooling} is of layers with places"
        raise input_error(rule, f"{name} of shape {tuple(shape)}", f"take {name} as it is")
    if pooling != GRID:
        return [shape[-1]]
    places = shape[0] - prefix_tokens
    edges = shape[:2] if len(shape) == 3 else [math.isqrt(places)] * 2
    if min(edges) < GRID_EDGE or (len(shape) == 2 and edges[0] ** 2 != places):
        rule = f"{MARK}{GRID} is of layers with at least {GRID_EDGE} x {GRID_EDGE} places"
        raise input_error(rule, f"{name} of shape {tuple(shape)}", f"take {name}{MARK}{MEAN}")
    return [GRID_EDGE, GRID_EDGE, shape[-1]]


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
    return pooled_shape(layer, backbone["layers"][name], backbone["prefix_tokens"])
