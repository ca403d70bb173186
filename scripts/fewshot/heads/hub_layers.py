"""Layers of KerasHub say what they are made of, so that a model of them can be saved and loaded.

Those of ViT, DeiT and Swin say more than they take, hold classes, or want to be built before they
have been called: as they are, Keras can't write them, or not read them again.
"""

import inspect

from fewshot.predictor.known_classes import HUB

# Arguments that are classes of layers, and the attributes that keep them.
_CLASSES = {"norm_layer": "norm_layer", "downsample": "_downsample_cls"}
_COMMON = ("name", "trainable", "dtype")  # that every layer takes


def layers_of_hub(model):
    """List the layers of a model that KerasHub has made, those of models inside it among them.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    list of keras.Layer
        Layers within these are left out.
    """
    found = []
    for layer in model.layers:
        if type(layer).__module__.partition(".")[0] == HUB:
            found.append(layer)
        else:
            found += layers_of_hub(layer) if hasattr(layer, "layers") else []
    return found


def make_savable(model):
    """Have all layers of KerasHub in a model say what they take, and nothing else.

    Parameters
    ----------
    model : keras.Model
        Changed in place; it computes what it did.
    """
    import keras

    for layer in layers_of_hub(model):
        config = _arguments(layer)
        layer.get_config = lambda config=config: dict(config)
        if type(layer).build is keras.Layer.build:  # then its call alone builds it
            layer.get_build_config = lambda: None


def _arguments(layer):
    """Arguments that make a layer anew."""
    held = {
        name: getattr(layer, attribute)
        for name, attribute in _CLASSES.items()
        if isinstance(getattr(layer, attribute, None), type)
    }
    for name in held:  # no layer can say a class
        setattr(layer, _CLASSES[name], None)
    config = layer.get_config()
    for name, value in held.items():
        setattr(layer, _CLASSES[name], value)
        config[name] = _reference(value)
    taken = {*inspect.signature(type(layer)).parameters, *_COMMON}
    return {name: value for name, value in config.items() if name in taken}


def _reference(value):
    """What Keras reads as a class itself, not as one of its instances."""
    module = "keras.layers" if value.__module__.startswith("keras.") else value.__module__
    known = {"class_name": "function", "registered_name": "function"}
    return {"module": module, "config": value.__name__, **known}
