"""Preprocessing as files of KerasHub and of Hugging Face state it, by arithmetic on paper."""

from pathlib import Path

import pytest

from fewshot.backbone.sources.preprocessing import (
    hugging_face_preprocessing,
    keras_preprocessing,
)
from fewshot.data.framing import Framing
from fewshot.errors import InputError

PATH = Path("net", "converter.json")
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
PROCESSOR = {
    **{"do_resize": True, "size": {"shortest_edge": 256}, "resample": 3},
    **{"do_center_crop": True, "crop_size": {"height": 224, "width": 224}},
    **{"do_rescale": True, "rescale_factor": 0.00392156862745098, "do_convert_rgb": True},
    **{"do_normalize": True, "image_mean": MEAN, "image_std": DEVIATION},
}


def keras(image_size=None, class_name="DINOV2ImageConverter", **config):
    content = {"class_name": class_name, "config": config}
    return keras_preprocessing(content, PATH, image_size)


def hugging_face(class_name="DINOV2Backbone", without=(), **changes):
    content = {k: v for k, v in (PROCESSOR | changes).items() if k not in without}
    return hugging_face_preprocessing(content, PATH, class_name)


def framing(found):
    return tuple(found.framing.values())


@pytest.mark.parametrize(
    ("flags", "resize"),
    [
        ({}, "crop"),
        ({"crop_to_aspect_ratio": False}, "squash"),
        ({"crop_to_aspect_ratio": False, "pad_to_aspect_ratio": True}, "pad"),
    ],
)
def test_a_converter_of_keras_resizes_in_one_of_three_ways(flags, resize):
    found = keras(image_size=[224, 224], interpolation="bicubic", antialias=True, **flags)
    assert framing(found) == (224, resize, "bicubic", 1.0)
    assert found.scale == [1.0] * 3
    assert found.offset == [0.0] * 3


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("bilinear", "bilinear"), ("nearest", "nearest"), ("lanczos3", "lanczos")],
)
def test_interpolations_have_pillows_names(theirs, ours):
    assert keras(image_size=[8, 8], interpolation=theirs).framing["interpolation"] == ours


def test_scale_and_offset_are_for_each_colour():
    found = keras(image_size=[8, 8], scale=[0.1, 0.2, 0.3], offset=-1)
    assert (found.scale, found.offset) == ([0.1, 0.2, 0.3], [-1.0] * 3)


def test_without_a_size_it_is_that_of_the_network():
    assert keras(384).framing["image_size"] == 384
    with pytest.raises(InputError, match=r"image_size, to be of a square.*None"):
        keras(None)


def test_names_that_old_converters_have():
    # (128 / 255 - 0.4) / 0.2 for the first colour.
    config = {"height": 8, "width": 8, "scale": 1 / 255}
    found = keras(**config, mean=[0.4, 0.5, 0.5], variance=[0.04, 0.25, 0.25])
    assert found.framing["image_size"] == 8
    assert 128 * found.scale[0] + found.offset[0] == pytest.approx((128 / 255 - 0.4) / 0.2)
    assert 128 * found.scale[1] + found.offset[1] == pytest.approx((128 / 255 - 0.5) / 0.5)


