"""Mistakes in backbones: each is one line, with the way out."""

import fnmatch

import pytest
from studies import changed

from fewshot.study.read import ConfigError, read_study
from fewshot.study.weights import PRESET

DINO = {"network": "dinov2_small", "layers": ["layernorm@cls"]}


def with_backbone(**settings):
    config = changed("backbones", {"net": {**DINO, **settings}})
    entries = config["backbones"]["net"]["layers"]
    layers = entries[0] if isinstance(entries[0], list) else entries
    config["experiments"] = {"shots": {"layers": layers, "shots": [2]}}
    return config


def read(**settings):
    return read_study(with_backbone(**settings))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"network": "dinov2_smal"}, "network: unknown network. *did you mean dinov2_small?"),
        (
            {"weights": "imagenet"},
            "no weights that were learned on imagenet. *preset, none or *folder",
        ),
        ({"weights": "no/where"}, "weights: no such folder"),
        ({"network": "DINOV2Backbone"}, "weights: DINOV2Backbone can be many networks. *a folder"),
        ({"network": "VGG16", "weights": "preset"}, "learned on preset. *imagenet, none or *file"),
        ({"include_top": True}, "include_top: dinov2_small has no top"),
        ({"layers": ["logits"]}, "class scores need the top. *networks of KerasHub have none"),
        ({"sha256": "abc"}, "sha256: must be made of 64 lower-case"),
        (
            {"layers": ["stage1@median"]},
            "must be made of letters*@mean, @max, @cls or @2x2 at most",
        ),
        ({"layers": ["stage3@cls", "blocks@cls"]}, "a layer is read by one pass. *stage3@cls"),
        ({"network": "Xception", "layers": ["blocks"]}, "the blocks of Xception are not known"),
        (
            {"network": "dinov3_vit_small_lvd1689m"},
            "licence: the weights of dinov3_vit_small_lvd1689m are given to those who agree*"
            "read https://ai.meta.com/*write licence: DINOv3 License",
        ),
        (
            {"network": "dinov3_vit_small_lvd1689m", "licence": "whatever"},
            "licence: *Received: whatever*write licence: DINOv3 License",
        ),
        ({"weights": "none", "sha256": 64 * "a"}, "sha256: random weights come from no file"),
        ({"crop_fraction": 0.9}, "is taken with resize: crop alone. Received: resize: not given"),
    ],
)
def test_one_mistake_is_one_line(settings, said):
    with pytest.raises(ConfigError) as caught:
        read(**settings)
    line = str(caught.value).splitlines()[1]
    assert fnmatch.fnmatchcase(line, f"*{said.replace('[', '[[]')}*")


def test_a_preset_brings_its_weights_and_licence_and_has_neither_top_nor_feature_maps():
    backbone = read()["backbones"]["net"]
    assert (backbone["weights"], backbone["licence"]) == (PRESET, "Apache-2.0")
    assert (backbone["include_top"], backbone["feature_maps"]) == (False, [])


def test_who_agrees_to_a_licence_writes_it_down():
    network = "dinov3_vit_small_lvd1689m"
    agreed = read(network=network, licence="DINOv3 License")["backbones"]["net"]
    assert agreed["licence"] == "DINOv3 License"
    assert read(network=network, weights="none")["backbones"]["net"]["licence"] is None


def test_one_word_stands_for_all_blocks():
    study = read(layers=[["blocks@mean", "blocks@cls"], "layernorm"])
    means = [f"stage{number}@mean" for number in range(1, 13)]
    tokens = [f"stage{number}@cls" for number in range(1, 13)]
    assert study["backbones"]["net"]["layers"] == [means + tokens, ["layernorm"]]


def test_an_experiment_takes_the_blocks_of_its_backbones():
    config = with_backbone(layers=["blocks@mean"])
    study = read_study(config)
    assert study["experiments"]["shots"]["layers"] == study["backbones"]["net"]["layers"][0]
    config["backbones"]["other"] = {"network": "ResNet50", "layers": ["blocks@mean"]}
    with pytest.raises(ConfigError) as caught:
        read_study(config)
    rule = "its backbones have no blocks of the same names. Received: blocks@mean"
    assert rule in str(caught.value)
    config["experiments"]["shots"]["backbones"] = ["net"]
    read_study(config)


def test_blocks_that_are_named_but_not_read_are_one_error():
    config = with_backbone(layers=["stage1@mean", "stage2@mean"])
    config["experiments"]["shots"]["layers"] = ["blocks@mean"]
    with pytest.raises(ConfigError) as caught:
        read_study(config)
    _, line = str(caught.value).splitlines()
    assert "does not read all these blocks. Received: stage3@mean to stage12@mean" in line
    assert "backbones.net.layers, as in blocks@mean" in line


def test_students_take_the_blocks_and_a_teacher_reads_one():
    config = with_backbone(layers=["blocks@mean"])
    teacher = {"layer": "stage12@mean", "shots": 4}
    soft = {"teacher": teacher, "layers": ["blocks@mean"], "shots": [2], "head": "tuned"}
    config["distillation"] = {"soft": soft}
    assert len(read_study(config)["distillation"]["soft"]["layers"]) == 12
    teacher["layer"] = "blocks@mean"
    with pytest.raises(
        ConfigError, match=r"a teacher reads one layer.*name one block, as in stage12"
    ):
        read_study(config)


def test_a_block_is_listed_once():
    config = with_backbone(layers=["blocks@mean"])
    config["experiments"]["shots"]["layers"] = ["stage3@mean", "blocks@mean"]
    assert len(read_study(config)["experiments"]["shots"]["layers"]) == 12
