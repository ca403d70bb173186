import re

import pytest

from fewshot.page.references import NETWORKS, bibliography, cited_keys, network_key, references
from fewshot.study.networks import FAMILIES
from fewshot.study.presets import PRESETS


def study(network="VGG16", weights="imagenet", role=None, name="birds"):
    return {
        "backbones": {"net": {"network": network, "weights": weights}},
        "datasets": {name: {"role": role}},
    }


def test_every_key_has_an_entry_and_every_entry_is_whole():
    known = bibliography()
    used = {*NETWORKS.values(), "russakovsky2015imagenet", "griffin2007caltech256"}
    assert used | {"kwak2013bikers", "fewshot"} == {*known}
    for key, entry in known.items():
        assert entry.startswith("@"), key
        assert entry.endswith("\n}"), key
        assert entry.count("{") == entry.count("}")
        fields = re.findall(r"^  (\w+) = \{", entry, re.MULTILINE)
        assert {"author", "title"} <= {*fields}
        assert len(fields) == len({*fields})


@pytest.mark.parametrize(
    ("network", "word"),
    [
        ("VGG19", "Very Deep"),
        ("ResNet101", "Deep Residual Learning"),
        ("ResNet152V2", "Identity Mappings"),
        ("MobileNet", "{MobileNets}"),
        ("MobileNetV2", "Inverted Residuals"),
        ("MobileNetV3Small", "Searching for"),
        ("InceptionV3", "Rethinking the Inception"),
        ("InceptionResNetV2", "{Inception-ResNet}"),
        ("EfficientNetB7", "Rethinking Model Scaling"),
        ("EfficientNetV2M", "Smaller Models"),
        ("ConvNeXtTiny", "2020s"),
        ("DenseNet201", "Densely"),
        ("NASNetMobile", "Transferable Architectures"),
        ("Xception", "Depthwise"),
        ("dinov2_small", "{DINOv2}"),
        ("DINOV2Backbone", "{DINOv2}"),
        ("dinov2_with_registers_base", "Need Registers"),
        ("dinov3_vit_small_lvd1689m", "{DINOv3}"),
        ("siglip_base_patch16_224", "Sigmoid Loss"),
        ("siglip2_base_patch16_224", "{SigLIP} 2"),
        ("medsiglip_900m_448", "{MedGemma}"),
        ("clip_vit_base_patch16", "Natural Language Supervision"),
        ("clip_vit_large_patch14_336", "Natural Language Supervision"),
        ("clip_vit_bigg_14_laion2b_39b_b160k", "Reproducible Scaling"),
        ("vit_base_patch16_224_imagenet21k", "16x16 Words"),
        ("deit_small_distilled_patch16_224_imagenet", "Data-Efficient"),
        ("swin_tiny_patch4_window7_224", "Shifted Windows"),
        ("resnet_50_imagenet", "Deep Residual Learning"),
        ("resnet_v2_50_imagenet", "Identity Mappings"),
        ("resnet_vd_50_imagenet", "Bag of Tricks"),
        ("efficientnet_b0_ra_imagenet", "Rethinking Model Scaling"),
        ("efficientnet2_rw_s_ra2_imagenet", "Smaller Models"),
    ],
)
def test_networks_have_the_paper_of_their_own_version(network, word):
    assert word in bibliography()[network_key(network)]


def test_every_network_of_keras_hub_has_a_paper():
    for network in (*PRESETS, *FAMILIES):
        assert network_key(network), network
    for name in PRESETS:
        is_open = "laion" in name
        assert (network_key(name) == "cherti2023reproducible") == is_open, name


def test_weights_are_cited_where_it_is_known_what_they_saw():
    assert "russakovsky2015imagenet" in cited_keys(study())
    for weights in ("none", "mine.weights.h5", "characters"):
        assert "russakovsky2015imagenet" not in cited_keys(study(weights=weights))
    for network, saw_it in (
        ("vit_base_patch16_224_imagenet", True),
        ("vit_base_patch16_224_imagenet21k", False),
        ("dinov2_small", False),
    ):
        assert ("russakovsky2015imagenet" in cited_keys(study(network, "preset"))) == saw_it
    assert "russakovsky2015imagenet" not in cited_keys(study("resnet_50_imagenet", "none"))


def test_a_dataset_is_cited_where_it_is_no_stand_in():
    assert "griffin2007caltech256" in cited_keys(study(role="caltech256", name="caltech256"))
    assert cited_keys(study(role="caltech256")) == cited_keys(study())


def test_what_is_unknown_leaves_this_project():
    text = references(study("SmallVGG", "characters"))
    assert text.startswith("@software{fewshot,")
    assert text.count("@") == 1