@pytest.mark.parametrize(
    "changes",
    [
        *({"interpolation": "lanczos5"}, {"interpolation": ["bilinear"]}, {"interpolation": 3}),
        *({"image_size": [224, 256]}, {"image_size": [224]}, {"image_size": [224.0, 224.0]}),
        *({"image_size": 10**6}, {"image_size": "224"}, {"image_size": -224}),
        *({"image_size": [True, True]}, {"height": 224}, {"height": 224, "width": 256}),
        {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
        *({"crop_to_aspect_ratio": 1}, {"pad_to_aspect_ratio": {"class_name": "__lambda__"}}),
        *({"scale": "0.1"}, {"scale": [0.1, 0.2]}, {"scale": [0.1] * 4}, {"scale": 1e30}),
        *({"scale": [[0.1], 0.1, 0.1]}, {"scale": {"a": 1}}, {"offset": [None, 0, 0]}),
        *({"mean": [0, 0, 0]}, {"mean": 0.5, "variance": 0}, {"mean": 0.5, "variance": -1}),
        {"mean": 0.5, "variance": 1e-300},
        {"class_name": "BLIP2ImageConverter"},
        {"class_name": ["ImageConverter"]},
    ],
)
def test_what_a_converter_of_keras_may_not_say(changes):
    words = r"converter\.json must prepare pictures in a way that is known here\. Received: .*Hint:"
    with pytest.raises(InputError, match=words):
        keras(**({"image_size": [224, 224]} | changes))


@pytest.mark.parametrize("content", [{}, {"class_name": "ImageConverter"}, {"config": {}}])
def test_a_converter_has_a_class_and_a_configuration(content):
    with pytest.raises(InputError, match="class_name"):
        keras_preprocessing(content, PATH, 224)


def test_a_processor_scales_crops_and_normalises():
    found = hugging_face()
    assert framing(found) == (224, "crop", "bicubic", 0.875)
    for channel, (mean, deviation) in enumerate(zip(MEAN, DEVIATION, strict=True)):
        value = 200 * found.scale[channel] + found.offset[channel]
        assert value == pytest.approx((200 / 255 - mean) / deviation)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"size": {"height": 256, "width": 256}}, (224, "squash", "bicubic", 0.875)),
        (
            {"size": {"height": 384, "width": 384}, "do_center_crop": None, "resample": 2},
            (384, "squash", "bilinear", 1.0),
        ),
        ({"size": {"shortest_edge": 224}, "crop_size": 224}, (224, "crop", "bicubic", 1.0)),
        ({"resample": 0, "size": [256, 256]}, (224, "squash", "nearest", 0.875)),
        ({"resample": 1}, (224, "crop", "lanczos", 0.875)),
        ({"size": 256}, (224, "crop", "bicubic", 0.875)),
    ],
)
def test_sizes_as_processors_write_them(changes, expected):
    assert framing(hugging_face(**changes)) == expected


def test_what_files_leave_out_is_as_their_processors_do_it():
    without = {"resample", "do_center_crop", "do_convert_rgb", "do_rescale", "rescale_factor"}
    # BitImageProcessor crops, and an edge alone is the shorter one.
    found = hugging_face("DINOV2Backbone", without, size=256)
    assert framing(found) == (224, "crop", "bicubic", 0.875)
    # DeiTImageProcessor crops of a square.
    found = hugging_face("DeiTBackbone", without, size=256)
    assert framing(found) == (224, "squash", "bicubic", 0.875)
    # ViTImageProcessor, which Swin takes too, does not crop.
    for class_name in ("ViTBackbone", "SwinTransformerBackbone"):
        found = hugging_face(class_name, without, size=224)
        assert framing(found) == (224, "squash", "bilinear", 1.0)
    assert found.scale[0] == pytest.approx(1 / 255 / DEVIATION[0])


def test_steps_that_are_left_out():
    found = hugging_face(do_normalize=False)
    assert (found.scale, found.offset) == ([0.00392156862745098] * 3, [0.0] * 3)
    found = hugging_face(do_rescale=False, image_mean=[127.5] * 3, image_std=[127.5] * 3)
    assert 255 * found.scale[0] + found.offset[0] == pytest.approx(1)
    assert found.offset == [-1.0] * 3


@pytest.mark.parametrize("size", range(200, 400, 7))
def test_the_scaled_edge_is_found_again(size):
    for scaled in range(size, 2 * size + 1):
        found = hugging_face(size={"shortest_edge": scaled}, crop_size=size)
        assert Framing.of(found.framing).scaled_edge == scaled


@pytest.mark.parametrize(
    "changes",
    [
        *({"do_resize": False}, {"do_resize": "no"}, {"do_pad": True}, {"do_reduce_labels": 1}),
        *({"do_flip_channel_order": True}, {"do_rescale": 0.5}),
        *({"resample": 4}, {"resample": "bicubic"}, {"resample": True}, {"resample": 2.0}),
        *({"size": None}, {"size": {"longest_edge": 224}}, {"size": {"height": 224}}),
        *({"size": {"height": 224, "width": 256}}, {"size": {"shortest_edge": "224"}}),
        *({"size": {"shortest_edge": 224, "longest_edge": 512}}, {"size": 10**9}),
        {"do_center_crop": False},  # of a shorter edge alone
        *({"crop_size": None}, {"crop_size": 257}, {"crop_size": 127}),
        {"crop_size": {"height": 224, "width": 192}},
        *({"rescale_factor": "1/255"}, {"rescale_factor": None, "do_rescale": 2}),
        *({"image_std": [0.2, 0, 0.2]}, {"image_std": None}, {"image_mean": [0.5] * 4}),
        {"image_std": [1e-300] * 3},
    ],
)
def test_what_a_processor_may_not_say(changes):
    words = r"converter\.json must prepare pictures in a way that is known here\. Received: .*Hint:"
    with pytest.raises(InputError, match=words):
        hugging_face(**changes)
