"""SmallVGG: VGG16 in miniature, for 32 x 32 images, with VGG16's layer names.

Its interface is that of the networks of keras.applications.
"""

import keras
import numpy as np
from keras import layers

from fewshot.backbone.sources.keras_applications import build_like, take_like
from fewshot.study.weights import CHARACTERS, OWN_FILE

IMAGE_SIZE = 32
CLASSES = 284  # characters it was pretrained on
_WIDTHS = ((2, 16), (2, 32), (3, 64), (3, 96), (3, 96))  # convolutions in a set, channels
_DENSE_UNITS = 256


def preprocess_input(x):
    """Bring pixels from 0..255 to -1..1.

    Parameters
    ----------
    x : array or KerasTensor of shape (..., 3), float32, RGB
    """
    return x / 127.5 - 1.0


def _convolution(x, width, name, normalized):
    activation = None if normalized else "relu"
    x = layers.Conv2D(
        width, 3, padding="same", activation=activation, kernel_initializer="he_normal", name=name
    )(x)
    if normalized:
        x = layers.BatchNormalization(name=f"{name}_normalization")(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
    return x


def SmallVGG(
    include_top=True,
    weights=None,
    input_tensor=None,
    input_shape=None,
    classes=CLASSES,
    classifier_activation="softmax",
    normalized=False,
):
    """Build SmallVGG: five sets of 3 x 3 convolutions with max pooling, then fc1, fc2, predictions.

    Parameters
    ----------
    include_top : bool, default True
        Whether the three dense layers are there.
    weights : None
        Random He initialisation. Load a file with `load_weights`.
    input_tensor : KerasTensor of shape (batch, 32, 32, 3), optional
    input_shape : tuple of int, default (32, 32, 3)
    classes : int, default 284
    classifier_activation : str or None, default "softmax"
        None returns logits.
    normalized : bool, default False
        Whether a batch normalization follows each convolution: thirteen layers do not learn
        without. `fold_normalization` takes them out again after training.

    Returns
    -------
    keras.Model
        0.74 million weights with the top.

    Raises
    ------
    ValueError
        If `weights` names a download: there is none.

    References
    ----------
    Simonyan & Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition,
    arXiv 1409.1556: configuration D.
    """
    if weights is not None:
        raise ValueError(
            f"SmallVGG has no download. Received: weights={weights!r}. "
            "Hint: give the path of a weights file."
        )
    if input_tensor is None:
        input_tensor = keras.Input(input_shape or (IMAGE_SIZE, IMAGE_SIZE, 3))
    x = input_tensor
    for block, (convolutions, width) in enumerate(_WIDTHS, start=1):
        for number in range(1, convolutions + 1):
            x = _convolution(x, width, f"block{block}_conv{number}", normalized)
        x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
    if include_top:
        x = layers.Flatten(name="flatten")(x)
        for name in ("fc1", "fc2"):
            x = layers.Dense(
                _DENSE_UNITS, activation="relu", kernel_initializer="he_normal", name=name
            )(x)
        x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    return keras.Model(input_tensor, x, name="small_vgg")


def build(backbone):
    """Build it at random weights: see `fewshot.backbone.sources.keras_applications.build`."""
    return build_like(SmallVGG, preprocess_input, backbone)


look = build


def take(settings):
    """Take it with weights: see `fewshot.backbone.sources.keras_applications.take`."""
    if settings["weights"] == CHARACTERS:
        settings = settings | {"weights": str(OWN_FILE)}
    return take_like(SmallVGG, preprocess_input, settings)


def fold_normalization(normalized):
    """Put the batch normalizations of a trained SmallVGG into its convolutions.

    At inference y = gamma (W * x + b - mean) / s + beta with s = sqrt(variance + epsilon),
    which is the convolution with kernel W gamma / s and bias (b - mean) gamma / s + beta.

    Parameters
    ----------
    normalized : keras.Model
        Made by `SmallVGG(normalized=True)`.

    Returns
    -------
    keras.Model
        A plain SmallVGG that computes the same.
    """
    plain = SmallVGG(classes=normalized.output_shape[-1])
    for layer in plain.layers:
        weights = normalized.get_layer(layer.name).get_weights() if layer.weights else []
        if isinstance(layer, layers.Conv2D):
            normalization = normalized.get_layer(f"{layer.name}_normalization")
            gamma, beta, mean, variance = normalization.get_weights()
            scale = gamma / np.sqrt(variance + normalization.epsilon)
            kernel, bias = weights
            weights = [kernel * scale, (bias - mean) * scale + beta]
        layer.set_weights(weights)
    return plain
