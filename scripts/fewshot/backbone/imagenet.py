"""ImageNet weights of keras.applications, downloaded so that no half file is ever taken.

Keras writes its downloads under their final names. One that was broken off is taken for whole by
the next run, but where Keras knows a digest; it is not gone on from, and no mirror is asked.
"""

import contextlib
import fcntl
import os
import sys

import keras

from fewshot.backbone.weight_files import check_weights_file
from fewshot.downloads import download, find_digest, partial_file, remove_partial_file
from fewshot.errors import InputError, first_line, input_error
from fewshot.hdf5 import BROKEN
from fewshot.surroundings import models_folder, no_folder


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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise no_folder(error) from error
    with _turn(path.parent):
        fault = _fault(path, digest)
        if fault is None:
            print(f"{path} taken, which is there", flush=True)
            return path
        if path.exists():
            print(f"{path} is damaged, so it is downloaded anew: {fault}", flush=True)
        found = download(url, path, digest, by_hand=by_hand)
        if digest not in (None, found):
            remove_partial_file(path)
            rule = f"{name} must have the digest {digest}"
            raise input_error(rule, f"{found} from {url}", by_hand)
        os.replace(partial_file(path), path)
        remove_partial_file(path)
        if digest is None:
            print(f"{name} has no published digest; its sha256 is {found}", flush=True)
            _check_new(path)
    return path


def _check_new(path):
    try:
        check_weights_file(path)
    except InputError:
        path.unlink()
        raise


def _fault(path, digest):
    """Say what is wrong with a file; None if nothing is."""
    if not path.is_file():
        return "it is not there"
    if digest is None:
        try:
            check_weights_file(path)
        except InputError as error:
            return str(error)
    elif find_digest(path, digest) != digest:
        return f"its digest is not {digest}"
    return None


@contextlib.contextmanager
def _turn(folder):
    """Wait until no other process downloads into a folder, where the file system has locks."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f"waiting: another process downloads into {folder}", flush=True)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
