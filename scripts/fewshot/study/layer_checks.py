"""Whether the layers that a study names are read, and whether networks have those that are read."""

import itertools
from typing import NamedTuple

from fewshot.errors import closest, nearest, unknown
from fewshot.study.forward_passes import stored_layer
from fewshot.study.networks import BLOCKS
from fewshot.study.pooling import pooling_error, split_pooling


class _Named(NamedTuple):
    """A layer that some key names as one that a backbone reads."""

    path: list
    layer: str
    backbone: str


def layer_errors(study, find_layers):
    """Yield what is wrong with the layers of a study, as arguments of `line`.

    A layer mistyped under `backbones` is one error there, and none where it is named as it is.

    Parameters
    ----------
    study : dict
        Filled in and normalised; values that the schema refuses are None.
    find_layers : callable
        See `fewshot.study.network_layers.find_layers`.
    """
    named = list(_named_layers(study))
    for name, backbone in study["backbones"].items():
        read = list(dict.fromkeys(itertools.chain.from_iterable(backbone["layers"])))
        stored = set(map(stored_layer, read))
        unread = [
            each
            for each in named
            if each.backbone == name and read and stored_layer(each.layer) not in stored
        ]
        known = find_layers(name, backbone, bool(unread))
        meant = set()
        for path, layer in _of_network(name, backbone, read) if known else ():
            if wrong := _wrong_layer(known, stored_layer(layer)):
                yield path, *wrong
                meant.add(closest(layer, [each.layer for each in unread]))
        for path, layer, _ in unread:
            if split_pooling(layer)[0] == BLOCKS:
                hint = "give each an experiment of its own"
                yield path, "its backbones have no blocks of the same names", layer, hint
            elif layer not in meant:
                add = f"add it to backbones.{name}.layers"
                near = nearest(layer, sorted(read))
                hint = f"{add}, or {near}" if near.endswith("?") else add
                yield path, f"backbone {name} does not read this layer", layer, hint


def _wrong_layer(known, layer):
    """Say what is wrong with a layer of a known network; None if nothing is."""
    name, _ = split_pooling(layer)
    if wrong := unknown(name, known["layers"], "no such layer"):
        return wrong
    found = pooling_error(layer, known["layers"][name], known["prefix_tokens"] or 0)
    return found and (f"{found[0][0].lower()}{found[0][1:]}", *found[1:])


def _named_layers(study):
    for name, backbone in study["backbones"].items():
        if layer := backbone.get("excitations"):
            yield _Named(["backbones", name, "excitations"], layer, name)
    for kind in ("experiments", "distillation"):
        for name, grid in study[kind].items():
            path, teacher = [kind, name], grid.get("teacher") or {}
            wanted = [([*path, "layers"], layer) for layer in grid.get("layers") or []]
            if teacher.get("layer"):
                wanted.append(([*path, "teacher", "layer"], teacher["layer"]))
            for (place, layer), backbone in itertools.product(wanted, grid["backbones"] or []):
                yield _Named(place, layer, backbone)


def _of_network(name, backbone, read):
    """Layers under a backbone that need not be read, but be there."""
    for key, layers in (("layers", read), ("feature_maps", backbone.get("feature_maps") or [])):
        for layer in layers:
            yield ["backbones", name, key], layer
