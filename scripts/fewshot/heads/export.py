"""A network, its preprocessing and a head as one Keras model, from pixels to probabilities."""

import numpy as np

from fewshot.backbone.activations import COLUMNS
from fewshot.backbone.compact import class_scores
from fewshot.backbone.devices import use_precision
from fewshot.backbone.lean_keras import import_keras
from fewshot.data.decoding import read_pool_image
from fewshot.errors import input_error
from fewshot.heads.fitted import as_coefficients, head_scores, head_weights
from fewshot.heads.hub_layers import make_savable
from fewshot.metrics import log_softmax

_LEVELS = 255.0  # of a pixel
_COMPARED = 32  # images
# Of probabilities, between float32 and activations of 16 bits.
_MOST = 2e-2
_ROUNDING = 1e-5  # of a preprocessed pixel, relative to the largest


def layer_weights(read, width, coordinates, head, made, *, centres):
    """Weights of a head on what a layer says.

    Where coordinates are what the layer says, they are those of the head. Else, with X the
    activations of the training images and m their mean, a head that centres gives the scores
    z = (x - m) (X - m)^T A + b: its weights are W = (X - m)^T A, its bias is b - m W. For one that
    does not, m is 0.

    Parameters
    ----------
    read : callable
        read(start, stop) gives columns start to stop of the stored activations of the pool,
        (images, stop - start), float32.
    width : int
        Stored activations of an image.
    coordinates : ndarray of shape (images, numbers), float32
        Of the head's layer.
    head : fewshot.heads.fitted.Head
    made : dict
        What the layer is made of: see `fewshot.study.forward_passes.made_of`.
    centres : bool
        Whether its solver centres its inputs.

    Returns
    -------
    weights : ndarray of shape (width, classes), float32
    bias : ndarray of shape (classes,), float32
    """
    if coordinates.shape[1] == width:  # else their rank, which is less
        weights, mean = head_weights(coordinates, head, centred=centres)
        return weights, head.bias - mean @ weights
    head = as_coefficients(coordinates, head, centred=centres)
    scored = made["temperature"], made["centred"]
    # Class scores need all logits of an image.
    step = COLUMNS if scored == (None, False) else width
    weights = np.empty((width, head.coefficients.shape[1]), np.float32)
    bias = head.bias.astype(np.float64)
    for start in range(0, width, step):
        stop = min(start + step, width)
        rows = class_scores(read(start, stop)[head.rows], *scored)
        mean = rows.mean(axis=0, dtype=np.float64) if centres else np.zeros(stop - start)
        weights[start:stop] = (rows - mean.astype(np.float32)).T @ head.coefficients
        bias -= mean @ weights[start:stop]
    return weights, bias.astype(np.float32)


def build_predictor(
    backbone, weights_path, weights, bias, made, calibration, *, storage, precision
):
    """Build the model that names classes: preprocessing, network, head and its temperature.

    It is made of layers and operations of Keras alone, and of KerasHub's where they are in its
    network.

    Parameters
    ----------
    backbone : dict
        Description of the network, from `weights`.
    weights_path : str
        Weights of the network, as `weights` left them.
    weights : ndarray of shape (width, classes), float32
    bias : ndarray of shape (classes,), float32
        Of the head.
    made : dict
        What its layer is made of: see `fewshot.study.forward_passes.made_of`.
    calibration : float
        Temperature of its scores.
    precision : {"float32", "float32_full", "bfloat16", "float16"}
        What the network computes in; preprocessing and head are float32.
    storage : {"float16", "float32"}
        What the study keeps activations in.

    Returns
    -------
    keras.Model
        From uint8 RGB images of shape (batch, size, size, 3) to class probabilities
        (batch, classes).

    Raises
    ------
    InputError
        If the file of the weights is damaged, or is not that of the description.
    """
    keras = import_keras()
    from keras import layers, ops

    from fewshot.backbone.networks import load_network, read_layers

    size = backbone["image_size"]
    whole = load_network(backbone, weights_path, precision=use_precision(precision))
    trunk = read_layers(whole, [made["layer"]])
    (network,) = (layer for layer in trunk.layers if isinstance(layer, keras.Model))
    make_savable(network)
    images = keras.Input((size, size, 3), dtype="uint8", name="images")
    pixels = _preprocess(ops.cast(images, "float32"), whole.preprocess)
    (activations,) = network(pixels)
    # Rounded as the study keeps them: its heads have learned from no others.
    said = ops.cast(layers.Flatten(dtype=storage)(activations), "float32")
    if made["temperature"] is not None:
        said = layers.Softmax()(layers.Rescaling(1 / made["temperature"])(said))
    elif made["centred"]:
        said = said - ops.mean(said, axis=1, keepdims=True)
    head = layers.Dense(len(bias), name="head")
    model = keras.Model(images, layers.Softmax(name="probabilities")(head(said)), name="predictor")
    factor = np.float32(1 / calibration)
    head.set_weights([factor * weights, factor * bias])
    return model


