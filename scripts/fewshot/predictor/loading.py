"""A predictor is looked through, loaded and checked before it says anything."""

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fewshot.backbone.weight_files import check_weights_file
from fewshot.data.framing import Framing
from fewshot.errors import InputError, first_line, input_error
from fewshot.predictor.check import check_decoder, check_model, read_check
from fewshot.predictor.folder import ANEW, CHECK, MODEL, check_digests, read_description
from fewshot.predictor.known_classes import check_classes
from fewshot.predictor.plain_archives import plain_archive

_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_MAX_CONFIG = 64 * 2**20  # bytes: that of NASNetLarge, the longest of keras.applications, has 2e6
# Swin's windows warn so, and lose nothing by it.
_HARMLESS = r"Layer 'attn' \(of type WindowAttention\) was passed an input with a mask"
_BACKEND = "KERAS_BACKEND"  # variable of the environment that Keras reads
_LOAD_HINT = f"install the packages of requirements.txt; if they are, {ANEW}"
_COMPUTE_HINT = f"a smaller --batch-size takes less memory; if that does not help, {ANEW}"


class Predictor(NamedTuple):
    """A predictor that has passed its check.

    Attributes
    ----------
    description : dict
        Of `fewshot.predictor.folder.read_description`.
    framing : Framing
        Of the images that it takes.
    predict : callable
        Takes pixels of shape (n, size, size, 3), uint8; returns probabilities (n, classes),
        float32.
    """

    description: dict
    framing: Framing
    predict: Callable


def load_predictor(folder, batch_size):
    """Load a predictor, if it computes here what it did where it was made.

    Parameters
    ----------
    folder : str or Path
    batch_size : int
        Images that the network takes at once.

    Returns
    -------
    Predictor

    Raises
    ------
    InputError
        If a file is missing, damaged or hostile, or the check fails.
    """
    description = read_description(folder)
    check_digests(folder, description)
    framing, check = Framing.of(description["framing"]), read_check(Path(folder, CHECK))
    check_decoder(check, framing)  # before the network, which takes seconds
    predict = in_batches(load_model(Path(folder, MODEL)), batch_size)
    classes = len(description["classes"])
    if check.probabilities.shape[1] != classes:
        found = f"{check.probabilities.shape[1]} of {classes} classes"
        raise input_error(f"{CHECK} must have probabilities of all classes", found, ANEW)
    check_model(check, predict, description["tolerance"])
    return Predictor(description, framing, predict)


def load_model(path):
    """Load a model of Keras, after a look through its file.

    Parameters
    ----------
    path : str or Path
        Ends in ".keras".

    Returns
    -------
    keras.Model

    Raises
    ------
    InputError
        If the file is not whole, holds anything but a network of known layers and plain arrays of
        numbers, or Keras can't load it.
    """
    needs_hub = _look_through(Path(path))
    try:
        import keras

        if needs_hub:
            import keras_hub  # noqa: F401  its layers are found when it is there
    except ImportError as error:
        raise input_error(
            f"Keras{', KerasHub' * needs_hub} and TensorFlow or JAX must be installed",
            f"{first_line(error)}, with {_BACKEND}={os.environ.get(_BACKEND, '')}",
            f"python -m pip install -r requirements.txt, and unset {_BACKEND} if it is another's",
        ) from None
    try:
        with warnings.catch_warnings():
            # Keras only warns when it leaves layers at random.
            warnings.simplefilter("error", UserWarning)
            warnings.filterwarnings("ignore", _HARMLESS, UserWarning)
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
        # XLA takes long to compile on a CPU, for no more speed; JAX knows nothing else.
        model.compile(jit_compile=keras.backend.backend() == "jax")
    except Exception as error:
        rule = f"{MODEL} must be a network that this Keras, {keras.__version__}, can load"
        raise input_error(rule, f"{path} ({first_line(error)})", _LOAD_HINT) from error
    return model


def _look_through(path):
    """Refuse a file that is no plain network before Keras opens it; tell if it needs KerasHub."""
    with plain_archive(path, (_CONFIG, _METADATA, _WEIGHTS), ANEW) as archive:
        if archive.getinfo(_CONFIG).file_size > _MAX_CONFIG:
            raise ValueError(f"{_CONFIG} of more than {_MAX_CONFIG} bytes")
        needs_hub = check_classes(json.loads(archive.read(_CONFIG)), path)
        with tempfile.TemporaryDirectory() as folder:
            weights = Path(folder, _WEIGHTS)
            with archive.open(_WEIGHTS) as source, open(weights, "wb") as target:
                shutil.copyfileobj(source, target)
            try:
                check_weights_file(weights)
            except InputError as error:
                found = str(error).replace(str(weights), _WEIGHTS)
                rule = f"{MODEL} must hold weights as Keras writes them"
                raise input_error(rule, f"{path} ({found})", ANEW) from None
    return needs_hub


def in_batches(model, batch_size):
    """Make a function that runs a model on any number of images.

    Parameters
    ----------
    model : keras.Model
    batch_size : int
        Batches are filled up with black, so that the model is compiled for one shape.

    Returns
    -------
    callable
        As `Predictor` has it.
    """

    def predict(pixels):
        found = []
        for start in range(0, len(pixels), batch_size):
            part = pixels[start : start + batch_size]
            batch = np.zeros((batch_size, *pixels.shape[1:]), np.uint8)
            batch[: len(part)] = part
            try:
                found.append(np.asarray(model.predict_on_batch(batch), np.float32)[: len(part)])
            except Exception as error:
                rule = "The network must be able to compute here"
                shape = f"images of shape {batch.shape}, {first_line(error)}"
                raise input_error(rule, shape, _COMPUTE_HINT) from error
        return np.concatenate(found)

    return predict
