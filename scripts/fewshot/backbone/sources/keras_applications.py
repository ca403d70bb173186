"""The networks of keras.applications."""

import keras

from fewshot.backbone.imagenet import with_imagenet_weights
from fewshot.backbone.sources.network import Network, Taken, begin_names, named_outputs
from fewshot.backbone.weight_files import load_weights
from fewshot.errors import InputError, first_line, input_error, unknown
from fewshot.study.networks import known_networks
from fewshot.study.weights import IMAGENET, WORDS


def build(backbone):
    """Build a network at random weights.

    Parameters
    ----------
    backbone : dict
        network, include_top and image_size; without a size it has its own.

    Returns
    -------
    Network
        Ends in logits or, without the top, in the last spatial layer.

    Raises
    ------
    InputError
        If there is no such network, or none of such a size.
    """
    return build_like(*_find(backbone["network"]), backbone)


look = build  # it needs nothing but the library


def take(settings):
    """Build a network with the weights that a study asks for.

    Parameters
    ----------
    settings : dict
        network, include_top, image_size, sha256 and weights: "imagenet" for the download, "none",
        or a file.

    Returns
    -------
    Taken

    Raises
    ------
    InputError
        As `build`, or if its weights can't be downloaded, are damaged or don't fit.
    """
    return take_like(*_find(settings["network"]), settings)


def _find(network):
    """Return constructor and preprocess_input of a network."""
    if wrong := unknown(network, known_networks(), "A network must be one of those known here"):
        raise input_error(*wrong)
    constructor = vars(keras.applications)[network]
    module = getattr(keras.applications, constructor.__module__.rpartition(".")[2])
    return constructor, module.preprocess_input


def take_like(constructor, preprocess, settings):
    """Take a network that a constructor like those of keras.applications builds: see `take`."""
    weights = settings["weights"]
    if weights == IMAGENET:
        construct = with_imagenet_weights
        network = build_like(constructor, preprocess, settings, construct, settings["sha256"])
    else:
        network = build_like(constructor, preprocess, settings)
    if weights not in WORDS:
        load_weights(network.model, weights, settings["sha256"])
    return Taken(network, {"image_size": network.model.input_shape[1]})


def build_like(constructor, preprocess, backbone, construct=None, *pinned):
    """Build a network by a constructor like those of keras.applications: see `build`.

    Parameters
    ----------
    constructor, preprocess : callable
    backbone : dict
    construct : callable, optional
        Calls the constructor with arguments, to give it weights; by default they are random.
    *pinned
        Handed to `construct` behind the constructor.
    """
    size, include_top = backbone["image_size"], backbone["include_top"]
    shape = (size, size, 3)
    if size is None:
        # Without the top any size will do: then the size is that of the whole network.
        shape = None if include_top else constructor(weights=None).input_shape[1:]
    arguments = {"classifier_activation": None} if include_top else {}
    arguments |= {"include_top": include_top, "input_shape": shape}
    begin_names()
    try:
        if construct:
            model = construct(constructor, *pinned, **arguments)
        else:
            model = constructor(weights=None, **arguments)
    except InputError:
        raise
    except ValueError as error:
        raise input_error(
            f"{backbone['network']} must allow the image size and the top that are asked for",
            f"image_size={size}, include_top={include_top} ({first_line(error)})",
            "correct image_size or include_top of the backbone, or leave them out",
        ) from None
    layers = named_outputs(model) | ({"logits": model.output} if include_top else {})
    return Network(model, layers, preprocess)
