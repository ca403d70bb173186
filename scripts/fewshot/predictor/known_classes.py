"""What the model of a predictor may be made of, and what it must not be.

That is what the networks of keras.applications and KerasHub, pooling, and what a predictor has around
them are made of. None of it takes code, reads a file or reaches for what others have registered.
"""

from fewshot.errors import input_error
from fewshot.predictor.folder import ANEW, MODEL

HUB = "keras_hub"  # the module
_MODELS = f"{HUB}.src.models"
_SWIN = f"{_MODELS}.swin_transformer.swin_transformer_layers"
_CLASSES = {
    "keras": "DTypePolicy Sequential",
    "keras.initializers": (
        "Constant GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform Ones "
        "RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros"
    ),
    "keras.layers": (
        "Activation Add AveragePooling2D BatchNormalization Concatenate Conv2D Cropping2D Dense "
        "DepthwiseConv2D Dropout Flatten GlobalAveragePooling2D InputLayer LayerNormalization "
        "MaxPooling2D Multiply Normalization ReLU Rescaling Reshape SeparableConv2D Softmax "
        "ZeroPadding2D"
    ),
    "keras.src.applications.convnext": "LayerScale",
    "keras.src.applications.inception_resnet_v2": "CustomScaleLayer",
    "keras.src.models.functional": "Functional",
    "keras.src.ops.numpy": "Add Flip GetItem Max Mean Multiply Reshape Stack Subtract TrueDivide",
    "keras.src.ops.core": "Cast",
    f"{_MODELS}.clip.clip_layers": "CLIPEncoderLayer CLIPVisionEmbedding",
    f"{_MODELS}.deit.deit_layers": "DeiTEmbeddings DeiTEncoderBlock",
    f"{_MODELS}.dinov2.dinov2_layers": "DINOV2Embedding DINOV2Layer",
    f"{_MODELS}.dinov3.dinov3_layers": "DINOV3Embedding DINOV3Layer DINOV3RopePositionEmbedding",
    f"{_MODELS}.efficientnet.cba": "CBABlock",
    f"{_MODELS}.efficientnet.fusedmbconv": "FusedMBConvBlock",
    f"{_MODELS}.efficientnet.mbconv": "MBConvBlock",
    f"{_MODELS}.siglip.siglip_layers": (
        "SigLIPEncoderLayer SigLIPMultiHeadAttentionPooling SigLIPVisionEmbedding"
    ),
    _SWIN: "PatchEmbedding SwinTransformerStage",
    f"{_MODELS}.vit.vit_layers": "ViTEncoderBlock ViTPatchingAndEmbedding",
    None: "__keras_tensor__ __slice__",
}
_KNOWN = {(module, name) for module, names in _CLASSES.items() for name in names.split()}
_REFERENCE = "function"  # what Keras calls a class that stands for itself, not for an instance
_REFERENCES = {("keras.layers", "LayerNormalization"), (_SWIN, "PatchMerging")}
_MAX_DEPTH = 100  # blocks in a stage of Swin: a number alone makes as many


def check_classes(config, path):
    """Check that all objects which a configuration names are known ones.

    Parameters
    ----------
    config : object
        Of a model, from JSON.
    path : str or Path
        Of the model.

    Returns
    -------
    bool
        Whether KerasHub must be installed to load it.

    Raises
    ------
    InputError
        If one is of another class.
    """
    waiting, needs_hub = [config], False
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            needs_hub |= _check_object(value, path)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return needs_hub


def _check_object(value, path):
    """Check one object; tell whether it is KerasHub's."""
    if not {"class_name", "module", "registered_name"} & value.keys():
        return False
    module, name = value.get("module"), value.get("class_name")
    is_text = isinstance(name, str) and isinstance(module, (str, type(None)))
    is_itself = value.get("registered_name") in (None, name)
    if not (is_text and is_itself and _is_known(module, name, value.get("config"))):
        words = (module, name, value.get("registered_name"))
        found = ", ".join(str(word)[:100] for word in words if word is not None)
        raise input_error(
            f"{MODEL} must be made of layers of Keras that take no code", f"{found} in {path}", ANEW
        )
    return f"{module}".startswith(f"{HUB}.")


def _is_known(module, name, config):
    if name == _REFERENCE:
        return isinstance(config, str) and (module, config) in _REFERENCES
    depth = config.get("depth", 0) if module == _SWIN and isinstance(config, dict) else 0
    return (module, name) in _KNOWN and type(depth) is int and 0 <= depth <= _MAX_DEPTH
