"""Small networks of every family of KerasHub, with random weights, and their files."""

import json

import numpy as np

VISION = {
    **{"patch_size": 14, "num_layers": 2, "hidden_dim": 32, "num_heads": 2},
    **{"intermediate_dim": 64, "image_shape": (56, 56, 3)},
}
TEXT = {"vocabulary_size": 50, "embedding_dim": 32, "max_sequence_length": 8}
_MLP = {key: value for key, value in VISION.items() if key != "intermediate_dim"}
_STACKS = 3
ARGUMENTS = {
    "DINOV2Backbone": VISION | {"position_embedding_shape": (70, 70), "num_register_tokens": 4},
    "DINOV3Backbone": VISION,
    "SigLIPVisionEncoder": VISION,
    "CLIPVisionEncoder": VISION,
    "ViTBackbone": _MLP | {"mlp_dim": 64},
    "DeiTBackbone": VISION,
    "SwinTransformerBackbone": {
        **{"image_shape": (56, 56, 3), "embed_dim": 16, "depths": (1, 2), "num_heads": (2, 4)},
        **{"window_size": 7},
    },
    "ResNetBackbone": {
        **{"input_conv_filters": [64], "input_conv_kernel_sizes": [7]},
        **{"stackwise_num_filters": [64, 128], "stackwise_num_blocks": [1, 2]},
        **{"stackwise_num_strides": [1, 2], "block_type": "basic_block"},
        "image_shape": (64, 64, 3),
    },
    "EfficientNetBackbone": {
        **{"stackwise_width_coefficients": [1.0] * _STACKS, "image_shape": (64, 64, 3)},
        **{"stackwise_depth_coefficients": [1.0] * _STACKS, "stackwise_kernel_sizes": [3, 3, 5]},
        **{"stackwise_num_repeats": [1, 2, 2], "stackwise_input_filters": [32, 16, 24]},
        **{"stackwise_output_filters": [16, 24, 40], "stackwise_expansion_ratios": [1, 6, 6]},
        **{"stackwise_strides": [1, 2, 1], "stackwise_block_types": ["v1"] * _STACKS},
        "stackwise_squeeze_and_excite_ratios": [0.25] * _STACKS,
    },
}
TOKENS = {
    **{"image_size": 56, "patch_size": 14, "num_hidden_layers": 2, "hidden_size": 32},
    **{"num_attention_heads": 2, "intermediate_size": 64, "hidden_dropout_prob": 0.0},
    **{"attention_probs_dropout_prob": 0.0, "layer_norm_eps": 1e-12, "qkv_bias": True},
    "id2label": {"0": "tench, Tinca tinca"},
}
_DINOV2 = TOKENS | {
    **{"image_size": 70, "mlp_ratio": 2, "layerscale_value": 1.0, "use_swiglu_ffn": False},
    "drop_path_rate": 0.0,
}
HUGGING_FACE = {
    "dinov2": _DINOV2,
    "dinov2_with_registers": _DINOV2 | {"num_register_tokens": 4},
    "dinov3_vit": TOKENS
    | {
        **{"layerscale_value": 1.0, "num_register_tokens": 4, "hidden_act": "gelu"},
        **{"use_gated_mlp": False, "query_bias": True, "key_bias": False, "value_bias": True},
        **{"proj_bias": True, "mlp_bias": True, "attention_dropout": 0.0, "drop_path_rate": 0.0},
        "rope_parameters": {"rope_theta": 100.0, "rope_type": "default"},
    },
    "vit": TOKENS,
    "deit": TOKENS,
    "swin": {
        **{"image_size": 56, "patch_size": 4, "embed_dim": 16, "depths": [1, 2]},
        **{"num_heads": [2, 4], "window_size": 7, "mlp_ratio": 4.0, "qkv_bias": True},
        **{"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
        "drop_path_rate": 0.1,
    },
}
PROCESSOR = {
    **{"do_resize": True, "size": {"height": 56, "width": 56}, "resample": 3},
    **{"do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True},
    **{"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]},
    "do_center_crop": False,
}
CONVERTER = {
    **{"image_size": [56, 56], "scale": [0.017, 0.018, 0.019], "offset": [-2.1, -2.0, -1.8]},
    **{"interpolation": "bicubic", "antialias": True, "crop_to_aspect_ratio": True},
}


def build(class_name, **changes):
    """Build a small network of which every weight is random."""
    import keras_hub

    arguments = ARGUMENTS[class_name] | changes
    if class_name == "EfficientNetBackbone":  # which has another name for it
        arguments = {("input_shape" if k == "image_shape" else k): v for k, v in arguments.items()}
    return randomise(getattr(keras_hub.models, class_name)(**arguments))


def build_whole(class_name):
    """Build the model of images and text that holds a small vision encoder."""
    from keras_hub import models

    family = class_name.removesuffix("VisionEncoder")
    text = getattr(models, f"{family}TextEncoder")
    sizes = {key: VISION[key] for key in ("num_layers", "hidden_dim", "num_heads")}
    parts = {
        "vision_encoder": build(class_name),
        "text_encoder": text(**TEXT, **sizes, intermediate_dim=64),
    }
    more = {"projection_dim": 16} if family == "CLIP" else {}
    return randomise(getattr(models, f"{family}Backbone")(**parts, **more))


def randomise(model):
    """Make weights random that Keras begins with zeros and ones, but for variances."""
    rng = np.random.default_rng(0)
    for each in model.weights:
        if "float" in str(each.dtype):
            values = rng.normal(0, 0.2, each.shape)
            each.assign(np.abs(values) + 0.5 if "variance" in each.path else values)
    return model


def save_keras(model, folder, converter=CONVERTER, size=None):
    """Save a folder in Keras' format, with an image converter."""
    import keras_hub

    model.save_to_preset(str(folder))
    sizes = {"image_size": [size, size]} if size else {}
    layer = keras_hub.layers.ImageConverter(**converter | sizes)
    layer.save_to_preset(str(folder))


def save_hugging_face(folder, kind, dtype=np.float32, prefix="", **changes):
    """Save a folder in Hugging Face's format, with random weights of the shapes that fit."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = HUGGING_FACE[kind] | {"model_type": kind} | changes
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    tensors = {
        prefix + name: np.ascontiguousarray(value).astype(dtype)
        for name, value in hugging_face_tensors(config).items()
    }
    save_file(tensors, folder / "model.safetensors")
    return tensors


def hugging_face_tensors(config):
    """Find what tensors KerasHub's converter asks for, and fill them with random numbers."""
    from fewshot.backbone.sources.presets import hugging_face_converter

    converter = hugging_face_converter(config)
    model = converter.backbone_cls(**converter.convert_backbone_config(config))
    wanted = Wanted(config)
    converter.convert_weights(model, wanted, config)
    return wanted.tensors


def read_by_the_library(folder, **changes):
    """Load a folder of Hugging Face's format as KerasHub's own loader of such presets does."""
    from keras_hub.src.utils.transformers.safetensor_utils import SafetensorLoader

    from fewshot.backbone.sources.presets import hugging_face_converter

    config = json.loads((folder / "config.json").read_text())
    converter = hugging_face_converter(config)
    model = converter.backbone_cls(**converter.convert_backbone_config(config) | changes)
    with SafetensorLoader(str(folder)) as loader:
        converter.convert_weights(model, loader, config)
    return model


class Wanted:
    """A loader that makes up the tensors that it is asked for."""

    def __init__(self, config):
        self.tensors, self.config, self.rng = {}, config, np.random.default_rng(1)

    def get_tensor(self, name):
        """Tensors that are asked for without a variable: Swin's queries, keys and values."""
        width = self.config["embed_dim"] * 2 ** int(name.split(".")[2])
        shape = (width, width) if name.endswith("weight") else (width,)
        return self._keep(name, shape)

    def port_weight(self, keras_variable, hf_weight_key, hook_fn=None):
        shape = tuple(keras_variable.shape)
        hook = hook_fn or (lambda x, _: x)
        fitting = (each for each in self._shapes(shape) if self._fits(hook, each, shape))
        self._keep(hf_weight_key, next(fitting))

    def _keep(self, name, shape):
        self.tensors[name] = self.rng.normal(0, 0.2, shape).astype(np.float32)
        return self.tensors[name]

    @staticmethod
    def _shapes(shape):
        """Shapes that PyTorch may have for one of Keras: channels first, outputs before inputs."""
        size = int(np.prod(shape))
        yield shape
        yield shape[::-1]
        yield (shape[3:] + shape[2:3] + shape[:2])
        yield (1, *shape)
        yield from ((size // n, n) for n in (shape[0], size // shape[-1]) if size % n == 0)
        yield (size,)

    @staticmethod
    def _fits(hook, shape, wanted):
        try:
            return hook(np.zeros(shape), list(wanted)).shape == wanted
        except (ValueError, IndexError):
            return False
