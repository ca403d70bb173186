"""What is known of networks without importing any."""

import json

import pytest

from fewshot.study.networks import (
    APPLICATIONS,
    FAMILIES,
    HUB,
    OWN,
    blocks_of,
    family_of,
    has_feature_maps,
    known_networks,
    licence_of,
    source_of,
    weights_of,
)
from fewshot.study.weights import CHARACTERS, IMAGENET, PRESET, RANDOM


@pytest.mark.parametrize(
    ("network", "source", "word"),
    [
        ("SmallVGG", OWN, CHARACTERS),
        ("MobileNet", APPLICATIONS, IMAGENET),
        ("dinov2_small", HUB, PRESET),
        ("DINOV2Backbone", HUB, None),
    ],
)
def test_a_network_has_one_source_and_comes_with_weights_of_one_kind(network, source, word):
    assert network in known_networks()
    assert source_of(network) == source
    assert weights_of(network) == word


@pytest.mark.parametrize(
    ("network", "count", "ends"),
    [
        ("dinov2_small", 12, ("stage1", "stage12")),
        ("dinov2_with_registers_giant", 40, ("stage1", "stage40")),
        ("dinov3_vit_7b_lvd1689m", 40, ("stage1", "stage40")),
        ("dinov3_vit_huge_plus_lvd1689m", 32, ("stage1", "stage32")),
        ("siglip2_base_patch16_224", 12, ("encoder_block_0", "encoder_block_11")),
        ("siglip_so400m_patch14_384", 27, ("encoder_block_0", "encoder_block_26")),
        ("clip_vit_large_patch14_336", 24, ("encoder_block_0", "encoder_block_23")),
        ("clip_vit_bigg_14_laion2b_39b_b160k", 48, ("encoder_block_0", "encoder_block_47")),
        ("vit_huge_patch14_224_imagenet21k", 32, ("encoder_block_0", "encoder_block_31")),
        ("deit_tiny_distilled_patch16_224_imagenet", 12, ("encoder_block_0", "encoder_block_11")),
        ("swin_large_patch4_window12_384", 4, ("stage_0", "stage_3")),
        ("resnet_50_imagenet", 4, ("P2", "P5")),
        ("efficientnet_b0_ra_imagenet", 5, ("P1", "P5")),
        ("VGG19", 5, ("block1_pool", "block5_pool")),
        ("ResNet152V2", 50, ("conv2_block1_out", "conv5_block3_out")),
        ("DenseNet169", 82, ("conv2_block1_concat", "conv5_block32_concat")),
        ("MobileNet", 13, ("conv_pw_1_relu", "conv_pw_13_relu")),
        ("MobileNetV2", 17, ("expanded_conv_project_BN", "block_16_project_BN")),
    ],
)
def test_blocks_are_those_that_papers_count(network, count, ends):
    blocks = blocks_of(network, weights_of(network))
    assert (len(blocks), (blocks[0], blocks[-1])) == (count, ends)


@pytest.mark.parametrize("network", ["Xception", "NASNetMobile", "NoSuchNet"])
def test_of_some_networks_no_blocks_are_known(network):
    assert blocks_of(network, IMAGENET) == []


@pytest.mark.parametrize(
    ("config", "blocks"),
    [
        ({"class_name": "DINOV2Backbone", "config": {"num_layers": 3}}, 3),
        ({"model_type": "dinov2", "num_hidden_layers": 7}, 7),
        (
            {"config": {"vision_encoder": {"config": {"num_layers": 4}}, "projection_dim": 8}},
            4,
        ),
        ({"config": {"stackwise_num_blocks": [3, 4, 6]}}, 3),
        # EfficientNet B0 has seven stacks, and a level wherever one strides, and at the end.
        (
            {
                "config": {
                    "stackwise_num_repeats": [1, 2, 2, 3, 3, 4, 1],
                    "stackwise_strides": [1, 2, 2, 2, 1, 2, 1],
                }
            },
            5,
        ),
        ({"num_hidden_layers": 10**9}, 0),
        ({"num_hidden_layers": "12"}, 0),
        ([1], 0),
        (None, 0),
    ],
)
def test_a_folder_tells_its_own_depth(tmp_path, config, blocks):
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert len(blocks_of("DINOV2Backbone", str(tmp_path))) == blocks


def test_a_folder_under_the_name_of_a_preset_counts_and_its_absence_does_not(tmp_path):
    assert len(blocks_of("dinov2_large", str(tmp_path))) == 24
    (tmp_path / "config.json").write_text(json.dumps({"num_hidden_layers": 2}))
    assert len(blocks_of("dinov2_large", str(tmp_path))) == 2


@pytest.mark.parametrize(
    ("network", "weights", "licence", "is_asked"),
    [
        ("dinov2_small", PRESET, "Apache-2.0", False),
        ("clip_vit_base_patch16", PRESET, "MIT", False),
        ("dinov3_vit_small_lvd1689m", PRESET, "DINOv3 License", True),
        ("medsiglip_900m_448", PRESET, "Health AI Developer Foundations", True),
        ("dinov3_vit_small_lvd1689m", "some/folder", "DINOv3 License", True),
        ("DINOV3Backbone", "some/folder", "DINOv3 License", True),
        ("dinov3_vit_small_lvd1689m", RANDOM, None, False),
        ("dinov2_small", "some/folder", None, False),
        ("VGG16", IMAGENET, None, False),
    ],
)
def test_a_licence_belongs_to_the_weights_that_are_downloaded(network, weights, licence, is_asked):
    found, terms = licence_of(network, weights)
    assert (found, terms.startswith("https://")) == (licence, is_asked)


def test_transformers_have_no_feature_maps():
    drawn = {name for name in FAMILIES if has_feature_maps(name)}
    assert drawn == {"ResNetBackbone", "EfficientNetBackbone"}
    assert has_feature_maps("VGG16")
    assert not has_feature_maps("dinov2_small")
    assert family_of("VGG16") is None