def _preprocess(pixels, preprocess):
    """Preprocess as a network wants it, by layers that know no tensor of their own.

    Files of ONNX lack tensors that a model was built around. All networks' preprocessing scales and
    shifts each colour, and some want blue first: that much is found by asking for four colours.
    """
    from keras import layers, ops

    scale, offset, is_reversed = _find_preprocessing(preprocess)
    if is_reversed:
        pixels = ops.flip(pixels, axis=-1)
    return layers.Rescaling(scale.tolist(), offset.tolist())(pixels)


def _find_preprocessing(preprocess):
    """Find what preprocessing does to a pixel: scale and offset by output, and whether it reverses."""
    colours = np.concatenate([np.zeros((1, 3)), _LEVELS * np.eye(3), [[200.0, 100.0, 50.0]]])
    said = np.asarray(preprocess(colours[:, None, None].astype("float32")))[:, 0, 0].astype(float)
    offset, change = said[0], (said[1:4] - said[0]) / _LEVELS
    is_reversed = change[0, 0] == 0
    scale = np.diag(change[::-1] if is_reversed else change)
    seen = colours[:, ::-1] if is_reversed else colours
    if np.abs(seen * scale + offset - said).max() > _ROUNDING * np.abs(said).max():
        raise ValueError(
            f"Preprocessing must scale and shift each colour. Received: one that "
            f"makes {said.tolist()} of {colours.tolist()}. Hint: teach `_preprocess` the other kind."
        )
    return scale, offset, is_reversed


def pipeline_probabilities(coordinates, head, *, centres):
    """Class probabilities that the study's own head gives to every image of the pool.

    Parameters
    ----------
    coordinates : ndarray of shape (images, numbers), float32
    head : fewshot.heads.final.FinalHead
    centres : bool
        Whether its solver centres its inputs.

    Returns
    -------
    ndarray of shape (images, classes), float32
    """
    scores = head_scores(coordinates, head.fitted, centred=centres)
    return np.exp(log_softmax(scores / np.float32(head.calibration)))


def difference_from(probabilities, model, pool, root, framing):
    """Find by how much a model differs from the study's own head on some of its images.

    Parameters
    ----------
    probabilities : ndarray of shape (images, classes), float32
        From `pipeline_probabilities`.
    model : keras.Model
        From `build_predictor`.
    pool : list of PoolRow
    root : str
        Folder of the images.
    framing : fewshot.data.framing.Framing

    Returns
    -------
    float
        Largest difference of a class probability.

    Raises
    ------
    InputError
        If it is so large that the model can't be that of the study, or an image is not the one
        that was scanned.
    """
    rows = np.linspace(0, len(pool) - 1, min(_COMPARED, len(pool))).astype(int)
    images = np.stack([read_pool_image(root, pool[row], framing) for row in rows])
    found = model.predict(images, batch_size=_COMPARED, verbose=0)
    difference = float(np.abs(found - probabilities[rows]).max())
    print(f"largest difference from the study's probabilities: {difference:.2g}", flush=True)
    if not difference <= _MOST:
        raise input_error(
            f"A predictor must give the study's class probabilities to {_MOST:g}",
            f"a difference of {difference:.2g}",
            "delete the activations, which another device or version may have computed, and run again",
        )
    return difference
