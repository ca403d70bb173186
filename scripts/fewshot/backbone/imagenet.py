"""ImageNet weights of keras.applications, downloaded so that no half file is ever taken.

Keras writes its downloads under their final names. One that was broken off is taken for whole by
the next run, but where Keras knows a digest; it is not gone on from, and no mirror is asked.
"""

import sys

import keras

from fewshot.backbone.weight_files import check_weights_file
from fewshot.errors import InputError, first_line, input_error
from fewshot.hdf5 import BROKEN
from fewshot.kept_files import take_file
from fewshot.surroundings import models_folder


def with_imagenet_weights(constructor, sha256=None, **arguments):
    """Build a network of keras.applications with its own ImageNet weights.

    Its constructor asks `keras.utils.get_file` for the file; for this one call `take_weights`
    answers instead.

    Parameters
    ----------
    constructor : callable
        Of keras.applications.
    sha256 : str, optional
        That the file must have, instead of the digest that keras.applications knows.
    **arguments
        Of the constructor, without its weights.

    Returns
    -------
    keras.Model

    Raises
    ------
    InputError
        If the file can't be downloaded, is damaged, or is not that of the network.
    """
    module, taken = sys.modules[keras.utils.get_file.__module__], []
    get_file_of_keras = module.get_file

    def get_file(fname, origin, file_hash=None, **_):
        taken.append(take_weights(fname, origin, sha256 or file_hash))
        return str(taken[-1])

    module.get_file = get_file
    try:
        return constructor(weights="imagenet", **arguments)
    except InputError:
        raise
    except BROKEN as error:
        if not taken:
            raise
        raise input_error(
            f"The ImageNet weights of {constructor.__name__} must fit it",
            f"{taken[-1]} ({first_line(error)})",
            "delete the file, which is then downloaded anew",
        ) from error
    finally:
        module.get_file = get_file_of_keras


def take_weights(name, url, digest=None):
    """Find a weights file among those of Keras, or download it.

    Parameters
    ----------
    name : str
        Of the file.
    url : str
    digest : str, optional
        Of the file, as keras.applications gives it: MD5 or SHA-256 in hex digits.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If it is not there whole and can't be downloaded, or what comes is not the file.
    """
    path = models_folder() / name
    by_hand = (
        f"download it elsewhere and copy it to {path}, or set the backbone's weights to a file"
    )
    found = take_file(path, url, digest, check=check_weights_file, by_hand=by_hand)
    if found and digest is None:
        print(f"{name} has no published digest; its sha256 is {found}", flush=True)
    return path
