"""Objects of a configuration: known ones pass, others of the same packages don't."""

import pytest

from fewshot.errors import InputError
from fewshot.predictor.known_classes import check_classes

HUB = "keras_hub.src.models"
SWIN = f"{HUB}.swin_transformer.swin_transformer_layers"
DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 3}}


def whole(*layers):
    functional = {"module": "keras.src.models.functional", "class_name": "Functional"}
    return functional | {"config": {"layers": [*layers], "name": "predictor"}}


def of_hub(module, name, **config):
    return {
        **{"module": f"{HUB}.{module}", "class_name": name},
        **{"registered_name": name, "config": config},
    }


def reference(module, name):
    known = {"class_name": "function", "registered_name": "function"}
    return {"module": module, "config": name, **known}


def stage(**config):
    return of_hub("swin_transformer.swin_transformer_layers", "SwinTransformerStage", **config)


def test_kerashub_is_needed_where_a_layer_is_its():
    assert not check_classes(whole(DENSE), "model.keras")
    block = of_hub("vit.vit_layers", "ViTEncoderBlock", num_heads=2)
    assert check_classes(whole(DENSE, block), "model.keras")
    merging = reference(SWIN, "PatchMerging")
    assert check_classes(whole(stage(depth=2, downsample=merging)), "model.keras")
    norm = reference("keras.layers", "LayerNormalization")
    assert not check_classes(whole(DENSE | {"config": {"norm_layer": norm}}), "model.keras")


HOSTILE = {
    "a model that loads a preset": of_hub("backbone", "Backbone"),
    "a network as a whole": of_hub("vit.vit_backbone", "ViTBackbone"),
    "a layer of text": of_hub("gemma.gemma_attention", "CachedGemmaAttention"),
    "a tokenizer, which reads files": {
        "module": "keras_hub.src.tokenizers.byte_pair_tokenizer",
        "class_name": "BytePairTokenizer",
        "config": {"vocabulary": "/etc/passwd"},
    },
    "a converter": {"module": "keras_hub.layers", "class_name": "ImageConverter", "config": {}},
    "a known layer by another module": {
        **of_hub("vit.vit_layers", "ViTEncoderBlock"),
        "module": "keras_hub.src.utils.preset_utils",
    },
    "a known layer by what is registered": {
        **of_hub("vit.vit_layers", "ViTEncoderBlock"),
        "registered_name": "mine>ViTEncoderBlock",
    },
    "a layer beside those of the list": of_hub("vit.vit_layers", "ViTEncoder"),
    "a function of KerasHub": reference("keras_hub.src.utils.preset_utils", "get_file"),
    "a function of Keras": reference("keras.utils", "get_file"),
    "a class of Keras": reference("keras.layers", "Lambda"),
    "a reference to a known layer": reference("keras.layers", "Dense"),
    "a reference that is no name": reference("keras.layers", ["LayerNormalization"]),
    "blocks without end": stage(depth=10**9),
    "a number of blocks that is none": stage(depth="2"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_others_of_the_same_packages_are_refused(name):
    with pytest.raises(InputError, match="must be made of layers of Keras that take no code"):
        check_classes(whole(DENSE, HOSTILE[name]), "model.keras")
    nested = stage(depth=1, downsample=HOSTILE[name])
    with pytest.raises(InputError, match="must be made of layers of Keras that take no code"):
        check_classes(whole(nested), "model.keras")
