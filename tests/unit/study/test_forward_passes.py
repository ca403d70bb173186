"""Forward passes: which layers each stores, and its name."""

from studies import changed

from fewshot.study.forward_passes import (
    network_settings,
    pass_of,
    passes,
    piece_lists,
    stored_layer,
)
from fewshot.study.read import read_study


def test_passes_store_logits_for_predictions():
    study = read_study(changed("backbones/vgg16/layers", ["fc2", ["fc1", "predictions", "logits"]]))
    assert passes(study, "vgg16") == {"fc2": ["fc2"], "fc1+logits": ["fc1", "logits"]}
    assert pass_of(study, "vgg16", "predictions") == "fc1+logits"
    assert pass_of(study, "vgg16", "fc2") == "fc2"
    assert pass_of(study, "vgg16", "centred_logits") == "fc1+logits"
    assert stored_layer("logits") == "logits"


def test_an_experiment_may_read_the_logits_behind_predictions():
    study = read_study(changed("experiments/shots/layers", ["logits"]))
    assert pass_of(study, "vgg16", "logits") == "fc1+logits"


def test_long_pass_names_are_cut():
    layers = [f"block{number}_convolution" for number in range(10)]
    study = read_study(changed("backbones/vgg16/layers", ["fc2", layers]))
    other = read_study(changed("backbones/vgg16/layers", ["fc2", layers[:9]]))
    (_, name), (_, fewer) = passes(study, "vgg16"), passes(other, "vgg16")
    assert name.startswith("block0_convolution+9-more-")
    assert len(name.removeprefix("block0_convolution+9-more-")) == 8
    assert fewer.startswith("block0_convolution+8-more-")


def test_each_part_of_an_extraction_has_its_list():
    config = changed("extraction", {"parts": 2})
    folder = "results/letters/vgg16/passes/fc1+logits"
    lists = piece_lists(read_study(config), "letters", "vgg16", "predictions")
    assert lists == [f"{folder}/part-1-of-2.json", f"{folder}/part-2-of-2.json"]


def test_what_decides_a_network_and_what_it_is_shown():
    study = read_study(changed("backbones/vgg16/resize", "pad"))
    assert network_settings(study, "vgg16") == {
        **{"network": "VGG16", "weights": "imagenet", "include_top": True, "image_size": None},
        **{"resize": "pad", "interpolation": None, "crop_fraction": None, "sha256": None},
    }
