import numpy as np

from fewshot.backbone.excitations import Excitation
from fewshot.figures.picture_captions import (
    excitations_caption,
    feature_maps_caption,
    filters_caption,
)


def maps_caption(*maps):
    return feature_maps_caption("birds", "net", "a/1.jpg", "ibis", ["conv1", "conv2"], maps)


def test_names_stay_in_their_sentence():
    maps = [np.ones((2, 2, 6))]
    caption = feature_maps_caption("birds", "net", "a\n\nb.jpg", "i\rb\u202eis", ["conv1"], maps)
    assert r"pool of birds, a\n\nb.jpg of class i\rb\u202eis: the image" in caption
    assert caption.count("\n") == 2
    excitations = [Excitation(0, np.array([0, 1]), np.ones(2))]
    caption = excitations_caption(
        "birds", "net", "conv1", excitations, dict.fromkeys([0, 1], "x\n\ny"), np.ones((2, 1))
    )
    assert r"2 of 2 are 'x\n\ny' for filter 1" in caption
    assert caption.count("\n") == 2


def test_dead_maps_and_zeros_are_counted_among_those_drawn():
    first, second = np.ones((2, 2, 8)), np.ones((1, 2, 2))
    first[..., 6:] = 0  # not drawn
    caption = maps_caption(first, second)
    assert "first image of the pool of birds, a/1.jpg of class ibis" in caption
    assert caption.endswith("\n\nNo value is exactly zero: these outputs are not rectified.")
    second[0, 0, 0] = 0
    caption = maps_caption(first, second)
    assert "None of the 8 maps is zero everywhere: no channel shown is dead." in caption
    assert "zero: 0 % at conv1 and 25 % at conv2." in caption
    assert "not rectified" not in caption
    first[..., :2] = 0
    caption = maps_caption(first, second)
    assert "Of the 8 maps 2 are zero everywhere, dead for this image: 2 at conv1." in caption
    assert "33 % at conv1 and 25 % at conv2" in caption
    second[..., 1] = 0
    assert "3 are zero everywhere, dead for this image: 2 at conv1 and 1 at conv2" in maps_caption(
        first, second
    )


def test_filters_of_brightness_and_of_colour():
    filters = np.zeros((1, 1, 3, 4))
    filters[0, 0, :, 0] = 1  # all of it common
    filters[0, 0, :, 1] = 1, -1, 0  # none
    filters[0, 0, :, 2] = 1, 0.5, 0  # mean 1/2: 3/4 of 5/4
    filters[0, 0, 0, 3] = 1  # mean 1/3: 1/3 of 1
    caption = filters_caption("net", "conv1", filters, 4)
    assert "all 4 filters, 1 x 1 pixels each" in caption
    assert "2 of the 4 filters drawn look for brightness" in caption
    caption = filters_caption("net", "conv1", filters, 1)
    assert "the first 1 of 4 filters" in caption
    assert "1 of the 1 filters drawn look for brightness" in caption
    filters[..., 2] = 0.001
    caption = filters_caption("net", "conv1", filters, 4)
    assert "1 of the filters drawn are all but empty" in caption
    assert "1 of the 3 filters left look for brightness" in caption


def test_images_of_one_class_are_counted():
    classes = dict(enumerate(["ibis", "ibis", "owl", "ibis", "swan", "tern"]))
    responses = np.array([[1.0, 2, 0], [0, 1, 0]])

    def caption(*rows):
        found = [Excitation(n, np.array(each), np.ones(len(each))) for n, each in enumerate(rows)]
        return excitations_caption("birds", "net", "pool", found, classes, responses)

    text = caption([0, 1, 2, 3], [2, 4, 5, 0])
    assert (
        "The 4 of the 2 images in the pool of birds that excite filters 1 and 2 of net's pool"
        in text
    )
    assert "On average 2.0 of them are of one class: 3 of 4 are 'ibis' for filter 1." in text
    assert "For 2 all are of different classes." in text
    assert "1 of the 3 filters respond to no image" in text
    text = caption([0, 1, 3], [0, 3, 4])
    assert "average 2.5 of them" in text
    assert "3 of 3 are 'ibis' for filter 1 and 2 of 3 are 'ibis' for filter 2" in text
    assert "different classes" not in text
    classes |= {6: "owl", 7: "swan"}
    text = caption([0, 2, 6, 1, 4])
    assert (
        "average 2.0 of them are of one class: 2 of 5 are 'ibis' and 2 'owl' for filter 1." in text
    )
    text = caption([0, 1, 2, 6, 4, 7])
    assert "of one class: no class has more than 2 of 6 for filter 1." in text
    responses[0, 2] = 1
    text = caption([0, 2, 4])
    assert "For no filter shown are two of these images of one class." in text
    assert "Each of the 3 filters responds to some image" in text
